"""The fused attention map of one utterance beside its MFCC, with the words along time."""

import json
from typing import Any

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from serflow.reporting.strips import image, mean_curve, standardised
from serflow.reporting.style import GREY, TEXT_WIDTH


def draw(spec: dict[str, Any]) -> tuple[Figure, pd.DataFrame]:
    """Draw MFCC (standardised by coefficient), attention map, its mean over time, and words.

    Parameters
    ----------
    spec : dict
        ``attention`` (.npz with ``mfcc`` (T, 13), ``hop_seconds``, ``map`` (T', F') over ``map_seconds``,
        ``words`` (JSON list of word, start, end in s), ``truth``, ``predicted``, ``utterance``,
        ``probabilities``), ``name`` (of the system) and ``show_text`` (False hides words and the name of the
        utterance).

    Returns
    -------
    figure : Figure
    data : DataFrame
        time (s, middle of a map column), attention (mean over the map's rows), word (at that time; only where
        text may be shown).
    """
    with np.load(spec["attention"], allow_pickle=False) as arrays:
        content = {name: arrays[name] for name in arrays.files}
    seconds = len(content["mfcc"]) * float(content["hop_seconds"])
    words = json.loads(str(content["words"])) if spec["show_text"] else []
    covered = float(content["map_seconds"])
    data = _over_time(content["map"], covered, words)
    rows = 4 if words else 3
    heights = (0.95, 0.95, 0.55, 0.45)[:rows]
    size = (TEXT_WIDTH, sum(heights) + 0.65)
    figure, axes = plt.subplots(rows, 1, figsize=size, sharex=True, height_ratios=heights)
    mfcc = standardised(content["mfcc"])
    whole = {"span": (0, seconds), "dims": mfcc.shape[1]}
    image(axes[0], mfcc, **whole, cmap="RdBu_r", limit=2.5)
    axes[0].set_title(_heading(content, spec["show_text"]))
    image(axes[1], mfcc, **whole, cmap="gray", limit=2.5)
    image(axes[1], content["map"], **whole | {"span": (0, covered)}, cmap="inferno", limit=None, alpha=0.6)
    for axis, label in zip(axes, ("MFCC", "map on MFCC"), strict=False):
        axis.set(ylabel=label, yticks=range(0, mfcc.shape[1], 4))
    mean_curve(axes[2], data["time"], data["attention"])
    axes[2].set_ylabel("mean")
    if words:
        _words(axes[3], words)
    axes[-1].set_xlabel("time (s)")
    axes[-1].set_xlim(0, seconds)
    figure.align_ylabels(axes)
    return figure, data


def caption(spec: dict[str, Any], data: pd.DataFrame) -> str:
    """Say what each strip shows, and why words are absent where they are."""
    text = f"{spec['name']} on one test utterance. Top: the MFCC, each coefficient standardised over the "
    text += "utterance (red above, blue below its mean). Middle: the attention map after head fusion, averaged over "
    text += "the feature points, over the same MFCC in grey (bright: high). Bottom: its mean over the coefficients"
    if not spec["show_text"]:
        return text + ". The words of this corpus are licensed and not shown."
    return text + (", with the aligned words below." if "word" in data else ". It has no word alignment.")


def _over_time(attention: np.ndarray, seconds: float, words: list[dict[str, Any]]) -> pd.DataFrame:
    steps = len(attention)
    time = (np.arange(steps) + 0.5) * seconds / steps
    data = pd.DataFrame({"time": time, "attention": attention.mean(axis=1)})
    if words:
        data["word"] = [next((w["word"] for w in words if w["start"] <= t < w["end"]), "") for t in time]
    return data


def _heading(content: dict[str, np.ndarray], show_text: bool) -> str:
    text = f"truth: {content['truth']}, predicted: {content['predicted']}"
    text += f" (p = {content['probabilities'].max():.2f})"
    return f"{content['utterance']}   {text}" if show_text else text


def _words(axes: Axes, words: list[dict[str, Any]]) -> None:
    """Words between ticks at their borders, on two lines in turn so that short neighbours stay apart."""
    for position, word in enumerate(words):
        middle = (word["start"] + word["end"]) / 2
        axes.vlines([word["start"], word["end"]], 0.88, 1, color=GREY, linewidth=0.6)
        axes.hlines(0.94, word["start"], word["end"], color=GREY, linewidth=0.6)
        axes.text(middle, (0.78, 0.34)[position % 2], word["word"], ha="center", va="top", fontsize=6.5)
    axes.set(ylim=(0, 1), yticks=[])
    axes.spines["left"].set_visible(False)
