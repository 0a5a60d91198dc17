"""Teachers, their maps and students that learn them: what runs, and what reruns."""

import csv
import json

import pytest

from helpers.projects import Project, one_student, small_report
from serflow.asr.pronunciations import _cmudict

PAPER = "zhao2021"
RESULTS = f"results/demo/demo/{PAPER}"
STUDENT, PLAIN = "tcn_self_at", "tcn_self"
SYSTEMS = (PLAIN, STUDENT)


def runs(*systems):
    return {f"{RESULTS}/improvised/{system}/session_out/fold{fold}/runs.json" for system in systems for fold in (1, 2)}


def teacher(fold):
    return f"{RESULTS}/spoken/tcn_self/session_parts/fold{fold}/seed1"


TEACHERS = {f"{teacher(fold)}/hypotheses.parquet" for fold in (1, 2)}
MAPS = {f"{teacher(fold)}/maps/improvised_p2/store.json" for fold in (1, 2)}


@pytest.fixture(scope="module")
def finished(tmp_path_factory) -> Project:
    """A project whose small report is made."""
    return small_report(tmp_path_factory.mktemp("transfer"), PAPER, one_student)


def read(project, path):
    return json.loads((project.folder / path).read_text(encoding="utf-8"))


def transfer(project, **change):
    project.paper(lambda data: data["systems"][STUDENT]["parameters"]["transfer"].update(change), PAPER)


def test_one_run_makes_teachers_maps_students_and_the_report_and_then_nothing_is_to_be_done(finished):
    for pattern, expected in (("runs.json", runs(*SYSTEMS)), ("hypotheses.parquet", TEACHERS)):
        assert {
            str(path.relative_to(finished.folder)) for path in finished.folder.glob(f"results/**/{pattern}")
        } == expected
    assert {str(path.relative_to(finished.folder)) for path in finished.folder.glob("results/**/store.json")} == MAPS
    assert (finished.folder / "reports/all_tables.pdf").read_bytes().startswith(b"%PDF")
    with open(finished.folder / f"{RESULTS}/spoken/asr/session_parts/scores.csv", newline="") as file:
        assert {"wer", "per"} <= {row["metric"] for row in csv.DictReader(file)}
    assert finished.planned() == {}


def test_a_student_learns_the_maps_of_the_teacher_that_was_not_trained_on_its_session(finished):
    for fold in (1, 2):
        student = read(finished, f"{RESULTS}/improvised/{STUDENT}/session_out/fold{fold}/seed1/run.json")
        store = read(finished, f"{teacher(fold)}/maps/improvised_p2/store.json")
        assert student["inputs"]["maps"] == store["digest"]
        speakers = read(finished, f"{teacher(fold)}/run.json")["train_speakers"]
        assert speakers == store["spec"]["train_speakers"]
        assert not any(name.startswith(f"Ses0{fold}") for name in speakers)
        assert {name[:5] for name in speakers} == {f"Ses0{session}" for session in range(1, 6) if session != fold}


def test_a_changed_word_of_a_turn_trains_the_teacher_anew_and_all_that_learn_from_it(project):
    dialogs = project.folder / "data/demo/release/Session3/dialog/transcriptions"
    dialog = min(dialogs.glob("Ses03F_impro*.txt"))
    text = dialog.read_text(encoding="latin-1")
    dialog.write_text(text.replace("]: ", "]: Indeed ", 1), encoding="latin-1")
    done = project.done()
    assert done["train_teacher"] == TEACHERS
    assert done["teacher_maps"] == MAPS
    assert done["train"] == runs(STUDENT)
    assert "features" not in done
    assert project.planned() == {}


def test_a_changed_label_trains_no_teacher_anew(project):
    """Of a turn of session 3, whose class the students see, and teachers do not."""
    evaluations = project.folder / "data/demo/release/Session3/dialog/EmoEvaluation"
    for file in sorted(evaluations.glob("Ses03F_impro*.txt")):
        text = file.read_text(encoding="latin-1")
        if "\tsad\t" in text:
            file.write_text(text.replace("\tsad\t", "\tneu\t", 1), encoding="latin-1")
            break
    else:
        raise AssertionError("no sad turn in session 3")
    done = project.done()
    assert "train_teacher" not in done
    assert done["train"] == runs(*SYSTEMS)
    assert project.planned() == {}


def test_a_changed_weight_of_the_transfer_trains_the_student_alone(project):
    transfer(project, weight=0.5)
    planned = project.planned()
    assert planned["train"] == runs(STUDENT)
    assert not {"train_teacher", "teacher_maps", "score_asr"} & set(planned)


def test_a_changed_exponent_makes_maps_and_student_anew_and_not_the_teacher(project):
    transfer(project, p=3)
    planned = project.planned()
    assert "train_teacher" not in planned
    assert planned["teacher_maps"] == {path.replace("_p2", "_p3") for path in MAPS}
    assert planned["train"] == runs(STUDENT)


def test_a_changed_teacher_is_trained_anew_and_its_students_with_it(project):
    project.paper(lambda data: data["teacher"]["parameters"]["model"].update(history_dropout=0.2), PAPER)
    planned = project.planned()
    assert (planned["train_teacher"], planned["teacher_maps"], planned["train"]) == (TEACHERS, MAPS, runs(STUDENT))


def test_a_second_seed_trains_students_and_no_teacher(project):
    project.edit("config.yaml", "seeds: null", "seeds: [1, 2]")
    planned = project.planned()
    assert planned["train"] == runs(*SYSTEMS)
    assert not {"train_teacher", "teacher_maps", "score_asr"} & set(planned)


def test_a_word_more_in_the_dictionary_trains_no_teacher_anew(project):
    (project.folder / "own.dict").write_text(cmudict() + "\nxyzzyx Z IH1 Z\n", encoding="latin-1")
    project.edit("config.yaml", "pronunciations: null}", "pronunciations: own.dict}")
    done = project.done()
    assert "pronunciations" in done
    assert not {"train_teacher", "teacher_maps", "train", "score_runs"} & set(done)


def cmudict():
    return _cmudict().read_text(encoding="utf-8")


def test_the_source_of_the_recognisers_network_trains_the_teacher_anew_and_leaves_who_learns_from_none(project):
    project.edit("src/serflow/models/speech_recogniser.py", '"""The teacher: a', '"""The teacher, a')
    planned = project.planned()
    assert (planned["train_teacher"], planned["train"]) == (TEACHERS, runs(STUDENT))
