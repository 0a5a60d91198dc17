"""How informative each step of one utterance is to a GCA-LSTM, a curve a refinement, with its words and silences."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from serflow.reporting.strips import silences, strip_height, word_at, word_strip
from serflow.reporting.style import BLUE, GREEN, GREY, ORANGE, TEXT_WIDTH
from serflow.reporting.utterance import about_words, choice, heading, read_utterance
from serflow.reporting.wording import count

ACROSS = TEXT_WIDTH - 0.6  # inches of the time axis, about: what the labels on its left leave
MARKS = ((BLUE, "o", ":"), (GREEN, "D", "--"), (ORANGE, "s", "-"))
LARGEST_MARK = 4.2  # pt
SILENCE = "#E4E4E4"


def draw(spec: dict[str, Any]) -> tuple[Figure, pd.DataFrame]:
    """Draw the energy of the frames, where the features have it, the informativeness of the steps, and the words.

    Parameters
    ----------
    spec : dict
        ``attention`` (.npz with ``informativeness`` (I, T') in [0, 1], ``edges`` (T' + 1) of the steps in s,
        ``step_seconds``, perhaps ``energy`` (T,) in dB every ``hop_seconds``, ``seconds``, ``words`` (JSON list of
        word, start, end in s), ``truth``, ``predicted``, ``utterance``, ``probabilities``, ``named``: whether
        the YAML names it), ``name`` (of the system), ``fold``, ``split``, ``weights`` (best, last) and ``show_text``
        (False hides words and the name of the utterance).

    Returns
    -------
    figure : Figure
    data : DataFrame
        refinement (from 1), start, end (s of the step), informativeness; where words are shown, word at its middle.
    """
    content = read_utterance(spec)
    words, seconds = content["words"], content["seconds"]
    across = {"seconds": seconds, "inches": ACROSS}
    heights = {"energy": 0.5} if "energy" in content else {}
    heights |= {"informativeness": 1.5} | ({"words": strip_height(words, **across)} if words else {})
    size = (TEXT_WIDTH, sum(heights.values()) + 0.1 * len(heights) + 0.5)
    figure, axes = plt.subplots(
        len(heights), 1, figsize=size, sharex=True, squeeze=False, height_ratios=list(heights.values())
    )
    strips = dict(zip(heights, axes[:, 0], strict=True))
    if "energy" in strips:
        _energy(strips["energy"], content)
    _curves(strips["informativeness"], content)
    if words:
        for name in heights.keys() - {"words"}:
            for start, end in silences(words, seconds):
                strips[name].axvspan(start, end, color=SILENCE, linewidth=0, zorder=0)
        word_strip(strips["words"], words, **across)
    handles = strips["informativeness"].get_legend_handles_labels()
    axes[0, 0].legend(*handles, loc="lower right", bbox_to_anchor=(1, 0.95), ncols=len(handles[0]))
    axes[0, 0].set_title(heading(content, show_text=spec["show_text"]))
    axes[-1, 0].set_xlabel("time (s)")
    axes[-1, 0].set_xlim(0, seconds)
    figure.align_ylabels(axes)
    return figure, _table(content)


def caption(spec: dict[str, Any], data: pd.DataFrame) -> str:
    """Say what the curves are, which utterance it is, and why words are absent where they are."""
    content = read_utterance(spec)
    refinements, steps = content["informativeness"].shape
    text = f"{spec['name']}: informativeness of the {count(steps, 'step')}, from 0 to 1, "
    text += f"in each of the {refinements} refinements of the GCA-LSTM's memory. Steps are "
    text += f"{1000 * content['step_seconds']:.0f} ms apart. "
    if "energy" in content:
        text += "Above: the energy of the frames (dB of full scale). "
    if content["words"]:
        text += "Below: the aligned words; shaded: what no word covers. "
    return f"{text}{choice(spec, content)} {about_words(spec, content, inches=ACROSS)}".strip()


def _energy(axes: Axes, content: dict[str, Any]) -> None:
    energy = content["energy"]
    time = (np.arange(len(energy)) + 0.5) * content["hop_seconds"]
    axes.plot(time, energy, color=GREY, linewidth=0.6)
    axes.set_ylabel("energy\n(dB)")


def _curves(axes: Axes, content: dict[str, Any]) -> None:
    gates = content["informativeness"]
    time = np.arange(gates.shape[1]) * content["step_seconds"]
    size = min(LARGEST_MARK, 0.5 * 72 * ACROSS / len(time))  # half of what a step has
    for number, curve in enumerate(gates, start=1):
        colour, marker, dashes = MARKS[(number - 1) % len(MARKS)]
        label = str(number) if number > 1 else "refinement 1"
        # later marks are smaller: where the curves meet, those below still show
        look = {"color": colour, "marker": marker, "markersize": size * (1 - 0.25 * (number - 1) / len(gates))}
        axes.plot(time, curve, dashes, label=label, clip_on=False, **look)
    axes.set(ylabel="informativeness", ylim=(-0.05, 1.05))


def _table(content: dict[str, Any]) -> pd.DataFrame:
    gates, edges = content["informativeness"], content["edges"]
    refinement, step = np.indices(gates.shape).reshape(2, -1)
    data = pd.DataFrame({"refinement": refinement + 1, "start": edges[step], "end": edges[step + 1]})
    data["informativeness"] = gates.ravel()
    if content["words"]:
        data["word"] = word_at(content["words"], (data["start"] + data["end"]) / 2)
    return data
