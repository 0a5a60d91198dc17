"""Seeds and determinism: a run's random numbers depend on its seed and the epoch alone, so that it can be resumed."""

import torch

from serflow.files import digest

__all__ = ["derive", "make_deterministic"]


def derive(*parts: object) -> int:
    """A seed of 63 bits from anything that can stand in JSON; other parts, other seed."""
    return int(digest(list(parts))[:15], 16)


def make_deterministic() -> None:
    """One thread, deterministic kernels: the same run twice gives the same bytes on one kind of device."""
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    torch.utils.deterministic.fill_uninitialized_memory = False  # a check for bugs, not needed for equal bytes
    torch.backends.cudnn.benchmark = False
