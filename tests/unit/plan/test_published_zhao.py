"""What Zhao et al. print in 2021, typed anew from the paper's text, against its YAML."""

import copy
import itertools

import pytest

from helpers.declared import ROOT, emodb, iemocap, make_plan
from serflow.config import read_yaml
from serflow.corpora.declaration import LABELS
from serflow.forecast.parameters import system_entries
from serflow.layers.causal_convolutions import CausalConvolutions
from serflow.plan.report import Report

PAPER = read_yaml(ROOT / "workflow/papers/zhao2021.yaml")
SWEEP = "transfer_weight"
ROWS = {row["id"]: row.get("reported") for row in PAPER["tables"]["table2"]["rows"]}

# Table 2, WA and UA in per cent: of four earlier methods on test, then of eight systems on development and on test
EARLIER = {"dnn_elm": (57.9, 52.1), "rnn_elm": (62.9, 63.9), "mirsamadi2017": (63.5, 58.8), "gmm_hmm": (55.0, 60.3)}
EIGHT = {
    "blstm_soft": (63.8, 62.9, 59.6, 59.7),
    "blstm_self": (63.7, 64.5, 60.0, 60.5),
    "blstm_soft_at": (65.6, 65.6, 62.1, 62.2),
    "blstm_self_at": (66.9, 68.1, 63.8, 64.5),
    "tcn_soft": (65.5, 66.6, 61.8, 62.5),
    "tcn_self": (67.5, 67.4, 63.7, 64.2),
    "tcn_soft_at": (67.2, 67.9, 63.4, 64.4),
    "tcn_self_at": (68.6, 69.5, 65.0, 66.1),
}
# Table 1: neutral, happy, sad, angry by session
SESSIONS = {
    "1": (223, 132, 104, 62),
    "2": (217, 191, 100, 22),
    "3": (198, 149, 190, 90),
    "4": (174, 195, 81, 84),
    "5": (287, 280, 133, 31),
}


@pytest.fixture(scope="module")
def plan():
    return make_plan(papers=["zhao2021"], **iemocap())


@pytest.fixture(scope="module")
def spec(plan):
    return lambda system: copy.deepcopy(plan.systems["zhao2021"].spec(system, "improvised"))


@pytest.fixture(scope="module")
def teacher(plan):
    return plan.systems["zhao2021"].teacher_spec


def test_table_2_holds_every_number_of_the_paper_and_no_other():
    printed = {name: {"wa": wa, "ua": ua} for name, (wa, ua) in EARLIER.items()}
    for name, numbers in EIGHT.items():
        printed[name] = dict(zip(("wa_development", "ua_development", "wa", "ua"), numbers, strict=True))
    assert {name: reported for name, reported in ROWS.items() if reported} == printed
    assert set(PAPER["tables"]["table2"]["columns"]) == {"wa", "ua", "wa_development", "ua_development"}


@pytest.mark.parametrize("table", ["table_attention", "table_encoder"])
def test_other_tables_repeat_numbers_of_table_2(table):
    rows = [row for row in PAPER["tables"][table]["rows"] if "reported" in row]
    assert len(rows) == 8
    assert all(row["reported"] == {key: ROWS[row["id"]][key] for key in ("wa", "ua")} for row in rows)


def test_the_papers_claims_hold_for_its_own_numbers():
    test = {name: numbers[2:] for name, numbers in EIGHT.items()}
    for name in ("blstm_soft", "blstm_self", "tcn_soft", "tcn_self"):
        assert all(with_it > ablated for with_it, ablated in zip(test[f"{name}_at"], test[name], strict=True))
    for encoder, ending in itertools.product(("blstm", "tcn"), ("", "_at")):
        assert test[f"{encoder}_self{ending}"] > test[f"{encoder}_soft{ending}"]
    for earlier in EARLIER.values():  # of BLSTM + self-attention with transfer, "considering the UA and WA"
        assert all(one > other for one, other in zip(test["blstm_self_at"], earlier, strict=True))


def test_one_of_its_claims_does_not_hold_for_its_own_numbers():
    """Self-attention over soft attention: not in WA of the BLSTM on development."""
    assert EIGHT["blstm_soft"][0] > EIGHT["blstm_self"][0]


def compared(table):
    """Pairs of rows, the later of which is tested against the one before."""
    return {pair for chain in PAPER["tables"][table]["ablation"] for pair in itertools.pairwise(chain)}


def test_each_claim_on_the_eight_systems_is_tested_between_the_rows_that_it_is_of():
    """Section 4.4: transfer over none, self-attention over soft attention, TCN over BLSTM, each whatever the rest."""
    kinds = list(itertools.product(("blstm", "tcn"), ("soft", "self")))
    assert {(f"{encoder}_{kind}", f"{encoder}_{kind}_at") for encoder, kind in kinds} <= compared("table2")
    endings = list(itertools.product(("blstm", "tcn"), ("", "_at")))
    assert {(f"{one}_soft{end}", f"{one}_self{end}") for one, end in endings} == compared("table_attention")
    wanted = {(f"blstm_{kind}", f"tcn_{kind}") for kind in ("soft", "self", "soft_at", "self_at")}
    assert compared("table_encoder") == wanted | {("tcn_self", "tcn_self_deep")}
    assert PAPER["tables"]["table2"]["z_test"] == {"against": "dnn_elm"}


