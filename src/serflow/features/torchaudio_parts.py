"""The parts of torchaudio that are used here, imported even where its extensions do not load.

PyPI's wheel of torchaudio carries extensions that are linked to one version of CUDA. Beside a torch without CUDA, or
with another one, importing torchaudio fails, though what is used here is Python. There it is imported as a torchaudio
that was built without extensions.
"""

import sys
from types import ModuleType

__all__ = ["MelSpectrogram", "compute_deltas"]


def _as_without_extensions() -> ModuleType:
    """What torchaudio's own modules ask of its loader of extensions, where there are none."""
    loader = ModuleType("torchaudio._extension")
    loader._IS_TORCHAUDIO_EXT_AVAILABLE = False
    loader.fail_if_no_align = lambda function: function  # forced alignment, which nothing here calls
    return loader


try:
    import torchaudio  # noqa: F401
except (ImportError, OSError, RuntimeError):  # a library is missing, or CUDA is another one
    sys.modules["torchaudio._extension"] = _as_without_extensions()

from torchaudio.functional import compute_deltas  # noqa: E402
from torchaudio.transforms import MelSpectrogram  # noqa: E402
