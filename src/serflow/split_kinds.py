"""The kinds of splits: what workflow/protocols.yaml says of each. They are made in `serflow.splits`."""

from typing import Annotated, Any, Literal

from pydantic import Field

from serflow.validation import ABSENT, Id, Index, Strict, one_of

__all__ = ["VALIDATES", "Split", "fold_name", "folds_a_session", "session_of"]

VALIDATES = "validates"  # a fold table's column, where its networks judge the folds of other splits

Networks = Annotated[
    Id,
    Field(
        description="the split of kind `session` whose trainings these folds are views of; without this key, each fold "
        "is trained by itself"
    ),
]


class RandomSplit(Strict):
    """Over utterances."""

    kind: Literal["random"]
    folds: Annotated[int, Field(ge=2)]
    validation: bool
    seed: Index


class SpeakerSplit(Strict):
    """By speaker, or by who wore the markers."""

    kind: Literal["speaker", "marker"]
    folds: Annotated[int, Field(ge=2)]
    mate: Annotated[Literal["validates", "trains"], Field(description="what the session's other person does")]
    networks: Networks = ABSENT


class Session(Strict):
    """A session is left out and tests."""

    kind: Literal["session"]
    folds: Annotated[int, Field(ge=2)]


class SessionParts(Strict):
    """A session is left out; one of its speakers validates, the other tests."""

    kind: Literal["session_parts"]
    folds: Annotated[int, Field(ge=2)]
    networks: Networks = ABSENT


class SessionPartsRandom(Strict):
    """A session is left out and divided at random."""

    kind: Literal["session_parts_random"]
    folds: Annotated[int, Field(ge=2)]
    seed: Index
    networks: Networks = ABSENT


class GivenSplit(Strict):
    """The corpus's own: `division` in its YAML says how many folds there are, and which columns of its table say so."""

    kind: Literal["given"]


SPLITS = {
    "given": GivenSplit,
    "random": RandomSplit,
    "speaker": SpeakerSplit,
    "marker": SpeakerSplit,
    "session": Session,
    "session_parts": SessionParts,
    "session_parts_random": SessionPartsRandom,
}
Split = one_of(SPLITS, key="kind")


def folds_a_session(split: dict[str, Any]) -> int:
    """How many folds of a split leave the same session out, so that no one of it trains; 0: they leave none out."""
    if split["kind"] in ("session", "session_parts", "session_parts_random"):
        return 1
    return 2 if split.get("mate") == "validates" else 0


def session_of(split: dict[str, Any], fold: int) -> int:
    """Which session, counted from 1 in their order, a fold of a split leaves out."""
    return 1 + (fold - 1) // folds_a_session(split)


def fold_name(split: str, fold: int) -> str:
    """What a fold of a split is called: speaker/fold2."""
    return f"{split}/fold{fold}"
