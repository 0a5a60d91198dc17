"""Tables of groups and reliability diagrams, as the papers' own YAML and changed ones declare them."""

import pytest

from helpers.declared import PAPERS, copy_of_workflow, emodb, iemocap, make_inputs, make_report, rewrite, wildcards
from serflow.errors import UserError


@pytest.fixture(scope="module")
def demo():
    """The report of the demo, on the papers' own YAML."""
    return make_report()


def shown(report, paper):
    """System -> the first name that a table gives it, of the rows of the table of groups' experiment."""
    tables = report.workflow.papers[paper]["tables"]
    experiment, found = tables["table_groups"]["experiment"], {}
    for table in tables.values():
        for row in table.get("rows", []):
            if "system" in row and row.get("experiment", table["experiment"]) == experiment:
                found.setdefault(row["system"], row["name"])
    return found


@pytest.mark.parametrize("paper", PAPERS)
def test_every_system_of_the_experiment_s_tables_has_one_row_in_their_order(demo, paper):
    spec = demo.table(paper, "table_groups")
    assert [(row["system"], row["name"]) for row in spec["rows"]] == list(shown(demo, paper).items())
    assert len(spec["rows"]) > 5
    assert {row["id"] for row in spec["rows"]} == set(shown(demo, paper))


@pytest.mark.parametrize("paper", PAPERS)
def test_it_is_of_strict_alone_and_rests_on_its_scores_and_groups(demo, paper):
    spec = demo.table(paper, "table_groups")
    assert [(protocol["name"], protocol["split"]) for protocol in spec["protocols"]] == [("strict", "speaker")]
    assert spec["strict"] is True
    experiment = spec["rows"][0]["experiment"]
    folder = f"results/demo/demo/{paper}/{experiment}/scores/speaker"
    files = make_inputs(demo).table_files(wildcards(paper, item="table_groups"))
    assert files == [f"{folder}/scores.csv", f"{folder}/groups.csv"]
    missing = {row["system"] for row in spec["rows"] if row["missing"]}
    assert missing == {
        system for system in shown(demo, paper) if demo.plan.skip_reason(paper, system, "strict") is not None
    }


@pytest.mark.parametrize(
    ("protocols", "name"),
    [(["random10", "as_published"], "as_published"), (["random10"], "random10"), (["random10", "strict"], "strict")],
)
def test_without_strict_it_is_of_the_published_protocol_or_what_there_is(protocols, name):
    spec = make_report(papers=["xu2020"], protocols=protocols).table("xu2020", "table_groups")
    assert [protocol["name"] for protocol in spec["protocols"]] == [name]
    assert spec["strict"] == (name == "strict")


def test_on_a_corpus_without_styles_another_view_stands_in_and_is_named():
    spec = make_report(papers=["xu2020"], **emodb()).table("xu2020", "table_groups")
    assert {row["experiment"] for row in spec["rows"]} == {"full"}
    assert "all its recordings stand in" in spec["rows"][0]["note"]


@pytest.mark.parametrize("paper", PAPERS)
def test_a_reliability_diagram_is_of_the_first_system_a_baseline_and_the_yardstick(demo, paper):
    declared = demo.workflow.papers[paper]["figures"]["reliability"]
    systems = list(dict.fromkeys(panel["system"] for panel in demo.figure(paper, "reliability")["panels"]))
    assert systems == declared["systems"]
    assert systems[-1] == demo.scoring.yardstick
    confused = demo.workflow.papers[paper]["figures"].get("confusion") or demo.workflow.papers[paper]["figures"]["fig3"]
    assert systems[0] == confused["system"]
    files = make_inputs(demo).figure_files(wildcards(paper, item="reliability"))
    assert {path.rpartition("/")[2] for path in files} == {"reliability.csv", "scores.csv"}
    assert files and all(f"results/demo/demo/{paper}/" in path for path in files)


def test_it_has_a_panel_a_printed_protocol_and_none_of_each_metrics_own_epoch():
    report = make_report(papers=["xu2020"], **iemocap())
    panels = report.figure("xu2020", "reliability")["panels"]
    assert list(dict.fromkeys(panel["protocol"]["name"] for panel in panels)) == ["as_published", "random10", "strict"]
    assert all(panel["scores"] and panel["missing"] is None for panel in panels)


def test_one_system_that_is_run_is_enough_for_the_figure(tmp_path):
    def change(content):
        content["presets"]["demo"]["runs"]["strict"] = ["svm_compare"]

    rewrite(copy_of_workflow(tmp_path), change)
    report = make_report(root=tmp_path, papers=["xu2020"], protocols=["strict"])
    assert "reliability" in report.figures("xu2020") and "confusion" not in report.figures("xu2020")
    scores = {panel["system"]: panel["scores"] for panel in report.figure("xu2020", "reliability")["panels"]}
    assert scores["svm_compare"] and scores["acnn"] is None


def test_a_system_that_only_the_figure_shows_is_run(tmp_path):
    def change(content):
        content["systems"]["alone"] = {}
        content["figures"]["reliability"]["systems"].append("alone")

    rewrite(copy_of_workflow(tmp_path), change)
    report = make_report(root=tmp_path, papers=["xu2020"])
    assert ("xu2020", "improvised", "alone", "random5") in report.plan.required


@pytest.mark.parametrize(
    ("item", "change", "message"),
    [
        ("tables.table_groups", {"experiment": "improvise"}, "tables.table_groups.experiment: 'improvise' is not decl"),
        ("tables.table_groups", {"rows": []}, "tables.table_groups: unknown key 'rows'"),
        ("figures.reliability", {"systems": ["acn"]}, "figures.reliability.systems: 'acn' is not declared; did you"),
        ("figures.reliability", {"systems": ["acnn", "acnn"]}, "figures.reliability.systems"),
        ("figures.reliability", {"systems": []}, "figures.reliability.systems"),
        (
            "figures.reliability",
            {"system": "acnn"},
            "figures.reliability: unknown key 'system'; did you mean 'systems'",
        ),
    ],
)
def test_what_cannot_stand_is_refused_by_its_place(tmp_path, item, change, message):
    kind, name = item.split(".")
    rewrite(copy_of_workflow(tmp_path), lambda content: content[kind][name].update(change))
    with pytest.raises(UserError, match=message):
        make_report(root=tmp_path, papers=["xu2020"])
