"""openSMILE with a configuration of ours: what the extractors that bring one share."""

from pathlib import Path

import numpy as np
import opensmile

from serflow.errors import UserError
from serflow.files import file_digest

__all__ = ["configured", "full_scale", "run"]


def configured(config: Path, *, sha256: str, **options: float) -> opensmile.Smile:
    """Make openSMILE from `config`, which fills its level `lld`; `options` are those that it names.

    Jobs rerun where Python files change; the digest that the extractor states makes a change of its configuration,
    the file of the same name, one of them.

    Raises
    ------
    UserError
        If the configuration has another SHA-256 than the extractor states.
    """
    found = file_digest(config)
    if found != sha256:
        raise UserError(
            f"{config}: changed; put its SHA-256, {found}, into CONFIG_SHA256 of {config.with_suffix('.py').name}, "
            "so that features made with the former one are made again"
        )
    return opensmile.Smile(str(config), "lld", options={name: str(value) for name, value in options.items()})


def run(smile: opensmile.Smile, samples: np.ndarray, sample_rate: int) -> np.ndarray:
    """Frames (T, D) of samples float32 (n,), cut off at full scale."""
    return smile(full_scale(samples), sample_rate)[0].T


def full_scale(samples: np.ndarray) -> np.ndarray:
    """Cut samples float32 (n,) off at full scale: openSMILE gets 16-bit integers, and the package wraps 1.0 to -1.0."""
    return np.clip(samples, -1, 32767 / 32768, dtype=np.float32)
