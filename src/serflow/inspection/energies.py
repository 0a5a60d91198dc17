"""Energy of the frames of the signal, out of a store."""

from pathlib import Path

import numpy as np

from serflow.errors import UserError
from serflow.features.store import Store

__all__ = ["frame_energy", "open_energies"]


def open_energies(store: Path) -> Store:
    """The store of the signal's energy (its store.json): one value a frame, the mean square of the samples.

    Raises
    ------
    UserError
        If it has more values a frame, or does not say how long a frame is.
    """
    opened = Store.open(store.parent)
    if opened.dims != 1 or "window_seconds" not in opened.spec:
        raise UserError(
            f"figures: energy: {opened.folder.name!r} has {opened.dims} values a frame; expected one, the energy of a "
            "window of `window_seconds`: name a set with the extractor energy (workflow/features.yaml)"
        )
    return opened


def frame_energy(energies: Store, utterance: str, *, frames: int) -> np.ndarray:
    """Energy of an utterance's frames, float64 (T,), full scale is 1.

    Raises
    ------
    UserError
        If there are not `frames` of them, as the system's features have.
    """
    energy = energies.frames(utterance)[:, 0].astype(np.float64)
    if len(energy) != frames:
        raise UserError(
            f"figures: energy: {energies.folder.name!r} has {len(energy)} frames of utterance {utterance}, the "
            f"system's features have {frames}; give both the same window and hop in workflow/features.yaml"
        )
    return energy
