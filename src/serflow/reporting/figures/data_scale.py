"""UA against the number of training utterances a class, beside the curve that a paper reports."""

from pathlib import Path
from textwrap import fill
from typing import Any

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from serflow.errors import UserError, not_made
from serflow.reporting.scores import NUMBERS, is_undertrained, read_numbers
from serflow.reporting.style import BLUE, GREY, METRIC_MARKS, TEXT_WIDTH
from serflow.reporting.wording import count, listing, protocol_label

METRIC = "ua"
COLUMNS = ["series", "system", "size", "used", "fewest", "most", *NUMBERS, "undertrained", "note"]


def draw(spec: dict[str, Any]) -> tuple[Figure, pd.DataFrame]:
    """Draw UA with intervals over speakers by training size, the yardsticks as lines, the reported curve apart.

    Parameters
    ----------
    spec : dict
        ``name`` (of the system), ``protocol`` (``name``, ``split``, ``select``), ``points`` (each ``system``,
        ``size``: utterances a class or None for all, ``scores``: folder or None, ``missing``: reason), ``yardsticks``
        (each ``system``, ``name``, ``scores``), ``split_table`` (fingerprint of the fold table beside it), ``folds``
        (those that are run), ``reported`` (pairs of utterances a class and UA in per cent) and ``reported_on`` (what
        they were measured on and where they are from; needed where there are some).

    Returns
    -------
    figure : Figure
    data : DataFrame
        series (reproduced, yardstick, reported), system, size (utterances a class that were asked for; empty: all),
        used (mean over classes and folds), fewest and most (of a class in a fold), value, low, high (per cent), folds,
        seeds, utterances (tested), undertrained, note.
    """
    data = _points(spec)
    reported = data[data["series"] == "reported"]
    panels = 1 + bool(len(reported))
    figure, axes = plt.subplots(1, panels, figsize=(TEXT_WIDTH * (0.6, 1)[panels - 1], 2.3), squeeze=False)
    names = {entry["system"]: entry["name"] for entry in spec["yardsticks"]}
    whole = data[data["series"] == "yardstick"]
    _reproduced(axes[0, 0], data[data["series"] == "reproduced"], whole.assign(name=whole["system"].map(names)))
    if len(reported):
        axes[0, 0].set_title(f"a  {spec['name']}, this run")
        _reported(axes[0, 1], reported, spec["reported_on"])
    return figure, data


def caption(spec: dict[str, Any], data: pd.DataFrame) -> str:
    """Say what a size counts, what was used at the largest, under which protocol, and what is missing."""
    mine, whole = data[data["series"] == "reproduced"], data[data["series"] == "yardstick"]
    text = f"UA against the training utterances a class, after the split, {protocol_label(spec['protocol'])}; the test "
    text += "folds are the same at every size, and smaller sets lie within larger ones. "
    if (mine["used"] < mine["size"]).any() or mine["size"].isna().any():
        last = mine.loc[mine["used"].idxmax()]
        span = " to ".join(dict.fromkeys(f"{last[key]:,.0f}" for key in ("fewest", "most")))
        text += "A class with fewer gives all that it has: a point stands at the mean over the classes, and the "
        text += f"largest set has {span} a class. "
    done = mine[mine["value"].notna()]
    if len(done):
        folds, seeds, utterances = (int(done[key].max()) for key in ("folds", "seeds", "utterances"))
        text += f"{count(folds, 'fold')} × {count(seeds, 'seed')}, {utterances:,} utterances tested. "
    if done["low"].notna().any():
        text += "Bars: intervals over speakers. "
    if len(whole):
        names = [entry["name"] for entry in spec["yardsticks"]]
        text += f"Grey lines: {listing(names)}, trained on the whole training part. "
    if spec["reported"]:
        text += f"b: reported in the literature ({spec['reported_on']}). "
    if mine["undertrained"].any():
        text += f"Undertrained, hence no finding: {_sizes(mine[mine['undertrained']])} a class. "
    for reason, group in mine[mine["value"].isna()].groupby("note", sort=True):
        text += f"Not shown ({_sizes(group)} a class): {reason}. "
    return text.strip()


