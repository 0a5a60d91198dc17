"""Counts of a table against the manifest: a number, a label or a view that was changed is found."""

import pandas as pd
import pytest

from serflow.audit.counted_cells import count_steps, view_steps
from serflow.audit.items import TableCell, chosen_items
from serflow.files import file_digest, write_json
from serflow.paths import CorpusPaths, ViewPaths
from serflow.reporting.class_counts import counts_rows
from serflow.reporting.rows import write_table

CLASSES = {"happy": ["happy", "excited"], "sad": ["sad"]}
ROWS = [
    ("happy", "improvised", "1"), ("excited", "improvised", "1"), ("sad", "improvised", "1"), ("sad", "scripted", "1"),
    ("excited", "improvised", "2"), ("angry", "improvised", "2"),
]  # fmt: skip


class Workflow:
    papers = {"zhao2021": {"experiments": {"e": {"style": "improvised", "classes": CLASSES}}}}
    corpus = {"missing_labels": {}}


class Report:
    workflow, folder = Workflow, "reports/demo-demo"


class Data:
    corpus, view = CorpusPaths("demo"), ViewPaths("demo", "zhao2021", "e")
    manifest = pd.DataFrame(ROWS, columns=["label", "style", "session"])


@pytest.fixture
def written(tmp_path, monkeypatch):
    """The table's file, made from the view's."""
    monkeypatch.chdir(tmp_path)
    view = Data.manifest.query("style == 'improvised' and label != 'angry'")
    view = view.assign(**{"class": view["label"].replace("excited", "happy")})
    for path, table in ((f"{Data.view.folder}/view", view), (f"{Data.corpus.folder}/manifest", Data.manifest)):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        table.to_parquet(f"{path}.parquet")
        write_json(f"{path}.json", {"digest": file_digest(f"{path}.parquet")})
    spec = {"id": "zhao2021/table1", "experiment": "e", "view": Data.view.utterances, "classes": list(CLASSES)}
    rows = counts_rows(spec | {"published": None, "comparable": True, "published_on": "", "note": None})
    write_table(rows, "reports/demo-demo/zhao2021/table1.csv")
    return rows


def cell(row, column):
    nothing = {"protocol": "", "split": "", "select": "", "system": None, "scores": None, "reason": None}
    return TableCell(paper="zhao2021", table="table1", row=row, column=column, experiment="e", kind="counts", **nothing)


@pytest.mark.parametrize(
    ("row", "column", "number"),
    [("session1", "happy", 2), ("session1", "sad", 1), ("session2", "all", 1), ("all", "happy", 3), ("all", "all", 4)],
)
def test_a_count_agrees_with_the_manifest_s_rows(written, row, column, number):
    (step,) = count_steps(Report, cell(row, column), Data)
    assert step.ok
    assert step.said.endswith(f"the manifest {number}")


def test_an_edited_count_and_a_line_that_is_gone_are_found(written):
    edited = [line | {"reproduced": "3"} if line["item"].endswith("session1/happy") else line for line in written]
    write_table([line for line in edited if line["column"] != "sad"], "reports/demo-demo/zhao2021/table1.csv")
    (step,) = count_steps(Report, cell("session1", "happy"), Data)
    assert (step.ok, step.expected) == (False, "2")
    (step,) = count_steps(Report, cell("session1", "sad"), Data)
    assert not step.ok and "no such line" in step.said


def test_a_label_for_which_another_stands_in_is_counted_as_that(written, monkeypatch):
    monkeypatch.setattr(Workflow, "corpus", {"missing_labels": {"sad": "angry"}})
    (step,) = count_steps(Report, cell("session2", "sad"), Data)
    assert step.expected == "1" and not step.ok  # the file was made without a stand-in


def test_a_view_that_was_changed_since_is_found(written):
    assert [step.ok for step in view_steps(Data)] == [True]
    pd.read_parquet(Data.view.utterances).head(1).to_parquet(Data.view.utterances)
    assert [step.ok for step in view_steps(Data)] == [False]


def test_a_count_is_named_by_table_session_and_class():
    cells = [cell("session1", "happy"), cell("session2", "happy")]
    assert chosen_items(cells, ["zhao2021/table1/session2"]) == [cells[1]]
    assert cells[0].name == "zhao2021/table1/session1/happy"
