"""What corpora call the labels that serflow knows, and a word for any other."""

import difflib
import re
import unicodedata

WORDS = {
    "angry": ("anger", "ang", "rage"),
    "happy": ("happiness", "hap", "joy", "joyful"),
    "excited": ("excitement", "exc"),
    "sad": ("sadness",),
    "neutral": ("neu", "neutrality"),
    "frustrated": ("frustration", "fru"),
    "fearful": ("fear", "fea", "afraid"),
    "surprised": ("surprise", "sur"),
    "disgusted": ("disgust", "dis"),
    "other": ("oth", "others", "unknown"),
    "no_agreement": ("xxx", "noagreement"),
}
KNOWN = {word: label for label, words in WORDS.items() for word in (label, *words)}
NO_CLASS = ("other", "no_agreement")
MISSPELT = 0.85  # as like to a known word as this: that word, misspelt
UNLIKE = re.compile(r"[^a-z0-9]+")


def label_name(raw: str) -> str:
    """The label that a corpus's own word stands for: one of those known, or the word itself in small letters."""
    plain = unicodedata.normalize("NFKD", raw.casefold().replace("ß", "ss"))
    word = UNLIKE.sub("_", "".join(filter(str.isascii, plain))).strip("_")
    known = KNOWN.get(word) or KNOWN.get(word.replace("_", ""))
    if known is None and (near := difflib.get_close_matches(word, WORDS, n=1, cutoff=MISSPELT)):
        known = near[0]
    if known is not None:
        return known
    return word if word[:1].isalpha() else f"label_{word or raw.encode().hex()}"
