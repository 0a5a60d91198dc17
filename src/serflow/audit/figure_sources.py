"""What figures show of attention, energy and errors of teachers, made anew from the files that they were drawn from.

These files are not made anew: neither the arrays that trained networks gave, nor curves.csv of teachers.
"""

import json
import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from serflow.audit.figure_lines import Made
from serflow.reporting.rows import read_table

__all__ = ["FROM_SOURCES", "source_of"]

Arrays = Mapping[str, np.ndarray]


def source_of(spec: Mapping[str, Any]) -> str:
    """The file, or one of the files, that such a figure was drawn from."""
    return spec.get("attention") or spec.get("curves") or spec["runs"][0]["correlations"]


def _asr_curves(spec: Mapping[str, Any]) -> Made:
    names = {teacher["teacher"]: teacher["name"] for teacher in spec["teachers"]}
    counted = [line for line in read_table(spec["curves"]) if line["part"] == "test" and line["teacher"] in names]
    unseen = [line for line in counted if line["lines"] == "unseen" and int(line["reference"])]
    chosen = unseen or [line for line in counted if line["lines"] == "all"]
    seeds = {name: len({line["seed"] for line in chosen if line["teacher"] == name}) for name in names}
    sums: dict[tuple[Any, ...], list[float]] = {}
    for line in chosen:
        name, where = line["teacher"], (line["lines"], line["unit"], int(line["epoch"]))
        errors = sum(int(line[kind]) for kind in ("substitutions", "deletions", "insertions"))
        for fold in (int(line["fold"]), math.inf):  # all folds together stand below
            total = sums.setdefault((fold == math.inf, name, *where, fold), [0, 0])
            total[0], total[1] = total[0] + errors / seeds[name], total[1] + int(line["reference"]) / seeds[name]
    lines = []
    for (whole, name, which, unit, epoch, fold), (errors, reference) in sorted(sums.items()):
        line = {"teacher": name, "name": names[name], "lines": which, "unit": unit, "fold": None if whole else fold}
        line |= {"epoch": epoch, "seeds": seeds[name], "errors": errors, "reference": reference}
        lines.append(line | {"value": 100 * errors / reference})
    return lines


def _energy_correlations(spec: Mapping[str, Any]) -> Made:
    lines = []
    for run in spec["runs"]:
        for line in read_table(run["correlations"]):
            kept = {"fold": run["fold"], "seed": run["seed"], "class": line["class"], "frames": int(line["frames"])}
            kept |= {"utterance": line["utterance"]} if spec["show_text"] else {}
            lines.append(kept | {key: float(line[key]) if line[key] else None for key in ("raw", "hidden")})
    return lines


def _over_one_utterance(lines: Callable[[Arrays], Made]) -> Callable[[Mapping[str, Any]], Made]:
    """Lines of the arrays that a figure of one utterance was drawn from, each with its words where they are shown."""

    def made(spec: Mapping[str, Any]) -> Made:
        with np.load(spec["attention"], allow_pickle=False) as arrays:
            content = {name: arrays[name] for name in arrays.files}
        words = json.loads(str(content["words"])) if spec["show_text"] else []
        found = lines(content)
        for line in found:
            for key in [key for key in line if key.startswith("@")]:
                time = line.pop(key)
                said = (word["word"] for word in words if word["start"] <= time < word["end"])
                line |= {key[1:]: next(said, "")} if words else {}
        return found

    return made


def _attention(content: Arrays) -> Made:
    fused, seconds = content["map"], float(content["map_seconds"])
    times = [(step + 0.5) * seconds / len(fused) for step in range(len(fused))]
    return [
        {"time": time, "attention": float(np.mean(row)), "@word": time} for time, row in zip(times, fused, strict=True)
    ]


def _attention_energy(content: Arrays) -> Made:
    times = [
        i * float(content["hop_seconds"]) + float(content["window_seconds"]) / 2 for i in range(len(content["weights"]))
    ]
    keys = {"weight": "weights", "energy": "energy", "hidden_energy": "hidden_energy"}
    return [
        {"time": time, "@word": time} | {key: float(content[name][i]) for key, name in keys.items()}
        for i, time in enumerate(times)
    ]


def _correlation_matrices(content: Arrays) -> Made:
    middles = [(low + high) / 2 for low, high in zip(content["edges"][:-1], content["edges"][1:], strict=True)]
    return [
        {"head": head + 1, "time": to, "from_time": of, "weight": float(matrix[i, j]), "@word": to, "@from_word": of}
        for head, matrix in enumerate(content["matrices"])
        for i, to in enumerate(middles)
        for j, of in enumerate(middles)
    ]


def _informativeness(content: Arrays) -> Made:
    edges = [float(edge) for edge in content["edges"]]
    return [
        {"refinement": number + 1, "start": edges[i], "end": edges[i + 1], "informativeness": float(value)}
        | {"@word": (edges[i] + edges[i + 1]) / 2}
        for number, values in enumerate(content["informativeness"])
        for i, value in enumerate(values)
    ]


def _attention_maps(content: Arrays) -> Made:
    hop, maps = float(content["hop_seconds"]), content["maps"]
    return [
        {"map": name, "distance": float(content["distances"][number]), "time": (i + 0.5) * hop}
        | {"weight": float(maps[number, i]), "@word": (i + 0.5) * hop}
        for number, name in enumerate(json.loads(str(content["names"])))
        for i in range(maps.shape[1])
    ]


FROM_SOURCES = {
    "asr_curves": _asr_curves,
    "energy_correlations": _energy_correlations,
    "attention": _over_one_utterance(_attention),
    "attention_energy": _over_one_utterance(_attention_energy),
    "attention_maps": _over_one_utterance(_attention_maps),
    "correlation_matrices": _over_one_utterance(_correlation_matrices),
    "informativeness": _over_one_utterance(_informativeness),
}
