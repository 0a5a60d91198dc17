"""Which teacher goes with which run, how many there are, and what of a paper about them is refused."""

from collections import Counter

import pytest

from helpers.declared import ROOT, copy_of_workflow, emodb, iemocap, make_plan, make_report, rewrite
from serflow.errors import UserError
from serflow.forecast.jobs import planned_jobs
from serflow.plan.teachers import maps_of, required_maps, teacher_of
from serflow.provenance.run_key import RunKey

PAPER = {"papers": ["zhao2021"]}


def teacher_runs(plan):
    """The teachers that systems learn from."""
    return sorted({teacher for teacher, _, _ in required_maps(plan)})


@pytest.fixture(scope="module")
def plan():
    return make_plan(**PAPER | iemocap())


def student(split, fold, system="tcn_self_at", seed=1):
    return RunKey("iemocap", "paper", "zhao2021", "improvised", system, split, fold, seed)


def teacher_folds(plan, split, folds):
    return [teacher_of(plan, student(split, fold)).fold for fold in range(1, folds + 1)]


@pytest.mark.parametrize("split", ["session_parts", "session_parts_random"])
def test_a_fold_that_leaves_a_session_out_goes_with_the_teacher_of_that_session(plan, split):
    assert teacher_folds(plan, split, 5) == [1, 2, 3, 4, 5]


def test_a_fold_of_a_speaker_goes_with_the_teacher_that_left_the_speakers_session_out(plan):
    assert teacher_folds(plan, "speaker", 10) == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]


def test_a_training_goes_with_the_teacher_of_the_folds_that_it_judges(plan):
    for split in ("speaker", "session_parts"):
        for fold in plan.folds_of("zhao2021", split):
            run = student(split, fold)
            assert teacher_of(plan, plan.training(run)) == teacher_of(plan, run)


@pytest.mark.parametrize("split", ["random5", "random10", "speaker_one_out"])
def test_a_fold_that_leaves_no_session_out_has_no_teacher(plan, split):
    with pytest.raises(UserError, match=f"zhao2021.yaml: tcn_self_at learns .* whom {split} tests; choose a split"):
        teacher_of(plan, student(split, 1))


def test_a_teacher_is_a_run_on_its_own_view_whatever_the_students_seed(plan):
    expected = RunKey("iemocap", "paper", "zhao2021", "spoken", "tcn_self", "session_parts", 3, 1)
    assert [teacher_of(plan, student("session_parts", 3, seed=seed)) for seed in (1, 2, 3)] == [expected] * 3
    assert teacher_of(plan, student("session_parts", 3, "tcn_self_at_shuffled")).system == "tcn_self_shuffled"


def test_maps_lie_with_the_teacher_by_the_students_view_and_exponent(plan):
    folder = "results/iemocap/paper/zhao2021/spoken/blstm_soft/session_parts/fold4/seed1"
    assert maps_of(plan, student("session_parts", 4, "blstm_soft_at")) == f"{folder}/maps/improvised_p2/store.json"


def test_a_system_that_learns_from_none_has_neither_teacher_nor_maps(plan):
    run = student("session_parts", 1, "tcn_self")
    assert (teacher_of(plan, run), maps_of(plan, run)) == (None, None)


def test_the_paper_preset_has_five_teachers_a_session_whatever_the_seeds():
    runs = teacher_runs(make_plan(**PAPER | iemocap()))
    teachers = ["tcn_self", "tcn_soft", "blstm_self", "blstm_soft", "tcn_self_shuffled"]
    assert Counter(run.system for run in runs) == dict.fromkeys(teachers, 5)
    assert {(run.experiment, run.split, run.seed) for run in runs} == {("spoken", "session_parts", 1)}
    assert teacher_runs(make_plan(**PAPER | iemocap(seeds=[1, 2, 3, 4]))) == runs


def test_the_demo_has_the_teachers_of_its_two_folds():
    folds = Counter((run.system, run.fold) for run in teacher_runs(make_plan(**PAPER)))
    assert len(folds) == 10 and set(folds.values()) == {1}
    # of speakers, two folds are one session
    strict = teacher_runs(make_plan(**PAPER | {"protocols": ["strict"]}))
    assert [(run.system, run.fold) for run in strict] == [("tcn_self", 1)]


def test_papers_without_teachers_have_none():
    assert teacher_runs(make_plan(papers=["xu2020", "huang2016"])) == []


