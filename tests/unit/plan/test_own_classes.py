"""A corpus's own classes in the plan: an experiment and a table of each paper; what it cannot give is told."""

import pytest

from helpers.declared import PAPERS, copy_of_workflow, make_plan, rewrite
from serflow.errors import UserError
from serflow.plan.report import Report

EIGHT = ("neutral", "calm", "happy", "sad", "angry", "fearful", "disgusted", "surprised")
YARDSTICKS = {"svm_compare", "majority"}


@pytest.fixture
def report(tmp_path):
    """The report on a corpus of one's own, with these labels and what else its YAML says."""
    root = copy_of_workflow(tmp_path)

    def make(labels, *, own=None, stand_ins=None, papers=PAPERS, parent="manifest"):
        own = [label for label in labels] if own is None else own
        codes = ", ".join(f'"{i:02}": {label}' for i, label in enumerate(labels))
        classes = ", ".join(f"{name}: [{name}]" for name in own)
        text = (
            f"extends: {parent}\ntitle: Mine\nlabels: {{{codes}}}\nown_classes: {f'{{{classes}}}' if own else 'null'}\n"
        )
        text += f"missing_labels: {stand_ins or '{}'}\n"
        (root / "workflow/corpora/mine.yaml").write_text(text)
        return Report(make_plan(root=root, corpus="mine", release="some/folder", papers=papers))

    return make


@pytest.mark.parametrize("labels", [EIGHT[:2], EIGHT[1:4], EIGHT[:7], EIGHT])
@pytest.mark.parametrize("paper", PAPERS)
def test_the_main_systems_of_every_paper_are_trained_on_as_many_classes(report, paper, labels):
    made = report(labels, papers=[paper])
    own = [item for item in made.plan.required if item.experiment == "own"]
    assert {item.split for item in own} == {
        made.workflow.protocol(paper, name)["split"] for name in ("as_published", "random10", "strict")
    }
    assert {item.system for item in own} >= YARDSTICKS
    for item in own:
        assert made.plan.systems[paper].spec(item.system, "own")["classes"] == list(labels)


def test_its_table_has_the_systems_of_the_main_table_and_no_published_number(report):
    made = report(EIGHT, papers=["xu2020"])
    table = made.table("xu2020", "table_own")
    assert [row["id"] for row in table["rows"]] == [
        "acnn", "acnn_original", "one_head", "other_axis", "svm_compare", "majority"
    ]  # fmt: skip
    assert all(row["reported"] is None and row["experiment"] == "own" for row in table["rows"])
    assert table["columns"] == ["wa", "ua", "wa_whole", "ua_whole"]
    assert table["note"] == f"8 classes, of all styles: {', '.join(EIGHT)}; by chance UA is 12.5."


def test_steps_of_an_ablation_stay_and_what_is_of_the_paper_alone_goes(report):
    made = report(EIGHT, papers=["huang2016", "zhao2021"])
    rows = {row["id"]: row["ablated"] for row in made.table("huang2016", "table_own")["rows"]}
    assert rows["greedy_att_eq8"] == {"id": "att_eq8", "system": "att_eq8"}
    assert made.table("zhao2021", "table_own")["z_test"] is None
    assert made.table("zhao2021", "table_own")["kind"] == "scores"  # the first table of zhao2021 counts


def test_what_the_labels_cannot_give_is_left_out_with_the_reason(report):
    made = report(EIGHT[:2])  # neutral and calm
    assert {run.experiment for run in made.plan.runs} == {"own"}
    told = "Mine has no label for classes angry, sad, excited; its labels are neutral, calm"
    told += " (`labels` in workflow/corpora/mine.yaml)"
    assert made.plan.experiment("xu2020", "improvised") == (None, told)
    assert {row["missing"]["strict"] for row in made.table("xu2020", "table2")["rows"] if row["system"]} == {told}
    assert set(made.table("xu2020", "table_claims")["rows"][0]["missing"].values()) == {told}
    assert made.figures("xu2020") == ["fig3"]  # which counts the labels there are
    assert f"confusion matrices of the ACNN: not made ({told})" in " ".join(made._notes("xu2020"))


def test_the_papers_classes_are_made_beside_where_the_labels_give_them(report):
    made = report(EIGHT, stand_ins="{excited: happy}", papers=["xu2020"])
    assert {run.experiment for run in made.plan.runs} == {"full", "own"}


def test_without_own_classes_the_papers_are_as_they_are(report):
    made = report(EIGHT, own=[], stand_ins="{excited: happy}")
    assert {run.experiment for run in made.plan.runs} & {"own"} == set()
    assert all("table_own" not in made.tables(paper) for paper in PAPERS)


def test_one_label_for_two_classes_is_told_before_any_job(report):
    made = report(("happy", "sad", "neutral"), stand_ins="{excited: happy, angry: happy}", papers=["xu2020"])
    told = made.plan.experiment("xu2020", "full")[1]
    assert told.startswith("Mine has one label, happy, for both classes angry and excited")


def test_own_classes_of_a_corpus_like_another_papers_are_made_too(report):
    """li2019ijcai has views for one corpus alone, which leave out those that name none."""
    made = report(EIGHT, papers=["li2019ijcai"], parent="rid")
    assert "own" in {run.experiment for run in made.plan.runs}


def test_a_class_is_called_what_stands_in_for_it_and_numbers_say_of_which_corpus_they_are(report):
    made = report(EIGHT, stand_ins="{excited: happy}", papers=["xu2020"])
    table, figure = made.table("xu2020", "table2"), made.figure("xu2020", "confusion")
    assert table["class_names"] == figure["class_names"] == {"excited": "happy"}
    assert figure["stand_ins"] == "Mine has no label 'excited': 'happy' stands in."
    assert (table["published_on"], made.figure("xu2020", "fig5")["published_on"]) == ("IEMOCAP", "IEMOCAP")
    assert made.table("xu2020", "table_claims")["published_on"] == "IEMOCAP"
    assert [paper["published_on"] for paper in made.findings_spec()["papers"]] == ["IEMOCAP"]


def test_numbers_of_another_corpus_than_the_papers_first_are_headed_with_that_one():
    data = make_plan().workflow.papers["li2019ijcai"]
    workflow = make_plan().workflow
    named = {key: table["experiment"] for key, table in data["tables"].items() if table.get("experiment")}
    heads = {experiment: workflow.published_on("li2019ijcai", experiment) for experiment in named.values()}
    assert (heads["rid"], heads["acoustic"]) == ("RID", "IEMOCAP")


def test_words_of_the_corpus_stand_in_the_figure_of_labels(report):
    made = report(EIGHT, papers=["xu2020"])
    assert ["calm", ["calm"]] in made.figure("xu2020", "fig3")["groups"]


@pytest.mark.parametrize(("kind", "name"), [("experiments", "own"), ("tables", "table_own")])
def test_a_paper_leaves_their_names_to_the_corpus(tmp_path, kind, name):
    root = copy_of_workflow(tmp_path)
    rewrite(root, lambda data: data[kind].update({name: next(iter(data[kind].values()))}))
    with pytest.raises(UserError, match=f"xu2020.yaml: {kind}.{name}: that name is for a corpus's own classes"):
        make_plan(root=root, papers=["xu2020"])
