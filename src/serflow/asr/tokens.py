"""The units that a speech recogniser writes."""

from serflow.asr.pronunciations import PHONES

__all__ = ["BORDER", "END", "ENDS", "PADDING", "START", "UNITS", "UNKNOWN"]

START, END, UNKNOWN, BORDER = "<s>", "</s>", "<unk>", "|"
UNITS = (START, END, UNKNOWN, BORDER, *PHONES)
PADDING = len(UNITS)  # the place of what stands beyond an utterance's end; written never
ENDS = {"start": UNITS.index(START), "end": UNITS.index(END), "padding": PADDING}
