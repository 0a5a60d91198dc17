"""The tests of a cell: differences, intervals and p, in pairs.csv and contrasts.csv, and as the table has them."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from serflow.audit.comparison import Compared
from serflow.audit.findings import Step
from serflow.audit.items import TableCell
from serflow.audit.lines import held_against, only_line, remade, same, told
from serflow.audit.statistics import Swaps
from serflow.metrics.names import metric_of

__all__ = ["claim_steps", "contrast_steps", "gain_steps", "reference_steps", "z_paired_step"]

SIDES = ("from_split", "from_select", "to_split", "to_select")


def reference_steps(table: str, cell: TableCell, compared: Compared | None) -> Iterator[Step]:
    """The table's paired test against its yardstick; `compared` is None where the two are not compared.

    `table` is the path of the table's CSV here and below.
    """
    row = compared and compared.row(_metric(cell))
    keys = {"test_seeds": "seeds", "p": "p", "p_sessions": "p_sessions", "p_utterances": "p_utterances"}
    printed = {"against": row and cell.reference} | {name: row and row[key] for name, key in keys.items()}
    yield from _pair(table, cell, cell.reference, row, "p", printed)


def gain_steps(table: str, cell: TableCell, compared: Compared | None) -> Iterator[Step]:
    """What the row adds to the one with a component fewer."""
    row = compared and compared.row(_metric(cell))
    yield from _pair(table, cell, cell.ablated, row, "gain", _printed("gain", row))


def claim_steps(table: str, cell: TableCell, compared: Compared | None, undertrained: list[str]) -> Iterator[Step]:
    """What was measured of a claim; `undertrained`: the states of its two systems."""
    row = compared and compared.row(_metric(cell))
    keys = ("p_interval", "utterances", "speakers", "sessions")
    printed = {name: value for name, value in _printed("gain", row).items() if not name.startswith("gain_p")}
    printed |= {key: row and row[key] for key in keys}
    printed |= dict(zip(("undertrained", "against_undertrained"), undertrained, strict=True))
    yield from _pair(table, cell, cell.against, row, "claim", printed)


def z_paired_step(table: str, cell: TableCell, compared: Compared) -> Iterator[Step]:
    """The paired test's p beside that of the table's z-test: one-tailed as well."""
    row = compared.row(_metric(cell))
    p = row and row["p"]
    if p is not None:
        p = Swaps(p.p / 2 if row["difference"] > 0 else 1 - p.p / 2, p.exact)
    yield from _in_table(table, cell, "paired p", {"p_paired": p, "z_seeds": row and row["seeds"]})


def contrast_steps(
    table: str, cell: TableCell, path: str, compared: Compared | None, shares: Callable[[str], bool]
) -> Iterator[Step]:
    """What another protocol is worth in place of the cell's, in contrasts.csv, `path`, and as printed.

    `compared`: the other protocol against the cell's; None where there is no such comparison. `shares`: of a split,
    whether a speaker who is tested is trained on.
    """
    if compared is None:
        yield from _in_table(table, cell, "contrast", _printed("contrast", None) | {"contrast_reason": None})
        return
    to = cell.contrast
    found = [
        line
        for sides in ((to, (cell.split, cell.select)), ((cell.split, cell.select), to))
        if isinstance(line := only_line(path, _sides(cell, *sides)), dict)
    ]
    if len(found) != 1:
        said = f"{path}: there are {len(found)} lines of {cell.system}, {cell.column}, for these two protocols"
        yield Step("contrast", False, said, f"one; {remade(path)}")
        return
    (line,) = found
    turned = (line["from_split"], line["from_select"]) != to
    row = compared.row(_metric(cell))
    reason = _reason(compared)
    made = (
        dict.fromkeys(("difference", "low", "high", "p", "p_interval")) if reason else _turned(row) if turned else row
    )
    wrong = [*held_against("contrast", f"{path}: {cell.system}, {cell.column}", line, made)]
    if bool(line["reason"]) != bool(reason):
        wrong.append(Step("contrast", False, f"{path}: reason is {line['reason'] or 'empty'}", reason or "empty"))
    first = "yes" if shares(line["from_split"]) else "no"
    if line["speakers_shared"] != first:
        wrong.append(Step("contrast", False, f"{path}: speakers_shared is {line['speakers_shared']}", first))
    yield from wrong
    yield from _in_table(table, cell, "contrast", _printed("contrast", None if reason else row), quiet=bool(wrong))


def _metric(cell: TableCell) -> str:
    return cell.place.metric


def _sides(cell: TableCell, first: tuple[str, str], second: tuple[str, str]) -> dict[str, str]:
    return {"system": cell.system, "metric": cell.column} | dict(zip(SIDES, (*first, *second), strict=True))


def _turned(row: Mapping[str, Any]) -> dict[str, Any]:
    """A comparison with its two sides exchanged."""
    made = dict(row)
    for low, high in (("low", "high"), ("low_sessions", "high_sessions")):
        made[low], made[high] = (None if row[key] is None else -row[key] for key in (high, low))
    return made | {"difference": -row["difference"], "by_seed": tuple(-value for value in row["by_seed"])}


def _reason(compared: Compared) -> str:
    """Why two protocols are not compared; empty where they are."""
    if not compared.names:
        return "a reason, since they have no seed or no utterance in common"
    return "" if compared.same_tested else "a reason, since they test other utterances"


def _printed(what: str, row: Mapping[str, Any] | None) -> dict[str, Any]:
    """A difference and what is said of it, by the table's columns; all empty of none."""
    names = {what: "difference"} | {f"{what}_{key}": key for key in ("low", "high", "sd_seeds", "by_seed")}
    names |= {f"{what}_{key}": key for key in ("seeds", "p", "p_sessions")}
    return {name: row and row[key] for name, key in names.items()}


