"""Where tables and sentences say that a network is undertrained: its numbers are then no finding about its system."""

from serflow.metrics.names import UNDERTRAINED
from serflow.reporting.rows import Line

__all__ = ["SIGN", "marked", "significant"]

SIGN = "§"
BESIDE = {"p": None, "gain_p": "ablated_undertrained", "p_z": "z_against_undertrained"}  # of a test, the other system


def marked(line: Line, test: str = "p") -> bool:
    """Whether a line's system, or the one that a `test` (a key of `BESIDE`) holds it against, is undertrained."""
    states = [line["undertrained"], *(line[key] for key in [BESIDE[test]] if key)]
    return any(state in UNDERTRAINED for state in states)


def significant(line: Line, test: str) -> bool:
    """Whether a test finds a difference at p < 0.05 that says something of the two systems."""
    return bool(line[test]) and float(line[test]) < 0.05 and not marked(line, test)
