"""What is irregular in IEMOCAP, and where the stand-in repeats it."""

from typing import NamedTuple


class Unaligned(NamedTuple):
    """A turn without forced alignment: its dialog, true speaker, number and label."""

    dialog: str
    sex: str
    rank: int
    label: str


UNALIGNED = (
    Unaligned("Ses03M_impro03", "M", 1, "exc"),
    Unaligned("Ses03F_impro07", "M", 30, "xxx"),
)
# Ses03M_impro03 needs a second male turn; at full size Ses03F_impro07 needs 31 and so is larger.
LEAST_TURNS = {("Ses03M_impro03", "M"): 2}
DIALOG_SIZES = {"Ses03F_impro07": 1.5}

# Opening words of the first female turn: bracket tags, a letter outside ASCII, a second pronunciation.
OPENINGS = {
    "Ses03M_impro05a": "[LAUGHTER] I left it at the café,",
    "Ses03M_impro05b": "[BREATHING] it is the only one, [GARBAGE]",
}
# Dialogs whose transcript surely has an untagged line and a turn without number (others have them by chance).
UNNUMBERED = ("Ses03M_impro05a", "Ses05M_script01_1b")
# In the first female, male, female turn: a mean valence of 5.5, a mean dominance of 0.5, a stray semicolon.
HIGH_VALENCE = ("Ses03M_impro05b", "Ses01F_impro04", "Ses02M_impro06", "Ses04F_impro02")
LOW_DOMINANCE = ("Ses03M_impro05b", "Ses02F_impro03", "Ses05M_impro08")
STRAY_SEMICOLON = ("Ses03M_impro05a",)
# Turns, from the dialog's first on, whose last rater gave no dominance: 36 in the whole corpus.
MISSING_DOMINANCE = {"Ses03M_impro07": 35, "Ses03M_impro05a": 1}

# An AppleDouble file, as macOS leaves beside each file it copies to a foreign volume: neither text nor sound.
APPLE_DOUBLE = bytes.fromhex("00051607000200004d6163204f5320582020202020202020") + bytes(range(128, 256))
