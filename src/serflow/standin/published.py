"""The published counts of IEMOCAP, as its declaration has them: what a scaled stand-in follows.

Labels by session and by style are known for all eleven labels; labels by session *and* style, and by true
speaker, for the five main classes only. `serflow.standin.allocation` joins the tables into one.
"""

from functools import cache
from typing import NamedTuple

MAIN = ("ang", "hap", "exc", "sad", "neu")
LABELS = (*MAIN, "fru", "fea", "sur", "dis", "oth", "xxx")
STYLES = ("improvised", "scripted")
SESSIONS = (1, 2, 3, 4, 5)
SEXES = ("F", "M")
TURNS = 10039
# Turns by somebody else than the wearer of the markers, whom the name's prefix names: all, and four classes.
CROSSED, CROSSED_OF_FOUR = 4951, 2750


class Tables(NamedTuple):
    """Counts in the order of `LABELS`, or of its first five (`MAIN`)."""

    by_session: dict[int, tuple[int, ...]]
    by_style: dict[str, tuple[int, ...]]
    improvised_by_session: dict[int, tuple[int, ...]]
    women_by_session: dict[int, tuple[int, ...]]


@cache
def tables() -> Tables:
    """Read the counts that IEMOCAP's declaration publishes (workflow/corpora/iemocap.yaml)."""
    from serflow import corpora, shipped  # here: the synthesiser's processes read no YAML

    declared = corpora.load("iemocap", root=shipped.ROOT)
    names, reference = declared["labels"], declared["reference_counts"]

    def row(counts: dict[str, int], labels: tuple[str, ...]) -> tuple[int, ...]:
        return tuple(counts[names[label]] for label in labels)

    return Tables(
        {session: row(reference["session"][str(session)], LABELS) for session in SESSIONS},
        {style: row(reference["counts"][style], LABELS) for style in STYLES},
        {session: row(reference["session_style"]["improvised"][str(session)], MAIN) for session in SESSIONS},
        {session: row(reference["speaker"][f"Ses0{session}F"], MAIN) for session in SESSIONS},
    )
