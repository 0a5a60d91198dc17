"""The page of results of one corpus in Markdown, and its leading sentence in another page."""

from pathlib import Path

from serflow.errors import UserError
from serflow.reporting.wording import listing, sentence
from serflow.results_page.chapters import Chapter
from serflow.results_page.claims import claims_text
from serflow.results_page.components import components_text, orders_text
from serflow.results_page.protocols import contrasts_text, protocols_text
from serflow.results_page.records import budget_text, configured_text, versions_text
from serflow.results_page.summary import leading_sentence, summary_text
from serflow.results_page.systems import error_rates, systems_text
from serflow.results_page.yardstick import yardstick_text

__all__ = ["BEGIN", "END", "marked_part", "results_page", "with_sentence"]

BEGIN, END = "<!-- leading numbers: made by `serflow results` -->\n", "<!-- end of the leading numbers -->"


def results_page(chapters: list[Chapter], *, corpus: str, command: str, source: str) -> str:
    """Write the page, a chapter a paper and preset, after what all of them say together.

    Parameters
    ----------
    chapters
        All that were declared, finished or not.
    corpus
        What they are of.
    command
        The command that makes the runs and the page, printed so that a reader can repeat it.
    source
        Version and commit of the source that writes the page, by whose training code the runs were made.
    """
    records = [record for chapter in chapters for record in chapter.records]
    parts = [f"# Results on {corpus}\n", _made_by(command), f"{BEGIN}{leading_sentence(chapters)}\n{END}\n"]
    parts += summary_text(chapters)
    parts += [versions_text(records, source)] if records else []
    for chapter in chapters:
        parts += [f"## {chapter.paper}, preset {chapter.preset}\n", *_chapter(chapter)]
    return "\n".join(part for part in parts if part)


def _made_by(command: str) -> str:
    return (
        "Every number and sentence below is generated; nothing is typed by hand. The command\n\n"
        f"```\n{command}\n```\n\n"
        "makes the runs (it goes on where it was stopped), the reports and this page.\n"
    )


def _chapter(chapter: Chapter) -> list[str]:
    if not chapter.finished:
        stale = f" {sentence(chapter.stale)}" if chapter.stale else ""
        there = f"Not finished: {chapter.done} of {chapter.wanted} trainings."
        return [f"{there}{stale} What there is of them is not shown.\n"]
    subjects = (
        systems_text, protocols_text, contrasts_text, yardstick_text, components_text, orders_text, claims_text,
        error_rates,
    )  # fmt: skip
    parts = [text for subject in subjects for text in subject(chapter)]
    return [configured_text(chapter), *_given(chapter), *parts, budget_text(chapter)]


def _given(chapter: Chapter) -> list[str]:
    """Which systems the report has, and the page leaves out."""
    if not chapter.given:
        return []
    return [
        f"Not here, but in the tables of the report: {listing(chapter.given)}, whose predictions were given. How they "
        "were trained is not known, and this page is of what was trained for it.\n"
    ]


def marked_part(text: str, path: Path) -> str:
    """What stands between the two marks in the text of `path`.

    Raises
    ------
    UserError
        If one of the marks is missing.
    """
    before, begin, after = text.partition(BEGIN)
    part, end, _ = after.partition(END)
    if not (begin and end):
        raise UserError(f"{path}: expected the lines {BEGIN.strip()!r} and {END!r}, between which the sentence stands")
    return part


def with_sentence(page: str, text: str, path: Path) -> str:
    """The text of `path` with the leading sentence of the page between its marks."""
    old, new = marked_part(text, path), marked_part(page, path)
    return text.replace(f"{BEGIN}{old}{END}", f"{BEGIN}{new}{END}", 1)
