"""What a learner is given: utterances, perhaps their labels, and where their features lie."""

from dataclasses import dataclass

import numpy as np

from serflow.features.store import Store


@dataclass(frozen=True, eq=False)
class Examples:
    """One part of a fold.

    Attributes
    ----------
    utterances : ids (N).
    labels : int64 (N), positions in the run's class list; None where the part is only predicted:
        no test label reaches a learner.
    store : the features; None for a system without any.
    durations : seconds, float (N).
    """

    utterances: list[str]
    labels: np.ndarray | None
    store: Store | None
    durations: np.ndarray

    def __post_init__(self) -> None:
        lengths = {len(self.utterances), len(self.durations)}
        if self.labels is not None:
            lengths.add(len(self.labels))
        if len(lengths) != 1:
            raise ValueError(f"examples: lists of different lengths {sorted(lengths)}")

    def __len__(self) -> int:
        return len(self.utterances)

    def frames(self, i: int) -> np.ndarray:
        """Frames of the i-th utterance, float32 (T, D), read-only."""
        if self.store is None:
            raise ValueError("examples: this part has no feature store")
        return self.store.frames(self.utterances[i])
