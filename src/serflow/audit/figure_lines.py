"""What figures show of scores, confusions, curves and counts, made anew from predictions and the manifest."""

import math
from collections.abc import Mapping
from typing import Any, Protocol

import pandas as pd

from serflow.audit.data import Data
from serflow.audit.recompute import Predictions

__all__ = ["FROM_RUNS", "Made", "Numbers"]

Made = list[dict[str, Any]]  # lines of a data file, by its columns; None, NaN: empty
SHOWN = ("confidence", "accuracy")  # of a bin of reliability, in per cent; its borders are shares


class Numbers(Protocol):
    """What the figure rests on, of its own paper and experiment."""

    def row(self, system: str, split: str, select: str, metric: str) -> Mapping[str, Any]:
        """What scores.csv must hold of a system, its training too."""

    def runs(self, system: str, split: str) -> list[Predictions]:
        """Predictions of a system's runs, fold after fold."""

    def bins(self, system: str, split: str, select: str) -> Made:
        """The bins of the top probability, as reliability.csv must have them."""

    def data(self, split: str) -> Data:
        """Fold table and manifest."""


def _value(row: Mapping[str, Any]) -> dict[str, Any]:
    """The numbers of a point that is drawn, in per cent."""
    shares = {"value": "pooled", "low": "low_speakers", "high": "high_speakers"}
    found = {name: None if row[key] is None else 100 * row[key] for name, key in shares.items()}
    return found | {key: row[key] for key in ("folds", "seeds", "utterances")}


def _is_undertrained(row: Mapping[str, Any]) -> bool:
    return row["undertrained"] in ("yes", "encoder")


def _sweep(spec: Mapping[str, Any], numbers: Numbers) -> Made:
    protocol, best = spec["protocol"], spec["best_reported"] or {}
    lines = []
    for point in spec["points"]:
        for metric in spec["metrics"]:
            line = {"panel": point["panel"], "x": point["x"], "system": point["system"], "metric": metric}
            line |= dict.fromkeys(("value", "low", "high", "folds", "seeds", "utterances"))
            line |= {
                "best_reported": best.get(str(point["panel"])),
                "undertrained": False,
                "note": point["missing"] or "",
            }
            if point["scores"] is not None:
                row = numbers.row(point["system"], protocol["split"], protocol["select"], metric)
                line |= _value(row) | {"undertrained": _is_undertrained(row)}
            lines.append(line)
    return sorted(lines, key=lambda line: (line["panel"], line["x"], line["metric"]))


def _data_scale(spec: Mapping[str, Any], numbers: Numbers) -> Made:
    split, select = spec["protocol"]["split"], spec["protocol"]["select"]
    table = numbers.data(split).table
    trained = table[(table["part"] == "train") & table["fold"].isin(spec["folds"])]
    there = [len(rows) for _, rows in trained.groupby(["fold", "class"], observed=True)]
    empty = dict.fromkeys(("system", "size", "used", "fewest", "most", "value", "low", "high"))
    empty |= dict.fromkeys(("folds", "seeds", "utterances")) | {"undertrained": False, "note": ""}
    mine, whole, told = [], [], []
    for point in spec["points"]:
        used = [number if point["size"] is None else min(number, point["size"]) for number in there]
        line = {"series": "reproduced"} | empty | {"system": point["system"], "size": point["size"]}
        line |= {"used": sum(used) / len(used), "fewest": min(used), "most": max(used), "note": point["missing"] or ""}
        if point["scores"] is not None:
            row = numbers.row(point["system"], split, select, "ua")
            line |= _value(row) | {"undertrained": _is_undertrained(row)}
        mine.append(line)
    for yardstick in spec["yardsticks"]:
        row = numbers.row(yardstick["system"], split, select, "ua")
        line = {"series": "yardstick"} | empty | {"system": yardstick["system"], "used": sum(there) / len(there)}
        whole.append(line | _value(row))
    for size, value in spec["reported"]:
        told.append({"series": "reported"} | empty | {"size": size, "value": value, "note": spec["reported_on"]})
    by_size = [sorted(some, key=lambda line: (line["used"], line["size"] or math.inf)) for some in (mine, whole)]
    return [*by_size[0], *by_size[1], *sorted(told, key=lambda line: line["size"])]


