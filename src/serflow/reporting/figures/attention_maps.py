"""Attention maps of a teacher and of its students over one utterance, with the distance that transfer makes small."""

import json
from typing import Any

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from serflow.reporting.strips import image, strip_height, word_at, word_strip
from serflow.reporting.style import BLUE, GREEN, GREY, ORANGE, TEXT_WIDTH
from serflow.reporting.utterance import about_words, choice, heading, read_utterance
from serflow.reporting.wording import listing

ACROSS = TEXT_WIDTH - 0.6  # inches of the time axis, about: what the labels on its left leave
COLOURS = (GREEN, BLUE, ORANGE)


def draw(spec: dict[str, Any]) -> tuple[Figure, pd.DataFrame]:
    """Draw the log-mel, a strip a map on one scale, and the words.

    Parameters
    ----------
    spec : dict
        ``attention`` (.npz with ``logmel`` (T, D), standardised, and ``maps`` (M, T), each summing to 1, every
        ``hop_seconds``; ``names`` (JSON list of M), ``distances`` (M,), from the teacher's map, 0 to 2; ``seconds``,
        ``words`` (JSON list of word, start, end in s), ``truth``, ``predicted``, ``utterance``, ``probabilities``,
        ``named``: whether the YAML names it), ``name`` (of the system), perhaps ``beside`` (name of the one without
        transfer), ``fold``, ``split``, ``weights`` (best, last) and ``show_text`` (False hides words and the name of
        the utterance).

    Returns
    -------
    figure : Figure
    data : DataFrame
        map (its name), distance, time (s, middle of the frame), weight; where words are shown, word at that time.
    """
    content = _read(spec)
    words, seconds = content["words"], content["seconds"]
    across = {"seconds": seconds, "inches": ACROSS}
    heights = [0.8] + [0.6] * len(content["maps"]) + ([strip_height(words, **across)] if words else [])
    size = (TEXT_WIDTH, sum(heights) + 0.2 * len(heights) + 0.4)
    figure, axes = plt.subplots(len(heights), 1, figsize=size, sharex=True, height_ratios=heights)
    frames, bands = content["logmel"].shape
    image(axes[0], content["logmel"], span=(0, frames * content["hop_seconds"]), dims=bands, cmap="RdBu_r", limit=2.5)
    axes[0].set(ylabel="band", yticks=range(0, bands, 10))
    axes[0].set_title(heading(content, show_text=spec["show_text"]))
    _strips(axes[1 : 1 + len(content["maps"])], content)
    if words:
        word_strip(axes[-1], words, **across)
    axes[-1].set(xlabel="time (s)", xlim=(0, seconds))
    figure.align_ylabels(axes)
    return figure, _table(content)


def caption(spec: dict[str, Any], data: pd.DataFrame) -> str:
    """Say what each strip shows, which utterance it is, and why words are absent where they are."""
    content = _read(spec)
    bands = content["logmel"].shape[1]
    text = f"Attention over the frames of one test utterance: {listing(content['names'])}. "
    text += f"The teacher is {spec['teacher']}. " if "teacher" in spec else ""
    text += f"The student is {spec['name']}"
    text += f"; without transfer it is {spec['beside']}. " if "beside" in spec else ". "
    text += f"Top: the log-mel, {bands} bands, each standardised (red above, blue below its mean). "
    text += "Beneath: the maps, as multiples of an even weight (dotted: 1); the l1 distance from the teacher's is the "
    text += "sum of the absolute differences of the weights, from 0 (the same) to 2. "
    text += f"{choice(spec, content)} {about_words(spec, content, inches=ACROSS)}"
    return f"{text.strip()} {spec.get('note') or ''}".strip()


def _read(spec: dict[str, Any]) -> dict[str, Any]:
    content = read_utterance(spec)
    return content | {"names": json.loads(content["names"])}


def _time(content: dict[str, Any]) -> np.ndarray:
    """Middle of each frame of the maps (s)."""
    return (np.arange(content["maps"].shape[1]) + 0.5) * content["hop_seconds"]


def _strips(axes: np.ndarray, content: dict[str, Any]) -> None:
    """A strip a map; all on the scale of the highest."""
    time, frames = _time(content), content["maps"].shape[1]
    highest = frames * content["maps"].max()
    for number, (axis, name, weights) in enumerate(zip(axes, content["names"], content["maps"], strict=True)):
        _strip(axis, time, frames * weights, COLOURS[number % len(COLOURS)])
        distance = content["distances"][number]
        axis.set_title(f"{name}: l1 distance {distance:.2f}" if distance > 0 else name)
        axis.set(ylim=(0, 1.05 * highest), ylabel="weight")


def _strip(axes: Axes, time: np.ndarray, values: np.ndarray, colour: str) -> None:
    axes.fill_between(time, values, 0, color=colour, alpha=0.25, linewidth=0)
    axes.plot(time, values, color=colour, linewidth=0.8)
    axes.axhline(1, color=GREY, linewidth=0.6, linestyle=":")


def _table(content: dict[str, Any]) -> pd.DataFrame:
    number, frame = np.indices(content["maps"].shape).reshape(2, -1)
    data = pd.DataFrame({"map": np.array(content["names"])[number], "distance": content["distances"][number]})
    data = data.assign(time=_time(content)[frame], weight=content["maps"].ravel())
    return data.assign(word=word_at(content["words"], data["time"])) if content["words"] else data
