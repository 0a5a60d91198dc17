"""Loss and UA by epoch, with the epochs that each selection takes: what selection on the test part is worth."""

from pathlib import Path
from typing import Any

import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from serflow.reporting.curves import run_curves
from serflow.reporting.scores import read_lines
from serflow.reporting.style import BLUE, GREEN, GREY, ORANGE, TEXT_WIDTH
from serflow.reporting.wording import count, listing, sentence

SERIES = {
    "loss": (GREY, "-", "loss"),
    "train": (GREY, ":", "training sample"),
    "validation": (GREEN, "--", "validation part"),
    "test": (BLUE, "-", "test part"),
}
SELECTIONS = {
    "best_test": (ORANGE, "o", "best on test"),
    "best_validation": (GREEN, "D", "best on validation"),
    "last": (BLUE, "s", "last epoch"),
}
COLUMNS = ["system", "split", "series", "fold", "seed", "epoch", "value", "low", "high", "runs"]


def draw(spec: dict[str, Any]) -> tuple[Figure, pd.DataFrame]:
    """Draw loss (left) and UA (right) by epoch: mean and range over the runs, one row a panel.

    Parameters
    ----------
    spec : dict
        ``panels``: each ``system``, ``name``, ``protocol`` (its label), ``split``, ``selections`` (of best_test,
        best_validation, last), ``scores`` (folder), ``split_table`` (fingerprint of the fold table) and ``runs`` (each
        ``fold``, ``seed`` and the ``folder`` of the training that judges it).

    Returns
    -------
    figure : Figure
    data : DataFrame
        system, split, series (loss, train, validation, test, selected_<select>), fold, seed (selected lines only),
        epoch, value (loss, or UA in per cent), low, high (smallest and largest over the runs), runs.
    """
    panels = spec["panels"]
    size = (TEXT_WIDTH, 1.75 * len(panels) + 0.2)
    figure, axes = plt.subplots(len(panels), 2, figsize=size, squeeze=False, width_ratios=(1, 1.6))
    parts, names = [], list(dict.fromkeys(panel["name"] for panel in panels))
    for row, panel in zip(axes, panels, strict=True):
        curves, selected = _curves(panel), _selected(panel)
        parts += [curves, selected]
        _loss(row[0], curves[curves["series"] == "loss"])
        _accuracy(row[1], curves, selected)
        row[0].set_title(f"{_label(panel, names)}: loss")
        row[1].set_title("UA by epoch (%)")
    for axis in axes[-1]:
        axis.set_xlabel("epoch")
    data = pd.concat(parts, ignore_index=True)
    return figure, data.astype({"fold": "Int64", "seed": "Int64"})


def caption(spec: dict[str, Any], data: pd.DataFrame) -> str:
    """Say whose curves they are, of how many runs, and what each selection gives."""
    names = list(dict.fromkeys(panel["name"] for panel in spec["panels"]))
    found: dict[str, list[str]] = {}
    for panel in spec["panels"]:
        mine = data[(data["system"] == panel["system"]) & (data["split"] == panel["split"])]
        means = [
            f"{mine.loc[mine['series'] == f'selected_{select}', 'value'].mean():.1f} ({SELECTIONS[select][2]})"
            for select in panel["selections"]
        ]
        text = f"{count(len(panel['runs']), 'run')}, mean test UA {listing(means)}"
        found.setdefault(text, []).append(_label(panel, names))
    text = " ".join(sentence(f"{listing(labels)}: {text}") for text, labels in found.items())
    return f"Loss and UA of {' and '.join(names)} by epoch. {text}"


def _label(panel: dict[str, Any], names: list[str]) -> str:
    """The panel's protocol, with its system where there are several."""
    return panel["protocol"] + (f", {panel['name']}" if len(names) > 1 else "")


def _curves(panel: dict[str, Any]) -> pd.DataFrame:
    folds = pd.read_parquet(Path(panel["split_table"]).with_suffix(".parquet"), columns=["utterance", "fold", "part"])
    curves = pd.concat([run_curves(run, folds) for run in panel["runs"]], ignore_index=True)
    grouped = curves.groupby(["series", "epoch"], sort=True)["value"]
    data = grouped.agg(value="mean", low="min", high="max", runs="count").reset_index()
    return data.assign(fold=None, seed=None, system=panel["system"], split=panel["split"])[COLUMNS]


def _selected(panel: dict[str, Any]) -> pd.DataFrame:
    parts = []
    for select in panel["selections"]:
        lines = read_lines(Path(panel["scores"]) / "runs.csv", system=panel["system"], select=select)
        runs = pd.DataFrame(lines)[["fold", "seed", "epoch", "ua"]].apply(pd.to_numeric)
        keys = pd.DataFrame([{key: run[key] for key in ("fold", "seed")} for run in panel["runs"]])
        runs = runs.merge(keys, on=["fold", "seed"]).sort_values(["fold", "seed"])
        parts.append(runs.assign(series=f"selected_{select}", value=100 * runs["ua"], runs=1))
    data = pd.concat(parts, ignore_index=True).assign(low=float("nan"), high=float("nan"))
    return data.assign(system=panel["system"], split=panel["split"])[COLUMNS]


def _band(axes: Axes, points: pd.DataFrame, series: str) -> None:
    colour, dashes, label = SERIES[series]
    axes.fill_between(points["epoch"], points["low"], points["high"], color=colour, alpha=0.15, linewidth=0)
    axes.plot(points["epoch"], points["value"], dashes, color=colour, label=label)
    axes.xaxis.get_major_locator().set_params(integer=True)


def _loss(axes: Axes, points: pd.DataFrame) -> None:
    _band(axes, points, "loss")
    axes.set_ylim(bottom=0)


def _accuracy(axes: Axes, curves: pd.DataFrame, selected: pd.DataFrame) -> None:
    for series in ("train", "validation", "test"):
        points = curves[curves["series"] == series]
        if len(points):
            _band(axes, points, series)
    for series, points in selected.groupby("series", sort=True):
        colour, marker, label = SELECTIONS[series.removeprefix("selected_")]
        label = f"{label}: {points['value'].mean():.1f}"
        style = {"color": colour, "markerfacecolor": "white", "label": label}
        axes.plot(points["epoch"], points["value"], marker, **style)
    axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), handlelength=1.8)