def _sizes(points: pd.DataFrame) -> str:
    return ", ".join("all" if pd.isna(size) else f"{size:,.0f}" for size in points["size"])


def _points(spec: dict[str, Any]) -> pd.DataFrame:
    there = _training_counts(Path(spec["split_table"]).with_suffix(".parquet"), spec["folds"])
    select, lines = spec["protocol"]["select"], []
    for point in spec["points"]:
        size = point["size"]
        used = there if size is None else np.minimum(there, size)
        line = {"series": "reproduced", "system": point["system"], "size": size, "note": ""}
        line |= {"used": used.mean(), "fewest": used.min(), "most": used.max()}
        if point["scores"] is not None:
            place = {"system": point["system"], "select": select, "metric": METRIC}
            line |= read_numbers(Path(point["scores"]), **place)
            line["undertrained"] = is_undertrained(Path(point["scores"]), **place)
        elif point.get("missing"):
            line["note"] = point["missing"]
        else:
            raise UserError(f"figure {spec['id']}, {point['system']}: give `scores` or a reason (`missing`)")
        lines.append(line)
    for entry in spec["yardsticks"]:
        found = read_numbers(Path(entry["scores"]), system=entry["system"], select=select, metric=METRIC)
        lines.append({"series": "yardstick", "system": entry["system"], "note": "", "used": there.mean(), **found})
    for size, value in spec["reported"]:
        lines.append({"series": "reported", "size": size, "value": value, "note": spec["reported_on"]})
    data = pd.DataFrame(lines, columns=COLUMNS)
    numbers = dict.fromkeys(["size", "used", "fewest", "most", *NUMBERS], float)
    order = {"reproduced": 0, "yardstick": 1, "reported": 2}
    data = data.astype(numbers).assign(order=data["series"].map(order), undertrained=data["undertrained"].eq(True))
    return data.sort_values(["order", "used", "size"], kind="stable", ignore_index=True)[COLUMNS]


def _training_counts(path: Path, folds: list[int]) -> np.ndarray:
    """Training utterances of each class in each of the folds."""
    if not path.is_file():
        raise not_made(path)
    table = pd.read_parquet(path, columns=["class", "fold", "part"])
    chosen = table[(table["part"] == "train") & table["fold"].isin(folds)]
    return chosen.groupby(["fold", "class"], observed=True).size().to_numpy()


def _reproduced(axes: Axes, points: pd.DataFrame, yardsticks: pd.DataFrame) -> None:
    colour, marker, dashes = METRIC_MARKS[METRIC]
    points = points[points["value"].notna()]
    for line in yardsticks.itertuples():
        axes.axhline(line.value, color=GREY, linewidth=0.7, zorder=0)
        text = f"{fill(line.name, 20)}\n{line.value:.1f}"
        axes.annotate(
            text, (1.01, line.value), xycoords=axes.get_yaxis_transform(), va="center", fontsize=6, color=GREY
        )
    axes.vlines(points["used"], points["low"], points["high"], color=colour, linewidth=0.7, alpha=0.6)
    axes.plot(points["used"], points["value"], dashes, marker=marker, color=colour)
    axes.set(xlabel="training utterances a class", ylabel="UA (%)", xlim=(0, None))
    axes.margins(y=0.1)
    if points.empty:
        axes.set(xticks=[], yticks=[])
        axes.text(0.5, 0.5, "not run\n(see caption)", transform=axes.transAxes, ha="center", va="center", color=GREY)


def _reported(axes: Axes, points: pd.DataFrame, source: str) -> None:
    axes.plot(points["size"] / 1000, points["value"], "-", marker="o", markerfacecolor="white", color=BLUE)
    axes.set_title("b  reported in the literature", style="italic")
    axes.text(0.98, 0.04, source, transform=axes.transAxes, ha="right", fontsize=6.5, style="italic", color=GREY)
    axes.set(xlabel="utterances a class (thousands)", ylabel="UA (%)", xlim=(0, None))
    axes.margins(y=0.1)
