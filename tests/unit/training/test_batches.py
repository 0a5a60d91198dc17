"""Batches: every segment once, decided by the seed, bucketed by length, summed up in parts."""

import itertools

import numpy as np
import pytest
import torch

from helpers import tiny_job
from serflow.learners.network import Network
from serflow.training.adam import Adam
from serflow.training.batches import (
    BUCKET,
    endless_batches,
    micro_batches,
    shuffled_batches,
    sorted_batches,
)
from serflow.training.inputs import NetworkInput
from serflow.training.segments import training_segments

FRAMES = np.random.default_rng(3).integers(5, 64, 1_000)


def flat(batches):
    return np.concatenate(batches).tolist()


@pytest.mark.parametrize("count", [1, 8, 9, 35, 1_000])
def test_a_pass_has_every_segment_once_in_batches_alike_in_size(count):
    batches = shuffled_batches(FRAMES[:count], batch_size=8, seed=1, alike=True)
    assert sorted(flat(batches)) == list(range(count))
    sizes = list(map(len, batches))
    assert len(sizes) == -(-count // 8)
    assert max(sizes) <= 8
    assert max(sizes) - min(sizes) <= 1


@pytest.mark.parametrize("count", [24, 130, 1_000])
def test_segments_of_like_length_do_not_meet_in_every_pass(count):
    """Even in a small corpus: whom a segment is in a batch with depends on the pass, not on the lengths alone."""

    def meet(seed):
        batches = shuffled_batches(np.arange(count), batch_size=8, seed=seed, alike=True)
        return {frozenset(pair) for batch in batches for pair in itertools.combinations(batch.tolist(), 2)}

    passes = [meet(seed) for seed in range(20)]
    again = np.mean([len(one & other) / len(one) for one, other in itertools.combinations(passes, 2)])
    assert again < 0.4


def test_the_seed_alone_decides_the_order():
    one, same, other = (flat(shuffled_batches(FRAMES, batch_size=8, seed=seed, alike=True)) for seed in (1, 1, 2))
    assert one == same
    assert one != other


def test_segments_of_one_length_are_shuffled_over_the_whole_pass():
    order = flat(shuffled_batches(np.full(1_000, 63), batch_size=8, seed=1, alike=True))
    moved = np.abs(np.array(order) - np.arange(1_000))
    assert 250 < moved.mean() < 420  # a third of the length, for a plain shuffle


def test_segments_of_like_length_meet_so_that_little_is_padded():
    def padded(batches):
        return sum(FRAMES[batch].max() * len(batch) for batch in batches) / FRAMES.sum() - 1

    plain = np.array_split(np.random.default_rng(1).permutation(1_000), range(8, 1_000, 8))
    assert padded(plain) > 0.5
    assert padded(shuffled_batches(FRAMES, batch_size=8, seed=1, alike=True)) < 0.15


def test_a_network_with_batch_norms_meets_all_lengths_in_a_batch_each_in_order_of_length():
    batches = shuffled_batches(FRAMES, batch_size=40, seed=1, alike=False)
    assert sorted(flat(batches)) == list(range(1_000))
    assert all((np.diff(FRAMES[batch]) >= 0).all() for batch in batches)
    spread = [FRAMES[batch].std() / FRAMES.std() for batch in batches]
    assert min(spread) > 0.7
    alike = [
        FRAMES[batch].std() / FRAMES.std() for batch in shuffled_batches(FRAMES, batch_size=40, seed=1, alike=True)
    ]
    assert np.median(alike) < 0.3


def test_the_batches_of_a_bucket_come_in_random_order():
    longest = [FRAMES[batch].max() for batch in shuffled_batches(FRAMES, batch_size=8, seed=1, alike=True)[:BUCKET]]
    assert longest != sorted(longest)


def test_training_can_go_on_from_any_batch():
    def stream(first):
        return endless_batches(FRAMES[:50], batch_size=8, seeds=lambda number: 10 + number, first=first, alike=True)

    whole = [batch.tolist() for batch in itertools.islice(stream(0), 30)]
    for first in (1, 6, 7, 8, 20):  # a pass has 7 batches
        assert [batch.tolist() for batch in itertools.islice(stream(first), 30 - first)] == whole[first:]
    assert sorted(sum(whole[:7], [])) == sorted(sum(whole[7:14], [])) == list(range(50))
    assert whole[:7] != whole[7:14]


def test_sorted_batches_go_from_the_longest_and_stay_below_the_limit():
    batches = sorted_batches(np.array([3, 9, 5, 9, 2]), max_frames=18)
    assert [batch.tolist() for batch in batches] == [[1, 3], [2, 0, 4]]  # 2 x 9, 3 x 5


def test_a_segment_longer_than_the_limit_is_a_batch_of_its_own():
    assert [b.tolist() for b in sorted_batches(np.array([3, 40, 3]), max_frames=18)] == [[1], [0, 2]]


def test_micro_batches_keep_the_order_and_count_padded_frames():
    frames = np.array([4, 9, 9, 2, 3])
    parts = micro_batches(np.array([3, 0, 1, 4, 2]), frames, max_frames=12)
    assert [part.tolist() for part in parts] == [[3, 0], [1], [4], [2]]


def test_gradients_of_micro_batches_add_up_to_the_batchs(tmp_path):
    """With batch normalisation in eval mode, as its statistics are over what passes at once."""
    examples = tiny_job.make_examples(tmp_path / "store", count=8, frames=(20, 31))
    learner = Network(spec=tiny_job.changed(tiny_job.SPEC), classes=tiny_job.CLASSES, device="cpu", seed=1)
    learner._build(tiny_job.DIMS)
    learner.network.eval()
    segments = training_segments(examples, tiny_job.SPEC["parameters"]["segments"])
    labels = torch.from_numpy(examples.labels)[torch.from_numpy(segments.utterance)]
    batch = np.arange(len(segments))

    def step(max_frames):
        learner.settings["train"]["frames_at_once"] = max_frames
        learner.optimizer = Adam(learner.network.parameters(), lr=0.0)
        losses = learner._step([NetworkInput(examples, segments, None)], labels, batch)
        return float(sum(losses)), [parameter.grad.clone() for parameter in learner.network.parameters()]

    (whole, gradients), (parts, summed) = step(10_000), step(40)
    assert len(micro_batches(batch, segments.frames, max_frames=40)) > 3
    assert parts == pytest.approx(whole, rel=1e-5)
    for a, b in zip(gradients, summed, strict=True):
        torch.testing.assert_close(a, b, rtol=1e-4, atol=1e-6)
