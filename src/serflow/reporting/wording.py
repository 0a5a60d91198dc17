"""The words that tables, figures and captions share: names of metrics, selections and protocols."""

from typing import Any

from serflow.errors import UserError
from serflow.metrics.names import metric_of

SELECTIONS = {
    "last": "the last epoch is scored",
    "best_validation": "the epoch with the best UA on the validation part is scored",
    "best_test": "the epoch with the best UA on the test part itself is scored, which flatters the result",
    "best_test_each": "each metric is taken at its own best epoch on the test part, which flatters it further",
}


def metric_name(metric: str) -> str:
    """Name a metric column in print; `recall_<class>` reads "recall <class>", `wa_development` "WA, development"."""
    return metric_of(metric).label


def metric_formula(metric: str) -> str:
    """Say what a metric column means, for captions."""
    return metric_of(metric).formula


def selection_text(select: str) -> str:
    """Say what a selection does, as a clause."""
    if select not in SELECTIONS:
        raise UserError(f"select {select}: no such selection; use one of {', '.join(SELECTIONS)}")
    return SELECTIONS[select]


def protocol_label(protocol: dict[str, Any]) -> str:
    """Name a protocol in print: its `label`, or its name with blanks."""
    return protocol.get("label") or protocol["name"].replace("_", " ")


def label_in_text(protocol: dict[str, Any]) -> str:
    """The same for a list in a sentence, where protocols that share a column are joined by "="."""
    return protocol_label(protocol).replace(", ", " = ")


def printed_protocols(protocols: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Protocols as columns: those of one split and selection are one, and its `label` names them all."""
    columns: dict[tuple[str, str], dict[str, Any]] = {}
    for protocol in protocols:
        key, label = (protocol["split"], protocol["select"]), protocol_label(protocol)
        if key in columns:
            columns[key]["label"] += f", {label}"
        else:
            columns[key] = protocol | {"label": label}
    return list(columns.values())


def full_name(line: dict[str, str]) -> str:
    """Name of a row with its variant."""
    return f"{line['name']}, {line['variant']}" if line["variant"] else line["name"]


def in_unit(value: float, metric: str) -> str:
    """A value of a metric, or a difference of two, as tables' CSV have it, without a sign on zero.

    A share is in per cent (or points) with two decimals, what is no share stays as it is, with four.
    """
    return f"{100 * value + 0.0:.2f}" if metric_of(metric).per_cent else f"{value + 0.0:.4f}"


def text_in_unit(value: str, metric: str) -> str:
    """A value of the scoring's CSV as `in_unit` gives it; several, with blanks between, each of them; of none none."""
    return " ".join(in_unit(float(one), metric) for one in value.split())


def rounded(value: str, metric: str) -> str:
    """A value as `in_unit` gives it, rounded for print: a share to one decimal, what is no share to three."""
    return f"{float(value):.{_decimals(metric)}f}"


def over_seeds(line: dict[str, str], key: str) -> str:
    """The deviation over seeds in a column `key` of a table's line, as printed; nothing where there is none."""
    return f"±{rounded(line[key], line['column'])}" if line[key] else ""


def signed(difference: float, metric: str) -> str:
    """A difference in the unit of `in_unit`, with its sign and rounded for print."""
    return f"{difference:+.{_decimals(metric)}f}".replace("-", "−")


def _decimals(metric: str) -> int:
    return 1 if metric_of(metric).per_cent else 3


def count(number: int, noun: str) -> str:
    """Give a number with its noun: "1 fold", "5 folds"."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def sentence(text: str) -> str:
    """Begin `text` with a capital and end it with a full stop."""
    return f"{text[0].upper()}{text[1:]}."


def listing(items: list[str]) -> str:
    """Join items as in prose: "a", "a and b", "a, b and c"."""
    return items[0] if len(items) == 1 else ", ".join(items[:-1]) + " and " + items[-1]
