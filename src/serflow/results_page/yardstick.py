"""Where the yardstick of each experiment stands under strict, and which systems differ from it."""

from typing import NamedTuple

from serflow.reporting.holm import holm
from serflow.reporting.rows import Line
from serflow.reporting.undertrained import marked, of_one_seed
from serflow.reporting.wording import count, listing
from serflow.results_page.cells import STRICT, Cells, Key, best_first, cell, experiments, name_of, p_text, systems_of
from serflow.results_page.chapters import Chapter

__all__ = ["Standing", "standings", "yardstick_text"]

LEVEL = 0.05


class Standing(NamedTuple):
    """The yardstick of one experiment under strict.

    Attributes
    ----------
    key : experiment and system.
    line : its UA.
    others : UA of the other systems that are not undertrained, the best first.
    left_out : how many are undertrained.
    tested : of `others`, each that is tested against it with more than one seed, or that none changes: its p, and
        Holm's among these.
    """

    key: Key
    line: Line
    others: dict[Key, Line]
    left_out: int
    tested: dict[Key, tuple[float, float]]

    @property
    def above(self) -> list[Key]:
        """The systems with a higher UA."""
        return [key for key, line in self.others.items() if float(line["reproduced"]) > float(self.line["reproduced"])]


def standings(chapter: Chapter) -> list[Standing]:
    """A standing for each experiment whose lines under strict are tested against a yardstick that is among them."""
    systems, found = systems_of(chapter.of_kind("scores")), []
    for experiment in experiments(systems):
        lines = {key: cells[STRICT, "ua"] for key, cells in systems.items() if (STRICT, "ua") in cells}
        lines = {key: line for key, line in lines.items() if key[0] == experiment}
        against = next((line["against"] for line in lines.values() if line["against"]), None)
        if (yardstick := (experiment, against)) in lines:
            own = lines.pop(yardstick)
            others = {key: lines[key] for key in best_first(lines) if not marked(lines[key])}
            p = {key: float(line["p"]) for key, line in others.items() if line["p"] and not of_one_seed(line, "p")}
            tested = dict(zip(p, zip(p.values(), holm(list(p.values())), strict=True), strict=True))
            found.append(Standing(yardstick, own, others, len(lines) - len(others), tested))
    return found


def yardstick_text(chapter: Chapter) -> list[str]:
    """Whether anything could differ, then what does."""
    systems = systems_of(chapter.of_kind("scores"))
    return [_text(standing, systems) for standing in standings(chapter)]


def _text(standing: Standing, systems: Cells) -> str:
    named = {key: name_of(key, systems) for key in (standing.key, *standing.others)}
    above = listing([named[key] for key in standing.above]) if standing.above else "none"
    left_out = f" ({standing.left_out} undertrained left out)" if standing.left_out else ""
    return (
        f"The yardstick {named[standing.key]} stands at UA {cell(standing.line)} under strict. Above it, of "
        f"{count(len(standing.others), 'system')}{left_out}: {above}. {_tests(standing, named)}\n"
    )


def _tests(standing: Standing, named: dict[Key, str]) -> str:
    one = any(of_one_seed(line, "p") for line in standing.others.values())
    if not standing.tested:
        why = ": a test of networks of one seed would say nothing of another" if one else ""
        return f"None is tested against it{why}."
    untested = " Networks of one seed are not tested: another seed may move them as far." if one else ""
    return f"{_findings(standing, named)}{untested}"


def _findings(standing: Standing, named: dict[Key, str]) -> str:
    """Whether any test could be significant, then which are."""
    speakers = int(standing.line["speakers"])
    least = 2 / 2**speakers  # of all swaps of speakers, none and all differ by as much as what is tested
    what = f"paired permutation of {speakers} speakers, of these trained networks"
    if least >= LEVEL:
        tests = count(len(standing.tested), "test")
        return f"No p of {tests} could be below {least:.2g} ({what}): none can be significant."
    if least * len(standing.tested) >= LEVEL:
        could = f"one test alone could be significant (its p is {least:.2g} at least), none after Holm's correction"
    else:
        could = f"p can be as small as {least:.2g}, after Holm's correction {least * len(standing.tested):.2g}"
    apart = {key: values for key, values in standing.tested.items() if values[0] < LEVEL}
    said = ", ".join(f"{named[key]} ({p_text(*values)})" for key, values in apart.items()) or "none"
    return f"Of {count(len(standing.tested), 'test')} ({what}; {could}), those with p < {LEVEL}: {said}."
