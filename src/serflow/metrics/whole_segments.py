"""Which utterances hold a whole segment: papers that cut utterances into segments may drop the shorter ones in test."""

from collections.abc import Iterable

import numpy as np

from serflow.features.store import Store
from serflow.training.segments import segment_frames

__all__ = ["holds_a_segment"]


def holds_a_segment(utterances: Iterable[str], store: Store, seconds: float) -> np.ndarray:
    """For each utterance (U,), whether its frames in `store` are as many as a segment of `seconds` has, or more."""
    least = segment_frames(seconds, store.hop_seconds)
    return np.array([store.length(utterance) >= least for utterance in utterances], dtype=bool)
