"""Weights of multi-head self-attention between the steps of one utterance, a matrix a head, words along both axes."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from serflow.reporting.strips import WORD_SIZE, Label, room, word_at, word_labels, word_width
from serflow.reporting.style import GREY, TEXT_WIDTH
from serflow.reporting.utterance import about_words, choice, heading, read_utterance
from serflow.reporting.wording import count

MARGIN = 0.7  # inches beside the matrices, about: the labels of time, what keeps them apart
LARGEST = 2.6  # inches, side of a matrix
NEAR = 7 / 72  # inches from a matrix to its words
PRINTED = 300  # dots an inch; the matrices are images


def draw(spec: dict[str, Any]) -> tuple[Figure, pd.DataFrame]:
    """Draw the matrices side by side on one colour scale; in two rows where one leaves the words no room.

    Parameters
    ----------
    spec : dict
        ``attention`` (.npz with ``matrices`` (heads, T', T'), ``edges`` (T' + 1) of their steps in s,
        ``step_seconds``, ``number``, ``blocks``, ``group`` and ``place`` of the block, ``seconds``, ``words``
        (JSON list of word, start, end in s), ``truth``, ``predicted``, ``utterance``, ``probabilities``,
        ``named``: whether the YAML names it), ``name`` (of the system), ``fold``, ``split``, ``weights`` (best,
        last), ``show_text`` (False hides words and the name of the utterance) and perhaps ``note`` (a sentence for the
        caption).

    Returns
    -------
    figure : Figure
    data : DataFrame
        head, time, from_time (s, middles of the two steps), weight; where words are shown, word and from_word at
        those times.
    """
    content = read_utterance(spec)
    words, seconds, matrices = content["words"], content["seconds"], content["matrices"]
    columns, side, widest = _shape(content)
    rows = -(-len(matrices) // columns)
    size = (columns * side + MARGIN + widest, rows * (side + 0.3) + widest + 1.0)
    figure, axes = plt.subplots(
        rows, columns, figsize=size, dpi=PRINTED, squeeze=False, sharex=True, sharey=True, layout="constrained"
    )
    scale = _scale(matrices)
    labels = word_labels(words, seconds=seconds, inches=side)
    for head, axis in enumerate(axes.flat):
        if head >= len(matrices):
            axis.set_axis_off()
            continue
        shown = axis.pcolormesh(content["edges"], content["edges"], matrices[head], rasterized=True, **scale)
        axis.set(aspect="equal", xlim=(0, seconds), ylim=(seconds, 0))
        _borders(axis, [words[label.index] for label in labels])
        top, right = head < columns, head % columns == columns - 1 or head == len(matrices) - 1
        axis.set_title(f"head {head + 1}", pad=(widest if top else 0) * 72 + 3)
        _write(axis, labels if top else [], labels if right else [], seconds / side)
    for axis in axes[-1]:
        axis.set_xlabel("from step at (s)")
    for axis in axes[:, 0]:
        axis.set_ylabel("to step at (s)")
    figure.colorbar(shown, ax=axes, label="weight", location="bottom", shrink=0.5, aspect=40)
    figure.suptitle(heading(content, show_text=spec["show_text"]), x=0.01, ha="left", fontsize=7.5)
    return figure, _table(content)


def caption(spec: dict[str, Any], data: pd.DataFrame) -> str:
    """Say what row and column are, of which block, which utterance it is, and why words are absent where they are."""
    content = read_utterance(spec)
    heads, steps = content["matrices"].shape[:2]
    _, side, _ = _shape(content)
    text = f"{spec['name']}: weights of self-attention, one matrix a head "
    text += f"({count(heads, 'head')}, {count(steps, 'step')} {1000 * content['step_seconds']:.0f} ms apart): row t "
    text += "is how much step t takes from each step s (bright: much), and sums to 1; spread evenly, each weight "
    text += f"would be {1 / steps:.3f}. Attention of block {content['place']} of convolution group "
    text += f"{content['group']}, {_which(content)}. "
    if content["words"]:
        text += "Thin lines: borders of the words that are written. "
    text = f"{text}{choice(spec, content)} {about_words(spec, content, inches=side)}".strip()
    return f"{text} {spec.get('note') or ''}".strip()


def _shape(content: dict[str, Any]) -> tuple[int, float, float]:
    """Matrices in a row, their side, and what the longest word takes beside them (inches)."""
    heads, words = len(content["matrices"]), content["words"]
    widest = max((word_width(word["word"]) for word in words), default=0.0) + NEAR * bool(words)
    across, columns = TEXT_WIDTH - MARGIN - widest, heads
    if len(words) > room(across / columns):
        columns = -(-heads // 2)
    return columns, min(LARGEST, across / columns), widest


def _scale(matrices: np.ndarray) -> dict[str, Any]:
    low, high = float(matrices.min()), float(matrices.max())
    return {"cmap": "inferno", "vmin": low if low < high else 0.0, "vmax": high}


def _borders(axes: Axes, words: list[dict[str, Any]]) -> None:
    borders = sorted({word[end] for word in words for end in ("start", "end")})
    for draw_line in (axes.axvline, axes.axhline):
        for border in borders:
            draw_line(border, color="white", linewidth=0.3, alpha=0.4)


def _write(axes: Axes, above: list[Label], beside: list[Label], inch: float) -> None:
    """Words above and to the right of a matrix, each with a line to its middle; an inch is `inch` seconds."""
    near = NEAR * inch
    style = {"fontsize": WORD_SIZE, "annotation_clip": False}
    line = {"arrowstyle": "-", "color": GREY, "linewidth": 0.4, "shrinkA": 1, "shrinkB": 0}
    up, down = line | {"relpos": (0.5, 0)}, line | {"relpos": (0, 0.5)}  # a line starts at the near end of its word
    end = axes.get_xlim()[1]
    for label in above:
        ends = (label.middle, 0), (label.place, -near)
        axes.annotate(label.word, *ends, ha="center", va="bottom", rotation=90, arrowprops=up, **style)
    for label in beside:
        ends = (end, label.middle), (end + near, label.place)
        axes.annotate(label.word, *ends, ha="left", va="center", arrowprops=down, **style)


def _table(content: dict[str, Any]) -> pd.DataFrame:
    matrices, words = content["matrices"], content["words"]
    middles = (content["edges"][:-1] + content["edges"][1:]) / 2
    head, row, column = np.indices(matrices.shape).reshape(3, -1)
    data = pd.DataFrame({"head": head + 1, "time": middles[row], "from_time": middles[column]})
    data["weight"] = matrices.ravel()
    if words:
        spoken = np.array(word_at(words, middles), dtype=object)
        data["word"], data["from_word"] = spoken[row], spoken[column]
    return data


def _which(content: dict[str, Any]) -> str:
    if content["blocks"] == 1:
        return "the only one that has some"
    last = " and last" if content["number"] == content["blocks"] else ""
    return f"the {_ordinal(content['number'])}{last} of the {content['blocks']} that have some"


def _ordinal(number: int) -> str:
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{'th' if number % 100 in (11, 12, 13) else ending}"
