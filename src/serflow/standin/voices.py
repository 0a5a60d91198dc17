"""Ten speakers, and how they speak each label: settings of the synthesiser, not emotion.

Angry is faster, louder, higher and wider; sad slower, softer, lower and flatter with longer gaps; happy and
excited higher and wider, a little faster; the others lie between. Draws overlap by design, so that no class
can be told surely. No published figure underlies these numbers: they are set so that a plain classifier does
better than chance and far from perfectly.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from serflow.standin.published import LABELS


class Voice(NamedTuple):
    """A speaker: the eSpeak NG voice, added pitch (0-99 scale), factor on the rate, added level (dB)."""

    name: str
    pitch: int
    rate: float
    level_db: float


SPEAKERS = {
    (1, "F"): Voice("en-us+f1", 4, 1.00, 0.0),
    (1, "M"): Voice("en-us+m1", -6, 0.97, -1.0),
    (2, "F"): Voice("en-us+Annie", -8, 1.06, 1.0),
    (2, "M"): Voice("en-us+Mario", 5, 0.93, -1.5),
    (3, "F"): Voice("en-us+f3", -3, 0.95, -0.5),
    (3, "M"): Voice("en-us+m7", 0, 1.05, 0.5),
    (4, "F"): Voice("en-us+shelby", 7, 1.02, -1.0),
    (4, "M"): Voice("en-us+m8", 8, 1.03, 2.0),
    (5, "F"): Voice("en-us+linda", -5, 0.98, 0.5),
    (5, "M"): Voice("en-us+m3", -2, 1.00, 0.0),
}


class _Manner(NamedTuple):
    """Change against neutral: rate (words/min), level (dB), pitch and range (0-99 scale), gap (10 ms)."""

    rate: float
    level_db: float
    pitch: float
    range: float
    gap: float


_MANNERS = {
    "neu": _Manner(0, 0, 0, 0, 0),
    "ang": _Manner(24, 6, 7, 18, 0),
    "sad": _Manner(-24, -4, -8, -18, 2),
    "exc": _Manner(14, 3, 18, 22, 0),
    "hap": _Manner(6, 1, 12, 14, 0),
    "fru": _Manner(8, 2, 1, 4, 1),
    "fea": _Manner(16, -1, 14, -4, 1),
    "sur": _Manner(4, 2, 20, 20, 0),
    "dis": _Manner(-8, 1, -2, 6, 1),
    "oth": _Manner(0, 0, 4, 4, 0),
}
_HEADROOM_DB = -9.0
_SPREAD = _Manner(12, 2.0, 7, 10, 1)


@dataclass(frozen=True)
class Prosody:
    """How one turn is spoken: the arguments of `Synthesiser.say`, and the level (dB) set afterwards."""

    voice: str
    rate: int
    pitch: int
    range: int
    gap: int
    level_db: float


def draw_prosody(rng: np.random.Generator, *, session: int, sex: str, label: str) -> Prosody:
    """Draw a turn's manner; one without agreement (`xxx`) is spoken in the manner of any label."""
    voice = SPEAKERS[session, sex]
    other = LABELS[rng.integers(len(LABELS) - 1)]
    manner = _MANNERS[other if label == "xxx" else label]
    change = _Manner(*(np.array(manner) + np.array(_SPREAD) * rng.standard_normal(len(_SPREAD))))
    return Prosody(
        voice=voice.name,
        rate=int(np.clip((175 + change.rate) * voice.rate, 100, 260)),
        pitch=int(np.clip(45 + voice.pitch + change.pitch, 5, 95)),
        range=int(np.clip(50 + change.range, 5, 99)),
        gap=int(np.clip(change.gap, 0, 6)),
        level_db=_HEADROOM_DB + voice.level_db + change.level_db,
    )
