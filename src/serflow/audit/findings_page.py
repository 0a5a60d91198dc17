"""The page of findings: every number of its two CSVs made anew from predictions, every line from scores and claims."""

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any, Protocol

from serflow.audit.comparison import Compared
from serflow.audit.findings import Step
from serflow.audit.items import Place
from serflow.audit.lines import remade, same, told
from serflow.audit.recompute import Recomputed
from serflow.audit.statistics import holm
from serflow.errors import UserError
from serflow.reporting.findings import findings_rows
from serflow.reporting.rows import read_table

__all__ = ["Made", "findings_steps", "page_places", "verdicts_steps"]

WRITTEN = 5.2e-3  # per cent and points have two decimals
OWN = ("difference", "shared_speakers", "test_choice")  # contrasts of two protocols, each with p
Line = Mapping[str, str]


class Made(Protocol):
    """What `serflow.audit.numbers.Numbers` makes anew."""

    def side(self, place: Place) -> Recomputed | None:
        """What a number comes of."""

    def compared(self, first: Place, second: Place) -> Compared | None:
        """Two numbers held against each other."""

    def training(self, place: Place) -> Mapping[str, Any]:
        """What is said of the training of a number's networks."""


@dataclass(frozen=True)
class _Row:
    """A line of findings.csv, its number in the file, and what its system is under each protocol that it is run in."""

    number: int
    line: Line
    places: Mapping[str, Place]  # strict and as_published
    pairs: Mapping[str, tuple[Place, Place]]  # contrast -> its two sides, first minus second


def findings_steps(spec: Mapping[str, Any], path: str, made: Made) -> Iterator[Step]:
    """Every line of findings.csv: in its place and with its words, and its numbers from the predictions.

    `spec`: that of `serflow.reporting.findings.findings_rows`.
    """
    found = _read(path)
    expected = findings_rows(dict(spec))
    wrong = list(_lines(path, found, expected))
    if len(found) != len(expected):
        yield Step("lines", False, f"{path} has {len(found)} lines below its head", f"{len(expected)}; {remade(path)}")
        return
    yield from wrong or [Step("lines", True, f"{path}: all {len(found)} are those of scores.csv and contrasts.csv")]
    rows = list(_rows(spec, found))
    wrong, numbers = [], 0
    for row in rows:
        for key, value in _values(row, made):
            numbers += 1
            if not same(row.line[key], value, absolute=1.5e-6 if key.endswith("_p") else WRITTEN):
                said = f"{path}, line {row.number}: {key} is {row.line[key] or 'empty'}"
                wrong.append(Step("findings", False, said, f"{told(value)}, from the predictions"))
    yield from wrong or [Step("findings", True, f"{path}: {numbers} values recomputed from the predictions")]
    yield from _holm(path, rows)


def page_places(spec: Mapping[str, Any]) -> list[Place]:
    """The numbers that the page shows, one a system and protocol that is run."""
    return [
        Place(paper["key"], experiment["name"], row["system"], protocol["split"], protocol["select"], "ua")
        for paper in spec["papers"]
        for experiment in paper["experiments"]
        for row in experiment["rows"]
        for protocol in paper["protocols"]
        if row["scores"][protocol["name"]]
    ]


def verdicts_steps(path: str, claims: Mapping[str, list[Line]]) -> Iterator[Step]:
    """Every line of findings_claims.csv: how many claims of a paper have which verdict, or for which reason none.

    `claims`: paper -> lines of its tables of claims.
    """
    found = {(line["paper"], line["protocol"]): line for line in _read(path)}
    counts: dict[tuple[str, str], Counter[str]] = {}
    for paper, lines in claims.items():
        for line in lines:
            said = [line["verdict"], *([line["reason"]] if line["reason"] else [])]
            counts.setdefault((paper, line["protocol"]), Counter()).update(said)
    wrong = []
    for key in counts.keys() | found.keys():
        where, line, expected = f"{path}: {', '.join(key)}", found.get(key), counts.get(key)
        if line is None or expected is None:
            wrong.append(Step("verdicts", False, f"{where}: {'no line' if line is None else 'a line'}", remade(path)))
            continue
        for name in (line.keys() | expected.keys()) - {"paper", "protocol"}:
            if line.get(name, "0") != str(expected[name]):
                said = f"{where}: {name} is {line.get(name) or 'empty'}"
                wrong.append(Step("verdicts", False, said, f"{expected[name]}, from the tables of claims"))
    yield from wrong or [Step("verdicts", True, f"{path}: counted anew, {len(counts)} lines")]