def test_the_z_tests_baseline_is_not_weighed_by_class_and_the_row_beside_it_is(spec):
    """As no student is; of the published numbers its WA is above its UA, and that of the RNN-ELM below."""
    assert EARLIER["dnn_elm"][0] > EARLIER["dnn_elm"][1] and EARLIER["rnn_elm"][0] < EARLIER["rnn_elm"][1]
    own, balanced = (spec(name) for name in ("dnn_elm", "dnn_elm_balanced"))
    assert own["parameters"]["class_weight"] == "none"
    assert balanced["parameters"] == own["parameters"] | {"class_weight": "balanced"}
    assert spec("rnn_elm")["parameters"]["class_weight"] == "balanced"
    assert own["encoder"]["system"] == balanced["encoder"]["system"] == "segment_dnn"
    assert list(ROWS)[:2] == ["dnn_elm", "dnn_elm_balanced"] and not ROWS["dnn_elm_balanced"]


def test_the_word_error_rate_is_reported_of_the_tcn_with_self_attention():
    """Beside the rate of improvised turns, since only these were used in its experiments (section 4.1)."""
    rows = {row["id"]: row.get("reported") for row in PAPER["tables"]["table_asr"]["rows"]}
    assert {name: reported for name, reported in rows.items() if reported} == {"tcn_self": {"wer_improvised": 47.7}}
    rates = {f"{name}{lines}" for name in ("wer", "per") for lines in ("", "_unseen", "_improvised")}
    assert set(PAPER["tables"]["table_asr"]["columns"]) == rates


def test_the_methods_that_the_paper_quotes_are_not_compared_with_its_numbers_and_its_own_systems_are(plan):
    """Table 2 heads them "Previously reported methods": their numbers are of other features and folds."""
    rows = {row["id"]: row["comparable"] for row in Report(plan).table("zhao2021", "table2")["rows"] if row["reported"]}
    assert rows == dict.fromkeys(EARLIER, False) | dict.fromkeys(EIGHT, True)


def test_figure_3_is_the_mean_of_the_folds_matrices_and_says_what_the_paper_says_of_it():
    figure = PAPER["figures"]["fig3"]
    assert (figure["system"], figure["average"]) == ("tcn_self_at", "folds")
    assert "70.13%" in figure["note"]


def test_table_1_is_held_against_the_papers_counts(plan):
    assert PAPER["tables"]["table1"] == {
        "kind": "counts",
        "title": "Utterances by session and class",
        "source": "Table 1",
        "experiment": "improvised",
    }
    views = read_yaml(ROOT / "workflow/corpora/iemocap.yaml")["reference_counts"]["views"]
    (view,) = (view for view in views if "Zhao" in view["source"])
    classes = ("neutral", "happy", "sad", "angry")
    assert view["session"] == {key: dict(zip(classes, row, strict=True)) for key, row in SESSIONS.items()}
    assert sum(map(sum, SESSIONS.values())) == 2943
    assert list(PAPER["experiments"]["improvised"]["classes"]) == list(classes)


def test_a_frame_has_120_values(spec, teacher):
    from serflow.features.extract import build

    assert build(spec("tcn_self")["feature_spec"]).dims == 120
    assert teacher("tcn_self")["features"] == spec("tcn_self")["features"] == "logmel120"


def test_the_teachers_encoder_has_the_papers_five_dilations_and_its_decoder_256_cells(teacher):
    model = teacher("tcn_self")["parameters"]["model"]
    assert (model["encoder"]["name"], model["encoder"]["dilations"]) == ("tcn", [1, 2, 4, 8, 16])
    assert (model["cells"], model["attention"]) == (256, "self")
    train = teacher("tcn_self")["parameters"]["train"]
    assert (train["epochs"], train["schedule"]) == (100, None)
    assert train["optimizer"] == {"name": "adam", "lr": 1e-4}


def test_teachers_are_trained_on_every_turn_of_both_styles():
    assert PAPER["teacher"]["experiment"] == "spoken"
    spoken = PAPER["experiments"]["spoken"]
    assert spoken["style"] == "any"
    assert {label for labels in spoken["classes"].values() for label in labels} == set(LABELS)


def test_the_blstm_has_128_cells_a_direction_in_one_layer(spec, teacher):
    wanted = {"name": "blstm", "units": 128, "layers": 1}  # and no dropout
    assert spec("blstm_self")["parameters"]["model"]["encoder"] == wanted
    assert teacher("blstm_soft")["parameters"]["model"]["encoder"] == wanted


def test_the_student_is_shallower_than_the_teacher(spec, teacher):
    student, of_teacher = (one("tcn_self")["parameters"]["model"]["encoder"]["dilations"] for one in (spec, teacher))
    assert student == of_teacher[: len(student)] and len(student) < len(of_teacher)


