"""Word alignments of IEMOCAP (``.wdseg``, by Sphinx-3): frames of 10 ms, counted from the turn's start.

Columns are first frame, last frame (inclusive), score and token; the last line is ``Total score:``. Sentence
marks and silence (``<s>``, ``<sil>``) and noises (``++LAUGHTER++``) are no words; ``WORD(2)`` is a
pronunciation variant.
"""

import re

HOP = 0.01  # s
SLACK = 0.1  # s that an alignment may reach beyond the audio
# No alignment in the release, as four independent scripts by others say too.
KNOWN_MISSING = ("Ses03M_impro03_M001", "Ses03F_impro07_M030")
HEADER = ["SFrm", "EFrm", "SegAScr", "Word"]
NO_WORD = re.compile(r"<.*>|\+\+.*\+\+")


class Mangled(Exception):
    """Why a file is no alignment of its turn, without quoting it, and (`quote`) what it says there."""

    def __init__(self, reason: str, quote: str | None = None) -> None:
        super().__init__(reason)
        self.quote = quote


def parse(lines: list[str], *, duration: float) -> list[dict]:
    """Words of a turn of `duration` seconds: word, start, end (s from the turn's start).

    Raises
    ------
    Mangled
        If the file is not a complete alignment of this turn.
    """
    rows = [line.split() for line in lines if line.strip()]
    if not rows or rows[0] != HEADER:
        raise Mangled(f"the first line is not `{' '.join(HEADER)}`")
    if rows[-1][:2] != ["Total", "score:"]:
        raise Mangled("the last line is not `Total score: ...`: the file is cut short")
    words, following = [], 0
    for row in rows[1:-1]:
        first, last = _frames(row)
        if not following <= first <= last:
            raise Mangled("its frames are not in order", f"{first} to {last} after {following - 1}")
        following = last + 1
        if NO_WORD.fullmatch(row[3]) is None:
            word = re.sub(r"\(\d+\)$", "", row[3])
            words.append({"word": word, "start": round(first * HOP, 2), "end": round(following * HOP, 2)})
    if following * HOP > duration + SLACK:
        raise Mangled("it ends after the audio", f"{following * HOP:.2f} s, audio {duration:.2f} s")
    return words


def _frames(row: list[str]) -> tuple[int, int]:
    if len(row) != 4 or not all(re.fullmatch(r"-?\d{1,12}", value, re.ASCII) for value in row[:3]):
        raise Mangled("a line is not `first frame, last frame, score, word`", " ".join(row)[:60])
    return int(row[0]), int(row[1])