def _pair(
    table: str, cell: TableCell, other: str, row: Mapping[str, Any] | None, name: str, printed: dict[str, Any]
) -> Iterator[Step]:
    """The line of pairs.csv and the table's of one comparison; where there is none, that the table has none either."""
    wrong = []
    if row is not None:
        path = f"{cell.scores}/pairs.csv"
        wanted = {"system": cell.system, "against": other, "select": cell.select, "metric": cell.column}
        line = only_line(path, wanted)
        wrong = [line] if isinstance(line, Step) else [*held_against(name, f"{path}: {cell.system}", line, row)]
    yield from wrong
    yield from _in_table(table, cell, name, printed, quiet=bool(wrong))


def _in_table(
    table: str, cell: TableCell, name: str, made: Mapping[str, Any], *, quiet: bool = False
) -> Iterator[Step]:
    """The same as the table's CSV has it: differences in its unit, everything else as it is."""
    line = only_line(table, {"item": cell.item, "protocol": cell.protocol})
    if isinstance(line, Step):
        yield line
        return
    share = metric_of(cell.column).per_cent
    wrong = False
    for key, value in made.items():
        unit = key.endswith(("gain", "contrast", "_low", "_high", "_sd_seeds", "_by_seed"))
        factor, absolute = ((100, 5.2e-3) if share else (1, 5.2e-5)) if unit else (1, 1.5e-6)
        scaled = tuple(factor * one for one in value) if isinstance(value, tuple) else value
        scaled = factor * value if unit and isinstance(value, float) else scaled
        if not same(line.get(key, ""), scaled, absolute=absolute):
            wrong = True
            yield Step(
                name, False, f"{table}: {key} is {line.get(key) or 'empty'}", f"{told(scaled)}, from the predictions"
            )
    if not wrong and not quiet:
        there = any(value not in (None, "") for value in made.values())
        yield Step(name, True, f"{table}: {', '.join(made)}: {'recomputed' if there else 'none, rightly'}")
