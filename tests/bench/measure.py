"""Repetitions in turn (ABAB...), and what is told of them."""

import statistics
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

__all__ = ["Budget", "Row", "in_turn"]


@dataclass(frozen=True)
class Budget:
    """What the design demands; exactly one of the two.

    Attributes
    ----------
    ratio : the ratio must be at least this.
    ours : our value must be at most this, in the row's unit.
    """

    ratio: float | None = None
    ours: float | None = None

    def __post_init__(self) -> None:
        if (self.ratio is None) == (self.ours is None):
            raise ValueError("a budget is a ratio or a value of ours, not both, not none")


@dataclass(frozen=True)
class Row:
    """One line of the table.

    Attributes
    ----------
    what : what was measured.
    unit : of all values; less is better.
    ours, reference : a value a repetition, in the order in which they were taken; no reference: empty.
    budget : None where the design demands nothing.
    note : a sentence or two about this very measurement (sizes, agreement of results).
    cells : what stands beside it in a table of the benchmark's own, by column.
    """

    what: str
    unit: str
    ours: list[float]
    reference: list[float] = field(default_factory=list)
    budget: Budget | None = None
    note: str = ""
    cells: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.ours or (self.reference and len(self.reference) != len(self.ours)):
            raise ValueError(f"{self.what}: {len(self.ours)} of ours, {len(self.reference)} of the reference")
        if self.budget and self.budget.ratio is not None and not self.reference:
            raise ValueError(f"{self.what}: a budget for a ratio, and nothing to make a ratio with")

    @property
    def ratio(self) -> float | None:
        """Median of the reference by our median: above 1, ours is faster (or smaller)."""
        return statistics.median(self.reference) / statistics.median(self.ours) if self.reference else None

    @property
    def ratios(self) -> list[float]:
        """The ratio of each repetition by itself."""
        return [other / own for own, other in zip(self.ours, self.reference, strict=False)]

    @property
    def met(self) -> bool | None:
        """Whether the budget is met; None without one."""
        if self.budget is None:
            return None
        if self.budget.ratio is not None:
            return self.ratio >= self.budget.ratio
        return statistics.median(self.ours) <= self.budget.ours

    def as_json(self) -> dict[str, Any]:
        """What `from_json` takes."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "Row":
        """The row that `as_json` gave."""
        budget = Budget(**value["budget"]) if value["budget"] else None
        return cls(**{**value, "budget": budget})


def in_turn(
    ours: Callable[[], float], reference: Callable[[], float], *, repetitions: int
) -> tuple[list[float], list[float]]:
    """Values of both, taken ABAB..., so that a machine that slows down slows both."""
    pairs = [(ours(), reference()) for _ in range(repetitions)]
    return [a for a, _ in pairs], [b for _, b in pairs]
