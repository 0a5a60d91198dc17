"""Forced alignment files in Sphinx-3's form, from the synthesiser's own times.

`wdseg` has a line a word, `phseg` a line a phone: first and last frame (10 ms, relative to the turn, both
inclusive), a score, the entry. The scores are made up; the times are true.
"""

import re
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from serflow.standin.espeak import RATE_HZ, Speech
from serflow.standin.words import Token

_FRAMES_PER_SECOND = 100
_ARPABET = {
    "a": "AE", "aa": "AE", "A:": "AA", "A@": "AA R", "A": "AA", "E": "EH", "I": "IH", "I2": "IH",
    "i": "IY", "i:": "IY", "O": "AO", "O:": "AO", "O2": "AO", "O@": "AO R", "o@": "AO R", "0": "AA",
    "0#": "AA", "U": "UH", "u:": "UW", "u": "UW", "V": "AH", "@": "AH", "@2": "AH", "@5": "UH", "3": "ER",
    "3:": "ER", "@L": "AH L", "e@": "EH R", "i@": "IH R", "i@3": "IH R", "U@": "UH R", "aI": "AY",
    "aI@": "AY AH", "aI3": "AY ER", "aU": "AW", "aU@": "AW AH", "eI": "EY", "oU": "OW", "OI": "OY",
    "VR": "AH R", "I#": "IH", "a#": "AH", "D": "DH", "T": "TH", "S": "SH", "Z": "ZH", "tS": "CH",
    "dZ": "JH", "N": "NG", "j": "Y", "h": "HH", "*": "D", "t#": "D", "t2": "T", "r-": "R", "l#": "L",
}  # fmt: skip


class Segment(NamedTuple):
    """An entry of an alignment, from `start` to `end` (s, relative to the turn)."""

    start: float
    end: float
    entry: str


def segments(speech: Speech, spoken: list[Token], *, lead: float, length: float) -> tuple[list, list]:
    """Return words and phones of a turn of `length` s whose speech starts at `lead` s; both cover all of it.

    A word that the synthesiser runs into the one before it ("of the") has no event of its own: they share
    the time in equal parts.
    """
    sounds = _sounds(speech)
    owners = _owners(speech.words, sounds, spoken)
    edges = [lead + start / RATE_HZ for start, _ in sounds] + [lead + len(speech.samples) / RATE_HZ]
    words = [Segment(0.0, edges[0], "<s>")]
    phones = [Segment(0.0, edges[0], "SIL")]
    for (start, end), (_, name), owner in zip(pairwise(edges), sounds, owners, strict=True):
        phones.append(Segment(start, end, _arpabet(name)))
        words.append(Segment(start, end, "<sil>" if name.startswith("_") else str(owner)))
    words = _shared_out(_joined(words), spoken)
    phones = _joined([Segment(*part) for phone in phones for part in _split_phone(phone)], only="SIL")
    return _closed(words, length, "<sil>", "</s>"), _closed(phones, length, "SIL", "SIL")


def _sounds(speech: Speech) -> list[tuple[int, str]]:
    """Return the phones without modifiers and without pauses too short for an aligner to see (30 ms)."""
    stops = [start for start, _ in speech.phones[1:]] + [len(speech.samples)]
    return [
        (start, name)
        for (start, name), stop in zip(speech.phones, stops, strict=True)
        if _arpabet(name) and not (name.startswith("_") and stop - start < 0.03 * RATE_HZ)
    ]


def _owners(words: list[tuple[int, int]], phones: list[tuple[int, str]], spoken: list[Token]) -> list[int]:
    """Return, for each phone, the index of the token in which the latest word event stands."""
    stops = np.cumsum([len(token.spoken) + 1 for token in spoken])
    times = [start for start, _ in words]
    tokens = [int(np.searchsorted(stops, position, side="right")) for _, position in words]
    latest = np.searchsorted(times, [start for start, _ in phones], side="right") - 1
    return [tokens[max(index, 0)] for index in latest]


