"""How fast this machine is: a fixed load of a few seconds, whose seconds are held against another machine's."""

import statistics
import time
from collections.abc import Callable, Mapping

import torch
from torch import nn

__all__ = ["probe", "slowdown"]

REPEATS = 5  # of each load after one that is not timed; the least counts, since others can only slow it


def probe(device: str, *, repeats: int = REPEATS) -> dict[str, float]:
    """Seconds of each load, on one thread: of the processor on a CPU, so that others do not count; else of the clock.

    A convolution, an LSTM and a product of matrices, forward and backward, and many small operations, which cost the
    interpreter's time: what the steps of networks are made of. Together a few seconds.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        return {name: _least(load(device), device, repeats) for name, load in LOADS.items()}
    finally:
        torch.set_num_threads(threads)


def slowdown(here: Mapping[str, float], there: Mapping[str, float]) -> float:
    """How many times as long as there a load takes here: the geometric mean over the loads that both have timed."""
    return statistics.geometric_mean([here[name] / there[name] for name in sorted(here.keys() & there.keys())])


def _least(work: Callable[[], None], device: str, repeats: int) -> float:
    clock = time.process_time if device == "cpu" else time.perf_counter
    work()
    seconds = []
    for _ in range(repeats):
        started = clock()
        work()
        if device != "cpu":
            torch.cuda.synchronize()
        seconds.append(clock() - started)
    return min(seconds)


def _matmul(device: str) -> Callable[[], None]:
    left = torch.ones(1024, 1024, device=device, requires_grad=True)

    def work() -> None:
        for _ in range(2):
            (left @ left).sum().backward()

    return work


def _convolution(device: str) -> Callable[[], None]:
    network = nn.Sequential(nn.Conv2d(8, 32, 5, padding=2), nn.ReLU(), nn.Conv2d(32, 32, 3, padding=1)).to(device)
    maps = torch.ones(8, 8, 64, 64, device=device)

    def work() -> None:
        for _ in range(4):
            network(maps).sum().backward()

    return work


def _lstm(device: str) -> Callable[[], None]:
    network = nn.LSTM(64, 128, bidirectional=True, batch_first=True).to(device)
    frames = torch.ones(16, 150, 64, device=device)

    def work() -> None:
        for _ in range(2):
            network(frames)[0].sum().backward()

    return work


def _small(device: str) -> Callable[[], None]:
    value = torch.ones(64, device=device)

    def work() -> None:
        for _ in range(30_000):
            value.mul_(1.0)

    return work


LOADS = {"convolution": _convolution, "lstm": _lstm, "matmul": _matmul, "small operations": _small}
