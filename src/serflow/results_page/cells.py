"""The cells of a chapter: a line of a table for each system, protocol and metric, and how a cell is printed."""

from serflow.metrics.names import WHOLE, metric_of
from serflow.reporting.rows import Line
from serflow.reporting.undertrained import SIGN, marked
from serflow.reporting.wording import printed_protocols, rounded, signed

__all__ = [
    "AS_PUBLISHED", "STRICT", "Cells", "Key", "ascii_signed", "best_first", "cell", "experiments", "labelled",
    "metrics_of", "name_of", "p_text", "protocols_of", "systems_of", "under",
]  # fmt: skip

AS_PUBLISHED, STRICT = "as_published", "strict"

Key = tuple[str, str]  # experiment, system
Cells = dict[Key, dict[tuple[str, str], Line]]  # of each system: (protocol, metric) -> the table's line


def systems_of(tables: dict[str, list[Line]]) -> Cells:
    """The cells that were scored; what several tables show stands once. Best epochs of each metric are left out."""
    systems: Cells = {}
    for row in (row for rows in tables.values() for row in rows):
        if row["system"] and row["reproduced"] and row["select"] != "best_test_each":
            cells = systems.setdefault((row["experiment"], row["system"]), {})
            cells.setdefault((row["protocol"], row["column"]), row)
    return systems


def protocols_of(systems: Cells) -> list[Line]:
    """The printed protocols: those of one split and selection are one, with both labels."""
    return _printed([line for cells in systems.values() for line in cells.values()])


def under(protocol: Line, cells: dict[tuple[str, str], Line]) -> dict[str, Line]:
    """A system's lines by metric under a printed protocol, by whichever of the names that share its column."""
    place = protocol["split"], protocol["select"]
    return {metric: line for (_, metric), line in cells.items() if (line["split"], line["select"]) == place}


def labelled(rows: list[Line]) -> list[Line]:
    """Rows of the printed protocols, each with its `label`; without the best epochs of each metric."""
    kept = [row for row in rows if row["protocol"] and row["select"] != "best_test_each"]
    labels = {item["name"]: item["label"] for item in _printed(kept)}
    return [row | {"label": labels[row["protocol"]]} for row in kept if row["protocol"] in labels]


def _printed(lines: list[Line]) -> list[Line]:
    places = {line["protocol"]: {key: line[key] for key in ("split", "select")} for line in lines}
    return printed_protocols([{"name": name} | place for name, place in places.items()])


def metrics_of(systems: Cells, *, lower_is_better: bool = False, whole: bool = False) -> list[str]:
    """The metrics of one direction, over all test utterances or over those of a whole segment; UA first."""
    found = dict.fromkeys(metric for cells in systems.values() for _, metric in cells)
    kept = [name for name in found if metric_of(name).lower_is_better == lower_is_better]
    return sorted((name for name in kept if name.endswith(WHOLE) == whole), key=lambda name: not name.startswith("ua"))


def experiments(systems: Cells) -> list[str]:
    """The views that systems were trained on, in their order."""
    return list(dict.fromkeys(experiment for experiment, _ in systems))


def name_of(key: Key, systems: Cells) -> str:
    """The system, with its experiment where the chapter has more than one."""
    experiment, system = key
    return f"`{system}` ({experiment})" if len(experiments(systems)) > 1 else f"`{system}`"


def best_first(lines: dict[Key, Line]) -> list[Key]:
    """Systems by what they reached, the best first, experiment by experiment; those of undertrained networks last."""
    order = list(dict.fromkeys(experiment for experiment, _ in lines))
    return sorted(lines, key=lambda key: (order.index(key[0]), marked(lines[key]), -float(lines[key]["reproduced"])))


def cell(line: Line) -> str:
    """A value with its interval, and the mark of undertrained networks."""
    value, low, high = (line[key] and rounded(line[key], line["column"]) for key in ("reproduced", "low", "high"))
    sign = SIGN if marked(line) else ""
    return f"{value}{sign} [{low}, {high}]" if low else f"{value}{sign}"


def ascii_signed(value: float, metric: str) -> str:
    """A difference as printed, with a hyphen for a minus, as all numbers of this page."""
    return signed(value, metric).replace("−", "-")


def p_text(p: float, corrected: float) -> str:
    """A p and what Holm's correction makes of it; the files have six decimals."""
    texts = [f"= {value:.2g}" if value else "< 1e-06" for value in (p, corrected)]
    return f"p {texts[0]}, Holm {texts[1].removeprefix('= ')}"
