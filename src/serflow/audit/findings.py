"""What an audit finds: steps that agree or not, and links that nothing was compared of; as text and as JSON."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Optional

from serflow.errors import UserError

__all__ = ["Link", "Node", "Step", "agree", "gathered", "unchecked"]


class Link(NamedTuple):
    """A link of a chain that was not checked: of which kind it is, and of what, by a name that no other link has."""

    kind: str
    of: str


@dataclass(frozen=True)
class Step:
    """One comparison.

    Attributes
    ----------
    name : what was compared, in a word or two.
    ok : whether it agrees; None where nothing was compared, and `said` says why.
    said : what was found, or what agrees with what.
    expected : what would have agreed; empty where it did.
    unchecked : links of the chain that stay unchecked; only where `ok` is None.
    """

    name: str
    ok: bool | None
    said: str
    expected: str = ""
    unchecked: tuple[Link, ...] = ()

    @property
    def line(self) -> str:
        """The step as a line of text."""
        mark = {True: "ok", False: "MISMATCH", None: "?" if self.unchecked else "-"}[self.ok]
        expected = f"; expected {self.expected}" if self.ok is False and self.expected else ""
        return f"{mark:8}  {self.name}: {self.said}{': not checked' if self.unchecked else expected}"


@dataclass
class Node:
    """Steps about one thing (a cell, a run, a fold table), and the things that it rests on.

    `again` is the node that has checked the same thing before: its steps are not counted twice, but decide `ok`.
    """

    title: str
    steps: list[Step] = field(default_factory=list)
    children: list["Node"] = field(default_factory=list)
    again: Optional["Node"] = None

    @property
    def mismatches(self) -> int:
        """Steps here and below that do not agree."""
        return sum(step.ok is False for step in self._all_steps())

    @property
    def comparisons(self) -> int:
        """Steps here and below that compared something."""
        return sum(step.ok is not None for step in self._all_steps())

    @property
    def ok(self) -> bool:
        """Whether all agrees, here, below, and where it was checked before."""
        below = [*self.children, *([self.again] if self.again else [])]
        return all(step.ok is not False for step in self.steps) and all(node.ok for node in below)

    @property
    def unchecked(self) -> dict[Link, str]:
        """The links that were not checked, here, below, and where it was looked at before; and what is said of each."""
        found = {link: f"{step.name}: {step.said}" for step in self.steps for link in step.unchecked}
        for node in [*self.children, *([self.again] if self.again else [])]:
            found |= node.unchecked
        return found

    def lines(self, depth: int = 0) -> list[str]:
        """The tree as text, a step a line."""
        indent = "  " * depth
        lines = [f"{indent}{self.title}", *(f"{indent}  {step.line}" for step in self.steps)]
        for child in self.children:
            lines += child.lines(depth + 1)
        return lines

    def lines_at_odds(self, depth: int = 0) -> list[str]:
        """What of the tree does not agree, as text, below the titles that lead there; none where all agrees."""
        indent = "  " * depth
        lines = [f"{indent}  {step.line}" for step in self.steps if step.ok is False]
        for child in self.children:
            lines += child.lines_at_odds(depth + 1)
        return [f"{indent}{self.title}", *lines] if lines else []

    def as_json(self) -> dict[str, Any]:
        """The tree as JSON values."""
        return {
            "title": self.title,
            "ok": self.ok,
            "steps": [_as_json(step) for step in self.steps],
            "rests_on": [child.as_json() for child in self.children],
        }

    def _all_steps(self) -> Iterator[Step]:
        yield from self.steps
        for child in self.children:
            yield from child._all_steps()


def _as_json(step: Step) -> dict[str, Any]:
    kept = {key: getattr(step, key) for key in ("name", "ok", "said", "expected")}
    return kept | {"not_checked": [link.of for link in step.unchecked]}


def gathered(title: str, steps: Iterable[Step]) -> Node:
    """A node of the steps that `steps` yields; an error on the way, whatever a damaged file made of it, is the last."""
    node = Node(title)
    try:
        for step in steps:
            node.steps.append(step)
    except UserError as error:
        node.steps.append(Step("files", False, str(error)))
    except Exception as error:
        said = f"cannot be compared ({type(error).__name__}: {error})"
        node.steps.append(Step("files", False, said, "files as the workflow writes them"))
    return node


def agree(name: str, found: Any, expected: Any, *, said: str = "") -> Step:
    """Compare two values; digests are shortened in print."""
    if found == expected:
        return Step(name, True, said or _short(found))
    return Step(name, False, f"{said}: {_short(found)}" if said else _short(found), _short(expected))


def unchecked(name: str, said: str, kind: str, of: Iterable[str]) -> Step:
    """A step that compares nothing: the links of a kind that stay unchecked, and why."""
    return Step(name, None, said, unchecked=tuple(Link(kind, one) for one in of))


def _short(value: Any) -> str:
    text = str(value)
    return text[:12] if len(text) == 64 and text.isalnum() else text
