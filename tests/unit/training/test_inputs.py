"""Batches gathered by index: to the bit what a loop over the utterances makes of them, wherever the frames lie."""

import numpy as np
import pytest
import torch

from helpers import tiny_job
from serflow.features.store import PackedFrames
from serflow.training import inputs
from serflow.training import segments as segments_of
from serflow.training.inputs import NetworkInput
from serflow.training.segments import Segments, joined, training_segments

CPU = torch.device("cpu")
CUT = tiny_job.SPEC["parameters"]["segments"]


@pytest.fixture
def examples(tmp_path):
    return tiny_job.make_examples(tmp_path / "store", count=9, frames=(20, 31, 16, 47, 9))


def slow_batch(examples, segments, batch, *, shortest, mean_std):
    """Row by row, utterance by utterance."""
    steps = max(shortest, int(segments.frames[batch].max()))
    padded = np.zeros((len(batch), steps, examples.store.dims), dtype=np.float32)
    for row, index in enumerate(batch):
        start, length = segments.start[index], segments.frames[index]
        frames = examples.frames(segments.utterance[index])[start : start + length]
        padded[row, :length] = frames if mean_std is None else (frames - mean_std[0]) / mean_std[1]
    return padded, np.maximum(segments.frames[batch], shortest)


def drawn_mean_std(dims, seed=5):
    rng = np.random.default_rng(seed)
    return rng.standard_normal(dims, np.float32), rng.uniform(0.3, 3, dims).astype(np.float32)


@pytest.mark.parametrize("standard", [True, False])
@pytest.mark.parametrize("shortest", [1, 4, 60])
def test_a_batch_is_to_the_bit_that_of_a_loop_over_utterances(examples, standard, shortest):
    segments = joined([training_segments(examples, None), segments_of.test_segments(examples, CUT)])
    mean_std = drawn_mean_std(examples.store.dims) if standard else None
    one, rng = NetworkInput(examples, segments, mean_std), np.random.default_rng(2)
    for count in (1, 2, 7, len(segments)):
        batch = rng.permutation(len(segments))[:count]
        frames, lengths = one.batch(batch, shortest=shortest, device=CPU)
        slow, slow_lengths = slow_batch(examples, segments, batch, shortest=shortest, mean_std=mean_std)
        assert frames.numpy().tobytes() == slow.tobytes()
        assert frames.shape == slow.shape
        assert lengths.tolist() == slow_lengths.tolist()


def test_a_batch_is_padded_with_zeros_after_standardising(tmp_path):
    examples = tiny_job.make_examples(tmp_path / "store", count=2, frames=(3, 2))
    mean_std = (np.full(13, 2, np.float32), np.full(13, 4, np.float32))
    one = NetworkInput(examples, training_segments(examples, None), mean_std)
    frames, lengths = one.batch(np.array([1, 0]), shortest=5, device=CPU)
    assert (tuple(frames.shape), lengths.tolist()) == ((2, 5, 13), [5, 5])
    np.testing.assert_array_equal(frames[0, :2], (examples.frames(1) - 2) / 4)
    assert not frames[0, 2:].any()


def test_utterances_are_found_in_whatever_order_they_are_packed():
    packed = PackedFrames.of({name: np.full((2, 1), i, np.float32) for i, name in enumerate("cab")}, hop_seconds=None)
    examples = tiny_job.examples_of(packed, ["a", "b", "c"])
    one = NetworkInput(examples, Segments(np.array([2, 0, 1]), np.array([1, 0, 1]), np.array([1, 2, 1])), None)
    frames, _ = one.batch(np.arange(3), shortest=1, device=CPU)
    assert frames[..., 0].tolist() == [[0, 0], [1, 1], [2, 0]]


def test_the_mapped_file_itself_is_read_and_stays_as_it_is(examples):
    before = examples.store.packed.tobytes()
    one = NetworkInput(examples, training_segments(examples, None), drawn_mean_std(13))
    one.batch(np.arange(9), shortest=1, device=CPU)
    assert inputs.placed(examples.store, CPU).data_ptr() == examples.store.packed.ctypes.data
    assert examples.store.packed.tobytes() == before


@pytest.mark.parametrize(("free", "where"), [(4.1, "meta"), (3.9, "cpu")])
def test_frames_are_put_on_a_device_once_where_they_take_a_quarter_of_what_is_free(monkeypatch, examples, free, where):
    """On torch's device without data, which stands for a GPU."""
    device, asked = torch.device("meta"), []
    monkeypatch.setattr(inputs, "_free", lambda device: asked.append(device) or free * examples.store.packed.nbytes)
    one = NetworkInput(examples, training_segments(examples, None), drawn_mean_std(13))
    for _ in range(2):
        frames, lengths = one.batch(np.arange(9), shortest=1, device=device)
    assert inputs.placed(examples.store, device).device.type == where
    assert (frames.device.type, lengths.device.type, len(asked)) == ("meta", "cpu", 1)
    assert frames.shape == (9, 47, 13)


def test_frames_go_with_their_store():
    packed = PackedFrames.of({"a": np.ones((2, 1), np.float32)}, hop_seconds=None)
    inputs.placed(packed, CPU)
    before = len(inputs._PLACED)
    del packed
    assert len(inputs._PLACED) == before - 1
