"""Random numbers that depend on the seed and on what they are for, never on order or on the process."""

from zlib import crc32

import numpy as np


def draws(seed: int, *purpose: str) -> np.random.Generator:
    """Return the generator for one purpose (a turn, a line of a script); same arguments, same numbers."""
    return np.random.default_rng([seed, *(crc32(word.encode()) for word in purpose)])