def _confusion(spec: Mapping[str, Any], numbers: Numbers) -> Made:
    lines = []
    for panel in spec["panels"]:
        protocol = panel["protocol"]
        place = {"system": panel["system"], "protocol": protocol["name"]}
        place |= {"split": protocol["split"], "select": protocol["select"], "note": panel["missing"] or ""}
        runs = numbers.runs(panel["system"], protocol["split"]) if panel["scores"] is not None else []
        counted = [run.scored(protocol["select"]) for run in runs if run.names]
        seeds = len({run.seed for run in runs})
        for truth in spec["classes"]:
            total = sum(number for counts in counted for (true, _), number in counts.items() if true == truth)
            for guess in spec["classes"]:
                number = sum(counts[truth, guess] for counts in counted)
                names = [spec["class_names"].get(name, name) for name in (truth, guess)]
                line = place | {"truth": names[0], "predicted": names[1], "count": None, "share": None}
                if runs:
                    line |= {"count": number / seeds, "share": 100 * number / total if total else None}
                    if spec["average"]:
                        line["share"] = _mean_share(counted, truth, guess)
                lines.append(line)
    return lines


def _mean_share(counted: list[Mapping[tuple[str, str], int]], truth: str, guess: str) -> float | None:
    """Per cent of a class, of each run alone, averaged over the runs that have the class."""
    shares = []
    for counts in counted:
        true = sum(number for (name, _), number in counts.items() if name == truth)
        shares += [100 * counts[truth, guess] / true] if true else []
    return sum(shares) / len(shares) if shares else None


def _training_curves(spec: Mapping[str, Any], numbers: Numbers) -> Made:
    lines = []
    for panel in spec["panels"]:
        runs = numbers.runs(panel["system"], panel["split"])
        values: dict[tuple[str, int], list[float]] = {}
        for run in runs:
            history = pd.read_csv(run.folder / "history.csv")
            for epoch, loss in zip(history["epoch"], history["loss"], strict=True):
                values.setdefault(("loss", int(epoch)), []).append(float(loss))
            for part, epoch in run.counts:
                values.setdefault((str(part), epoch), []).append(100 * run.ua(part, epoch))
        place = {"system": panel["system"], "split": panel["split"], "fold": None, "seed": None}
        for (series, epoch), found in sorted(values.items()):
            line = place | {"series": series, "epoch": epoch, "value": sum(found) / len(found)}
            lines.append(line | {"low": min(found), "high": max(found), "runs": len(found)})
        for select in panel["selections"]:
            for run in sorted(runs, key=lambda run: (run.fold, run.seed)):
                line = place | {"series": f"selected_{select}", "fold": run.fold, "seed": run.seed, "low": None}
                value = 100 * run.value(select, "ua")
                lines.append(line | {"epoch": run.epoch(select), "value": value, "high": None, "runs": 1})
    return lines


def _reliability(spec: Mapping[str, Any], numbers: Numbers) -> Made:
    lines = []
    for panel in spec["panels"]:
        protocol = panel["protocol"]
        split, select = protocol["split"], protocol["select"]
        place = {"system": panel["system"], "name": panel["name"], "protocol": protocol["name"]}
        place |= {"split": split, "select": select, "note": panel["missing"] or ""}
        if panel["scores"] is None:
            lines.append(place | dict.fromkeys(("bin", "utterances", "confidence", "accuracy", "ece")))
            continue
        row, found = numbers.row(panel["system"], split, select, "ece"), numbers.bins(panel["system"], split, select)
        sign = "§" if _is_undertrained(row) else ""
        for one in found:
            shares = {key: one[key] if one[key] is None else 100 * one[key] for key in SHOWN}
            tested = sum(each["utterances"] for each in found)
            lines.append(place | one | shares | {"tested": tested, "ece": 100 * row["pooled"], "undertrained": sign})
    return lines


def _label_distribution(spec: Mapping[str, Any], numbers: Numbers) -> Made:
    manifest, published = numbers.data("").manifest, spec["published"]
    styles = ("improvised", "scripted")
    lines = []
    for emotion, labels in spec["groups"]:
        mine = manifest[manifest["label"].isin(labels)]
        line = {"emotion": emotion, "utterances": len(mine)}
        line |= {style: int((mine["style"] == style).sum()) for style in styles}
        for key in ("all", *styles) if published else ():
            line[f"published_{key}"] = sum(published[key].get(label, 0) for label in labels)
        lines.append(line)
    lines.append({"emotion": "all"} | {key: sum(line[key] for line in lines) for key in lines[0] if key != "emotion"})
    for line in lines:
        for before, every in (("", "utterances"), *([("published_", "published_all")] if published else [])):
            styled = [line[f"{before}{style}"] for style in styles]
            line[f"{before}share"] = 100 * line[every] / lines[-1][every]
            line[f"{before}improvised_share"] = 100 * styled[0] / sum(styled) if sum(styled) else None
    return lines


FROM_RUNS = {
    "sweep": _sweep,
    "data_scale": _data_scale,
    "confusion": _confusion,
    "reliability": _reliability,
    "training_curves": _training_curves,
    "label_distribution": _label_distribution,
}
