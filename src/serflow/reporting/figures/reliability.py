"""Reliability diagrams: how often systems are right where they are so sure, a panel a protocol."""

from pathlib import Path
from typing import Any

import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MultipleLocator

from serflow.errors import UserError
from serflow.reporting.scores import is_undertrained, read_lines, read_numbers
from serflow.reporting.style import BLUE, GREEN, GREY, ORANGE, TEXT_WIDTH
from serflow.reporting.undertrained import SIGN
from serflow.reporting.wording import label_in_text, listing, protocol_label, sentence

LOOKS = ((BLUE, "o", "-"), (ORANGE, "s", "--"), (GREEN, "^", "-."), (GREY, "D", ":"))
COLUMNS = [
    "system", "name", "protocol", "split", "select", "bin", "low", "high", "utterances", "tested", "confidence",
    "accuracy", "ece", "undertrained", "note",
]  # fmt: skip


def draw(spec: dict[str, Any]) -> tuple[Figure, pd.DataFrame]:
    """Draw accuracy against mean top probability, bin by bin, and below the share of the utterances in each bin.

    Parameters
    ----------
    spec : dict
        ``panels``: of each protocol and system ``system``, ``name``, ``protocol`` (``name``, ``split``, ``select``),
        ``scores`` (folder or None) and ``missing`` (reason).

    Returns
    -------
    figure : Figure
    data : DataFrame
        A line a bin: system, name, protocol, split, select, bin (from 1), low and high (its borders), utterances in it
        and tested in all (mean over seeds), confidence, accuracy and ece (per cent), undertrained (§ or empty), note
        (why there is none).
    """
    data = pd.concat([_bins(spec, panel) for panel in spec["panels"]], ignore_index=True)
    made = data[data["bin"].notna()]
    protocols = {panel["protocol"]["name"]: panel["protocol"] for panel in spec["panels"]}
    shown = [name for name in protocols if name in set(made["protocol"])]
    width = min(2.4, TEXT_WIDTH / len(shown))
    size = (width * len(shown), width + 1.05)
    figure, axes = plt.subplots(
        2, len(shown), figsize=size, squeeze=False, sharex=True, sharey="row", height_ratios=(3, 1)
    )
    systems = list(dict.fromkeys(panel["system"] for panel in spec["panels"]))
    handles = {}
    for (above, below), protocol in zip(axes.T, shown, strict=True):
        above.set_title(protocol_label(protocols[protocol]))
        above.plot([0, 100], [0, 100], color=GREY, linewidth=0.6, linestyle=(0, (1, 2)))
        for number, system in enumerate(systems):
            bins = made[(made["protocol"] == protocol) & (made["system"] == system)]
            if len(bins):
                handles[bins["name"].iloc[0]] = _system(above, below, bins, number)
        above.legend(title="ECE (%)", loc="upper left", handlelength=2.4, title_fontsize=6.5)
        above.set(xlim=(0, 103), ylim=(-3, 103))  # a mark on the border is seen whole
        below.set_xlabel("mean top probability (%)")
    for axis in axes.flat:
        axis.xaxis.set_major_locator(MultipleLocator(25))
    axes[1, 0].set_ylim(0, 105 * (made["utterances"] / made["tested"]).max())
    axes[0, 0].set_ylabel("accuracy (%)")
    axes[1, 0].set_ylabel("utterances (%)")
    figure.legend(handles.values(), handles, loc="outside lower center", ncols=2, handlelength=2.6)
    return figure, data


def caption(spec: dict[str, Any], data: pd.DataFrame) -> str:
    """Say what the axes are, of how many utterances, and why a system is missing under a protocol."""
    names = dict.fromkeys(panel["name"] for panel in spec["panels"])
    parts = [f"Accuracy against mean top probability of {listing(list(names))}."]
    tested: dict[str, list[str]] = {}
    missing: dict[str, list[str]] = {}
    for panel in spec["panels"]:
        label = label_in_text(panel["protocol"])
        mine = data[(data["system"] == panel["system"]) & (data["protocol"] == panel["protocol"]["name"])]
        if mine["bin"].notna().any():
            tested.setdefault(f"{mine['tested'].iloc[0]:,.0f}", []).append(label)
        else:
            missing.setdefault(panel["missing"], []).append(f"{panel['name']}, {label}")
    numbers = ", ".join(f"{number} {listing(list(dict.fromkeys(labels)))}" for number, labels in tested.items())
    parts.append(f"Utterances tested: {numbers}.")
    if (data["undertrained"] == SIGN).any():
        parts.append(f"{SIGN}: undertrained; no finding about the system.")
    parts += [sentence(f"{'; '.join(names)}: {reason}") for reason, names in missing.items()]
    return " ".join(parts)


def _bins(spec: dict[str, Any], panel: dict[str, Any]) -> pd.DataFrame:
    protocol = panel["protocol"]
    keys = {"system": panel["system"], "name": panel["name"], "protocol": protocol["name"]}
    keys |= {key: protocol[key] for key in ("split", "select")}
    if panel["scores"] is None:
        if not panel.get("missing"):
            raise UserError(f"figure {spec['id']}, system {panel['system']}: give `scores` or a reason (`missing`)")
        return pd.DataFrame([keys | {"note": panel["missing"]}]).reindex(columns=COLUMNS)
    folder, wanted = Path(panel["scores"]), {"system": panel["system"], "select": protocol["select"]}
    lines = pd.DataFrame(read_lines(folder / "reliability.csv", **wanted))
    bins = lines[["bin", "low", "high", "utterances", "confidence", "accuracy"]].apply(pd.to_numeric)
    bins[["confidence", "accuracy"]] *= 100
    marked = is_undertrained(folder, **wanted, metric="ece")
    bins = bins.assign(**keys, ece=read_numbers(folder, **wanted, metric="ece")["value"], note="")
    return bins.assign(tested=bins["utterances"].sum(), undertrained=SIGN if marked else "")[COLUMNS]


def _system(above: Axes, below: Axes, bins: pd.DataFrame, number: int) -> Any:
    """Draw one system's line and histogram; gives what stands for it in the legend."""
    colour, marker, dashes = LOOKS[number]
    points = bins[bins["utterances"] > 0]
    label = f"{bins['ece'].iloc[0]:.1f}{bins['undertrained'].iloc[0]}"
    style = {"color": colour, "markerfacecolor": "white", "markersize": 3, "linewidth": 0.9}
    (line,) = above.plot(points["confidence"], points["accuracy"], dashes, marker=marker, label=label, **style)
    edges = [*(100 * bins["low"]), 100]
    below.stairs(100 * bins["utterances"] / bins["tested"], edges, color=colour, linestyle=dashes, linewidth=0.9)
    return line
