"""Checks of a learner's parameters as the YAML gives them: all keys there, none besides, each value of its kind."""

import math
from collections.abc import Callable
from typing import Any

from serflow.errors import UserError

__all__ = ["Rules", "above", "check_settings", "list_of", "one_of", "whole_from"]

Rule = tuple[Callable[[Any], bool], str]  # whether a value will do, and what was expected, in words
Rules = dict[str, Rule]


def above(least: float, most: float = math.inf) -> Rule:
    """A finite number above `least`, and not above `most`."""
    words = f"a number above {least:g}" + (f", {most:g} at most" if most < math.inf else "")
    return lambda value: _number(value) and least < value <= most, words


def whole_from(least: int) -> Rule:
    """A whole number, `least` or more."""
    return lambda value: isinstance(value, int) and _number(value) and value >= least, f"a whole number from {least}"


def one_of(*names: str) -> Rule:
    """One of some words."""
    return lambda value: value in names, " or ".join(names)


def list_of(rule: Rule, words: str) -> Rule:
    """A list, each item of which suits a rule; `words` name the items."""
    return lambda value: isinstance(value, list) and all(map(rule[0], value)), f"a list of {words}"


def check_settings(settings: dict[str, Any], rules: Rules, *, where: str) -> dict[str, Any]:
    """`settings`, which hold exactly the keys of `rules`, with values that suit them.

    `where` stands before a key in messages: "elm, ", "mkl, kernels.".

    Raises
    ------
    UserError
        If they do not.
    """
    if set(settings) != set(rules):
        raise UserError(f"{where}parameters {sorted(settings)}: expected {sorted(rules)}; correct the system's YAML")
    for key, (suits, expected) in rules.items():
        if not suits(settings[key]):
            raise UserError(f"{where}{key} {settings[key]!r}: expected {expected}; correct the system's YAML")
    return settings


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
