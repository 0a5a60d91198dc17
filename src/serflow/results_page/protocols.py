"""As published beside strict: what the protocol is worth to each system, paired on the same utterances."""

from typing import NamedTuple

from serflow.errors import UserError, remade
from serflow.reporting.holm import holm
from serflow.reporting.rows import Line
from serflow.reporting.scores import read_contrast
from serflow.reporting.undertrained import SIGN, marked, of_one_seed
from serflow.reporting.wording import count, full_name, sentence
from serflow.results_page.cells import AS_PUBLISHED, STRICT, Key, ascii_signed, cell, name_of, p_text, systems_of
from serflow.results_page.chapters import Chapter

__all__ = ["Fall", "contrasts_text", "falls", "protocols_text"]

ON_TEST = "best_test"


class Fall(NamedTuple):
    """A system's UA as published minus its UA under strict.

    Attributes
    ----------
    key : experiment and system.
    published, strict : its lines under both.
    contrast : the line of contrasts.csv, shares in 0..1.
    corrected : Holm's p among all that are printed with it; None without a p, or where it is not to be judged.
    """

    key: Key
    published: Line
    strict: Line
    contrast: Line
    corrected: float | None

    @property
    def points(self) -> float:
        """The difference in points."""
        return 100 * float(self.contrast["difference"])

    @property
    def undertrained(self) -> bool:
        """Whether one of the two is of undertrained networks."""
        return marked(self.published) or marked(self.strict)


def protocols_text(chapter: Chapter) -> list[str]:
    """The differences and what they can be read as; where there can be none, one sentence why."""
    systems, compared = systems_of(chapter.of_kind("scores")), _compared(chapter)
    found = falls(chapter)
    if not found:
        return [f"As published is not set beside strict: {_why_not(compared[0])}.\n"] if compared else []
    lines = [f"- {name_of(fall.key, systems)}: {_said(fall)}\n" for fall in sorted(found, key=lambda f: -f.points)]
    without = [(key, contrast["reason"]) for key, _, _, contrast in compared if not contrast["difference"]]
    lines += [f"- {name_of(key, systems)}: none, {reason}\n" for key, reason in without]
    return [f"{_heading(found)}\n", "".join(lines)]


def falls(chapter: Chapter) -> list[Fall]:
    """UA as published minus UA strict of the systems of which it is a difference of protocols.

    That is where both test the very same utterances, and as published trains on people that it tests: else it would be
    one of people.
    """
    told = [entry for entry in _compared(chapter) if entry[3]["difference"] and entry[3]["speakers_shared"] == "yes"]
    corrected = iter(holm([float(entry[3]["p"]) for entry in told if _judged(*entry)]))
    return [Fall(*entry, next(corrected) if _judged(*entry) else None) for entry in told]


Compared = tuple[Key, Line, Line, Line]  # experiment and system, its lines as published and strict, their contrast


def _compared(chapter: Chapter) -> list[Compared]:
    """The systems that were run as published and strict, where these are two protocols."""
    found = []
    for key, cells in systems_of(chapter.of_kind("scores")).items():
        published, strict = cells.get((AS_PUBLISHED, "ua")), cells.get((STRICT, "ua"))
        if published and strict and published["split"] != strict["split"]:
            found.append((key, published, strict, _contrast(chapter, key, published, strict)))
    return found


def _contrast(chapter: Chapter, key: Key, published: Line, strict: Line) -> Line:
    path = chapter.contrasts(key[0])
    places = [(line["split"], line["select"]) for line in (published, strict)]
    found = read_contrast(path, system=key[1], first=places[0], second=places[1], metric="ua")
    if found is None:
        raise UserError(f"{path}: no line of {key[1]} as published and under strict; {remade(path)}")
    return found


def _why_not(compared: Compared) -> str:
    """Why there is no list, by one system of it."""
    _, published, strict, contrast = compared
    if published["utterances"] != strict["utterances"]:
        counts = f"{published['utterances']} and {strict['utterances']}"
        return f"the two test other utterances ({counts}), so that their difference would be one of people"
    if contrast["speakers_shared"] == "no":
        return "as published keeps the tested speakers out of training, too, so that it would show no effect of them"
    return f"no paired difference is there: {contrast['reason']}"


def _judged(key: Key, published: Line, strict: Line, contrast: Line) -> bool:
    """Whether a difference has a p that says something of the two protocols."""
    return bool(contrast["p"]) and contrast["seeds"] != "1" and not (marked(published) or marked(strict))


def _heading(found: list[Fall]) -> str:
    contrast, published = found[0].contrast, found[0].published
    text = (
        "UA as published minus UA strict, in points: what it is worth that the tested people are trained on, and "
        f"whatever else the two differ in. Paired on the same {count(int(contrast['utterances']), 'utterance')} of "
        f"{count(int(contrast['speakers']), 'speaker')}, with the 95 % interval over speakers."
    )
    if published["select"].startswith(ON_TEST):
        text += " As published chooses the epoch on the test part, so that no p is to be had."
    elif any(fall.corrected is not None for fall in found):
        text += " p: paired permutation of speakers, of these trained networks; Holm's correction over this list."
    if any(fall.contrast["seeds"] == "1" for fall in found):
        text += " Of one seed no p is told: another seed may move such a difference by as much."
    return text


def _said(fall: Fall) -> str:
    contrast = fall.contrast
    low, high = (contrast[key] and ascii_signed(100 * float(contrast[key]), "ua") for key in ("low", "high"))
    text = ascii_signed(fall.points, "ua") + (SIGN if fall.undertrained else "")
    text += f" [{low}, {high}]" if low else ""
    if fall.corrected is not None:
        text += f", {p_text(float(contrast['p']), fall.corrected)}"
    if contrast["by_seed"].count(" "):
        text += f"; by seed {', '.join(ascii_signed(100 * float(one), 'ua') for one in contrast['by_seed'].split())}"
    return f"{text} ({cell(fall.published)} as published, {cell(fall.strict)} strict)"


def contrasts_text(chapter: Chapter) -> list[str]:
    """Of each pair of protocols that a table declares, what the second is worth to each of its rows, in UA."""
    texts = []
    for item, rows in chapter.of_kind("scores").items():
        for declared in chapter.specs[item].get("contrasts", []):
            pair = (declared["from"], declared["to"])
            mine = [row for row in rows if (row["protocol"], row["contrast_to"]) == pair and row["column"] == "ua"]
            lines = [f"- {full_name(row)}: {_worth(row)}\n" for row in mine if row["contrast"]]
            if lines:
                texts.append(f"{sentence(declared['what'])[:-1]} is worth, in points of UA, of these networks:\n")
                texts.append("".join(lines))
    return texts


def _worth(row: Line) -> str:
    value, low, high = (
        row[key] and ascii_signed(float(row[key]), "ua") for key in ("contrast", "contrast_low", "contrast_high")
    )
    if marked(row, "contrast_p"):
        return value + SIGN
    text = f"{value} [{low}, {high}]" if low else value
    if row["contrast_p"] and not of_one_seed(row, "contrast_p"):
        text += f", {p_text(float(row['contrast_p']), float(row['contrast_p_holm']))}"
    return text
