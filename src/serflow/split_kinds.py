"""The kinds of splits: what workflow/protocols.yaml says of each. They are made in `serflow.splits`."""

from typing import Annotated, Any, Literal

from pydantic import Field

from serflow.validation import Index, Strict, one_of

__all__ = ["Split", "folds_a_session"]


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


class SessionParts(Strict):
    """A session is left out; one of its speakers validates, the other tests."""

    kind: Literal["session_parts"]
    folds: Annotated[int, Field(ge=2)]


class SessionPartsRandom(Strict):
    """A session is left out and divided at random."""

    kind: Literal["session_parts_random"]
    folds: Annotated[int, Field(ge=2)]
    seed: Index


SPLITS = {
    "random": RandomSplit,
    "speaker": SpeakerSplit,
    "marker": SpeakerSplit,
    "session_parts": SessionParts,
    "session_parts_random": SessionPartsRandom,
}
Split = one_of(SPLITS, key="kind")


def folds_a_session(split: dict[str, Any]) -> int:
    """How many folds of a split leave the same session out, so that no one of it trains; 0: they leave none out."""
    if split["kind"] in ("session_parts", "session_parts_random"):
        return 1
    return 2 if split.get("mate") == "validates" else 0