def test_transfer_is_left_out_where_teachers_were_trained_on_who_is_tested():
    plan = make_plan(**PAPER | iemocap())
    key = "`protocols.random10.split` in workflow/protocols.yaml"
    reason = f"not run: teachers leave a session out, and random10 ({key}) does not"
    assert plan.skip_reason("zhao2021", "tcn_self_at", "random10") == reason
    assert plan.skip_reason("zhao2021", "tcn_self", "random10") is None
    for protocol in ("as_published", "strict", "parts_at_random"):
        assert plan.skip_reason("zhao2021", "tcn_self_at", protocol) is None
    assert not any(run.system.endswith("_at") for run in plan.runs if run.split == "random10")


def test_transfer_is_left_out_where_nothing_was_written_down():
    plan = make_plan(**PAPER | emodb(preset="paper"))
    reason = "Berlin EmoDB has no transcripts (`transcripts` in workflow/corpora/emodb.yaml)"
    assert plan.skip_reason_of_teachers("zhao2021") == reason
    assert plan.skip_reason("zhao2021", "tcn_self_at", "as_published") == reason
    assert plan.skip_reason("zhao2021", "tcn_self", "as_published") is None
    assert teacher_runs(plan) == []
    assert make_plan(**PAPER).skip_reason_of_teachers("zhao2021") is None


def test_a_teachers_spec_is_part_of_its_students():
    systems = make_plan(**PAPER).systems["zhao2021"]
    embedded, whole = systems.spec("blstm_self_at", "improvised")["teacher"], systems.teacher_spec("blstm_self")
    # how it decodes at its end changes nothing that a student learns
    assert whole["parameters"].pop("beam") == 2
    assert embedded == whole
    assert systems.spec("blstm_self", "improvised")["teacher"] is None
    assert systems.teacher_spec("tcn_self")["parameters"]["audio"] == "own"
    assert systems.teacher_spec("tcn_self_shuffled")["parameters"]["audio"] == "shuffled"


def test_the_declared_seed_is_the_teachers_and_not_the_students(tmp_path):
    rewrite(copy_of_workflow(tmp_path), lambda paper: paper["teacher"].update(seed=7), "zhao2021")
    runs = teacher_runs(make_plan(root=tmp_path, **PAPER | {"seeds": [2, 3]}))
    assert {run.seed for run in runs} == {7}


def test_a_beam_of_another_width_leaves_every_student_as_it_is(tmp_path):
    def widen(paper):
        paper["presets"]["demo"]["teacher"]["parameters"]["beam"] = 9

    rewrite(copy_of_workflow(tmp_path), widen, "zhao2021")
    before, after = (make_plan(root=root, **PAPER).systems["zhao2021"] for root in (ROOT, tmp_path))
    assert after.teacher_spec("tcn_self") != before.teacher_spec("tcn_self")
    assert after.spec("tcn_self_at", "improvised") == before.spec("tcn_self_at", "improvised")


def test_a_preset_may_give_all_teachers_other_features():
    specs = {
        preset: make_plan(**PAPER | iemocap(preset=preset)).systems["zhao2021"].teacher_spec("tcn_self")
        for preset in ("paper", "demo")
    }
    assert {preset: spec["features"] for preset, spec in specs.items()} == {
        "paper": "logmel120",
        "demo": "logmel120_40ms",
    }


def test_a_null_of_a_preset_takes_a_setting_from_every_teacher(tmp_path):
    def leave_out(paper):
        nothing = dict.fromkeys(("spans", "longest_seconds", "normalise"))
        paper["presets"]["demo"]["teacher"]["parameters"].update(nothing)

    rewrite(copy_of_workflow(tmp_path), leave_out, "zhao2021")
    report = make_report(root=tmp_path, **PAPER)
    parameters = report.plan.systems["zhao2021"].teacher_spec("tcn_self")["parameters"]
    assert not {"spans", "longest_seconds", "normalise"} & set(parameters)
    jobs = planned_jobs(report)
    assert (jobs["alignments"], jobs["train_teacher"]) == (0, 10)
    assert planned_jobs(make_report(**PAPER))["alignments"] == 1


def test_a_teacher_has_no_features_of_its_own(tmp_path):
    rewrite(copy_of_workflow(tmp_path), lambda paper: paper["teachers"]["tcn_soft"].update(features="x"), "zhao2021")
    with pytest.raises(UserError, match="zhao2021.yaml: teachers.tcn_soft: unknown key 'features'"):
        make_plan(root=tmp_path, **PAPER)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"wieght": 1.0}, "transfer: unknown key 'wieght'; did you mean 'weight'"),
        ({"p": 0.5}, "transfer.p: 0.5: expected 1 or more"),
        ({"weight": -1}, "transfer.weight: -1: expected 0 or more"),
    ],
)
def test_a_transfer_of_another_form_is_refused(tmp_path, change, message):
    def write(paper):
        paper["systems"]["tcn_self_at"]["parameters"]["transfer"].update(change)

    rewrite(copy_of_workflow(tmp_path), write, "zhao2021")
    with pytest.raises(UserError, match=f"zhao2021.yaml: systems.tcn_self_at.parameters.{message}"):
        make_plan(root=tmp_path, **PAPER)


