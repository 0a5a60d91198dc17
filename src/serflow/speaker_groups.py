"""Pairs of groups of speakers, for splits that want two who go together where a corpus has no sessions of two.

The rule, which nothing random decides:

1. Speakers who share a value of `group` are one unit; no split may part them.
2. Units that share a session stay together where there are sessions enough: at least one for each pair, and two units
   in each pair. Else sessions are disregarded.
3. The largest first, they are dealt to the pairs: each to the pair of the fewest units, then of the fewest speakers,
   then of the fewest of the same sex, then of the fewest utterances of the same classes.
4. By the same rule the units of a pair are dealt to its two groups.
5. Pairs are numbered, and the groups of a pair lettered, by the first speaker's name.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

import pandas as pd

from serflow.errors import UserError

__all__ = ["describe_groups", "sessions_of_two", "speaker_groups"]


@dataclass(frozen=True)
class _Unit:
    """Speakers who stay together; `units`: how many of the next smaller kind are in it."""

    speakers: tuple[str, ...]
    sexes: Counter
    classes: Counter
    units: int = 1

    @classmethod
    def of(cls, parts: Iterable["_Unit"]) -> "_Unit":
        """Several units as one."""
        parts = list(parts)
        speakers = sorted(speaker for part in parts for speaker in part.speakers)
        return cls(
            tuple(speakers),
            sum((part.sexes for part in parts), Counter()),
            sum((part.classes for part in parts), Counter()),
            len(parts),
        )

    @property
    def place(self) -> tuple:
        """The order in which units are dealt."""
        return -self.units, -len(self.speakers), sorted(self.sexes.items()), -self.classes.total(), self.speakers


def speaker_groups(view: pd.DataFrame, pairs: int) -> pd.DataFrame:
    """Put the speakers of a view into `pairs` pairs of groups, by the rule above.

    Parameters
    ----------
    view : one row an utterance: class, speaker, session; sex and group where they are known.
    pairs : how many, from 2.

    Returns
    -------
    DataFrame with a row a speaker, sorted by pair, group and speaker: speaker, sex, pair ("pair1"), group ("pair1a").

    Raises
    ------
    UserError
        Where there are too few speakers; it says how many pairs can be made of them.
    """
    people = _speakers(view)
    units = [replace(unit, units=1) for unit in _joined(people, view, "group")]
    if len(units) < 2 * pairs:
        raise UserError(_too_few(len(people), len(units), pairs))
    clusters = _joined(units, view, "session")
    dealt = _dealt(clusters, pairs) if len(clusters) >= pairs else []
    if not dealt or any(sum(cluster.units for cluster in pair) < 2 for pair in dealt):
        dealt = _dealt(units, pairs)
    member = {speaker: unit for unit in units for speaker in unit.speakers}
    found = []
    for pair in dealt:
        inside = {unit.speakers: unit for part in pair for unit in map(member.get, part.speakers)}
        found.append(sorted(sorted(_Unit.of(side).speakers) for side in _dealt(inside.values(), 2)))
    width = len(str(pairs))
    sexes = {unit.speakers[0]: next(iter(unit.sexes)) for unit in people}
    rows = [
        (speaker, sexes[speaker], f"pair{number:0{width}}", f"pair{number:0{width}}{letter}")
        for number, pair in enumerate(sorted(found), start=1)
        for letter, side in zip("ab", pair, strict=True)
        for speaker in side
    ]
    return pd.DataFrame(rows, columns=["speaker", "sex", "pair", "group"])


def sessions_of_two(view: pd.DataFrame, pairs: int) -> bool:
    """Whether the view's sessions are `pairs` of two speakers each, nobody in two of them, and no `group` in two hands.

    They are the pairs then, and each speaker is a group.
    """
    together = view.groupby("session")["speaker"].nunique()
    apart = view.groupby("speaker")["session"].nunique()
    groups = _values(view, "group")
    shared = view["speaker"][groups != ""].groupby(groups[groups != ""]).nunique()
    return len(together) == pairs and (together == 2).all() and (apart == 1).all() and (shared <= 1).all()


def describe_groups(view: pd.DataFrame, groups: pd.DataFrame) -> pd.DataFrame:
    """The groups as they are written for people: `groups`, and the utterances of each speaker, in all and by class."""
    counts = pd.crosstab(view["speaker"], view["class"]).reindex(groups["speaker"])
    return groups.assign(utterances=counts.sum(axis=1).to_numpy(), **{name: counts[name].to_numpy() for name in counts})


def _speakers(view: pd.DataFrame) -> list[_Unit]:
    sexes = _values(view, "sex").groupby(view["speaker"]).first()
    classes = view.groupby("speaker")["class"].agg(Counter)
    return [_Unit((name,), Counter([sexes[name]]), classes[name]) for name in sorted(classes.index)]


def _values(view: pd.DataFrame, column: str) -> pd.Series:
    """A column; empty texts where the view has none."""
    return view[column] if column in view else pd.Series("", index=view.index)


def _joined(units: list[_Unit], view: pd.DataFrame, column: str) -> list[_Unit]:
    """The units, those of which some speakers share a value of a column (not the empty one) made one."""
    together = {unit.speakers: {unit.speakers} for unit in units}
    owner = {speaker: unit.speakers for unit in units for speaker in unit.speakers}
    values = _values(view, column)
    shared = view["speaker"][values != ""].groupby(values[values != ""]).unique()
    for speakers in shared:
        merged = set().union(*(together[owner[speaker]] for speaker in speakers))
        together |= dict.fromkeys(merged, merged)
    unit = {one.speakers: one for one in units}
    return [_Unit.of(map(unit.get, sorted(merged))) for merged in {id(one): one for one in together.values()}.values()]


def _dealt(units: Iterable[_Unit], hands: int) -> list[list[_Unit]]:
    """Deal units out, the largest first, to as many hands: each time to the one that has least, by rule 3."""
    dealt: list[list[_Unit]] = [[] for _ in range(hands)]
    held = [_Held() for _ in range(hands)]
    for unit in sorted(units, key=lambda unit: unit.place):
        least = min(range(hands), key=lambda hand: held[hand].beside(unit))
        dealt[least].append(unit)
        held[least].add(unit)
    return dealt


class _Held:
    """What a hand has so far."""

    def __init__(self) -> None:
        self.units = self.speakers = 0
        self.sexes, self.classes = Counter(), Counter()

    def beside(self, unit: _Unit) -> tuple[int, ...]:
        """By rule 3, how much it has: units, speakers, and of what the unit is, too."""
        alike = (self.sexes, unit.sexes), (self.classes, unit.classes)
        return self.units, self.speakers, *(sum(mine[key] * n for key, n in its.items()) for mine, its in alike)

    def add(self, unit: _Unit) -> None:
        self.units += unit.units
        self.speakers += len(unit.speakers)
        self.sexes.update(unit.sexes)
        self.classes.update(unit.classes)


def _too_few(speakers: int, units: int, pairs: int) -> str:
    """What is possible with so few speakers, in one sentence."""
    joined = "" if units == speakers else f", who share values of `group` and so make {units} units"
    most = units // 2
    found = f"this view has {speakers} speaker{'' if speakers == 1 else 's'}{joined}"
    if most < 2:
        return (
            f"{found}: too few; one tests, one validates, and a pair at least must train: four speakers at least, "
            "or a random split"
        )
    return (
        f"{found}: enough for {most} pairs of groups, not for {pairs}; write `pairs: {most}` (or fewer, from 2) "
        "into the corpus's YAML"
    )
