"""Tables that show no scores of systems: what their entries in a YAML come to."""

import pytest

from helpers.declared import (
    copy_of_workflow,
    declare_teachers,
    emodb,
    iemocap,
    make_inputs,
    make_report,
    rewrite,
    wildcards,
)
from serflow.audit.items import all_cells
from serflow.errors import UserError

PAPER = "xu2020"
COUNTS = {"kind": "counts", "title": "Samples", "source": "Table 1", "experiment": "improvised"}
RECOGNITION = COUNTS | {
    "kind": "asr",
    "experiment": "spoken",
    "columns": ["per", "wer"],
    "rows": [
        {"id": "tcn", "name": "TCN", "teacher": "tcn_self", "reported": {"wer": 47.7}},
        {"id": "other", "name": "Another", "reported": {"wer": 12.5}},
    ],
}
HAPPY = {"neutral": ["neutral"], "happy": ["excited", "happy"], "sad": ["sad"], "angry": ["angry"]}


@pytest.fixture
def declare(tmp_path):
    """A report on a copy of the workflow whose paper declares a table more, `table_more`."""

    def declared(table, *, classes=None, style="any", **config):
        def change(content):
            declare_teachers(content, style, tcn_self="TCN", tcn_self_shuffled="TCN, wrong transcripts")
            content["tables"]["table_more"] = table
            if classes:
                content["experiments"]["improvised"]["classes"] = classes

        rewrite(tmp_path if (tmp_path / "workflow").exists() else copy_of_workflow(tmp_path), change, paper=PAPER)
        return make_report(root=tmp_path, papers=[PAPER], **config)

    return declared


def files_of(report, item):
    return make_inputs(report).table_files(wildcards(PAPER, item=item))


def test_published_counts_are_those_of_the_same_style_and_classes_in_whatever_order(declare):
    spec = declare(COUNTS, classes=HAPPY, **iemocap()).table(PAPER, "table_more")
    assert spec["published"]["source"] == "Zhao et al., 2021, Table 1"
    assert spec["published"]["session"]["5"] == {"neutral": 287, "happy": 280, "sad": 133, "angry": 31}
    assert spec["published"]["all"]["neutral"] == 1099
    assert (spec["comparable"], spec["classes"]) == (True, list(HAPPY))


def test_counts_that_are_published_of_all_sessions_together_have_no_sessions(declare):
    spec = declare(COUNTS, **iemocap()).table(PAPER, "table_more")  # excited in place of happy
    assert (spec["published"]["session"], spec["published"]["all"]["excited"]) == ({}, 663)


def test_a_stand_in_is_counted_beside_the_published_counts_and_compared_with_none(declare):
    spec = declare(COUNTS, classes=HAPPY).table(PAPER, "table_more")
    assert spec["published"]["all"]["happy"] == 947
    assert (spec["comparable"], spec["view"]) == (False, f"data/demo/{PAPER}/improvised/view.parquet")


def test_another_corpus_has_no_published_counts_and_says_what_stands_in(declare):
    spec = declare(COUNTS, **emodb()).table(PAPER, "table_more")
    assert (spec["experiment"], spec["published"]) == ("full", None)
    assert "Berlin EmoDB has no improvised part: all its recordings stand in" in spec["note"]


def test_a_table_of_counts_waits_for_the_view_and_for_no_score(declare):
    report = declare(COUNTS)
    assert files_of(report, "table_more") == [f"data/demo/{PAPER}/improvised/view.json"]
    assert files_of(report, "table2")[:2] == [
        f"{report.scoring.folder(PAPER, 'improvised', 'random10')}/{name}.csv" for name in ("scores", "pairs")
    ]


def with_contrast(row=None, **keys):
    """A table of the ACNN with a contrast of two protocols."""
    row = {"id": "acnn", "name": "ACNN", "system": "acnn"} | (row or {})
    contrasts = [{"what": "to keep speakers apart", "from": "random10", "to": "strict"}]
    table = {"title": "Systems", "source": "Table 1", "experiment": "improvised", "columns": ["ua"], "rows": [row]}
    return table | {"contrasts": contrasts} | keys


def test_a_table_with_a_contrast_waits_for_the_file_of_its_differences_and_no_other_does(declare):
    report = declare(with_contrast())
    file = report.scoring.contrasts_file(PAPER, "improvised")
    assert report.table(PAPER, "table_more")["rows"][0]["contrasts"] == file
    assert files_of(report, "table_more")[-1] == file
    assert not any("contrasts" in path for path in files_of(report, "table2"))


@pytest.mark.parametrize(("system", "config"), [("acnn", {"protocols": ["random10"]}), ("conv3", {})])
def test_where_an_end_of_a_contrast_is_not_run_there_is_no_file_of_it(declare, system, config):
    """By the configured protocols, or since the demo runs this system as published alone."""
    report = declare(with_contrast({"system": system}), **config)
    assert report.table(PAPER, "table_more")["rows"][0]["contrasts"] is None
    assert not any("contrasts" in path for path in files_of(report, "table_more"))


def test_a_row_says_that_its_reported_numbers_are_of_another_setting(declare):
    row = {"id": "acnn", "name": "ACNN", "system": "acnn", "reported": {"ua": 60}}
    for said, comparable in (({}, True), ({"comparable": False}, False)):
        (made,) = declare(with_contrast(row | said), **iemocap()).table(PAPER, "table_more")["rows"]
        assert made["comparable"] is comparable


