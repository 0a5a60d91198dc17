"""The page as a whole, its records, and its sentence in README."""

from pathlib import Path

import pytest

from helpers import ROOT
from helpers.chapters import FOLDS, chapter, line, training, write_contrasts
from serflow.errors import UserError
from serflow.results_page.chapters import Planned
from serflow.results_page.page import BEGIN, END, marked_part, results_page, with_sentence
from serflow.results_page.records import budget_text, configured_text, versions_text

ROWS = [
    line("acnn", "as_published", "ua", "70.00"), line("acnn", "strict", "ua", "61.50", p="0.010000"),
    line("svm_compare", "as_published", "ua", "90.00", seeds="1"),
    line("svm_compare", "strict", "ua", "85.00", seeds="1"),
]  # fmt: skip


@pytest.fixture(autouse=True)
def contrasts(here):
    for paper, preset in (("x", "paper"), ("y", "eighth")):
        write_contrasts(("acnn", {}), ("svm_compare", {}), paper=paper, preset=preset)


def page(*chapters):
    return results_page(list(chapters), corpus="emodb", command="make this", source="0.1 (abc)")


def test_chapters_stand_in_their_order_after_the_summary_with_command_and_commit():
    text = page(chapter({"table2": ROWS}), chapter({"table1": ROWS}, paper="y", preset="eighth", text="an eighth"))
    assert text.startswith("# Results on emodb\n")
    assert "```\nmake this\n```" in text
    assert "serflow 0.1 (abc)" in text
    places = [text.index(part) for part in ("- x, preset paper: ", "## x, preset paper\n", "## y, preset eighth\n")]
    assert places == sorted(places)
    assert "## y, preset eighth\n\nPreset eighth: an eighth. The budget is 1,200 steps.\n" in text


def test_an_unfinished_chapter_shows_how_far_it_is_and_nothing_else():
    text = page(chapter({}, done=3, wanted=115, records=[]))
    assert text.endswith(
        "## x, preset paper\n\nNot finished: 3 of 115 trainings. What there is of them is not shown.\n"
    )
    assert "Libraries" not in text
    stale = page(chapter({}, done=3, wanted=115, records=[], stale="2 trainings were made by other code"))
    assert "Not finished: 3 of 115 trainings. 2 trainings were made by other code. What there is of them" in stale


def test_fewer_seeds_and_folds_than_the_preset_has_are_said():
    rows = [row | {"folds": "4"} if row["protocol"] == "strict" else row for row in ROWS]
    text = configured_text(chapter({"table2": rows}, planned=Planned(5, FOLDS)))
    here = "Here: 3 seeds, where the preset has 5 and 4 folds strict, where the preset has 10."
    assert text == f"Preset paper: as stated. {here} The budget is 1,200 steps.\n"


def test_a_chapter_as_its_preset_has_it_says_no_more():
    assert configured_text(chapter({"table2": ROWS})) == "Preset paper: as stated. The budget is 1,200 steps.\n"


def test_hours_and_steps_come_from_the_records():
    records = [training(steps=900), training(fold=2, steps=901), training("svm_compare")]
    expected = "3 trainings, 1.5 hours. Networks: 900 to 901 optimiser steps a training.\n"
    assert budget_text(chapter({"table2": ROWS}, records=records)) == expected


def test_the_share_of_the_training_utterances_that_gave_segments_is_said():
    counts = [(200, 154), (200, 158), (200, 200)]
    records = [training(train_utterances=all_, train_utterances_used=used) for all_, used in counts]
    said = budget_text(chapter({"table2": ROWS}, records=records))
    assert "77.0 to 79.0 % of the training utterances were used in 2 of the trainings, all in the others." in said
    assert "Recordings shorter" not in budget_text(chapter({"table2": ROWS}, records=records[2:]))


def test_versions_that_differ_between_trainings_are_both_named():
    records = [training(), training() | {"versions": {"torch": "3", "python": "3"}, "device": "cuda"}]
    said = versions_text(records, "0.1 (abc)")
    assert "Device: cpu and cuda. Libraries: python 3, torch 2 or 3." in said


def test_trainings_of_earlier_code_are_counted_with_the_runs_that_were_repeated():
    assert "earlier code" not in versions_text([training()], "0.1 (abc)")
    adopted = {"adopted": [{"code": "f" * 64, "repeated": {"system": "acnn", "fold": 1}}]}
    said = versions_text([training() | adopted, training() | adopted, training()], "0.1 (abc)")
    assert "Of them 2 were made by earlier code: the present code trained 1 run, one of each system, anew" in said


def test_the_sentence_of_the_page_replaces_that_of_the_readme_and_nothing_else():
    text, path = page(chapter({"table2": ROWS})), Path("README.md")
    readme = f"# Before\n\n{BEGIN}old\n{END}\n\nafter\n"
    changed = with_sentence(text, readme, path)
    assert changed == f"# Before\n\n{BEGIN}{marked_part(text, path)}{END}\n\nafter\n"
    assert "stands at UA 85.0" in changed and "old" not in changed
    with pytest.raises(UserError, match="README.md: expected the lines"):
        with_sentence(text, "no marks\n", path)


def test_the_readme_has_the_sentence_of_the_page():
    path = ROOT / "docs/results-emodb.md"
    if not path.is_file():
        pytest.skip("docs/results-emodb.md is not there: `make results-emodb` makes it, hours")
    readme = ROOT / "README.md"
    assert marked_part(readme.read_text(), readme) == marked_part(path.read_text(), path)


def test_what_was_given_is_named_where_it_is_left_out():
    assert "whose predictions were given" not in page(chapter({"table2": ROWS}))
    text = page(chapter({"table2": ROWS}, given=["My system (given)", "Another (given)"]))
    assert "in the tables of the report: My system (given) and Another (given), whose predictions were given." in text
