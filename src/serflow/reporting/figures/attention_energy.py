"""Attention weights over one utterance beside the energy of its frames: of the signal, and of the hidden vectors."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from serflow.metrics.correlation import FEWEST
from serflow.reporting.strips import strip_height, word_at, word_strip
from serflow.reporting.style import BLUE, GREY, ORANGE, TEXT_WIDTH
from serflow.reporting.utterance import about_words, choice, heading, read_utterance
from serflow.reporting.wording import count

ACROSS = 2.45  # inches of a panel's time axis, about: what its two scales and their labels leave of half the width
PANELS = {"energy": "correlation", "hidden_energy": "hidden_correlation"}
TITLES = {"energy": "a  energy of the signal", "hidden_energy": "b  energy of the hidden vectors"}
RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def draw(spec: dict[str, Any]) -> tuple[Figure, pd.DataFrame]:
    """Draw the weights twice, with either energy on a scale of its own, the words beneath.

    Parameters
    ----------
    spec : dict
        ``attention`` (.npz with ``weights``, ``energy`` and ``hidden_energy`` (T,), frames of ``window_seconds``
        every ``hop_seconds``, ``correlation`` and ``hidden_correlation`` (NaN: none), ``seconds``, ``words`` (JSON
        list of word, start, end in s), ``truth``, ``predicted``, ``utterance``, ``probabilities``, ``named``: whether
        the YAML names it), ``name`` (of the system), ``fold``, ``split``, ``weights`` (best, last) and ``show_text``
        (False hides words and the name of the utterance).

    Returns
    -------
    figure : Figure
    data : DataFrame
        time (s, middle of the frame), weight, energy, hidden_energy; where words are shown, word at that time.
    """
    content = read_utterance(spec)
    data = _table(content)
    words, seconds = content["words"], _end(content)
    across = {"seconds": seconds, "inches": ACROSS}
    heights = [1.5] + ([strip_height(words, **across)] if words else [])
    size = (TEXT_WIDTH, sum(heights) + 0.1 * len(heights) + 0.75)
    figure, axes = plt.subplots(
        len(heights), 2, figsize=size, sharex=True, sharey="row", squeeze=False, height_ratios=heights
    )
    for number, (energy, correlation) in enumerate(PANELS.items()):
        _panel(axes[0, number], data, energy)
        axes[0, number].set_title(f"{TITLES[energy]}: {_said(content[correlation], len(data))}")
        if words:
            word_strip(axes[1, number], words, **across)
        axes[-1, number].set(xlabel="time (s)", xlim=(0, seconds))
    weights, unit = _scaled(data["weight"])
    axes[0, 0].set_ylabel(f"attention weight{unit}", color=BLUE)
    axes[0, 0].set_ylim(0, 1.05 * weights.max())
    figure.suptitle(heading(content, show_text=spec["show_text"]), x=0.01, ha="left", fontsize=7.5)
    return figure, data


def caption(spec: dict[str, Any], data: pd.DataFrame) -> str:
    """Say what the curves are, which utterance it is, and why words are absent where they are."""
    content = read_utterance(spec)
    window, hop = 1000 * content["window_seconds"], 1000 * content["hop_seconds"]
    text = f"{spec['name']}: attention weights of frames (blue; they sum to 1; dotted: spread evenly) and their energy "
    text += "(orange). a: of the signal, the mean square of its samples (full scale is 1). b: of the hidden vectors, "
    text += "the mean square of a vector's values (ours). "
    text += f"Frames of {window:g} ms every {hop:g} ms, which Pearson's correlation is over. "
    text += f"{choice(spec, content)} "
    text += about_words(spec, content, inches=ACROSS)
    return f"{text.strip()} {spec.get('note') or ''}".strip()


def _panel(axes: Axes, data: pd.DataFrame, energy: str) -> None:
    """Weights on the left scale, an energy on the right one."""
    weights, _ = _scaled(data["weight"])
    axes.axhline(weights.sum() / len(weights), color=GREY, linewidth=0.6, linestyle=":")
    twin = axes.twinx()
    values, unit = _scaled(data[energy])
    twin.plot(data["time"], values, color=ORANGE, linewidth=0.9)
    twin.set_ylabel(f"energy{unit}", color=ORANGE)
    twin.set_ylim(0, 1.05 * (values.max() or 1))  # both scales from zero: else an offset could feign agreement
    twin.spines["right"].set_visible(True)
    axes.plot(data["time"], weights, color=BLUE)
    axes.set_zorder(twin.get_zorder() + 1)  # the weights are what the figure is about
    axes.patch.set_visible(False)
    for axis, colour in ((axes, BLUE), (twin, ORANGE)):
        axis.tick_params(axis="y", colors=colour)


def _scaled(values: pd.Series) -> tuple[np.ndarray, str]:
    """Values in units of the power of a thousand that suits the largest, and that unit for a label."""
    largest = float(values.max())
    power = 3 * int(np.floor(np.log10(largest) / 3)) if largest > 0 else 0
    return values.to_numpy() / 10.0**power, f" (10{str(power).translate(RAISED)})" if power else ""


def _said(correlation: float, frames: int) -> str:
    if np.isfinite(correlation):
        return f"correlation {round(correlation, 3) + 0.0:.3f}".replace("-", "−")
    return f"no correlation: {'constant' if frames >= FEWEST else count(frames, 'frame')}"


def _end(content: dict[str, Any]) -> float:
    """Where the last frame ends (s)."""
    return (len(content["weights"]) - 1) * content["hop_seconds"] + content["window_seconds"]


def _table(content: dict[str, Any]) -> pd.DataFrame:
    time = np.arange(len(content["weights"])) * content["hop_seconds"] + content["window_seconds"] / 2
    data = pd.DataFrame({"time": time, "weight": content["weights"]})
    data = data.assign(energy=content["energy"], hidden_energy=content["hidden_energy"])
    if content["words"]:
        data["word"] = word_at(content["words"], time)
    return data
