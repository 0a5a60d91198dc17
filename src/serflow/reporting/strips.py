"""Strips along time that figures of attention are made of: an image, a mean below it, words."""

from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.font_manager import FontProperties
from matplotlib.image import AxesImage
from matplotlib.textpath import TextPath
from scipy.optimize import isotonic_regression

from serflow.reporting.style import BLUE, GREY

__all__ = [
    "Label",
    "image",
    "mean_curve",
    "room",
    "silences",
    "standardised",
    "strip_height",
    "word_at",
    "word_labels",
    "word_strip",
    "word_width",
]

WORD_SIZE = 6.5  # pt
LINE = 1.3 * WORD_SIZE / 72  # inches from one line of words to the next
BLANK = 0.3 * WORD_SIZE / 72  # inches, at least, between two words of a line
TICKS = 0.08  # inches of a word strip that its brackets take

Word = dict[str, Any]  # word, start, end (s)


class Label(NamedTuple):
    """A word and its index, the middle of its time (s), and where along the axis (s) it is written."""

    word: str
    index: int
    middle: float
    place: float


def standardised(features: np.ndarray) -> np.ndarray:
    """Zero mean and unit deviation by column (T, D); a constant column is left at zero."""
    deviation = features.std(axis=0)
    return (features - features.mean(axis=0)) / np.where(deviation > 0, deviation, 1.0)


def image(
    axes: Axes,
    values: np.ndarray,
    *,
    span: tuple[float, float],
    dims: int,
    cmap: str,
    limit: float | None,
    alpha: float | None = None,
) -> AxesImage:
    """Draw `values` (time, rows) stretched over `span` (s) and over `dims` coefficients; NaN stays blank."""
    low, high = (-limit, limit) if limit else (np.nanmin(values), np.nanmax(values))
    shown = {"aspect": "auto", "origin": "lower", "interpolation": "none", "alpha": alpha}
    return axes.imshow(values.T, extent=(*span, -0.5, dims - 0.5), cmap=cmap, vmin=low, vmax=high, **shown)


def mean_curve(axes: Axes, time: np.ndarray, mean: np.ndarray) -> None:
    """Draw a curve over time (s) above its own lowest value; NaN leaves a gap."""
    axes.fill_between(time, mean, np.nanmin(mean), color=BLUE, alpha=0.2, linewidth=0)
    axes.plot(time, mean, color=BLUE)
    axes.margins(y=0.08)


def word_at(words: list[Word], times: np.ndarray) -> list[str]:
    """The word spoken at each time (s), "" in silence."""
    return [next((word["word"] for word in words if word["start"] <= t < word["end"]), "") for t in times]


def silences(words: list[Word], seconds: float) -> list[tuple[float, float]]:
    """Start and end (s) of what no word covers, from 0 to `seconds`."""
    gaps, end = [], 0.0
    for word in sorted(words, key=lambda word: word["start"]):
        gaps.append((end, word["start"]))
        end = max(end, word["end"])
    return [(start, stop) for start, stop in [*gaps, (end, seconds)] if stop > start]


def word_width(word: str) -> float:
    """Inches that a word takes in print."""
    return TextPath((0, 0), word, size=WORD_SIZE, prop=FontProperties(family="DejaVu Sans")).get_extents().width / 72


def room(inches: float) -> int:
    """How many words stand side by side across an axis."""
    return int(inches / LINE)


def word_labels(words: list[Word], *, seconds: float, inches: float) -> list[Label]:
    """Words side by side across the axis, each as near to its time as its neighbours let it.

    Parameters
    ----------
    words : in the order of their time.
    seconds, inches : length of the axis in time and in print. Where there is no room for all of the words, the
        shortest in time are left out.
    """
    kept = sorted(sorted(range(len(words)), key=lambda i: words[i]["start"] - words[i]["end"])[: room(inches)])
    if not kept:
        return []
    middles = np.array([(words[i]["start"] + words[i]["end"]) / 2 for i in kept])
    apart = np.arange(len(kept)) * LINE / inches * seconds
    # the places that lie nearest to the middles (least squares) in the same order, at least a line apart
    margin = LINE / 2 / inches * seconds
    places = np.clip(isotonic_regression(middles - apart).x, margin, seconds - margin - apart[-1]) + apart
    return [Label(words[i]["word"], i, *place) for i, *place in zip(kept, middles, places, strict=True)]


def word_strip(axes: Axes, words: list[Word], *, seconds: float, inches: float) -> None:
    """Write words below brackets at their borders: on two lines in turn or, where they are too many, across time.

    Parameters
    ----------
    axes : as high as `strip_height` says.
    words : in the order of their time.
    seconds, inches : length of the axis in time and in print.
    """
    height = strip_height(words, seconds=seconds, inches=inches)
    for word in words:
        axes.vlines([word["start"], word["end"]], -0.8 * TICKS, 0, color=GREY, linewidth=0.6)
        axes.hlines(-0.4 * TICKS, word["start"], word["end"], color=GREY, linewidth=0.6)
    if _fit_along(words, seconds=seconds, inches=inches):
        for position, word in enumerate(words):
            middle = (word["start"] + word["end"]) / 2
            top = -1.5 * TICKS - (position % 2) * LINE
            axes.text(middle, top, word["word"], ha="center", va="top", fontsize=WORD_SIZE)
    else:
        for label in word_labels(words, seconds=seconds, inches=inches):
            ends = [label.middle, label.place], [-TICKS, -2 * TICKS]
            axes.plot(*ends, color=GREY, linewidth=0.4)
            axes.text(label.place, -2.3 * TICKS, label.word, ha="center", va="top", rotation=90, fontsize=WORD_SIZE)
    axes.set(ylim=(-height, 0), yticks=[])
    axes.spines["left"].set_visible(False)


def strip_height(words: list[Word], *, seconds: float, inches: float) -> float:
    """Inches that a word strip needs."""
    if _fit_along(words, seconds=seconds, inches=inches):
        return 2 * TICKS + 2 * LINE
    return 3 * TICKS + max(word_width(word["word"]) for word in words)


def _fit_along(words: list[Word], *, seconds: float, inches: float) -> bool:
    """Whether words on two lines in turn keep apart."""
    spans = []
    for word in words:
        middle, half = (word["start"] + word["end"]) / 2 / seconds * inches, word_width(word["word"]) / 2
        spans.append((middle - half, middle + half))
    return all(left[1] + BLANK <= right[0] for left, right in zip(spans, spans[2:], strict=False))
