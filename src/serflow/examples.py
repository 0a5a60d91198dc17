"""What a learner is given: utterances, perhaps their labels, and where their features lie."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from serflow.features.store import PackedFrames


@dataclass(frozen=True, eq=False)
class Examples:
    """One part of a fold.

    Attributes
    ----------
    utterances : ids (N).
    labels : int64 (N), positions in the run's class list; None where the part is only predicted:
        no test label reaches a learner.
    store : the features, or what stands in their place; None for a system without any.
    durations : seconds, float (N).
    words : the transcript of each utterance; None for a system that reads none.
    """

    utterances: list[str]
    labels: np.ndarray | None
    store: PackedFrames | None
    durations: np.ndarray
    words: list[list[str]] | None = None

    def __post_init__(self) -> None:
        given = (self.utterances, self.durations, self.labels, self.words)
        lengths = {len(values) for values in given if values is not None}
        if len(lengths) != 1:
            raise ValueError(f"examples: lists of different lengths {sorted(lengths)}")

    @classmethod
    def of(
        cls,
        rows: Iterable[Mapping[str, Any]],
        *,
        store: PackedFrames | None,
        classes: list[str] | None = None,
        words: list[list[str]] | None = None,
    ) -> "Examples":
        """Examples of rows of a fold table (utterance, duration); with `classes`, labelled by their `class`."""
        rows = list(rows)
        places = {name: place for place, name in enumerate(classes or [])}
        return cls(
            utterances=[row["utterance"] for row in rows],
            labels=None if classes is None else np.array([places[row["class"]] for row in rows], dtype=np.int64),
            store=store,
            durations=np.array([row["duration"] for row in rows]),
            words=words,
        )

    def alone(self, utterance: str) -> "Examples":
        """One of the examples, without its label and words."""
        index = self.utterances.index(utterance)
        return Examples([utterance], None, self.store, self.durations[index : index + 1])

    def unlabelled(self, places: Iterable[int]) -> "Examples":
        """The examples at these places, in this order, without their labels."""
        places = list(places)
        return replace(
            self,
            utterances=[self.utterances[i] for i in places],
            labels=None,
            durations=self.durations[places],
            words=None if self.words is None else [self.words[i] for i in places],
        )

    def places(self, utterances: Iterable[str]) -> np.ndarray:
        """Where these utterances stand among the examples, int64 (K)."""
        place = {name: i for i, name in enumerate(self.utterances)}
        return np.array([place[name] for name in utterances], dtype=np.int64)

    def __len__(self) -> int:
        return len(self.utterances)

    def frames(self, i: int) -> np.ndarray:
        """Frames of the i-th utterance, float32 (T, D), read-only."""
        if self.store is None:
            raise ValueError("examples: this part has no feature store")
        return self.store.frames(self.utterances[i])
