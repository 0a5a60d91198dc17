"""Where tables and sentences say that a network is undertrained, and which tests are a finding about two systems."""

from serflow.metrics.names import UNDERTRAINED
from serflow.reporting.rows import Line

__all__ = ["SIGN", "TESTS", "marked", "of_one_seed", "significant", "stars"]

SIGN = "§"
LEVEL = 0.05
# A test's p in a table's line -> whether the other of its two is undertrained (the yardstick never is), and how many
# seeds it compares (empty where neither depends on one)
TESTS = {
    "p": (None, "test_seeds"),
    "gain_p": ("ablated_undertrained", "gain_seeds"),
    "p_z": ("z_against_undertrained", "z_seeds"),
    "contrast_p": ("contrast_undertrained", "contrast_seeds"),
}


def marked(line: Line, test: str = "p") -> bool:
    """Whether a line's system, or the one that a `test` (a key of `TESTS`) holds it against, is undertrained."""
    other = TESTS[test][0]
    return any(state in UNDERTRAINED for state in (line["undertrained"], *([line[other]] if other else [])))


def of_one_seed(line: Line, test: str) -> bool:
    """Whether a test compares networks of a single seed: what another would change is then not known."""
    return line[TESTS[test][1]] == "1"


def significant(line: Line, test: str, *, corrected: bool = False) -> bool:
    """Whether a test finds a difference at p < 0.05 that says something of the two systems.

    `corrected`: by the p that Holm's correction gives it among the tests of its kind in its column.
    """
    p = line[f"{test}_holm" if corrected else test]
    return bool(p) and float(p) < LEVEL and not marked(line, test) and not of_one_seed(line, test)


def stars(line: Line, test: str) -> str:
    """What is printed beside a difference: `**` after Holm's correction too, `*` without it alone, else nothing."""
    if not significant(line, test):
        return ""
    return "**" if significant(line, test, corrected=True) else "*"
