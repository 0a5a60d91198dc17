"""Phone and word error rate of teachers by epoch, over test lines that no training line equals."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from serflow.errors import UserError, not_made, remade
from serflow.reporting.style import BLUE, GREEN, GREY, ORANGE, TEXT_WIDTH
from serflow.reporting.wording import count, listing

TOKENS = {"phone": "phone error rate (%)", "word": "word error rate (%)"}
LOOKS = ((BLUE, "-"), (ORANGE, "--"), (GREEN, "-."), (GREY, ":"))
HIGHEST = 300  # per cent, of the axis; a hypothesis that repeats itself has no limit
COLUMNS = ["teacher", "name", "lines", "unit", "fold", "epoch", "seeds", "errors", "reference", "value"]


def draw(spec: dict[str, Any]) -> tuple[Figure, pd.DataFrame]:
    """Draw the phone error rate (left) and the word error rate (right): all folds together, and each one thinly.

    Parameters
    ----------
    spec : dict
        ``curves`` (path of a CSV with ``teacher``, ``fold``, ``seed``, ``epoch``, ``part``, ``lines`` (all, unseen),
        ``unit`` (phone, word), ``substitutions``, ``deletions``, ``insertions``, ``reference``), ``teachers`` (each
        ``teacher`` and ``name``), ``split`` and perhaps ``note``.

    Returns
    -------
    figure : Figure
    data : DataFrame
        teacher, name, lines (unseen; all where no line is), unit, fold (empty: all together), epoch, seeds, errors and
        reference (tokens of the reference; both averaged over the seeds), value (per cent).
    """
    data = _rates(spec)
    units = [unit for unit in TOKENS if (data["unit"] == unit).any()]
    figure, axes = plt.subplots(1, len(units), figsize=(TEXT_WIDTH, 2.3), squeeze=False)
    for axis, unit in zip(axes[0], units, strict=True):
        for number, teacher in enumerate(spec["teachers"]):
            _curve(axis, data[(data["unit"] == unit) & (data["teacher"] == teacher["teacher"])], number)
        axis.axhline(100, color=GREY, linewidth=0.6, linestyle=":")
        values = data.loc[data["unit"] == unit, "value"]
        limits = 10 * np.floor(0.09 * values.min()), min(HIGHEST, max(105, 1.05 * values.max()))
        axis.set(title=TOKENS[unit], xlabel="epoch", ylim=limits)
        axis.xaxis.get_major_locator().set_params(integer=True)
    figure.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=2, handlelength=2.6)
    return figure, data


def caption(spec: dict[str, Any], data: pd.DataFrame) -> str:
    """Say what the curves are, over how much speech, and what they end in."""
    together = data[data["fold"].isna()]
    folds, seeds = count(data["fold"].nunique(), "fold"), count(data["seeds"].max(), "seed")
    text = f"Error rates by epoch, decoded greedily, of the test part of split {spec['split']}, {_lines(data)}. "
    text += f"{folds} × {seeds}: pooled (thick), and each fold for itself (thin); dotted: 100%, the rate of an empty "
    text += "hypothesis. "
    last = together[together["epoch"] == together.groupby("teacher")["epoch"].transform("max")]
    for unit in TOKENS:
        ends = last[last["unit"] == unit]
        values = [f"{value:.1f}% ({name})" for value, name in zip(ends["value"], ends["name"], strict=True)]
        if values:
            text += f"In the last epoch {listing(values)} of {ends['reference'].max():,.0f} {unit}s. "
    if data["value"].max() > HIGHEST:
        text += f"Rates above {HIGHEST}% lie outside. "
    return f"{text.strip()} {spec.get('note') or ''}".strip()


def _lines(data: pd.DataFrame) -> str:
    if (data["lines"] == "unseen").all():
        return "over the lines that are not in the training part"
    return "over all lines, since each is in the training part"


def _rates(spec: dict[str, Any]) -> pd.DataFrame:
    """Rates of the teachers by unit and epoch: of each fold (its seeds together), then of all folds (fold empty)."""
    path = Path(spec["curves"])
    if not path.is_file():
        raise not_made(path)
    names = {teacher["teacher"]: teacher["name"] for teacher in spec["teachers"]}
    curves = pd.read_csv(path)
    curves = curves[(curves["part"] == "test") & curves["teacher"].isin(names)]
    if absent := sorted(set(names) - set(curves["teacher"])):
        raise UserError(f"{path}: no line of the test part of teacher {absent[0]}; {remade(path)}")
    unseen = curves[(curves["lines"] == "unseen") & (curves["reference"] > 0)]
    curves = unseen if len(unseen) else curves[curves["lines"] == "all"]
    curves = curves.assign(errors=curves[["substitutions", "deletions", "insertions"]].sum(axis=1))
    curves["seeds"] = curves["teacher"].map(curves.groupby("teacher")["seed"].nunique())
    curves[["errors", "reference"]] = curves[["errors", "reference"]].div(curves["seeds"], axis=0)
    keys = ["teacher", "lines", "unit", "epoch", "seeds"]
    each, together = (
        curves.groupby(wanted, as_index=False)[["errors", "reference"]].sum() for wanted in ([*keys, "fold"], keys)
    )
    data = pd.concat([each, together], ignore_index=True).astype({"fold": "Int64"})
    data["value"] = 100 * data["errors"] / data["reference"]
    data["name"] = data["teacher"].map(names)
    return data[COLUMNS]


def _curve(axes: Axes, points: pd.DataFrame, number: int) -> None:
    colour, dashes = LOOKS[number % len(LOOKS)]
    for _, fold in points[points["fold"].notna()].groupby("fold"):
        axes.plot(fold["epoch"], fold["value"], color=colour, linewidth=0.4, alpha=0.5)
    together = points[points["fold"].isna()]
    axes.plot(together["epoch"], together["value"], dashes, color=colour, label="".join(together["name"].head(1)))
