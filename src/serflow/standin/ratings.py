"""What the raters said of a turn, and the label and means that follow from it."""

from collections import Counter
from typing import NamedTuple

import numpy as np

from serflow.standin import traps
from serflow.standin.published import LABELS
from serflow.standin.turns import Turn

EVALUATORS = ("E2", "E3", "E4")
_NAMES = {
    "ang": "Anger", "hap": "Happiness", "exc": "Excited", "sad": "Sadness", "neu": "Neutral",
    "fru": "Frustration", "fea": "Fear", "sur": "Surprise", "dis": "Disgust", "oth": "Other",
}  # fmt: skip
_COMMENTS = ("", "", "", "", "annoyed", "tired", "sarcastic", "curious", "calm", "mad, tense")
# What a rater says who does not follow the majority.
_NEAR = {"ang": ("fru", "dis", "neu"), "hap": ("exc", "neu", "sur"), "exc": ("hap", "sur", "neu"),
         "sad": ("neu", "fru", "fea"), "neu": ("fru", "hap", "sad"), "fru": ("ang", "neu", "sad"),
         "fea": ("sad", "sur", "fru"), "sur": ("exc", "neu", "fru"), "dis": ("ang", "fru", "oth"),
         "oth": ("neu", "fru", "sur"), "xxx": tuple(LABELS[:6])}  # fmt: skip
_VALUES = {"ang": (2, 4, 4), "hap": (4, 3, 3), "exc": (4, 4, 3), "sad": (2, 2, 2), "neu": (3, 2, 3),
           "fru": (2, 3, 3), "fea": (2, 3, 2), "sur": (3, 3, 3), "dis": (2, 3, 3), "oth": (3, 3, 3),
           "xxx": (3, 3, 3)}  # fmt: skip


class Attributes(NamedTuple):
    """One rater's valence, activation and dominance; dominance may be missing."""

    valence: int
    activation: int
    dominance: int | None


class Opinions(NamedTuple):
    """Labels by three evaluators, values by the last two, the speaker's own, and the rest of the lines."""

    votes: list[list[str]]
    values: list[Attributes]
    own_vote: list[str]
    own_values: Attributes
    comments: list[str]
    stray: list[bool]


def majority(votes: list[list[str]]) -> str:
    """Return the one label that at least two of three raters gave, else `xxx`; a rater may give several."""
    counts = Counter(label for vote in votes for label in set(vote))
    chosen = [label for label, count in counts.items() if 2 * count > len(votes)]
    return chosen[0] if len(chosen) == 1 else "xxx"


def draw_votes(rng: np.random.Generator, label: str) -> list[list[str]]:
    """Draw labels of three raters whose majority is `label`."""
    while True:
        votes = [_vote(rng, label) for _ in EVALUATORS]
        if majority(votes) == label:
            return votes


def _vote(rng: np.random.Generator, label: str) -> list[str]:
    near = _NEAR[label]
    first = label if label != "xxx" and rng.random() < 0.75 else near[rng.integers(len(near))]
    second = near[rng.integers(len(near))]
    return [first, second] if rng.random() < 0.12 and second != first else [first]


def draw_attributes(rng: np.random.Generator, turn: Turn, order: int) -> list[Attributes]:
    """Draw two raters' values for the `order`-th turn of its dialog, the irregular ones where planned."""
    raters = [Attributes(*(int(np.clip(value + rng.integers(-1, 2), 1, 5)) for value in _VALUES[turn.label]))
              for _ in range(2)]  # fmt: skip
    name = turn.dialog.name
    if turn.name.endswith("_F000") and name in traps.HIGH_VALENCE:
        raters = [rater._replace(valence=value) for rater, value in zip(raters, (5, 6), strict=True)]
    if turn.name.endswith("_M000") and name in traps.LOW_DOMINANCE:
        raters = [rater._replace(dominance=value) for rater, value in zip(raters, (1, 0), strict=True)]
    if order < traps.MISSING_DOMINANCE.get(name, 0):
        raters[1] = raters[1]._replace(dominance=None)
    return raters


def means(raters: list[Attributes]) -> list[float]:
    """Return mean valence, activation and dominance over the raters who gave them."""
    columns = ([value for value in column if value is not None] for column in zip(*raters, strict=True))
    return [sum(column) / len(column) for column in columns]


def rate(rng: np.random.Generator, turn: Turn, order: int) -> Opinions:
    """Draw what everybody says of the turn that comes `order`-th in its dialog."""
    return Opinions(
        votes=draw_votes(rng, turn.label),
        values=draw_attributes(rng, turn, order),
        own_vote=_vote(rng, turn.label),
        own_values=Attributes(*(int(rng.integers(1, 6)) for _ in range(3))),
        comments=[_COMMENTS[rng.integers(len(_COMMENTS))] for _ in EVALUATORS],
        stray=[bool(rng.random() < 0.01) for _ in EVALUATORS],
    )


def evaluation_block(turn: Turn, opinions: Opinions, start: float, end: float) -> str:
    """Return a turn's block in an EmoEvaluation file, its blank line included."""
    mean = ", ".join(f"{value:.4f}" for value in means(opinions.values))
    lines = [f"[{start:.4f} - {end:.4f}]\t{turn.name}\t{turn.label}\t[{mean}]"]
    forced = turn.name.endswith("_F000") and turn.dialog.name in traps.STRAY_SEMICOLON
    for rater, vote, comment, stray in zip(EVALUATORS, opinions.votes, opinions.comments, opinions.stray, strict=True):
        semicolon = " ;" if stray or (forced and rater == "E3") else ""
        lines.append(f"C-{rater}:\t{categories(vote)}{semicolon}\t({comment})")
    own = f"{turn.sex}{turn.dialog.session}"
    lines.append(f"C-{own}:\t{categories(opinions.own_vote)}\t()")
    for rater, values in zip(EVALUATORS[1:], opinions.values, strict=True):
        lines.append(f"A-{rater}:\t{attributes(values)}\t()")
    return "\n".join([*lines, f"A-{own}:\t{attributes(opinions.own_values)}\t()", "", ""])


def categories(labels: list[str]) -> str:
    """Write labels as a rater's line has them, each ended by a semicolon."""
    return " ".join(f"{_NAMES[label]};" for label in labels)


def attributes(values: Attributes) -> str:
    """Write values as a rater's line has them: two blanks before the dominance, which may be missing."""
    dominance = " " if values.dominance is None else values.dominance
    return f"val {values.valence}; act {values.activation}; dom  {dominance};"
