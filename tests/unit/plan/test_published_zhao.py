"""What Zhao et al. print in 2021, typed anew from the paper's text, against its YAML."""

import itertools

import pytest

from helpers.declared import ROOT, emodb, iemocap, make_plan
from serflow.config import read_yaml
from serflow.plan.report import Report

PAPER = read_yaml(ROOT / "workflow/papers/zhao2021.yaml")
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
    return lambda system: plan.systems["zhao2021"].spec(system, "improvised")


@pytest.fixture(scope="module")
def teacher(plan):
    return plan.systems["zhao2021"].teacher_spec


def test_table_2_holds_every_number_of_the_paper_and_no_other():
    printed = {name: {"wa": wa, "ua": ua} for name, (wa, ua) in EARLIER.items()}
    for name, numbers in EIGHT.items():
        printed[name] = dict(zip(("wa_development", "ua_development", "wa", "ua"), numbers, strict=True))
    assert {name: reported for name, reported in ROWS.items() if reported} == printed
    assert set(PAPER["tables"]["table2"]["columns"]) == {"wa", "ua", "wa_development", "ua_development"}


def test_other_tables_repeat_numbers_of_table_2():
    rows = [row for row in PAPER["tables"]["table_encoder"]["rows"] if "reported" in row]
    assert len(rows) == 8
    assert all(row["reported"] == {key: ROWS[row["id"]][key] for key in ("wa", "ua")} for row in rows)


def test_the_papers_claims_hold_for_its_own_numbers():
    test = {name: numbers[2:] for name, numbers in EIGHT.items()}
    for name in ("blstm_soft", "blstm_self", "tcn_soft", "tcn_self"):
        assert all(with_it > ablated for with_it, ablated in zip(test[f"{name}_at"], test[name], strict=True))
    for encoder, ending in itertools.product(("blstm", "tcn"), ("", "_at")):
        assert test[f"{encoder}_self{ending}"] > test[f"{encoder}_soft{ending}"]


def test_each_claim_is_tested_between_the_rows_that_it_is_of():
    pairs = {pair for chain in PAPER["tables"]["table2"]["ablation"] for pair in itertools.pairwise(chain)}
    for encoder in ("blstm", "tcn"):
        assert {(f"{encoder}_soft", f"{encoder}_self"), (f"{encoder}_soft", f"{encoder}_soft_at")} <= pairs
        assert (f"{encoder}_self", f"{encoder}_self_at") in pairs
    chains = PAPER["tables"]["table_encoder"]["ablation"]
    assert chains == [[f"blstm_{kind}", f"tcn_{kind}"] for kind in ("soft", "self", "soft_at", "self_at")]
    assert PAPER["tables"]["table2"]["z_test"] == {"against": "dnn_elm"}


def test_the_word_error_rate_is_reported_of_the_tcn_with_self_attention():
    rows = {row["id"]: row.get("reported") for row in PAPER["tables"]["table_asr"]["rows"]}
    assert {name: reported for name, reported in rows.items() if reported} == {"tcn_self": {"wer": 47.7}}


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
    assert teacher("tcn_self")["parameters"]["train"]["optimizer"] == {"name": "adam", "lr": 1e-4}


def test_the_blstm_has_128_cells_a_direction_in_one_layer(spec, teacher):
    wanted = {"name": "blstm", "units": 128, "layers": 1}
    assert spec("blstm_self")["parameters"]["model"]["encoder"] == wanted
    assert teacher("blstm_soft")["parameters"]["model"]["encoder"] == wanted


def test_the_student_is_shallower_than_the_teacher(spec, teacher):
    student, of_teacher = (one("tcn_self")["parameters"]["model"]["encoder"]["dilations"] for one in (spec, teacher))
    assert student == of_teacher[: len(student)] and len(student) < len(of_teacher)


def test_students_train_100_epochs_at_the_papers_rate(spec):
    for system in EIGHT:
        train = spec(system)["parameters"]["train"]
        assert (train["epochs"], train["optimizer"]) == (100, {"name": "adam", "lr": 1e-4})


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
    assert plan.workflow.splits[own["split"]] == {"kind": "session_parts", "folds": 5}
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
    assert "asr" not in report.figures("zhao2021")
    assert not report.teachers
