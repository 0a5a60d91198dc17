"""Utterances by emotion, and how many of each were improvised, beside the published counts of the corpus."""

from typing import Any

import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from serflow.errors import UserError
from serflow.reporting.style import BLUE, LIGHT_BLUE, ORANGE, TEXT_WIDTH
from serflow.reporting.wording import listing

STYLES = ("improvised", "scripted")


def draw(spec: dict[str, Any]) -> tuple[Figure, pd.DataFrame]:
    """Draw the shares of the emotions (a) and of improvised speech in each (b).

    Parameters
    ----------
    spec : dict
        ``manifest`` (Parquet), ``groups`` (pairs of a printed emotion and its canonical labels, in print order) and
        ``published`` (None, or ``all``, ``improvised``, ``scripted``: canonical label -> count, ``published_on``: of
        which corpus).

    Returns
    -------
    figure : Figure
    data : DataFrame
        emotion, utterances, improvised, scripted, share and improvised_share (per cent), and the same of the
        published counts under published_*; the last row, "all", is the sum.
    """
    data = _counts(spec)
    styled = data["improvised"].sum() + data["scripted"].sum() > 0
    width = TEXT_WIDTH if styled else TEXT_WIDTH * 0.6
    height = 0.55 + 0.19 * len(data)
    figure, axes = plt.subplots(1, 1 + styled, figsize=(width, height), squeeze=False, sharey=True)
    _shares(axes[0, 0], data)
    axes[0, 0].set_title("a  Utterances by emotion" if styled else "Utterances by emotion")
    if styled:
        _styles(axes[0, 1], data)
        axes[0, 1].set_title("b  Improvised and scripted")
    return figure, data


def caption(spec: dict[str, Any], data: pd.DataFrame) -> str:
    """Say what is shown, of how many utterances, and what the marks mean."""
    total = int(data["utterances"].iloc[-1])
    text = f"Share of each emotion among the {total:,} labelled utterances of this corpus (bars; counts beside)"
    if data["improvised"].sum() + data["scripted"].sum() > 0:
        text += ", and how much of each was improvised (dark) or scripted (light)"
    if spec["published"]:
        text += f". Orange rings: the published counts of {spec['published_on']}, in brackets"
    for name, labels in spec["groups"]:
        if len(labels) > 1 or labels == ["no_agreement"]:
            text += f". “{name}”: {listing([label.replace('_', ' ') for label in labels])}"
    return text + "."


def _counts(spec: dict[str, Any]) -> pd.DataFrame:
    manifest = pd.read_parquet(spec["manifest"], columns=["label", "style"])
    group = {label: name for name, labels in spec["groups"] for label in labels}
    unknown = sorted(set(manifest["label"]) - set(group))
    if unknown:
        raise UserError(f"figure {spec['id']}: no group holds the label {unknown[0]}; add it to `groups`")
    emotion = manifest["label"].map(group)
    data = pd.DataFrame({"emotion": [name for name, _ in spec["groups"]]}).set_index("emotion")
    data["utterances"] = emotion.value_counts()
    for style in STYLES:
        data[style] = emotion[manifest["style"] == style].value_counts()
    for key in ("all", *STYLES) if spec["published"] else ():
        published = spec["published"][key]
        data[f"published_{key}"] = [sum(published.get(label, 0) for label in labels) for _, labels in spec["groups"]]
    data = data.fillna(0).astype(int)
    data.loc["all"] = data.sum()
    data["share"] = 100 * data["utterances"] / data.loc["all", "utterances"]
    data["improvised_share"] = 100 * data["improvised"] / (data["improvised"] + data["scripted"])
    if spec["published"]:
        styled = data["published_improvised"] + data["published_scripted"]
        data["published_share"] = 100 * data["published_all"] / data.loc["all", "published_all"]
        data["published_improvised_share"] = 100 * data["published_improvised"] / styled
    return data.reset_index()


def _shares(axes: Axes, data: pd.DataFrame) -> None:
    rows = range(len(data))
    shares = data.mask(data["emotion"] == "all")  # the sum has counts, but its bar would dwarf the others
    axes.barh(rows, shares["share"], height=0.62, color=BLUE)
    right = shares["share"].fillna(0)
    texts = [f"{count:,}" for count in data["utterances"]]
    if "published_share" in data:
        _rings(axes, shares["published_share"], rows)
        right = shares[["share", "published_share"]].max(axis=1).fillna(0)
        texts = [f"{text} ({count:,})" for text, count in zip(texts, data["published_all"], strict=True)]
    for row, position, text in zip(rows, right, texts, strict=True):
        axes.text(position + 1.0, row, text, va="center", fontsize=6)
    axes.set(yticks=list(rows), yticklabels=data["emotion"], ylim=(len(data) - 0.4, -0.6))
    axes.set(xlabel="share of utterances (%)", xlim=(0, 1.3 * right.max() + 2))
    axes.tick_params(axis="y", length=0)


def _styles(axes: Axes, data: pd.DataFrame) -> None:
    rows = list(range(len(data)))
    share = data["improvised_share"].fillna(0)
    rest = (100 - data["improvised_share"]).fillna(0)
    axes.barh(rows, share, height=0.62, color=BLUE)
    axes.barh(rows, rest, left=share, height=0.62, color=LIGHT_BLUE)
    if "published_improvised_share" in data:
        _rings(axes, data["published_improvised_share"], rows)
    for row, line in zip(rows, data.itertuples(), strict=True):
        axes.text(102, row, f"{line.improvised:,} : {line.scripted:,}", va="center", fontsize=6)
    axes.set(xlabel="share improvised (%)", xlim=(0, 130), xticks=range(0, 101, 25))
    axes.spines["bottom"].set_bounds(0, 100)
    axes.tick_params(axis="y", length=0, labelleft=True)


def _rings(axes: Axes, positions: pd.Series, rows: Any) -> None:
    axes.plot(positions, rows, "o", color=ORANGE, markerfacecolor="white", markersize=4, zorder=3)