def _joined(parts: list[Segment], only: str | None = None) -> list[Segment]:
    """Join neighbours of the same entry (or of this one only)."""
    joined: list[Segment] = []
    for part in parts:
        if joined and joined[-1].entry == part.entry and only in (None, part.entry):
            joined[-1] = joined[-1]._replace(end=part.end)
        else:
            joined.append(part)
    return joined


def _shared_out(parts: list[Segment], spoken: list[Token]) -> list[Segment]:
    """Replace token numbers by entries; a token without an event shares the time of the one before it."""
    present = sorted({int(part.entry) for part in parts if part.entry.isdigit()})
    following = dict(zip(present, [*present[1:], len(spoken)], strict=True))
    shared = []
    for part in parts:
        if not part.entry.isdigit():
            shared.append(part)
            continue
        first = int(part.entry)
        entries = [token.entry for token in spoken[first : following[first]]]
        following[first] = first + 1  # a token with a pause inside gives its followers away once
        edges = np.linspace(part.start, part.end, len(entries) + 1)
        shared += [Segment(*edge, entry) for edge, entry in zip(pairwise(edges), entries, strict=True)]
    return shared


def _split_phone(phone: Segment) -> list[Segment]:
    names = phone.entry.split(" ")
    edges = np.linspace(phone.start, phone.end, len(names) + 1)
    return [Segment(*edge, name) for edge, name in zip(pairwise(edges), names, strict=True)]


def _closed(parts: list[Segment], length: float, silence: str, end: str) -> list[Segment]:
    """Stretch the last silence to the end of the turn."""
    last = parts.pop() if parts[-1].entry == silence else Segment(parts[-1].end, length, end)
    return [*parts, Segment(last.start, length, end)]


def _arpabet(mnemonic: str) -> str:
    """Return the phone's ARPAbet name, its letters where the table has none, nothing for a mere modifier."""
    if mnemonic.startswith("_"):
        return "SIL"
    plain = mnemonic.strip("',%=;|")
    return _ARPABET.get(plain) or re.sub(r"[^A-Z]", "", plain.upper())


def frames(parts: list[Segment], length: float) -> list[tuple[int, int, str]]:
    """Return first and last frame of each segment: contiguous, none empty, all within `length` s."""
    last = int(length * _FRAMES_PER_SECOND)
    stops = [round(part.end * _FRAMES_PER_SECOND) for part in parts]
    for index in range(len(stops)):  # at least a frame each, from the left ...
        stops[index] = max(stops[index], (stops[index - 1] if index else 0) + 1)
    for index in reversed(range(len(stops))):  # ... and room for those to come, from the right
        stops[index] = min(stops[index], last - (len(stops) - 1 - index))
    stops[-1] = last
    starts = [0, *stops[:-1]]
    return [(a, b - 1, part.entry) for a, b, part in zip(starts, stops, parts, strict=True)]


def wdseg(rng: np.random.Generator, parts: list[Segment], length: float) -> str:
    """Return the text of a word alignment file."""
    return _sphinx(rng, "Word", frames(parts, length))


def phseg(rng: np.random.Generator, parts: list[Segment], length: float) -> str:
    """Return the text of a phone alignment file: each phone, the one before, the one after."""
    found = frames(parts, length)
    names = ["SIL", *(name for _, _, name in found), "SIL"]
    rows = [(a, b, name if name == "SIL" else f"{name} {names[i]} {names[i + 2]}")
            for i, (a, b, name) in enumerate(found)]  # fmt: skip
    return _sphinx(rng, "Phone", rows)


def _sphinx(rng: np.random.Generator, column: str, rows: list[tuple[int, int, str]]) -> str:
    scores = [-int((b - a + 1) * rng.uniform(2000, 9000)) for a, b, _ in rows]
    lines = [f"{'SFrm':>9}{'EFrm':>6}{'SegAScr':>12} {column}"]
    lines += [f"{a:9d}{b:6d}{score:12d} {name}" for (a, b, name), score in zip(rows, scores, strict=True)]
    return "\n".join([*lines, f" Total score: {sum(scores):12d}", ""])
