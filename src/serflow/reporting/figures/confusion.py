"""Confusion matrices, one panel a system and protocol, rows as shares of the true class."""

from pathlib import Path
from typing import Any

import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from serflow.errors import UserError
from serflow.reporting.scores import read_lines
from serflow.reporting.style import GREY, TEXT_WIDTH
from serflow.reporting.wording import label_in_text, protocol_label, sentence


def draw(spec: dict[str, Any]) -> tuple[Figure, pd.DataFrame]:
    """Draw the matrices: systems from top to bottom, protocols from left to right, without those that none ran under.

    Parameters
    ----------
    spec : dict
        ``classes`` (in print order), ``class_names`` (class -> what the corpus calls it, where that differs) and
        ``panels`` (each ``system``, ``name``, ``protocol``: ``name``,
        ``split``, ``select``; ``scores``: folder or None; ``missing``: reason); perhaps ``average`` ("folds": the
        shares of each fold's matrix, averaged) and ``note`` and ``stand_ins`` (sentences for the caption).

    Returns
    -------
    figure : Figure
    data : DataFrame
        system, protocol, split, select, truth, predicted, count (pooled over folds, mean over seeds), share
        (per cent of the true class, of the pooled counts or of each run's, averaged; empty where the class has no
        utterance), note.
    """
    drawn = [panel for panel in spec["panels"] if panel["scores"] is not None] or spec["panels"]
    systems = list(dict.fromkeys(panel["system"] for panel in spec["panels"]))
    protocols = list(dict.fromkeys(panel["protocol"]["name"] for panel in drawn))
    shape = (len(systems), len(protocols))
    side = min(1.9, (TEXT_WIDTH - 0.75) / shape[1])
    size = (0.75 + side * shape[1], (side + 0.75) * shape[0])
    figure, axes = plt.subplots(*shape, figsize=size, squeeze=False, sharey=True)
    parts = []
    for panel in spec["panels"]:
        counts = _counts(spec, panel)
        parts.append(counts)
        if panel["protocol"]["name"] not in protocols:
            continue  # the caption says why
        axis = axes[systems.index(panel["system"]), protocols.index(panel["protocol"]["name"])]
        _matrix(axis, counts, [spec["class_names"].get(name, name) for name in spec["classes"]])
        title = protocol_label(panel["protocol"])
        axis.set_title(title if len(systems) == 1 else f"{panel['name']}: {title}")
    for axis in axes[:, 0]:
        axis.set_ylabel("truth")
    data = pd.concat(parts, ignore_index=True)
    for column in ("truth", "predicted"):
        data[column] = data[column].replace(spec["class_names"])
    return figure, data


def caption(spec: dict[str, Any], data: pd.DataFrame) -> str:
    """Say whose confusions they are, of how many utterances, and why a protocol has none."""
    names = list(dict.fromkeys(panel["name"] for panel in spec["panels"]))
    parts = [f"Confusions of {' and '.join(names)}."]
    if spec.get("average"):
        parts.append("Shares: the mean of a matrix a fold (and seed), without the folds that lack the class.")
    tested, missing = [], []
    for panel in spec["panels"]:
        where = label_in_text(panel["protocol"]) + (f", {panel['name']}" if len(names) > 1 else "")
        mine = data[(data["system"] == panel["system"]) & (data["protocol"] == panel["protocol"]["name"])]
        if mine["count"].notna().any():
            tested.append(f"{mine['count'].sum():,.0f} {where}")
        else:
            missing.append(sentence(f"{where}: {panel['missing']}"))
    parts += [f"Utterances tested: {', '.join(tested)}."] if tested else []
    said = [spec[key] for key in ("note", "stand_ins") if spec.get(key)]
    return " ".join([*parts, *missing, *said])


def _counts(spec: dict[str, Any], panel: dict[str, Any]) -> pd.DataFrame:
    classes, protocol = spec["classes"], panel["protocol"]
    cells = pd.MultiIndex.from_product([classes, classes], names=["truth", "predicted"])
    data = pd.DataFrame({"count": float("nan"), "share": float("nan")}, index=cells)
    if panel["scores"] is not None:
        path = Path(panel["scores"]) / "confusion.csv"
        lines = pd.DataFrame(read_lines(path, system=panel["system"], select=protocol["select"]))
        counts = lines.set_index(["truth", "predicted"])[["count", "fold_share"]].apply(pd.to_numeric).reindex(cells)
        data["count"] = counts["count"].fillna(0.0)
        totals = data["count"].groupby("truth").transform("sum")
        data["share"] = 100 * (
            counts["fold_share"] if spec.get("average") else data["count"] / totals.where(totals > 0)
        )
    elif not panel.get("missing"):
        raise UserError(f"figure {spec['id']}, system {panel['system']}: give `scores` or a reason (`missing`)")
    data = data.reset_index()
    data["note"] = "" if panel["scores"] is not None else panel["missing"]
    keys = {"system": panel["system"], "protocol": protocol["name"]}
    for position, (key, value) in enumerate((keys | {k: protocol[k] for k in ("split", "select")}).items()):
        data.insert(position, key, value)
    return data


def _matrix(axes: Axes, data: pd.DataFrame, classes: list[str]) -> None:
    ticks = range(len(classes))
    axes.set(xticks=ticks, yticks=ticks, yticklabels=classes)
    axes.set_xlabel("predicted")
    axes.set_xticklabels(classes, rotation=35, ha="right", rotation_mode="anchor")
    axes.set(xlim=(-0.5, len(classes) - 0.5), ylim=(len(classes) - 0.5, -0.5))
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    if data["count"].isna().all():
        axes.xaxis.set_visible(False)
        middle = (len(classes) - 1) / 2
        axes.text(middle, middle, "not run\n(see caption)", ha="center", va="center", color=GREY)
        return
    share = data["share"].to_numpy().reshape(len(classes), -1)
    count = data["count"].to_numpy().reshape(len(classes), -1)
    axes.pcolormesh(ticks, ticks, share, cmap="Blues", vmin=0, vmax=115, edgecolors="white", linewidth=0.8)
    for row in ticks:
        for column in ticks:
            _cell(axes, row, column, share[row, column], count[row, column])


def _cell(axes: Axes, row: int, column: int, share: float, count: float) -> None:
    style = {"ha": "center", "color": "white" if share > 60 else "black"}
    axes.text(column, row + 0.02, "–" if pd.isna(share) else f"{share:.0f}", va="bottom", fontsize=7, **style)
    number = f"{count:.0f}" if float(count).is_integer() else f"{count:.1f}"
    axes.text(column, row + 0.08, number, va="top", fontsize=5, **style)
