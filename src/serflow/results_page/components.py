"""What each component of a table is worth, beside what its paper reports, and how far the paper's order is found."""

from itertools import combinations

from serflow.metrics.names import WHOLE, metric_of
from serflow.reporting.ablation import steps
from serflow.reporting.holm import holm
from serflow.reporting.rows import Line
from serflow.reporting.undertrained import SIGN, marked, of_one_seed
from serflow.reporting.wording import listing, metric_name
from serflow.results_page.cells import ascii_signed, labelled, p_text
from serflow.results_page.chapters import Chapter

__all__ = ["components_text", "orders_text"]

ACCURACIES = ("ua", "wa", f"ua{WHOLE}", f"wa{WHOLE}")


NOTE = (
    "Each row of a ladder beside the row that it is named with, on the same utterances: the difference, the 95 % "
    "interval over speakers, p of a paired permutation of speakers, of these trained networks, with Holm's correction "
    "over the tests of a list under one protocol, and the difference in each seed. No p where one seed was trained.\n"
)


def components_text(chapter: Chapter) -> list[str]:
    """The gains of every table that adds components, in WA and UA, or in what is better the lower it is."""
    tables = chapter.of_kind("scores") | chapter.of_kind("asr")
    lists = [text for item, rows in tables.items() for text in _components(item, labelled(rows))]
    return [NOTE, *lists] if lists else []


def orders_text(chapter: Chapter) -> list[str]:
    """For each table, in one list, how many pairs of its systems stand as the paper's numbers have them."""
    tables = chapter.of_kind("scores")
    said = [_order(item, labelled(rows)) for item, rows in tables.items()]
    lines = [f"- {text}\n" for text in said if text]
    if not lines:
        return []
    corpora = dict.fromkeys(row["reported_on"] for rows in tables.values() for row in rows if row["reported"])
    what = (
        f"Pairs of systems that stand in the paper's order, on {listing(list(corpora))}, of those that it puts apart "
        "(by chance, half):\n"
    )
    return [what, "".join(lines)]


def _components(item: str, rows: list[Line]) -> list[str]:
    shown = dict.fromkeys(row["column"] for row in rows if row["gain"])
    columns = [column for column in shown if column in ("wa", "ua") or metric_of(column).lower_is_better]
    columns.sort(key=lambda column: column == "ua")  # WA first, whatever the table's order
    return [_steps(item, column, rows) for column in columns]


def _steps(item: str, column: str, rows: list[Line]) -> str:
    """The gains in one metric; Holm's correction over the tests of the column under one protocol."""
    metric = metric_of(column)
    relation = "minus" if metric.lower_is_better else "over"
    corrected, lines = _corrected([row for row in rows if row["column"] == column]), []
    for step in steps(rows, column):
        texts = [f"{_gain(row, corrected)} {row['label']}" for row in step.lines if row["gain"]]
        if texts and step.reported is not None:
            texts.append(f"{ascii_signed(step.reported, column)} in the paper, on {step.lines[0]['reported_on']}")
        if texts:
            lines.append(f'- {step.name}, {relation} "{step.beside}": {"; ".join(texts)}\n')
    what = "How far each row lies from the other" if metric.lower_is_better else "What each component adds"
    unit = f", {metric.unit}" if metric.unit else ""
    return f"{what} in `{item}` ({metric.label}{unit}):\n\n{''.join(lines)}"


def _corrected(rows: list[Line]) -> dict[tuple[str, str], float]:
    """(row, protocol) -> Holm's p of its gain, over the gains of a protocol that are judged."""
    found = {}
    for label in dict.fromkeys(row["label"] for row in rows):
        mine = [row for row in rows if row["label"] == label and _judged(row)]
        values = holm([float(row["gain_p"]) for row in mine])
        found |= {(row["row"], label): p for row, p in zip(mine, values, strict=True)}
    return found


def _judged(row: Line) -> bool:
    return bool(row["gain_p"]) and not marked(row, "gain_p") and not of_one_seed(row, "gain_p")


def _gain(row: Line, corrected: dict[tuple[str, str], float]) -> str:
    """A difference and its test; where one of the two rows is undertrained, the mark in place of the test."""
    if marked(row, "gain_p"):
        return _signed(row, "gain") + SIGN
    texts = [f"[{_signed(row, 'gain_low')}, {_signed(row, 'gain_high')}]"] if row["gain_low"] else []
    if (p := corrected.get((row["row"], row["label"]))) is not None:
        texts.append(p_text(float(row["gain_p"]), p))
    if row["gain_by_seed"].count(" "):
        by_seed = [ascii_signed(float(one), row["column"]) for one in row["gain_by_seed"].split()]
        texts.append(f"by seed {', '.join(by_seed)}")
    return _signed(row, "gain") + (f" ({'; '.join(texts)})" if texts else "")


def _signed(row: Line, key: str) -> str:
    return ascii_signed(float(row[key]), row["column"])


def _order(name: str, rows: list[Line]) -> str:
    """How many pairs of a table stand as reported, in the accuracy that is mostly reported, protocol by protocol."""
    both = [row for row in rows if row["reported"] and row["reproduced"]]
    kept = [row for row in both if not marked(row)]
    column = max(ACCURACIES, key=[row["column"] for row in kept].count)
    mine, texts = [row for row in kept if row["column"] == column], []
    for label in dict.fromkeys(row["label"] for row in mine):
        # a system that two rows show counts once, as the first of them
        values = {(row["experiment"], row["system"]): row for row in reversed(mine) if row["label"] == label}
        pairs = [(key[0], float(row["reported"]), float(row["reproduced"])) for key, row in values.items()]
        apart = [(a, b) for a, b in combinations(pairs, 2) if a[0] == b[0] and a[1] != b[1]]
        same = sum((a[1] - b[1]) * (a[2] - b[2]) > 0 for a, b in apart)
        if apart:
            texts.append(f"{same} of {len(apart)} {label}")
    if not texts:
        return ""
    left_out = ", undertrained ones left out" if len(kept) < len(both) else ""
    return f"`{name}`, {metric_name(column)}: {listing(texts)}{left_out}."
