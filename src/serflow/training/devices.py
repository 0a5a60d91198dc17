"""The device that trains: which one is meant."""

import torch

from serflow.errors import UserError

__all__ = ["torch_device"]


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
