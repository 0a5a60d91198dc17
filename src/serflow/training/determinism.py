"""Determinism of networks: the same run twice gives the same bytes."""

import os

import torch

__all__ = ["make_deterministic"]


def make_deterministic() -> None:
    """One thread, deterministic kernels: the same run twice gives the same bytes on one kind of device."""
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # CUDA refuses to be deterministic without it
    torch.set_num_threads(1)
    torch.set_deterministic_debug_mode("error")  # use_deterministic_algorithms(True), without importing the compiler
    torch.utils.deterministic.fill_uninitialized_memory = False  # a check for bugs, not needed for equal bytes
    torch.backends.cudnn.benchmark = False