@pytest.mark.parametrize("missing", ["system", "reported"])
def test_a_row_of_which_nothing_could_be_compared_says_nothing_of_it(declare, missing):
    row = {"id": "acnn", "name": "ACNN", "system": "acnn", "reported": {"ua": 60}, "comparable": False}
    del row[missing]
    table = with_contrast() | {"rows": [row]}
    with pytest.raises(UserError, match="`comparable` says what `system` and `reported` do"):
        declare(table)


def test_a_table_of_counts_trains_nothing_and_stands_in_the_document(declare):
    report = declare(COUNTS)
    ablated = make_report(papers=[PAPER])
    assert report.plan.required == ablated.plan.required
    assert report.scoring.pairs(PAPER, "improvised", "random10") == ablated.scoring.pairs(
        PAPER, "improvised", "random10"
    )
    tables = report.document("0")["papers"][0]["tables"]
    assert f"{PAPER}/table_more" in [table["spec"]["id"] for table in tables]


def test_what_a_teacher_recognises_is_read_under_the_published_split_at_the_last_epoch(declare):
    report = declare(RECOGNITION)
    spec = report.table(PAPER, "table_more")
    assert [(item["name"], item["split"], item["select"]) for item in spec["protocols"]] == [
        ("as_published", "session_parts", "last")
    ]
    folder = f"results/demo/demo/{PAPER}/spoken/asr/session_parts"
    ours, quoted = spec["rows"]
    assert (ours["system"], ours["scores"], ours["reported"]) == ("tcn_self", {"as_published": folder}, {"wer": 47.7})
    assert (quoted["system"], quoted["scores"]) == (None, {})
    assert files_of(report, "table_more") == [f"{folder}/scores.csv", f"{folder}/pairs.csv"]
    assert spec["beam"] == 4
    assert "reference" not in spec and "z_test" not in spec


def test_a_tables_note_is_part_of_what_is_printed(declare):
    scores = {"title": "Systems", "source": "Table 1", "experiment": "improvised", "columns": ["ua"]}
    scores["rows"] = [{"id": "acnn", "name": "ACNN", "system": "acnn"}]
    for table in (RECOGNITION, scores):
        assert declare(table | {"note": "Mind this."}).table(PAPER, "table_more")["note"] == "Mind this."
        assert "note" not in declare(table).table(PAPER, "table_more")


def test_a_teacher_is_compared_with_the_row_that_comes_before_it_in_a_chain(declare):
    second = {"id": "blstm", "name": "BLSTM", "teacher": "tcn_self_shuffled"}
    rows = [*RECOGNITION["rows"], second]
    report = declare(RECOGNITION | {"rows": rows, "ablation": [["blstm", "tcn"]]})
    spec = report.table(PAPER, "table_more")
    assert [row["ablated"] for row in spec["rows"]] == [{"id": "blstm", "system": "tcn_self_shuffled"}, None, None]
    assert report.scoring.teacher_pairs(PAPER) == [["tcn_self", "tcn_self_shuffled"]]
    assert not any("tcn_self" in pair for pair in report.scoring.pairs(PAPER, "spoken", "session_parts"))


def test_a_split_that_the_paper_names_for_teachers_is_that_of_what_they_recognise(declare, tmp_path):
    declare(RECOGNITION)
    rewrite(tmp_path, lambda content: content["teacher"].update(split="session_parts_random"), paper=PAPER)
    spec = make_report(root=tmp_path, papers=[PAPER]).table(PAPER, "table_more")
    assert [item["split"] for item in spec["protocols"]] == ["session_parts_random"]
    assert spec["rows"][0]["scores"]["as_published"].endswith("asr/session_parts_random")


@pytest.mark.parametrize("config", [{}, iemocap()], ids=["demo", "iemocap"])
def test_what_a_teacher_recognises_is_compared_with_no_published_rate(declare, config):
    """The published rate is of other turns, even of the same corpus."""
    assert declare(RECOGNITION, **config).table(PAPER, "table_more")["comparable"] is False


def test_a_corpus_without_transcripts_has_no_teacher_and_says_so(declare, tmp_path):
    declare(RECOGNITION)
    path = tmp_path / "workflow/corpora/demo.yaml"
    path.write_text(path.read_text() + "transcripts: false\n")
    report = make_report(root=tmp_path, papers=[PAPER])
    row = report.table(PAPER, "table_more")["rows"][0]
    assert row["scores"] == {"as_published": None}
    assert row["missing"]["as_published"].endswith("has no transcripts (`transcripts` in workflow/corpora/demo.yaml)")
    assert files_of(report, "table_more") == []


def test_a_teacher_on_another_view_of_the_corpus_says_what_stands_in(declare):
    row = declare(RECOGNITION, style="improvised", **emodb()).table(PAPER, "table_more")["rows"][0]
    assert row["experiment"] == "full"
    assert row["note"].endswith("has no improvised part: all its recordings stand in")


def test_an_audit_knows_the_cells_of_teachers_and_of_counts(declare):
    cells = all_cells(declare(RECOGNITION))
    mine = [cell for cell in cells if cell.table == "table_more"]
    assert [(cell.name, cell.kind) for cell in mine if cell.system] == [
        (f"{PAPER}/table_more/tcn/{column}@as_published", "asr") for column in ("per", "wer")
    ]
    assert [cell.name for cell in all_cells(declare(COUNTS)) if cell.table == "table_more"][-1].endswith("/all/all")


def test_counts_have_neither_rows_nor_columns_and_scores_have_both(declare):
    with pytest.raises(UserError, match="'columns'"):
        declare(COUNTS | {"columns": ["wa"]})
    with pytest.raises(UserError, match="table_more.rows: missing"):
        declare(COUNTS | {"kind": "scores", "columns": ["wa"]})
