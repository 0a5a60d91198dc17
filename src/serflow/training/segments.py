"""Segments: what a network is trained and tested on, whole utterances or segments of fixed length."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from serflow.errors import UserError
from serflow.examples import Examples

__all__ = [
    "Segments",
    "columns",
    "cut",
    "joined",
    "kept_segments",
    "segment_frames",
    "test_segments",
    "training_segments",
]


@dataclass(frozen=True)
class Segments:
    """Parts of utterances.

    Attributes
    ----------
    utterance
        Index of each segment's utterance among the examples, shape (P,).
    start, frames
        First frame and number of frames, shape (P,) each.
    """

    utterance: np.ndarray
    start: np.ndarray
    frames: np.ndarray

    def __len__(self) -> int:
        return len(self.utterance)


def columns(segments: Segments) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Utterance, start and frames of each segment."""
    return segments.utterance, segments.start, segments.frames


def joined(parts: list[Segments]) -> Segments:
    """Segments of the same examples, one part after the other."""
    return Segments(*map(np.concatenate, zip(*map(columns, parts), strict=True)))


def segment_frames(seconds: float, hop: float) -> int:
    """Frames of a segment: those centred on 0, `hop`, 2 `hop`, ... up to its end; `seconds` and `hop` in seconds."""
    return 1 + int(seconds / hop)


def cut(frames: int, *, length: int, step: float) -> list[int]:
    """First frames of the segments of `length` frames, `step` frames apart, that lie wholly inside an utterance."""
    starts, k = [], 0
    while (start := int(k * step + 0.5)) + length <= frames:
        starts.append(start)
        k += 1
    return starts


def training_segments(examples: Examples, spec: dict[str, Any] | None) -> Segments:
    """Segments for training; utterances shorter than one segment give none (Xu & Zhang 2020, IV.B.1)."""
    return _segments(examples, spec, step="train_step", short="drop")


def test_segments(examples: Examples, spec: dict[str, Any] | None) -> Segments:
    """Segments for testing; of an utterance shorter than one segment: the whole of it, or none (`short_test`)."""
    return _segments(examples, spec, step="test_step", short=spec["short_test"] if spec else "pad")


def _segments(examples: Examples, spec: dict[str, Any] | None, *, step: str, short: str) -> Segments:
    """Without a `spec`, every utterance is one segment."""
    rows = []
    for index in range(len(examples.utterances)):
        frames = len(examples.frames(index))
        if spec is None:
            rows.append((index, 0, frames))
            continue
        hop = examples.store.hop_seconds
        length = segment_frames(spec["seconds"], hop)
        starts = cut(frames, length=length, step=spec[step] / hop)
        if starts and spec.get("keep"):
            starts = _loudest(examples.frames(index), starts, length=length, keep=spec["keep"])
        rows += [(index, start, length) for start in starts]
        if not starts and short == "pad":
            rows.append((index, 0, frames))
    table = np.array(rows, dtype=np.int64).reshape(-1, 3)
    return Segments(*table.T)


def _loudest(frames: np.ndarray, starts: list[int], *, length: int, keep: dict[str, Any]) -> list[int]:
    """Of an utterance's segments, the `share` with the highest energy (one at least), in the order of time.

    As Han et al. 2014 choose segments. The energy of a segment is the sum of the powers whose natural logarithms stand
    in the features from the first of `columns` up to, and without, the second.
    """
    share, (first, last) = keep["share"], keep["columns"]
    if not 0 < share <= 1:
        raise UserError(f"segments.keep.share {share}: expected above 0, 1 at most; correct the system's YAML")
    if not 0 <= first < last <= frames.shape[1]:
        raise UserError(
            f"segments.keep.columns {[first, last]}: expected the first and one past the last of the features' "
            f"{frames.shape[1]} columns, from 0; correct the system's YAML"
        )
    energy = np.exp(frames[:, first:last].astype(np.float64)).sum(axis=1)
    of_segments = np.lib.stride_tricks.sliding_window_view(energy, length)[starts].sum(axis=1)
    count = kept_segments(len(starts), share)
    return [starts[i] for i in sorted(np.argsort(-of_segments, kind="stable")[:count])]


def kept_segments(count: int, share: float) -> int:
    """How many of an utterance's segments are its loudest `share`: one at least, where there is one."""
    return min(count, max(1, int(share * count + 0.5)))
