"""How exactly a network is trained: `precision` and `compile` of `parameters.train`, where a preset declares them.

Without them, a network is trained in float32 as it stands. Validation and test are scored with the float32 weights.
"""

from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch

from serflow.errors import UserError

__all__ = ["prepare", "training_precision"]

FLOAT32, TF32, BF16 = "float32", "tf32", "bf16"


def prepare(network: torch.nn.Module, settings: dict[str, Any], device: torch.device) -> None:
    """Set products of float32 matrices to the precision wanted, and have the network compiled if that is.

    Raises
    ------
    UserError
        If a value is none that there is, or the device cannot do it.
    """
    precision, compiled = settings.get("precision", FLOAT32), settings.get("compile", False)
    if precision not in (FLOAT32, TF32, BF16):
        raise UserError(f"parameters.train.precision {precision!r}: expected {FLOAT32}, {TF32} or {BF16}")
    if not isinstance(compiled, bool):
        raise UserError(f"parameters.train.compile {compiled!r}: expected true or false")
    if precision == TF32 and device.type != "cuda":
        raise UserError(f"parameters.train.precision: tf32 is of CUDA devices, this is {device}; use {FLOAT32}")
    # PyTorch's own default lets convolutions, and not products, round to TF32
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = precision == TF32
    if compiled:
        torch.use_deterministic_algorithms(True)  # of the compiler too
        network.compile(dynamic=True)  # in place: weights keep their names


def training_precision(settings: dict[str, Any], device: torch.device) -> AbstractContextManager:
    """What the loss of a training step is computed in."""
    if settings.get("precision", FLOAT32) == BF16:
        return torch.autocast(device.type, dtype=torch.bfloat16)
    return nullcontext()
