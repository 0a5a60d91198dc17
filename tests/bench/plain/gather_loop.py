"""Batches as one makes them at first: utterance by utterance, each standardised and laid into zeros."""

import numpy as np


def gather_loop(store, names, segments, batch, mean, std):
    """Frames (B, T, D) of the segments (utterance, first frame, frames) of a batch."""
    steps = max(segments[index][2] for index in batch)
    padded = np.zeros((len(batch), steps, store.dims), dtype=np.float32)
    for row, index in enumerate(batch):
        utterance, start, count = segments[index]
        padded[row, :count] = (store.frames(names[utterance])[start : start + count] - mean) / std
    return padded
