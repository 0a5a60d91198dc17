"""What all chapters say together: who leads, where the yardstick stands, what protocols are worth, what holds."""

from serflow.reporting.rows import Line
from serflow.reporting.wording import count, listing
from serflow.results_page.cells import STRICT, Cells, Key, ascii_signed, cell, name_of, p_text, systems_of
from serflow.results_page.chapters import Chapter
from serflow.results_page.claims import counted
from serflow.results_page.protocols import Fall, falls
from serflow.results_page.yardstick import Standing, standings

__all__ = ["leading_sentence", "summary_text"]


def summary_text(chapters: list[Chapter]) -> list[str]:
    """A line a chapter: who leads under strict, where the yardstick stands, what the protocol is worth, the claims."""
    finished = [chapter for chapter in chapters if chapter.finished]
    lines = [f"- {chapter.paper}, preset {chapter.preset}: {_chapter(chapter)}\n" for chapter in chapters]
    parts = ["".join(lines)]
    if len(finished) > 1:
        parts.append("Systems of two papers are not tested against each other.\n")
    return parts


def leading_sentence(chapters: list[Chapter]) -> str:
    """The leading numbers of all finished chapters, in one sentence for README and page."""
    finished = [chapter for chapter in chapters if chapter.finished]
    found = [(chapter, standing) for chapter in finished for standing in standings(chapter)]
    if not found:
        return f"Of {count(len(chapters), 'chapter')} of results none is finished."
    parts = [_yardstick(found), _best(found)]
    parts += [part for part in (_worth(finished), _claims(finished)) if part]
    missing = len(chapters) - len(finished)
    verb = "is" if missing == 1 else "are"
    ending = f" ({missing} of {count(len(chapters), 'chapter')} {verb} not finished)" if missing else ""
    return f"Under *strict*, {'; '.join(parts)}{ending}."


def _yardstick(found: list[tuple[Chapter, Standing]]) -> str:
    names = listing(list(dict.fromkeys(f"`{standing.key[1]}`" for _, standing in found)))
    values = dict.fromkeys(cell(standing.line) for _, standing in found)
    leads, several = sum(not standing.above for _, standing in found), len(found) > len({id(one) for one, _ in found})
    what = count(len(found), "view" if several else "chapter")
    return f"the yardstick {names} stands at UA {listing(list(values))} and leads in {leads} of {what}"


def _best(found: list[tuple[Chapter, Standing]]) -> str:
    candidates = [(chapter, key, line) for chapter, one in found for key, line in _own(chapter, one).items()]
    if not candidates:
        return "all systems of the papers are undertrained"
    chapter, key, line = max(candidates, key=lambda entry: float(entry[2]["reproduced"]))
    of_one = " from one seed" if line["seeds"] == "1" else ""
    return f"the best of the papers' systems is `{key[1]}` of {chapter.paper} with UA {cell(line)}{of_one}"


def _own(chapter: Chapter, standing: Standing) -> dict[Key, Line]:
    """The paper's own systems among those beside the yardstick, the best first."""
    return {key: line for key, line in standing.others.items() if key[1] not in chapter.yardsticks}


def _worth(chapters: list[Chapter]) -> str:
    """What as published is worth over strict, over the systems of all chapters in which that can be told."""
    told = {chapter.paper: found for chapter in chapters if (found := _own_falls(chapter))}
    if not told:
        return ""
    points = [fall.points for found in told.values() for fall in found]
    systems = count(len(points), "system")
    return f"as published minus strict is {_span(points)} points of UA for {systems} of {listing(list(told))}"


def _own_falls(chapter: Chapter) -> list[Fall]:
    """Those of the paper's own systems, but the undertrained."""
    return [fall for fall in falls(chapter) if not fall.undertrained and fall.key[1] not in chapter.yardsticks]


def _claims(chapters: list[Chapter]) -> str:
    lines = [row for chapter in chapters for row in _strict_claims(chapter)]
    return f"of {count(len(lines), 'claim')} {counted(lines)}" if lines else ""


def _strict_claims(chapter: Chapter) -> list[Line]:
    return [row for rows in chapter.of_kind("claims").values() for row in rows if row["protocol"] == STRICT]


def _chapter(chapter: Chapter) -> str:
    if not chapter.finished:
        return f"not finished, {chapter.done} of {chapter.wanted} trainings."
    systems = systems_of(chapter.of_kind("scores"))
    parts = [_standing(chapter, standing, systems) for standing in standings(chapter)]
    if told := _own_falls(chapter):
        apart = sum(_excludes_zero(fall.contrast) for fall in told)
        span = _span([fall.points for fall in told])
        without = f"in {apart} of {len(told)} with an interval without 0"
        parts.append(f"as published minus strict is {span} points of UA, {without}")
    if lines := _strict_claims(chapter):
        parts.append(f"claims under strict: {counted(lines)}")
    return f"{'; '.join(parts)}." if parts else "nothing was run under strict."


def _span(points: list[float]) -> str:
    """The smallest and the largest difference, once where they print alike."""
    return " to ".join(dict.fromkeys(ascii_signed(value, "ua") for value in (min(points), max(points))))


def _excludes_zero(contrast: Line) -> bool:
    return bool(contrast["low"]) and (float(contrast["low"]) > 0 or float(contrast["high"]) < 0)


def _standing(chapter: Chapter, standing: Standing, systems: Cells) -> str:
    """Who leads, and where the yardstick stands."""
    yardstick, own = name_of(standing.key, systems), f"UA {cell(standing.line)}"
    left_out = f" ({standing.left_out} undertrained, left out)" if standing.left_out else ""
    best = next(iter(_own(chapter, standing)), None)
    if best is None:
        return f"the yardstick {yardstick} with {own} stands beside none of the paper's systems{left_out}"
    second = f"with UA {cell(standing.others[best])}{_test(standing, best)}"
    among = f"of {count(len(standing.others) + 1, 'system')}{left_out}"
    if not standing.above:
        return f"{among} the yardstick {yardstick} leads with {own}, {name_of(best, systems)} follows {second}"
    place = len(standing.above) + 1
    leader = f"{name_of(best, systems)} leads {second}"
    return f"{among} {leader}, the yardstick {yardstick} is number {place} with {own}"


def _test(standing: Standing, key: Key) -> str:
    """The test of a system against the yardstick, in brackets, where there is one."""
    return f" (against it {p_text(*standing.tested[key])})" if key in standing.tested else ""