def test_a_teachers_features_must_be_declared(tmp_path):
    def misspell(paper):
        paper["presets"]["demo"]["teacher"]["features"] = "logmel12"

    rewrite(copy_of_workflow(tmp_path), misspell, "zhao2021")
    with pytest.raises(
        UserError,
        match="presets.demo.teacher.features: 'logmel12' is not in workflow/features.yaml; did you mean 'logmel120'",
    ):
        make_plan(root=tmp_path, **PAPER).systems["zhao2021"].teacher_spec("tcn_self")


SCORED = "teachers are scored on the view that they are trained on; name 'spoken'"


def of_transfer(paper):
    paper["systems"]["tcn_self_at"]["parameters"]["transfer"]["teacher"] = "tcn_slef"


def of_a_row(paper):
    paper["tables"]["table_asr"]["rows"][0]["teacher"] = "tcn_slef"


def of_a_figure(paper):
    paper["figures"]["recognition"]["teachers"] = ["tcn_slef"]


def of_a_test(paper):
    paper["tables"]["table2"]["z_test"]["against"] = "dnn_eml"


def of_a_view(paper):
    paper["teacher"]["experiment"] = "spokn"


def of_a_split(paper):
    paper["teacher"]["split"] = "session_part"


def of_speakers(paper):
    paper["teacher"]["split"] = "speaker"


def of_a_system_that_sees_it(paper):
    paper["tables"]["table_shuffled"]["experiment"] = "spoken"


def of_a_table_of_another_view(paper):
    paper["tables"]["table_asr"]["experiment"] = "improvised"


def of_a_figure_of_another_view(paper):
    paper["figures"]["recognition"]["experiment"] = "improvised"


def of_a_chain(paper):
    recognition = paper["tables"]["table_asr"]
    recognition["rows"].append({"id": "svm", "name": "SVM", "system": "svm_compare"})
    recognition["ablation"] = [["svm", "tcn_self"]]


def of_a_chain_of_systems(paper):
    shuffled = paper["tables"]["table_shuffled"]
    shuffled["rows"].append({"id": "teacher", "name": "Teacher", "teacher": "tcn_self"})
    shuffled["ablation"] = [["tcn_self", "teacher"]]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (of_a_chain, "tables.table_asr.rows.5: unknown key 'system'"),
        (of_a_chain_of_systems, "tables.table_shuffled.rows.3: unknown key 'teacher'"),
        (of_transfer, "systems.tcn_self_at.parameters.transfer.teacher: 'tcn_slef' is not declared; did you mean"),
        (of_a_row, "tables.table_asr.rows.tcn_self.teacher: 'tcn_slef' is not declared; did you mean"),
        (of_a_figure, "figures.recognition.teachers: 'tcn_slef' is not declared; did you mean 'tcn_self'"),
        (of_a_test, "tables.table2.z_test.against: 'dnn_eml' is not declared; did you mean 'dnn_elm'"),
        (of_a_view, "teacher.experiment: 'spokn' is not declared; did you mean 'spoken'"),
        (of_a_split, "teacher.split: 'session_part' is not declared; did you mean 'session_parts'"),
        (of_speakers, "teacher.split: 'speaker' does not leave a session out in each fold; name session_parts"),
        (of_a_system_that_sees_it, "tables.table_shuffled: systems are not run on 'spoken', which is what teach"),
        (of_a_table_of_another_view, f"tables.table_asr.experiment: {SCORED}"),
        (of_a_figure_of_another_view, f"figures.recognition.experiment: {SCORED}"),
    ],
    ids=lambda value: value.__name__ if callable(value) else "",
)  # fmt: skip
def test_what_a_paper_says_amiss_about_its_teachers_is_named(tmp_path, change, message):
    rewrite(copy_of_workflow(tmp_path), change, "zhao2021")
    with pytest.raises(UserError) as refused:
        make_plan(root=tmp_path, **PAPER)
    assert f"workflow/papers/zhao2021.yaml: {message}" in str(refused.value)


def test_the_name_of_a_teachers_view_is_no_other_papers_view(tmp_path):
    """What teaches and what trains are told apart by it."""

    def change(paper):
        paper["experiments"]["spoken"] = paper["experiments"]["full"]

    rewrite(copy_of_workflow(tmp_path), change, "huang2016")
    with pytest.raises(UserError, match="huang2016.yaml: experiments: 'spoken' is the teachers' of zhao2021"):
        make_plan(root=tmp_path, papers=["huang2016", "zhao2021"])
    make_plan(root=tmp_path, papers=["huang2016"])
