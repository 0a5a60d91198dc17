"""How a network is computed: `precision`, `channels_last` and `compile` of `parameters.train`, where a preset has them.

Without them, a network is trained in float32 as it stands; with any, low digits differ from that. Validation and test
are scored with the float32 weights.
"""

from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch

from serflow.errors import UserError

__all__ = ["prepare", "training_precision"]

FLOAT32, TF32, BF16 = "float32", "tf32", "bf16"


def prepare(network: torch.nn.Module, settings: dict[str, Any], device: torch.device) -> None:
    """Set products of float32 matrices to the precision wanted; have the network laid out and compiled as is wanted.

    Raises
    ------
    UserError
        If a value is none that there is, or the device or the network cannot do it.
    """
    precision = settings.get("precision", FLOAT32)
    laid_out, compiled = (_flag(settings, name) for name in ("channels_last", "compile"))
    if precision not in (FLOAT32, TF32, BF16):
        raise UserError(f"parameters.train.precision {precision!r}: expected {FLOAT32}, {TF32} or {BF16}")
    if precision == TF32 and device.type != "cuda":
        raise UserError(f"parameters.train.precision: tf32 is of CUDA devices, this is {device}; use {FLOAT32}")
    # PyTorch's own default lets convolutions, and not products, round to TF32
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = precision == TF32
    if laid_out:
        if not any(isinstance(module, torch.nn.Conv2d) for module in network.modules()):
            raise UserError("parameters.train.channels_last: the network has no convolution over maps; leave it out")
        network.to(memory_format=torch.channels_last)
    if compiled:
        torch.use_deterministic_algorithms(True)  # of the compiler too
        network.compile(dynamic=True)  # in place: weights keep their names


def training_precision(settings: dict[str, Any], device: torch.device) -> AbstractContextManager:
    """What the loss of a training step is computed in."""
    if settings.get("precision", FLOAT32) == BF16:
        return torch.autocast(device.type, dtype=torch.bfloat16)
    return nullcontext()


def _flag(settings: dict[str, Any], name: str) -> bool:
    value = settings.get(name, False)
    if not isinstance(value, bool):
        raise UserError(f"parameters.train.{name} {value!r}: expected true or false")
    return value
