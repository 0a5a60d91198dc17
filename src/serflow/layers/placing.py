"""How what the host knows comes to the device that computes, without waiting for it.

Networks are given the lengths of their examples on the host: what is decided by them (whether anything is padded, how
long the result is) then needs no answer from a GPU, for which the host would have to wait until all that it has asked
for is done. What is computed with them is placed beside the values.
"""

import torch
from torch import Tensor

__all__ = ["to_device"]


def to_device(tensor: Tensor, device: torch.device) -> Tensor:
    """The tensor on the device; a GPU copies it from pinned memory while the processor goes on."""
    if device.type == "cuda" and tensor.device.type == "cpu":
        return tensor.pin_memory().to(device, non_blocking=True)
    return tensor.to(device)
