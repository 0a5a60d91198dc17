"""Utterance-level functionals by openSMILE (Eyben, Wöllmer and Schuller, ACM Multimedia 2010).

openSMILE is licensed for research and education only; commercial use needs a licence of audEERING.
"""

from typing import Literal

import numpy as np
import opensmile

from serflow.errors import UserError
from serflow.features.opensmile_config import full_scale

__all__ = ["Functionals"]


FeatureSet = Literal[
    "ComParE_2016", "GeMAPS", "GeMAPSv01b", "IS09", "IS10", "IS11", "IS12", "IS13",
    "eGeMAPS", "eGeMAPSv01b", "eGeMAPSv02", "emobase",
]  # fmt: skip


class Functionals:
    """One vector an utterance: the functionals of one of openSMILE's own feature sets.

    Parameters
    ----------
    sample_rate : Hz.
    feature_set : a name of `opensmile.FeatureSet`, as ComParE_2016 (6373 values).
    """

    packages = ("opensmile", "numpy", "soundfile")
    hop_seconds: float | None = None

    def __init__(self, *, sample_rate: int, feature_set: FeatureSet) -> None:
        known = [one.name for one in opensmile.FeatureSet]
        if feature_set not in known:
            raise UserError(f"features, feature_set {feature_set!r}: expected one of {', '.join(known)}")
        self.sample_rate = sample_rate
        self._smile = opensmile.Smile(opensmile.FeatureSet[feature_set], opensmile.FeatureLevel.Functionals)
        self.dims = len(self._smile.feature_names)

    def __call__(self, samples: np.ndarray) -> np.ndarray:
        """Turn samples float32 (n,), into float32 (1, dims); NaN where too short for openSMILE."""
        return self._smile(full_scale(samples), self.sample_rate).reshape(1, -1).astype(np.float32, copy=False)
