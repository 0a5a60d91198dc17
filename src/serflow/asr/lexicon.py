"""What the decoder puts out: transcripts as phones, and phones as words again.

Zhao et al. (2021), section 4.3, name the CMU Pronouncing Dictionary and a word error rate, but not how phones become
words; the rule here (`Lexicon`) is ours.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
from rapidfuzz import process
from rapidfuzz.distance import Levenshtein

from serflow.asr.tokens import BORDER, END, START, TOKENS, UNKNOWN
from serflow.errors import UserError, remade
from serflow.files import read_json, write_json
from serflow.lexical.words import bare

__all__ = ["Lexicon", "decode", "encode", "spoken"]

_IDS = {token: number for number, token in enumerate(TOKENS)}

Pronunciations = Mapping[str, tuple[str, ...]]


def encode(words: Sequence[str], pronunciations: Pronunciations) -> np.ndarray:
    """Places in `TOKENS`, int64 (U,), of a transcript: its words' phones, `BORDER` between words, `START` and `END`.

    A word that the dictionary lacks is one `UNKNOWN`. With teacher forcing a decoder reads all tokens but the last and
    has to put out all but the first.
    """
    tokens = [token for word in words for token in (BORDER, *_pronounced(word, pronunciations))]
    return np.array([_IDS[token] for token in (START, *tokens[1:], END)], np.int64)


def decode(ids: Iterable[int]) -> list[str]:
    """Tokens of these places up to the first `END`; neither it nor `START`, wherever it stands, is among them."""
    tokens = []
    for number in ids:
        if TOKENS[number] == END:
            break
        tokens.append(TOKENS[number])
    return [token for token in tokens if token != START]


def spoken(tokens: Iterable[str]) -> list[str]:
    """Tokens without borders: what a phone error rate counts."""
    return [token for token in tokens if token != BORDER]


class Lexicon:
    """Words of training transcripts, by which phones become words.

    The phones between two borders become the word that is pronounced so or, if there is none, the one at the smallest
    edit distance, divided by the length of the longer of the two. Among equals the most frequent word wins, then the
    first of the alphabet. No phones are no word. Words that the dictionary lacks share one entry, `UNKNOWN`, which is
    pronounced `UNKNOWN` and is never right. Words come with the apostrophes at their edges, which decide how they are
    pronounced (`'cause`), and are given back bare, as they are counted.

    Parameters
    ----------
    entries : how often each word is said, and its phones.

    Raises
    ------
    UserError
        If there is no word.
    """

    def __init__(self, entries: Mapping[str, tuple[int, tuple[str, ...]]]) -> None:
        if not entries:
            raise UserError("lexicon: no word in the training transcripts; expected a corpus with transcripts")
        self.entries = dict(sorted(entries.items(), key=lambda entry: (-entry[1][0], entry[0])))
        self._words = list(self.entries)
        self._pronunciations = [_characters(phones) for _, phones in self.entries.values()]
        self._found: dict[tuple[str, ...], str] = {}

    @classmethod
    def of(cls, transcripts: Iterable[Sequence[str]], pronunciations: Pronunciations) -> "Lexicon":
        """Lexicon of transcripts: give those of a training part only."""
        said = Counter(word if word in pronunciations else UNKNOWN for words in transcripts for word in words)
        return cls({word: (times, _pronounced(word, pronunciations)) for word, times in said.items()})

    @classmethod
    def read(cls, path: str | Path) -> "Lexicon":
        """Read what `save` wrote; a `UserError` names the file where it is missing or mangled."""
        try:
            return cls(
                {word: (entry["said"], tuple(entry["phones"].split())) for word, entry in read_json(path).items()}
            )
        except (AttributeError, KeyError, TypeError):
            raise UserError(f"{path}: not a lexicon; {remade(path)}") from None

    def save(self, path: str | Path) -> None:
        """Write the words as JSON."""
        entries = {word: {"said": said, "phones": " ".join(phones)} for word, (said, phones) in self.entries.items()}
        write_json(path, entries)

    def words(self, tokens: Iterable[str]) -> list[str]:
        """Words of what a decoder put out, bare."""
        found, phones = [], []
        for token in (*tokens, BORDER):
            if token != BORDER:
                phones.append(token)
            elif phones:
                found.append(bare(self._word(tuple(phones))))
                phones = []
        return found

    def _word(self, phones: tuple[str, ...]) -> str:
        if phones not in self._found:
            # Of equally near words extractOne takes the first, and they are in order; its own phones are at distance 0.
            spelled = _characters(phones)
            *_, place = process.extractOne(spelled, self._pronunciations, scorer=Levenshtein.normalized_distance)
            self._found[phones] = self._words[place]
        return self._found[phones]


def _pronounced(word: str, pronunciations: Pronunciations) -> tuple[str, ...]:
    return pronunciations.get(word, (UNKNOWN,))


def _characters(tokens: Iterable[str]) -> str:
    """A character a token: edit distances of texts are found many times faster than those of lists."""
    return "".join(chr(_IDS[token]) for token in tokens)
