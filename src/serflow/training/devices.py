"""The device that trains: which one is meant, and how data comes there."""

import torch
from torch import Tensor

from serflow.errors import UserError

__all__ = ["to_device", "torch_device"]


def torch_device(wanted: str) -> torch.device:
    """The device of "auto" (CUDA where there is one), "cpu", "cuda" or "cuda:1".

    Raises
    ------
    UserError
        If it is not usable here.
    """
    if wanted == "auto":
        wanted = "cuda" if torch.cuda.is_available() else "cpu"
    if wanted.startswith("cuda") and not torch.cuda.is_available():
        raise UserError(f"config.yaml: device: {wanted!r}, but no CUDA device is usable here; use auto or cpu")
    return torch.device(wanted)


def to_device(tensor: Tensor, device: torch.device) -> Tensor:
    """The tensor on the device; a GPU copies it from pinned memory while the processor goes on."""
    if device.type == "cuda":
        return tensor.pin_memory().to(device, non_blocking=True)
    return tensor.to(device)
