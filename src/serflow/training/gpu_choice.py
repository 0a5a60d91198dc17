"""Runs over the GPUs of one machine."""

import os
from pathlib import Path

from serflow.files import digest

__all__ = ["choose_gpu"]

DRIVER = Path("/proc/driver/nvidia/gpus")  # a folder for each GPU


def choose_gpu(run: dict, device: str) -> None:
    """Let this process see one of the machine's GPUs: the run decides which, and is the same on any.

    Where the device names a GPU, where there is one only, or where a cluster gave one, nothing changes. Call before
    CUDA is used. Every run calls its GPU "cuda", so that it can go on on another one.
    """
    if device not in ("auto", "cuda"):
        return
    seen = os.environ.get("CUDA_VISIBLE_DEVICES")
    if seen is None:
        there = [str(number) for number, _ in enumerate(DRIVER.iterdir())] if DRIVER.is_dir() else []
    else:
        there = [name for name in seen.split(",") if name]
    if len(there) > 1:
        os.environ["CUDA_VISIBLE_DEVICES"] = there[int(digest(run), 16) % len(there)]
