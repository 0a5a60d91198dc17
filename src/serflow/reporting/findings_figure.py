"""The picture of the page of findings: every system under strict and as published on one axis, a panel a paper."""

from itertools import combinations, groupby
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.textpath import TextPath

from serflow.reporting.findings import DIFFERENCE, PROTOCOLS, SAME, stars
from serflow.reporting.findings_sentences import brief, letters
from serflow.reporting.rows import Line
from serflow.reporting.style import BLUE, ORANGE
from serflow.reporting.undertrained import SIGN
from serflow.reporting.wording import protocol_label, signed

__all__ = ["MARKS", "draw"]

# told apart without colour: filled or open, solid or dashed
MARKS = {
    "strict": {"color": BLUE, "marker": "o", "filled": True, "dashes": "-", "shift": -0.17},
    "as_published": {"color": ORANGE, "marker": "D", "filled": False, "dashes": (0, (1.6, 0.9)), "shift": 0.17},
}
FAINT, PALE, BAND = "#6E6E6E", "#A0A0A0", "#F3F3F3"
WIDTH = 7.17  # inches: the page's text block
PITCH = 0.108  # of a line
HEAD = 1.8  # lines that a panel's title takes
FOOT, TOP, GAP = 0.3, 0.2, 0.14  # beneath the axes, for the legend, between columns
NAMES, NUMBERS = 1.76, 0.46  # widths beside the axes
SIZE = 5.8  # of the print, in points


def draw(rows: list[Line]) -> Figure:
    """Draw the rows of `serflow.reporting.findings.findings_rows`: a panel a paper, in one column or two.

    Of each system its name, UA with its interval under both protocols, and the difference. All panels have one x axis.
    A name that is too long is cut; the CSV has it whole.
    """
    panels = [list(lines) for _, lines in groupby(rows, key=lambda line: line["paper"])]
    columns = _columns(panels)
    height = max(sum(map(_lines, column)) for column in columns) * PITCH + FOOT + TOP
    figure = Figure(figsize=(WIDTH, height), layout="none")
    limits, marks = _limits(rows), letters(rows)
    span = (WIDTH - GAP * (len(columns) - 1)) / len(columns)
    for place, column in enumerate(columns):
        left, top = place * (span + GAP), height - TOP
        for number, lines in enumerate(column):
            size = _lines(lines) * PITCH
            box = (left + NAMES, top - size, span - NAMES - NUMBERS, size - HEAD * PITCH)
            axes = figure.add_axes((box[0] / WIDTH, box[1] / height, box[2] / WIDTH, box[3] / height))
            _panel(axes, lines, marks)
            axes.set_xlim(*limits)
            last = number == len(column) - 1
            axes.tick_params(axis="x", length=2 if last else 0, labelbottom=last, labelsize=SIZE, pad=1.5)
            if last:
                axes.set_xlabel("UA (%)", fontsize=SIZE, labelpad=1)
            top -= size
    _legend(figure)
    return figure


def _legend(figure: Figure) -> None:
    """The signs, above all panels."""
    handles = []
    for name, mark in MARKS.items():
        handle = Line2D([], [], color=mark["color"], linestyle=mark["dashes"], linewidth=0.9, marker=mark["marker"])
        handle.set(label=protocol_label({"name": name}), markersize=3.2, markeredgewidth=0.7)
        handle.set_markerfacecolor(mark["color"] if mark["filled"] else "white")
        handles.append(handle)
    handles.append(Line2D([], [], color=FAINT, linestyle=":", linewidth=0.7, label="chance"))
    figure.legend(
        handles=handles, loc="upper right", ncols=3, fontsize=SIZE, borderpad=0, borderaxespad=0.2, handlelength=3.4
    )


def _lines(panel: list[Line]) -> float:
    """Height of a panel in lines: its title, its systems, and a line for each further view."""
    return HEAD + len(panel) + len({line["experiment"] for line in panel}) - 1


def _columns(panels: list[list[Line]]) -> list[list[list[Line]]]:
    """The panels in two columns that are as equally long as they can be, each in their order; a single one alone."""
    if len(panels) == 1:
        return [panels]
    heights = [_lines(panel) for panel in panels]
    ways = [(0, *others) for size in range(len(panels) - 1) for others in combinations(range(1, len(panels)), size)]
    left = min(ways, key=lambda way: abs(sum(heights) - 2 * sum(heights[place] for place in way)))
    return [[panel for place, panel in enumerate(panels) if (place in left) == side] for side in (True, False)]


