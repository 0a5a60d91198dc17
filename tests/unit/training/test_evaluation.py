"""What is only evaluated: every segment once; on a GPU in batches that grow with its memory, on a CPU as ever."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from serflow.training.batches import sorted_batches
from serflow.training.evaluation import evaluated, times_as_large

FRAMES = np.random.default_rng(4).integers(5, 64, 200)


def batches(device):
    return [batch.tolist() for batch, _ in evaluated(len, FRAMES, max_frames=300, device=torch.device(device))]


def test_on_a_cpu_batches_have_at_most_so_many_padded_frames():
    assert batches("cpu") == [batch.tolist() for batch in sorted_batches(FRAMES, max_frames=300)]


def test_what_is_seen_comes_with_its_batch():
    found = list(evaluated(lambda batch: FRAMES[batch].sum(), FRAMES, max_frames=300, device=torch.device("cpu")))
    assert all(seen == FRAMES[batch].sum() for batch, seen in found)


def test_nothing_gives_nothing():
    assert list(evaluated(len, np.array([], dtype=np.int64), max_frames=300, device=torch.device("cpu"))) == []


@pytest.fixture
def gpu(monkeypatch):
    """Return a function that lets a GPU of so many bytes seem to be there, of which a first batch takes 1,000."""

    def there(total):
        stands_for = {
            "memory_allocated": 500,
            "max_memory_allocated": 1_500,
            "get_device_properties": SimpleNamespace(total_memory=total),
            "reset_peak_memory_stats": None,
        }
        for name, value in stands_for.items():
            monkeypatch.setattr(torch.cuda, name, lambda device, value=value: value)

    return there


@pytest.mark.parametrize(("total", "times"), [(100, 1), (8_000, 1), (16_000, 2), (31_999, 2), (32_000, 4)])
def test_on_a_gpu_the_first_batch_decides_how_large_the_others_are(gpu, total, times):
    gpu(total)
    first, *others = batches("cuda")
    assert first == batches("cpu")[0]
    assert sorted(sum(others, first)) == list(range(len(FRAMES)))
    largest = max(len(batch) * FRAMES[batch].max() for batch in others)
    assert 300 * times / 2 < largest <= 300 * times


@pytest.mark.parametrize(
    ("taken", "room", "times"), [(0, 8, 8), (1, 1, 1), (1, 0, 1), (3, 11, 2), (3, 12, 4), (5, 4, 1)]
)
def test_what_may_grow_grows_by_a_power_of_two(taken, room, times):
    assert times_as_large(taken, room=room) == times
