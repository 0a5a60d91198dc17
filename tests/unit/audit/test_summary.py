"""What an audit says at its end: all agrees only where every link was checked."""

import pytest

from serflow.audit.findings import Node, Step, unchecked
from serflow.audit.items import Document, Drawn, FindingsPage, TableCell
from serflow.audit.retrained import TRAININGS
from serflow.audit.summary import CLOSED_BY, all_unchecked, last_line, unchecked_lines
from serflow.audit.used_epochs import EPOCHS, SHOWN, Used, epochs_step
from serflow.provenance.run_key import RunKey
from serflow.repetition import drawn

RUN = RunKey("demo", "demo", "xu2020", "improvised", "acnn", "random5", 1, 1)
CELL = TableCell("p", "t", "r", "ua", "strict", "speaker", "last", "e", "s", "scores", None)
OPEN = unchecked("training", "a/run: it was not repeated", TRAININGS, ["a/run"])
GOOD, BAD = Step("files", True, "fine"), Step("files", False, "a file is missing", "a file")


def said(*steps, items=(CELL,)):
    nodes = [Node("cell", list(steps))]
    return last_line(list(items), nodes, len(all_unchecked(nodes)))


def test_all_agrees_only_where_nothing_is_left():
    assert said(GOOD) == "1 cell, 1 of them reproduced, 1 comparison: all agrees"
    assert said(GOOD, OPEN) == "1 cell, 1 of them reproduced, 1 comparison: no MISMATCH, 1 link not checked"
    assert said(GOOD, BAD, OPEN) == "1 cell, 1 of them reproduced, 2 comparisons: 1 MISMATCH, 1 link not checked"
    assert said() == "1 cell, 1 of them reproduced, 0 comparisons: nothing compared"


def test_what_was_looked_at_is_named():
    items = [Document(), FindingsPage(), Drawn("p", "fig1", "sweep"), CELL]
    assert said(GOOD, items=items).startswith("the PDF, the page of findings, 1 figure, 1 cell, 1 of them reproduced, ")


def test_a_link_that_several_cells_rest_on_is_counted_once():
    run = Node("run", [OPEN])
    cells = [Node("one", [], [run]), Node("other", [], [Node("run", [Step("again", None, "above")], again=run)])]
    assert len(all_unchecked(cells)) == 1
    assert [len(cell.unchecked) for cell in cells] == [1, 1]
    assert unchecked_lines(all_unchecked(cells)) == [f"not checked: {TRAININGS}: 1 (--retrain all)"]


def test_a_node_that_agrees_has_nothing_at_odds():
    tree = Node("cell", [GOOD], [Node("run", [OPEN]), Node("folds", [BAD])])
    assert tree.lines_at_odds() == ["cell", "  folds", "    MISMATCH  files: a file is missing; expected a file"]
    assert Node("cell", [GOOD], [Node("run", [OPEN])]).lines_at_odds() == []
    assert "    ?         training: a/run: it was not repeated: not checked" in tree.lines()


@pytest.mark.parametrize("kind", [EPOCHS, TRAININGS])
def test_every_kind_says_what_checks_it(kind):
    assert CLOSED_BY[kind].startswith("--retrain all")


def test_epochs_are_told_apart_by_why_they_were_not_checked():
    used = [Used(RUN, RUN, 3, "no weights"), Used(RUN, RUN, 6, ""), Used(RUN, RUN, 3, "no weights")]
    good, open_ = epochs_step(used)
    assert good.ok and good.said == "epoch 6 of fold 1, seed 1: predicted or trained anew"
    assert open_.line.endswith("epochs: epoch 3 of fold 1, seed 1: no weights: not checked")
    assert [link.of for link in open_.unchecked] == [f"{RUN.folder}, epoch 3"]


def test_of_many_epochs_some_are_named_and_all_are_counted():
    (step,) = epochs_step([Used(RUN, RUN, epoch, "no weights") for epoch in range(1, SHOWN + 4)])
    assert "; 3 more: no weights" in step.said
    assert len(step.unchecked) == SHOWN + 3


def test_runs_are_drawn_by_a_seed_and_all_where_fewer_are_there():
    runs = [RunKey("demo", "demo", "p", "e", "s", "random5", fold, 1) for fold in range(1, 11)]
    chosen = drawn(runs, 3, seed=7)
    assert len(chosen) == 3 and chosen == drawn(reversed(runs), 3, seed=7)
    assert any(drawn(runs, 3, seed=seed) != chosen for seed in range(7))
    assert drawn(runs, 20, seed=7) == drawn(runs, None, seed=7) == runs