def _limits(rows: list[Line]) -> tuple[float, float]:
    """The axis of all panels, in whole tens of per cent, with room for a mark at either end."""
    values = [float(row[key]) for row in rows for key in _drawn() if row[key]] or [0, 100]
    low, high = 10 * (min(values) // 10), 10 * -(-max(values) // 10)
    return low - 2, high + 2


def _drawn() -> list[str]:
    return ["chance", *(name + end for name in PROTOCOLS for end in ("", "_low", "_high"))]


def _panel(axes: Axes, lines: list[Line], marks: dict[str, str]) -> None:
    """One paper's systems, from the top; each further view has a line with its name."""
    y = 0.0
    _text(axes, -1.1, f"{lines[0]['paper']}: {_view(lines[0])}", size=SIZE + 0.7, fontweight="bold")
    _number(axes, -1.1, "Δ", FAINT)
    for place, (_, view) in enumerate(groupby(lines, key=lambda line: line["experiment"])):
        rows = list(view)
        if place:
            _text(axes, y, _view(rows[0]), color=FAINT, fontstyle="italic")
            y += 1
        chance = float(rows[0]["chance"])
        axes.plot([chance, chance], [y - 0.5, y + len(rows) - 0.5], color=FAINT, linestyle=":", linewidth=0.7, zorder=1)
        for row in rows:
            _row(axes, y, row, marks)
            y += 1
    axes.set_ylim(y - 0.5, -0.5)
    axes.set_yticks([])
    axes.grid(axis="x", color="#DDDDDD", linewidth=0.4)
    axes.set_axisbelow(True)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_linewidth(0.4)


def _view(line: Line) -> str:
    return line["experiment"].replace("_", " ")


def _row(axes: Axes, y: float, row: Line, marks: dict[str, str]) -> None:
    weak = [name for name in PROTOCOLS if row[name] and row[f"{name}_undertrained"] == "yes"]
    if int(y) % 2:
        axes.axhspan(y - 0.5, y + 0.5, color=BAND, linewidth=0, zorder=0)
    name = row["name"] + (f" {SIGN}" if weak else "")
    _text(
        axes, y, name, color=FAINT if weak else "black", fontstyle="italic" if row["yardstick"] == "yes" else "normal"
    )
    for protocol, mark in MARKS.items():
        if row[protocol]:
            _mark(axes, y, row, protocol, mark, PALE if protocol in weak else mark["color"])
    _number(axes, y, *_difference(row, marks), after=stars(row, DIFFERENCE))


def _number(axes: Axes, y: float, text: str, colour: str, after: str = "") -> None:
    """Print to the right of the axes, flush at its end but for what comes after."""
    for part, gap, side in ((text, 8, "right"), (after, 7.5, "left")):
        axes.annotate(
            part,
            (1, y),
            xycoords=("axes fraction", "data"),
            xytext=(72 * NUMBERS - gap, 0),
            textcoords="offset points",
            ha=side,
            va="center_baseline",
            fontsize=SIZE,
            color=colour,
            annotation_clip=False,
        )


def _mark(axes: Axes, y: float, row: Line, name: str, mark: dict[str, Any], colour: str) -> None:
    """The value of a protocol and its interval, a little off the row's middle, so that no interval hides the other."""
    y += mark["shift"]
    if row[f"{name}_low"]:
        ends = [float(row[f"{name}{end}"]) for end in ("_low", "_high")]
        axes.plot(ends, [y, y], color=colour, linestyle=mark["dashes"], linewidth=0.9, zorder=2, solid_capstyle="butt")
    axes.plot(
        float(row[name]),
        y,
        marker=mark["marker"],
        markersize=2.9 if mark["filled"] else 2.7,
        markerfacecolor=colour if mark["filled"] else "white",
        markeredgecolor=colour,
        markeredgewidth=0.7,
        linestyle="none",
        label=protocol_label({"name": name}),
        zorder=3,
    )


def _difference(row: Line, marks: dict[str, str]) -> tuple[str, str]:
    """As published minus strict as printed, and its colour."""
    if row[DIFFERENCE]:
        weak = row[f"{DIFFERENCE}_undertrained"] == "yes"
        return signed(float(row[DIFFERENCE]), "ua") + (SIGN if weak else ""), PALE if weak else "black"
    note = brief(row[f"{DIFFERENCE}_note"])
    return {SAME: "=", "": ""}.get(note, f"–{marks.get(note, '')}"), FAINT


def _text(axes: Axes, y: float, text: str, size: float = SIZE, **style: Any) -> None:
    """A name to the left of the axes, cut where it would reach into them."""
    axes.annotate(
        _cut(text, 72 * NAMES - 4),
        (0, y),
        xycoords=("axes fraction", "data"),
        xytext=(-72 * NAMES, 0),
        textcoords="offset points",
        va="center_baseline",
        fontsize=size,
        annotation_clip=False,
        **style,
    )


def _cut(text: str, points: float) -> str:
    """As much of a text as is at most so wide; its end, with what marks it, stays."""
    end = next((mark for mark in (SIGN, "(given)") if text.endswith(mark)), "")
    kept = text
    while TextPath((0, 0), kept, size=SIZE).get_extents().width > points:
        text = text.removesuffix(end).rstrip()[:-1]
        kept = f"{text.rstrip()}… {end}".rstrip()
    return kept
