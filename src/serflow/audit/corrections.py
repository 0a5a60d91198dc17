"""Holm's correction of the p of a table, made anew from the p that its lines have."""

from collections import defaultdict
from collections.abc import Iterator, Mapping

from serflow.audit.findings import Step
from serflow.audit.lines import remade, same
from serflow.audit.statistics import holm

__all__ = ["holm_steps"]

TESTS = ("p", "gain_p", "p_z", "contrast_p")  # what tables correct for, by column and protocol


def holm_steps(path: str, lines: list[Mapping[str, str]]) -> Iterator[Step]:
    """Holm's p of every test of a table, over the tests of its kind in one column under one protocol."""
    corrected = 0
    for test in TESTS:
        families: dict[tuple[str, str], dict[int, float]] = defaultdict(dict)
        for number, line in enumerate(lines, start=2):
            if line.get(test):
                families[line["column"], line["protocol"]][number] = float(line[test])
            elif line.get(f"{test}_holm"):
                said = f"{path}, line {number}: {test}_holm is {line[f'{test}_holm']}"
                yield Step("Holm", False, said, f"empty, as {test} is; {remade(path)}")
        for (column, protocol), ps in families.items():
            for number, p in holm(ps).items():
                written = lines[number - 2][f"{test}_holm"]
                corrected += 1
                if not same(written, p):
                    said = f"{path}, line {number}: {test}_holm is {written or 'empty'}"
                    yield Step("Holm", False, said, f"{p:.6f} among the {len(ps)} of {column}, {protocol}")
    if corrected:
        yield Step("Holm", True, f"{path}: {corrected} p after the correction, made anew from the p of the lines")
