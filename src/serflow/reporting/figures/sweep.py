"""Accuracy against one hyper-parameter, a panel for each value of another."""

from pathlib import Path
from typing import Any

import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, NullLocator
from matplotlib.transforms import ScaledTranslation

from serflow.errors import UserError
from serflow.reporting.scores import NUMBERS, is_undertrained, read_numbers
from serflow.reporting.style import GREY, METRIC_MARKS, TEXT_WIDTH
from serflow.reporting.wording import count, listing, metric_name, protocol_label


def draw(spec: dict[str, Any]) -> tuple[Figure, pd.DataFrame]:
    """Draw one panel for each value of the panel parameter, with intervals over speakers.

    Parameters
    ----------
    spec : dict
        ``x`` (``name``, ``log2``), ``panel`` (``name``), ``metrics`` (of wa, ua), ``protocol`` (``name``,
        ``split``, ``select``), ``points`` (each ``system``, ``x``, ``panel``, ``scores``: folder or None,
        ``missing``: reason) and ``best_reported`` (panel value -> x, or None).

    Returns
    -------
    figure : Figure
    data : DataFrame
        panel, x, system, metric, value, low, high (per cent; empty where not run), folds, seeds, utterances,
        best_reported, undertrained, note.
    """
    data = _points(spec)
    panels = sorted(data["panel"].unique())
    width = min(TEXT_WIDTH, 2.3 * len(panels) + 0.6)
    figure, axes = plt.subplots(1, len(panels), figsize=(width, 2.1), squeeze=False, sharey=True)
    # few speakers have no interval: the values count as well
    low, high = data[["low", "value"]].min().min(), data[["high", "value"]].max().max()
    for axis, panel, letter in zip(axes[0], panels, "abcdefgh", strict=False):
        points = data[data["panel"] == panel]
        axis.set_title(f"{letter}  {spec['panel']['name']} = {panel}")
        for metric in spec["metrics"]:
            _line(axis, points[(points["metric"] == metric) & points["value"].notna()], metric)
        _ticks(axis, sorted(data["x"].unique()), spec["x"])
        _best(axis, points["best_reported"].iloc[0], spec["published_on"])
        if pd.notna(low):
            axis.set_ylim(low - 2, high + 0.15 * (high - low) + 2)
    axes[0, 0].set_ylabel("accuracy (%)")
    handles = axes[0, 0].get_legend_handles_labels()
    figure.legend(*handles, loc="outside upper right", ncols=2, handlelength=2.6, borderpad=0)
    return figure, data


def caption(spec: dict[str, Any], data: pd.DataFrame) -> str:
    """Say what is shown, under which protocol, from how many runs, and what is missing."""
    metrics = listing([metric_name(metric) for metric in spec["metrics"]])
    text = f"{metrics} against {spec['x']['name']} for each {spec['panel']['name']}, "
    text += f"{protocol_label(spec['protocol'])}. "
    done = data[data["value"].notna()]
    if len(done):
        folds, seeds, utterances = (int(done[key].max()) for key in ("folds", "seeds", "utterances"))
        text += f"{count(folds, 'fold')} × {count(seeds, 'seed')}, {utterances:,} utterances tested"
        text += "; bars: intervals over speakers. " if done["low"].notna().any() else ". "
    if spec["best_reported"]:
        text += f"Dotted line: the {spec['x']['name']} that the paper reports as best on {spec['published_on']}. "
    once = data[data["metric"] == spec["metrics"][0]]
    names = f"{spec['panel']['name']}/{spec['x']['name']}"
    if once["undertrained"].any():
        text += f"Undertrained, hence no finding ({names}): {_places(once[once['undertrained']])}. "
    for reason, group in once[once["value"].isna()].groupby("note", sort=True):
        text += f"Not shown ({names} {_places(group)}): {reason}. "
    return text.strip()


def _places(points: pd.DataFrame) -> str:
    return ", ".join(f"{line.panel}/{line.x:g}" for line in points.itertuples())


def _points(spec: dict[str, Any]) -> pd.DataFrame:
    best = {str(panel): x for panel, x in (spec["best_reported"] or {}).items()}
    lines = []
    for point in spec["points"]:
        for metric in spec["metrics"]:
            line = {"panel": point["panel"], "x": point["x"], "system": point["system"], "metric": metric}
            line |= dict.fromkeys(NUMBERS) | {"best_reported": best.get(str(point["panel"]))}
            line |= {"undertrained": False, "note": ""}
            if point["scores"] is not None:
                place = {"system": point["system"], "select": spec["protocol"]["select"], "metric": metric}
                line |= read_numbers(Path(point["scores"]), **place)
                line["undertrained"] = is_undertrained(Path(point["scores"]), **place)
            elif point.get("missing"):
                line["note"] = point["missing"]
            else:
                raise UserError(f"figure {spec['id']}, {point['system']}: give `scores` or a reason (`missing`)")
            lines.append(line)
    data = pd.DataFrame(lines).astype(dict.fromkeys([*NUMBERS, "best_reported"], float))
    return data.sort_values(["panel", "x", "metric"], kind="stable", ignore_index=True)


def _line(axes: Axes, points: pd.DataFrame, metric: str) -> None:
    """Metrics stand 2 pt apart, so that their intervals do not hide each other."""
    colour, marker, dashes = METRIC_MARKS[metric]
    shift = ScaledTranslation((-1 if metric == "wa" else 1) / 72, 0, axes.figure.dpi_scale_trans)
    place = {"transform": axes.transData + shift, "color": colour}
    axes.vlines(points["x"], points["low"], points["high"], linewidth=0.7, alpha=0.6, **place)
    axes.plot(points["x"], points["value"], dashes, marker=marker, label=metric_name(metric), **place)


def _ticks(axes: Axes, values: list[Any], x: dict[str, Any]) -> None:
    if x["log2"]:
        axes.set_xscale("log", base=2)
    axes.xaxis.set_major_locator(FixedLocator(values))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xticklabels([f"{value:g}" for value in values])
    axes.set_xlabel(x["name"])
    first, last = values[0], values[-1]
    axes.set_xlim((first / 1.3, last * 1.3) if x["log2"] else (first - 0.5, last + 0.5))


def _best(axes: Axes, best: float, corpus: str) -> None:
    if pd.isna(best):
        return
    axes.axvline(best, color=GREY, linestyle=":", linewidth=0.9, zorder=0)
    left = axes.transAxes.inverted().transform(axes.transData.transform((best, 0)))[0] > 0.5
    axes.annotate(
        f"reported best, {corpus}: {best:g}",
        (best, 1),
        xycoords=("data", "axes fraction"),
        xytext=(-2 if left else 2, -1),
        textcoords="offset points",
        ha="right" if left else "left",
        va="top",
        fontsize=6,
        color=GREY,
    )
