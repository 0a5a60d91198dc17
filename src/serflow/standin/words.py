"""What a turn says: text that leans towards its label, and scripts that are the same in every session."""

import re
import unicodedata
from typing import NamedTuple

import numpy as np

from serflow.standin import traps
from serflow.standin.draws import draws
from serflow.standin.lexicon import IMPROVISED, LEANING, SCRIPTED, SHARED, SHORT

_FOLLOWS_THE_LABEL = 0.45
_SHARED = 0.3
_SHORT = 0.05
_SOUNDS = {"[LAUGHTER]": "ha ha ha,", "[BREATHING]": "hah,", "[GARBAGE]": "uhm"}
_VARIANTS = {"A", "AND", "THE", "TO"}


class LineLength(NamedTuple):
    """How many words a line is meant to have: a log-normal draw of this median and spread, at most so many."""

    median: float
    spread: float
    most: float


SHORT_LINES = LineLength(9.0, 0.62, 60)  # keep a small stand-in quick to make and to train on
PUBLISHED_LINES = LineLength(10.0, 0.77, 105)  # speak for as long as the corpus: set by trial, to within 5 %


class Token(NamedTuple):
    """One word: as the transcript has it, as the synthesiser is told it, as the aligner enters it."""

    written: str
    spoken: str
    entry: str


def turn_text(seed: int, turn: str, *, scene: str, sex: str, rank: int, label: str, length: LineLength) -> str:
    """Return the words of a turn; a scripted one depends on script and line, not on session or label."""
    if scene.startswith("script"):
        return _script_line(seed, scene, sex, rank, length)
    rng = draws(seed, "words", turn)
    text = _compose(rng, label, IMPROVISED[scene], length)
    opening = traps.OPENINGS.get(turn[:-5])
    return f"{opening} {text}" if opening and turn.endswith("_F000") else text


def script_leaning(seed: int, script: str, sex: str, rank: int) -> str:
    """Return the label that a line of a script leans to."""
    labels = sorted(SHORT)
    return labels[draws(seed, "line", script, sex, str(rank)).integers(len(labels))]


def _script_line(seed: int, script: str, sex: str, rank: int, length: LineLength) -> str:
    rng = draws(seed, "script", script, sex, str(rank))
    return _compose(rng, script_leaning(seed, script, sex, rank), SCRIPTED[script[:8]], length)


def _compose(rng: np.random.Generator, label: str, scene: tuple[tuple[str, ...], ...], length: LineLength) -> str:
    """Sentences up to a number of words drawn from a log-normal distribution, or a short answer."""
    if rng.random() < _SHORT:
        return _pick(rng, SHORT[_lean(rng, label, sorted(SHORT))])
    wanted = min(length.median * np.exp(length.spread * rng.standard_normal()), length.most)
    text = _clause(rng, label, scene)
    while len(text.split()) < wanted - 1:
        link = _pick(rng, (", ", ". ", ", and ", ". "))
        text += link + _clause(rng, label, scene)
    end = _pick(rng, ("!", ".") if label in ("ang", "exc") else (".", ".", "?"))
    return re.sub(r"(^|\. )(\w)", lambda found: found[1] + found[2].upper(), text) + end


def _clause(rng: np.random.Generator, label: str, scene: tuple[tuple[str, ...], ...]) -> str:
    shared = rng.random() < _SHARED
    template = _pick(rng, SHARED if shared else LEANING[_lean(rng, label, sorted(LEANING))])
    thing, place, person = (_pick(rng, words) for words in scene)
    return template.format(thing=thing, place=place, person=person)


def _lean(rng: np.random.Generator, label: str, labels: list[str]) -> str:
    """Return the turn's own label or, as often as not, any."""
    own = rng.random() < _FOLLOWS_THE_LABEL and label in labels
    anything = _pick(rng, tuple(labels))
    return label if own else anything


def _pick(rng: np.random.Generator, choices: tuple[str, ...]) -> str:
    return choices[rng.integers(len(choices))]


def tokens(text: str) -> list[Token]:
    """Return the words of a text; bracket tags become sounds that the aligner enters as `++NAME++`."""
    found = [_token(written) for written in text.split()]
    following = [token.entry for token in found[1:]] + [""]
    return [token._replace(entry=f"{token.entry}(2)")
            if token.entry in _VARIANTS and after[:1] in set("AEIOU") and after else token
            for token, after in zip(found, following, strict=True)]  # fmt: skip


def _token(written: str) -> Token:
    tag = written.rstrip(".,?!")
    if tag in _SOUNDS:
        return Token(written, _SOUNDS[tag], f"++{tag[1:-1]}++")
    plain = unicodedata.normalize("NFKD", written).encode("ascii", "ignore").decode().upper()
    return Token(written, written, re.sub(r"[^A-Z'-]", "", plain))
