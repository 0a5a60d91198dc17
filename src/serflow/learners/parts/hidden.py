"""What a trained network makes of each frame, in the place of features."""

from dataclasses import dataclass

import numpy as np

__all__ = ["HiddenVectors"]


@dataclass(frozen=True, eq=False)
class HiddenVectors:
    """Hidden vectors of utterances, in the place of a feature store.

    Attributes
    ----------
    vectors : utterance -> float32 (T, D).
    dims : D.
    hop_seconds : seconds from one vector to the next, as of the frames that they come from.
    """

    vectors: dict[str, np.ndarray]
    dims: int
    hop_seconds: float | None

    def frames(self, utterance: str) -> np.ndarray:
        """Hidden vectors float32 (T, D) of an utterance."""
        return self.vectors[utterance]