def test_students_train_100_epochs_at_the_papers_rate(spec):
    for system in EIGHT:
        train = spec(system)["parameters"]["train"]
        assert (train["epochs"], train["optimizer"]) == (100, {"name": "adam", "lr": 1e-4})


def test_no_encoder_has_a_dropout_since_none_is_named(spec, teacher):
    """The BLSTM takes none, so that TCN and BLSTM differ in nothing but what they are."""
    for model in (one(name)["parameters"]["model"] for one in (spec, teacher) for name in ("tcn_soft", "tcn_self")):
        assert model["encoder"]["dropout"] == 0.0
        assert model.get("dropout", 0.0) == 0.0


def test_three_dilations_hear_29_frames_and_the_deep_students_five_125_as_the_teachers_do(spec, teacher):
    def field(given):
        encoder = dict(given["parameters"]["model"]["encoder"])
        assert encoder.pop("name") == "tcn"
        return CausalConvolutions(inputs=120, **encoder).receptive_field

    ablated, deep = spec("tcn_self"), spec("tcn_self_deep")
    assert [field(one) for one in (ablated, deep, teacher("tcn_self"))] == [29, 125, 125]
    for one in (ablated, deep):
        del one["parameters"]["model"]["encoder"]["dilations"]
    assert ablated == deep


def test_networks_have_as_many_parameters_as_the_fidelity_page_says(plan):
    entries = system_entries(plan, sweep_points=False)
    found = {(entry.learner, entry.system): entry.parameters for entry in entries}
    students = {"tcn_soft": 325_892, "tcn_self": 358_532, "blstm_soft": 289_924, "blstm_self": 453_636}
    assert {name: found["network", name] for name in students} == students
    assert found["network", "tcn_self_deep"] == 556_164
    teachers = {"tcn_soft": 2_623_020, "tcn_self": 2_819_628, "blstm_soft": 981_292, "blstm_self": 1_177_900}
    assert {name: found["recogniser", name] for name in teachers} == teachers


def test_attention_transfer_weighs_1_with_squares_and_its_weight_is_swept(plan, spec):
    """Neither is named; p as Zagoruyko and Komodakis have it."""
    with_transfer = [name for name in PAPER["systems"] if "_at" in name]
    assert len(with_transfer) == 5
    for system in with_transfer:
        transfer = spec(system)["parameters"]["transfer"]
        assert (transfer["weight"], transfer["p"]) == (1.0, 2)
    points = {point["values"]["transfer.weight"]: point["system"] for point in plan.systems["zhao2021"].sweeps[SWEEP]}
    assert sorted(points) == [0.1, 1, 10, 100]
    assert points[1] == "tcn_self_at"
    for weight, system in points.items():
        one, other = spec(system), spec("tcn_self_at")
        assert one["parameters"].pop("transfer") == other["parameters"].pop("transfer") | {"weight": weight}
        assert one["parameters"] == other["parameters"]
    demo = make_plan(papers=["zhao2021"]).systems["zhao2021"].sweeps[SWEEP]
    assert {point["values"]["transfer.weight"] for point in demo} <= set(points) and len(demo) > 1


@pytest.mark.parametrize("kind", ["blstm_soft", "blstm_self", "tcn_soft", "tcn_self"])
def test_transfer_is_all_that_a_system_with_it_has_beside_the_one_without(spec, kind):
    ablated, with_it = spec(kind), spec(f"{kind}_at")
    transfer = with_it["parameters"].pop("transfer")
    assert transfer["teacher"] == kind
    assert with_it.pop("teacher")["learner"] == "recogniser"
    assert ablated.pop("teacher") is None
    assert with_it == ablated


def test_the_teacher_of_shuffled_sound_differs_in_its_audio_alone(teacher):
    own, shuffled = teacher("tcn_self"), teacher("tcn_self_shuffled")
    assert shuffled["parameters"] == own["parameters"] | {"audio": "shuffled"}


def test_a_session_is_left_out_and_validation_chooses(plan):
    own = PAPER["as_published"]
    assert plan.workflow.splits[own["split"]] == {
        "kind": "session_parts",
        "folds": 5,
        "networks": "session_out",
    }
    assert own["select"] == "best_validation"
    assert PAPER["protocols"]["parts_at_random"]["split"] == "session_parts_random"


def test_a_corpus_without_transcripts_runs_all_but_transfer_and_says_why():
    report = Report(make_plan(papers=["zhao2021"], **emodb()))
    rows = {row["id"]: row for row in report.table("zhao2021", "table2")["rows"]}
    for name, row in rows.items():
        reason = row["missing"].get("as_published")
        assert reason == (
            "Berlin EmoDB has no transcripts (`transcripts` in workflow/corpora/emodb.yaml)"
            if name.endswith("_at")
            else None
        )
    assert not {"recognition", "transfer_weight"} & set(report.figures("zhao2021"))
    notes = report.document("0")["papers"][0]["notes"]
    assert any("weight of attention transfer: not made (Berlin EmoDB has no transcripts" in note for note in notes)
    assert not report.teachers