def _read(path: str) -> list[Line]:
    try:
        return read_table(path)
    except FileNotFoundError:
        raise UserError(f"{path}: this file is missing; make it: {remade(path)}") from None


def _lines(path: str, found: list[Line], expected: list[Line]) -> Iterator[Step]:
    for number, (line, should) in enumerate(zip_longest(found, expected, fillvalue={}), start=2):
        key = next((key for key in should | line if line.get(key) != should.get(key)), None)
        if key is not None:
            said = f"{path}, line {number}: {key} is {line.get(key) or 'empty'}"
            yield Step("line", False, said, f"{should.get(key) or 'empty'}; {remade(path)}")


def _rows(spec: Mapping[str, Any], found: list[Line]) -> Iterator[_Row]:
    known = {
        (paper["key"], experiment["name"], row["system"]): (paper, row)
        for paper in spec["papers"]
        for experiment in paper["experiments"]
        for row in experiment["rows"]
    }
    for number, line in enumerate(found, start=2):
        key = line["paper"], line["experiment"], line["system"]
        paper, row = known.get(key, (None, None))
        if paper is None:  # told as a line that is not as expected
            continue

        def place(protocol: Mapping[str, str], key: tuple[str, str, str] = key) -> Place:
            return Place(*key, protocol["split"], protocol["select"], "ua")

        shown = {one["name"]: one for one in paper["protocols"]}
        pairs = {name: (one["first"], one["second"]) for name, one in paper["effects"].items() if "first" in one}
        if len(shown) == 2:
            pairs["difference"] = (shown["as_published"], shown["strict"])
        yield _Row(
            number,
            line,
            {name: place(one) for name, one in shown.items() if row["scores"][name]},
            {
                name: (place(first), place(second))
                for name, (first, second) in pairs.items()
                if row["scores"].get(first["name"]) and row["scores"].get(second["name"])
            },
        )


def _values(row: _Row, made: Made) -> Iterator[tuple[str, Any]]:
    """Column and value of each number of a line, as the predictions give it."""
    for name, place in row.places.items():
        side = made.side(place)
        values = side.row("ua") if side else {}
        shares = {"": "pooled", "_low": "low_speakers", "_high": "high_speakers"}
        yield from ((name + what, _per_cent(values.get(key))) for what, key in shares.items())
        yield from ((f"{name}_{key}", values.get(key)) for key in ("folds", "seeds", "utterances", "speakers"))
        yield f"{name}_undertrained", "" if side is None else "yes" if _undertrained(made, place) else "no"
    for name, (first, second) in row.pairs.items():
        if row.line[f"{name}_note"]:  # the line says why there is none; its words are held against scores.csv's
            continue
        compared = made.compared(first, second)
        values = compared and compared.row("ua") or {}
        shares = {"": "difference", "_low": "low", "_high": "high"}
        yield from ((name + what, _per_cent(values.get(key))) for what, key in shares.items())
        barred = any(_undertrained(made, place) for place in (first, second)) or values.get("seeds") == 1
        yield f"{name}_p", None if barred else values.get("p")
    if row.line["test_choice_own"] and "strict" in row.places:
        strict = row.places["strict"]
        best, chosen = (
            made.side(Place(*strict.system_key, strict.split, select, "ua")).row("ua")["pooled"]
            for select in ("best_test", "best_validation")
        )
        yield "test_choice_own", _per_cent(best - chosen)


def _undertrained(made: Made, place: Place) -> bool:
    return made.training(place)["undertrained"] in ("yes", "encoder")


def _per_cent(value: float | None) -> float | None:
    return None if value is None or math.isnan(value) else 100 * value


def _holm(path: str, rows: list[_Row]) -> Iterator[Step]:
    """Holm's p of each contrast, over the systems of one paper."""
    corrected = 0
    for name in OWN:
        families: dict[str, dict[int, float]] = {}
        for row in rows:
            if row.line[f"{name}_p"]:
                families.setdefault(row.line["paper"], {})[row.number] = float(row.line[f"{name}_p"])
        expected = {number: p for family in families.values() for number, p in holm(family).items()}
        for row in rows:
            corrected += row.number in expected
            value = expected.get(row.number)
            if not same(row.line[f"{name}_p_holm"], value):
                said = f"{path}, line {row.number}: {name}_p_holm is {row.line[f'{name}_p_holm'] or 'empty'}"
                yield Step("Holm", False, said, told(value))
    yield Step("Holm", True, f"{path}: {corrected} p after the correction, made anew from the p of the lines")
