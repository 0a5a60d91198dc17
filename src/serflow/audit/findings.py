"""What an audit finds: steps that agree or not, in a tree; as text and as JSON."""

from dataclasses import dataclass, field
from typing import Any

__all__ = ["Node", "Step", "agree"]


@dataclass(frozen=True)
class Step:
    """One comparison.

    Attributes
    ----------
    name : what was compared, in a word or two.
    ok : whether it agrees; None where nothing could be compared, and `said` says why.
    said : what was found, or what agrees with what.
    expected : what would have agreed; empty where it did.
    """

    name: str
    ok: bool | None
    said: str
    expected: str = ""


@dataclass
class Node:
    """Steps about one thing (a cell, a run, a fold table), and the things that it rests on."""

    title: str
    steps: list[Step] = field(default_factory=list)
    children: list["Node"] = field(default_factory=list)

    @property
    def mismatches(self) -> int:
        """Steps here and below that do not agree."""
        return sum(step.ok is False for step in self.steps) + sum(child.mismatches for child in self.children)

    def lines(self, depth: int = 0) -> list[str]:
        """The tree as text, a step a line."""
        indent = "  " * depth
        lines = [f"{indent}{self.title}"]
        for step in self.steps:
            mark = {True: "ok", False: "MISMATCH", None: "-"}[step.ok]
            expected = f"; expected {step.expected}" if step.ok is False and step.expected else ""
            lines.append(f"{indent}  {mark:8}  {step.name}: {step.said}{expected}")
        for child in self.children:
            lines += child.lines(depth + 1)
        return lines

    def as_json(self) -> dict[str, Any]:
        """The tree as JSON values."""
        return {
            "title": self.title,
            "ok": self.mismatches == 0,
            "steps": [vars(step) for step in self.steps],
            "rests_on": [child.as_json() for child in self.children],
        }


def agree(name: str, found: Any, expected: Any, *, said: str = "") -> Step:
    """Compare two values; digests are shortened in print."""
    if found == expected:
        return Step(name, True, said or _short(found))
    return Step(name, False, f"{said}: {_short(found)}" if said else _short(found), _short(expected))


def _short(value: Any) -> str:
    text = str(value)
    return text[:12] if len(text) == 64 and text.isalnum() else text
