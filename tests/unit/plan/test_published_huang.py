"""What Huang and Narayanan print at Interspeech 2016, typed anew from the paper's text, against its YAML."""

import pytest

from helpers.declared import ROOT, iemocap, make_plan
from serflow.config import read_yaml

PAPER = read_yaml(ROOT / "workflow/papers/huang2016.yaml")
STEPS = ["att", "greedy_att", "greedy_dropout_att", "greedy_dropout_att_mlp"]

# Table 1, WA in per cent: baseline, then of each row the number of eq. 8 above that of eq. 9
BASELINE = 57.87
WA = [(55.88, 56.38), (56.41, 57.33), (56.18, 57.36), (57.26, 59.33)]
UA = {"att_eq9": 48.70}  # section 5; of the other UA the text we have gives none
CLASSES = {"angry": 1103, "happy": 595, "sad": 1084, "neutral": 1708}  # section 4, "with a sum of 4490"


@pytest.fixture(scope="module")
def plan():
    return make_plan(papers=["huang2016"], **iemocap())


@pytest.fixture(scope="module")
def spec(plan):
    return lambda system: plan.systems["huang2016"].spec(system, "full")


@pytest.fixture(scope="module")
def model(spec):
    return lambda system: spec(system)["parameters"]["model"]


def test_table_1_holds_every_number_of_the_paper_and_no_other():
    printed = {"baseline": {"wa": BASELINE}}
    for name, numbers in zip(STEPS, WA, strict=True):
        printed |= {f"{name}_eq{k}": {"wa": number} for k, number in zip((8, 9), numbers, strict=True)}
    for system, number in UA.items():
        printed[system]["ua"] = number
    rows = [row for row in PAPER["tables"]["table1"]["rows"] if "reported" in row]
    assert {row["system"]: row["reported"] for row in rows} == printed
    assert len(rows) == 9


def test_the_claim_repeats_numbers_of_table_1():
    reported = {row["system"]: row["reported"] for row in PAPER["tables"]["table1"]["rows"] if "reported" in row}
    rows = [row for row in PAPER["tables"]["table_claim"]["rows"] if "reported" in row]
    assert len(rows) == 3
    assert all(row["reported"] == reported[row["system"]] for row in rows)
    assert not any("reported" in row for row in PAPER["tables"]["table_marker"]["rows"])


def test_the_final_system_gains_what_the_abstract_says():
    reported = {row["id"]: row.get("reported") for row in PAPER["tables"]["table_claim"]["rows"]}
    assert reported["final_eq9"]["wa"] - reported["baseline"]["wa"] == pytest.approx(1.46)
    assert ["baseline", "final_eq9"] in PAPER["tables"]["table_claim"]["ablation"]


def test_the_one_number_of_figure_3_is_in_its_caption(plan):
    from serflow.plan.report import Report

    assert "0.453" in Report(plan).figure("huang2016", "fig3")["note"]


def test_both_equations_stand_in_a_row_as_in_the_paper():
    rows = [row for row in PAPER["tables"]["table1"]["rows"] if "variant" in row]
    assert [row["variant"] for row in rows] == ["eq. 8", "eq. 9"] * 4
    assert [row["name"] for row in rows[::2]] == [row["name"] for row in rows[1::2]]
    assert [row["system"][-3:] for row in rows] == ["eq8", "eq9"] * 4


def test_the_classes_are_those_of_the_text_and_their_counts_those_of_the_release():
    view = PAPER["experiments"]["full"]
    assert (view["style"], view["classes"]) == ("any", {name: [name] for name in CLASSES})
    counts = read_yaml(ROOT / "workflow/corpora/iemocap.yaml")["reference_counts"]["counts"]["all"]
    assert {name: counts[name] for name in CLASSES} == CLASSES
    assert sum(CLASSES.values()) == 4490


def test_the_audit_of_the_release_holds_its_counts_against_the_papers(plan):
    from serflow.plan.report import Report

    (check,) = Report(plan).release_check_spec()["checks"]
    assert (check["name"], check["style"], check["expected"]) == ("huang2016, full", None, CLASSES)


def test_a_frame_has_28_values(spec):
    from serflow.features.extract import build

    assert build(spec("baseline")["feature_spec"]).dims == 28


def test_the_encoder_is_128_cells_a_direction_in_one_layer_and_the_other_reading_has_two(model):
    assert (model("baseline")["units"], model("baseline")["layers"]) == (128, 1)
    assert model("baseline_two_layers") == model("baseline") | {"layers": 2}


def test_baseline_and_att_differ_in_the_attention_alone(model):
    assert [model(name)["attention"] for name in ("baseline", "att_eq8", "att_eq9")] == ["uniform", "tanh", "linear"]
    assert model("att_eq8") == model("baseline") | {"attention": "tanh"}
    assert model("att_eq9") == model("baseline") | {"attention": "linear"}


@pytest.mark.parametrize("equation, attention", [("eq8", "tanh"), ("eq9", "linear")])
def test_the_greedy_systems_change_one_thing_at_a_time(model, equation, attention):
    plain, dropout, final = (model(f"{name}_{equation}") for name in STEPS[1:])
    assert (plain["attention"], plain["dropout"], plain["classifier"]) == (attention, 0.0, [])
    assert dropout == plain | {"dropout": 0.5}
    assert final == dropout | {"classifier": [128]}


@pytest.mark.parametrize("equation", ["eq8", "eq9"])
def test_the_greedy_systems_encoder_is_the_baseline_as_validation_chose_it(spec, equation):
    for name in STEPS[1:]:
        encoder = spec(f"{name}_{equation}")["encoder"]
        assert (encoder["system"], encoder["weights"], encoder["spec"]) == ("baseline", "best", spec("baseline"))
    assert all(spec(name)["encoder"] is None for name in ("baseline", f"att_{equation}"))


def test_one_speaker_validates_and_the_sessions_other_one_is_tested_in_ten_folds(plan):
    assert plan.workflow.splits[PAPER["as_published"]["split"]] == {
        "kind": "speaker",
        "folds": 10,
        "mate": "validates",
        "networks": "session_out",
    }
    assert PAPER["as_published"]["select"] == "best_validation"


def test_as_published_is_strict_and_costs_no_run_more(plan):
    strict, own = plan.workflow.protocols["strict"], PAPER["as_published"]
    assert (own["split"], own["select"]) == (strict["split"], strict["select"])


def test_each_component_is_tested_against_the_row_before_by_either_equation():
    chains = [["baseline", *[f"{name}_eq{k}" for name in STEPS]] for k in (8, 9)]
    assert PAPER["tables"]["table1"]["ablation"] == chains


def test_baseline_and_final_system_run_with_the_wearer_for_the_speaker(plan):
    splits = {split for *_, system, split in plan.required if system == "greedy_dropout_att_mlp_eq9"}
    assert splits == {"speaker", "random10", "marker", "speaker_one_out", "marker_one_out"}
    assert {split for *_, system, split in plan.required if system == "baseline"} == splits
    assert not any(split == "marker" for *_, system, split in plan.required if system == "att_eq9")
