"""The test utterance that a figure shows, as `serflow.cli.attention` wrote it, and the sentences about it."""

import json
from typing import Any

import numpy as np

from serflow.reporting.strips import room

__all__ = ["NETWORKS", "about_words", "choice", "heading", "read_utterance"]

NETWORKS = {"best": "the network of the epoch that validation chose", "last": "the network of the last epoch"}


def read_utterance(spec: dict[str, Any]) -> dict[str, Any]:
    """Read the .npz that ``spec["attention"]`` names; `words` as a list, empty where text may not be shown.

    Classes are called as the corpus calls them: ``class_names`` has those that it calls otherwise than the paper.
    """
    with np.load(spec["attention"], allow_pickle=False) as arrays:
        content = {name: arrays[name] for name in arrays.files}
    single = {name: value.item() for name, value in content.items() if value.ndim == 0}
    names = spec["class_names"]
    single |= {key: names.get(single[key], single[key]) for key in ("truth", "predicted")}
    return content | single | {"words": json.loads(single["words"]) if spec["show_text"] else []}


def heading(content: dict[str, Any], *, show_text: bool) -> str:
    """True and predicted class, and the name of the utterance where text may be shown."""
    text = f"truth: {content['truth']}, predicted: {content['predicted']}"
    text += f" (p = {content['probabilities'].max():.2f})"
    return f"{content['utterance']}   {text}" if show_text else text


def choice(spec: dict[str, Any], content: dict[str, Any]) -> str:
    """Say which utterance it is and by which network; how one is chosen, `serflow.reporting.reading` says once.

    `spec` gives the ``fold``, the ``split``, and of which epoch the network is: ``weights``, "best" or "last".
    """
    where = f"fold {spec['fold']}, split {spec['split']}"
    if content["named"]:
        return f"The utterance is named in the configuration: test part of {where}."
    wrong = "" if content["truth"] == content["predicted"] else "; no utterance of the class is classified correctly"
    return f"Utterance: {content['truth']}, {where}, {NETWORKS[spec['weights']]}{wrong}."


def about_words(spec: dict[str, Any], content: dict[str, Any], *, inches: float) -> str:
    """Say why no word is shown, or how many have room along an axis of some inches; nothing where all are shown."""
    if not spec["show_text"]:
        return "The words of this corpus are licensed and not shown."
    there = len(content["words"])
    if not there:
        return "It has no word alignment."
    return f"Of its {there} words the {room(inches)} longest in time are written." if there > room(inches) else ""
