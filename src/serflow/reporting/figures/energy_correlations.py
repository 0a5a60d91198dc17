"""How attention weights go along with the energy of the frames, over all test utterances: two histograms."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from serflow.errors import not_made
from serflow.metrics.correlation import FEWEST
from serflow.reporting.style import GREY, LIGHT_BLUE, ORANGE, TEXT_WIDTH
from serflow.reporting.utterance import NETWORKS
from serflow.reporting.wording import count

EDGES = np.linspace(-1, 1, 21)
HEADROOM = 1.15  # of the highest bar: above it stand the means
PANELS = {"raw": "a  energy of the signal", "hidden": "b  energy of the hidden vectors"}


def draw(spec: dict[str, Any]) -> tuple[Figure, pd.DataFrame]:
    """Draw the two histograms on one scale, their means as lines.

    Parameters
    ----------
    spec : dict
        ``runs`` (each ``fold``, ``seed``, ``correlations``: CSV with utterance, class, frames, raw, hidden, the two
        correlations, empty: none), ``name`` (of the system), ``split``, ``weights`` (best, last) and ``show_text``
        (False hides the names of the utterances).

    Returns
    -------
    figure : Figure
    data : DataFrame
        fold, seed, utterance (where names may be shown), class, frames, raw, hidden.
    """
    data = pd.concat([_read(run) for run in spec["runs"]], ignore_index=True)
    figure, axes = plt.subplots(1, 2, figsize=(TEXT_WIDTH, 2.1), sharex=True, sharey=True)
    heights = {energy: np.histogram(data[energy].dropna(), bins=EDGES)[0] / data["seed"].nunique() for energy in PANELS}
    for axis, (energy, title) in zip(axes, PANELS.items(), strict=True):
        _histogram(axis, heights[energy], mean=data[energy].mean())
        axis.set_title(title)
    highest = max(map(max, heights.values()))
    axes[0].set(ylabel="utterances", ylim=(0, HEADROOM * highest or 1), xlim=(-1, 1), xticks=np.linspace(-1, 1, 5))
    return figure, data if spec["show_text"] else data.drop(columns="utterance")


def caption(spec: dict[str, Any], data: pd.DataFrame) -> str:
    """Say what is correlated over what, how many utterances are counted, and how many are left out."""
    folds, seeds = data["fold"].nunique(), data["seed"].nunique()
    text = f"{spec['name']}: Pearson's correlation, over the frames of an utterance, between attention weights and "
    text += "energy. a: of the signal, the mean square of its samples. b: of the hidden vectors, the mean square of a "
    text += f"vector's values; this definition is ours. n = {count(len(data) // seeds, 'test utterance')} of "
    text += f"{count(folds, 'fold')}, split {spec['split']}, each by {NETWORKS[spec['weights']]}"
    text += f", averaged over {seeds} seeds. " if seeds > 1 else ". "
    return f"{text}{_left_out(data)} Vertical lines: means.".strip()


def _left_out(data: pd.DataFrame) -> str:
    """How many utterances have no correlation."""
    missing = data[list(PANELS)].isna()
    if not missing.any(axis=None):
        return "None is left out."
    runs = "" if data["seed"].nunique() == 1 else " (of all seeds together)"
    numbers = " and ".join(f"{missing[energy].sum():,} in {panel}" for energy, panel in zip(PANELS, "ab", strict=True))
    return f"Left out{runs}, for fewer than {FEWEST} frames or weights or energy that are constant: {numbers}."


def _histogram(axes: Axes, heights: np.ndarray, *, mean: float) -> None:
    """Utterances by correlation, and the mean as a line (NaN: there is none)."""
    axes.stairs(heights, EDGES, fill=True, color=LIGHT_BLUE)
    axes.stairs(heights, EDGES, color=GREY, linewidth=0.6)
    axes.set_xlabel("correlation with the attention weights")
    if np.isnan(mean):
        axes.text(0.5, 0.5, "no correlation\n(see caption)", transform=axes.transAxes, ha="center", color=GREY)
        return
    axes.axvline(mean, color=ORANGE)
    text = f"mean {round(mean, 3) + 0.0:.3f}".replace("-", "−")
    side, shift = ("right", -3) if mean > 0.5 else ("left", 3)  # points from the line
    look = {"xytext": (shift, 0), "textcoords": "offset points", "ha": side, "va": "top", "color": ORANGE}
    axes.annotate(text, (mean, 0.98), xycoords=axes.get_xaxis_transform(), **look)


def _read(run: dict[str, Any]) -> pd.DataFrame:
    path = Path(run["correlations"])
    if not path.is_file():
        raise not_made(path)
    data = pd.read_csv(path, dtype={"utterance": str, "class": str, "raw": float, "hidden": float})
    data.insert(0, "fold", run["fold"])
    data.insert(1, "seed", run["seed"])
    return data
