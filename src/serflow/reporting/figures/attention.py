"""The fused attention map of one utterance beside its MFCC, with the words along time."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from serflow.reporting.strips import image, mean_curve, standardised, strip_height, word_at, word_strip
from serflow.reporting.style import TEXT_WIDTH
from serflow.reporting.utterance import about_words, choice, heading, read_utterance

ACROSS = TEXT_WIDTH - 0.6  # inches of the time axis, about: what the labels on its left leave


def draw(spec: dict[str, Any]) -> tuple[Figure, pd.DataFrame]:
    """Draw MFCC (standardised by coefficient), attention map, its mean over time, and words.

    Parameters
    ----------
    spec : dict
        ``attention`` (.npz with ``mfcc`` (T, 13), ``seconds``, ``map`` (T', F') over ``map_seconds``,
        ``words`` (JSON list of word, start, end in s), ``truth``, ``predicted``, ``utterance``,
        ``probabilities``, ``named``: whether the YAML names it), ``name`` (of the system), ``fold``, ``split``,
        ``weights`` (best, last) and ``show_text`` (False hides words and the name of the utterance).

    Returns
    -------
    figure : Figure
    data : DataFrame
        time (s, middle of a map column), attention (mean over the map's rows), word (at that time; only where
        text may be shown).
    """
    content = read_utterance(spec)
    words, seconds, covered = content["words"], content["seconds"], content["map_seconds"]
    data = _over_time(content["map"], covered, words)
    across = {"seconds": seconds, "inches": ACROSS}
    heights = [0.95, 0.95, 0.55] + ([strip_height(words, **across)] if words else [])
    size = (TEXT_WIDTH, sum(heights) + 0.1 * len(heights) + 0.5)
    figure, axes = plt.subplots(len(heights), 1, figsize=size, sharex=True, height_ratios=heights)
    mfcc = standardised(content["mfcc"])
    whole = {"span": (0, seconds), "dims": mfcc.shape[1]}
    image(axes[0], mfcc, **whole, cmap="RdBu_r", limit=2.5)
    axes[0].set_title(heading(content, show_text=spec["show_text"]))
    image(axes[1], mfcc, **whole, cmap="gray", limit=2.5)
    image(axes[1], content["map"], **whole | {"span": (0, covered)}, cmap="inferno", limit=None, alpha=0.6)
    for axis, label in zip(axes, ("MFCC", "map on MFCC"), strict=False):
        axis.set(ylabel=label, yticks=range(0, mfcc.shape[1], 4))
    mean_curve(axes[2], data["time"], data["attention"])
    axes[2].set_ylabel("mean")
    if words:
        word_strip(axes[3], words, **across)
    axes[-1].set_xlabel("time (s)")
    axes[-1].set_xlim(0, seconds)
    figure.align_ylabels(axes)
    return figure, data


def caption(spec: dict[str, Any], data: pd.DataFrame) -> str:
    """Say what each strip shows, which utterance it is, and why words are absent where they are."""
    text = f"{spec['name']}. Top: the MFCC, each coefficient standardised (red above, blue below its mean). Middle: "
    text += "the attention map after head fusion, averaged over the feature points (bright: high), over the MFCC in "
    text += "grey. Bottom: its mean over the coefficients"
    text += ", with the aligned words below. " if "word" in data else ". "
    content = read_utterance(spec)
    return f"{text}{choice(spec, content)} {about_words(spec, content, inches=ACROSS)}".strip()


def _over_time(attention: np.ndarray, seconds: float, words: list[dict[str, Any]]) -> pd.DataFrame:
    steps = len(attention)
    time = (np.arange(steps) + 0.5) * seconds / steps
    data = pd.DataFrame({"time": time, "attention": attention.mean(axis=1)})
    return data.assign(word=word_at(words, time)) if words else data
