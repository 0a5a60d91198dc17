"""The tokens that a speech recogniser writes."""

from serflow.asr.pronunciations import PHONES

__all__ = ["BORDER", "END", "ENDS", "PADDING", "START", "TOKENS", "UNKNOWN"]

START, END, UNKNOWN, BORDER = "<s>", "</s>", "<unk>", "|"
TOKENS = (START, END, UNKNOWN, BORDER, *PHONES)
PADDING = len(TOKENS)  # the place of what stands beyond an utterance's end; written never
ENDS = {"start": TOKENS.index(START), "end": TOKENS.index(END), "padding": PADDING}
