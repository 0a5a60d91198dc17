"""Figures of one utterance, and of the size of training: what their entries in a YAML come to."""

import pytest

from helpers.declared import copy_of_workflow, declare_teachers, iemocap, make_report, rewrite
from serflow.errors import UserError
from serflow.forecast.jobs import planned_jobs
from serflow.plan.figures import attention_settings, runs_drawn
from serflow.plan.scoring import scores_folders

PAPER = "li2019ijcai"
MATRICES = {
    "kind": "correlation_matrices",
    "title": "Weights",
    "source": "Fig. 5a",
    "system": "rlc",
    "experiment": "acoustic",
    "class": "angry",
}
ENERGY = MATRICES | {"kind": "attention_energy", "energy": "frame_energy"}
CORRELATIONS = {key: value for key, value in ENERGY.items() if key != "class"} | {"kind": "energy_correlations"}
SCALE = {
    "kind": "data_scale",
    "title": "Sizes",
    "source": "Fig. 6",
    "sweep": "sizes_of_training",
    "reported": [[6000, 65.6]],
    "reported_on": "RID, read off the figure",
}
SIZES = {"train_per_class": [100, 200, None]}


@pytest.fixture
def declare(tmp_path):
    """A report on a copy of the workflow whose paper declares a figure and a sweep."""

    def declared(figure, *, sizes=SIZES, **config):
        def change(content):
            content["figures"]["figure"] = figure
            declare_teachers(content, tcn_self="TCN", tcn_soft="soft")
            content["systems"]["alone"] = {}  # which no table shows
            content.setdefault("sweeps", {})["sizes_of_training"] = {"system": "rlc", "experiment": "acoustic"}
            for preset in content["presets"].values():
                preset.setdefault("sweeps", {})["sizes_of_training"] = sizes

        rewrite(tmp_path if (tmp_path / "workflow").exists() else copy_of_workflow(tmp_path), change, paper=PAPER)
        return make_report(root=tmp_path, papers=[PAPER], **config)

    return declared


@pytest.mark.parametrize("kind", ["attention", "attention_energy", "correlation_matrices", "informativeness"])
def test_a_figure_of_an_utterance_is_drawn_from_a_file_beside_the_first_run(declare, kind):
    report = declare((ENERGY if kind == "attention_energy" else MATRICES) | {"kind": kind})
    spec = report.figure(PAPER, "figure")
    run = runs_drawn(report.scoring, PAPER, "figure")[0]
    assert run in report.plan.runs
    assert spec["attention"] == f"{run.folder}/attention_figure.npz"
    assert (spec["fold"], spec["split"], spec["name"], spec["show_text"]) == (1, "random10", "Proposed: RLC", True)


@pytest.mark.parametrize(("select", "weights"), [("best_validation", "best"), ("last", "last"), ("best_test", "last")])
def test_the_network_that_is_shown_is_of_the_epoch_that_the_protocol_counts(declare, tmp_path, select, weights):
    declare(ENERGY)
    rewrite(tmp_path, lambda content: content["as_published"].update(select=select), paper=PAPER)
    report = make_report(root=tmp_path, papers=[PAPER])
    assert report.figure(PAPER, "figure")["weights"] == weights


def test_where_the_published_protocol_is_not_run_the_first_one_that_is_decides(declare, tmp_path):
    declare(CORRELATIONS)
    rewrite(tmp_path, lambda content: content["as_published"].update(select="last"), paper=PAPER)
    spec = make_report(root=tmp_path, papers=[PAPER], protocols=["strict"]).figure(PAPER, "figure")
    assert (spec["split"], spec["weights"]) == ("speaker", "best")


def test_correlations_are_of_all_folds_and_seeds_a_file_beside_each_run(declare):
    report = declare(CORRELATIONS, seeds=[1, 2])
    spec = report.figure(PAPER, "figure")
    runs = report.plan.runs_of(PAPER, "acoustic", "rlc", "random10")
    assert [(run["fold"], run["seed"]) for run in spec["runs"]] == [(run.fold, run.seed) for run in runs]
    assert len(runs) == 4
    files = [run["correlations"] for run in spec["runs"]]
    assert files == [f"{run.folder}/energy_correlations_figure.csv" for run in runs]
    assert (spec["name"], spec["split"], spec["show_text"]) == ("Proposed: RLC", "random10", True)
    assert declare(CORRELATIONS, **iemocap()).figure(PAPER, "figure")["show_text"] is False


def test_the_plan_counts_a_job_a_run_and_the_store_and_digest_of_the_energy(declare):
    kinds = {"none": MATRICES, "one": ENERGY, "all": CORRELATIONS}
    jobs = {name: planned_jobs(declare(figure, seeds=[1, 2])) for name, figure in kinds.items()}
    assert [jobs[name]["energy_correlations"] for name in kinds] == [0, 0, 4]
    assert jobs["none"]["attention"] == jobs["one"]["attention"] == jobs["all"]["attention"] + 1
    for select in ("features", "fingerprint"):
        assert jobs["none"][select] + 1 == jobs["one"][select] == jobs["all"][select]
    assert jobs["none"]["train"] == jobs["one"]["train"] == jobs["all"]["train"]


ZHAO = "zhao2021"
MAPS = MATRICES | {"kind": "attention_maps", "beside": "alone"}


@pytest.fixture
def with_maps(tmp_path):
    """A report on a copy of the workflow whose figure of maps shows two systems; `alone` is in no table."""

    def declared(system="tcn_soft_at", beside="alone", **config):
        def change(content):
            content["systems"]["alone"] = {}
            content["figures"]["maps"] |= {"system": system, "beside": beside}

        rewrite(tmp_path if (tmp_path / "workflow").exists() else copy_of_workflow(tmp_path), change, paper=ZHAO)
        return make_report(root=tmp_path, papers=[ZHAO], **config)

    return declared


def test_a_figure_of_maps_names_the_student_its_teacher_and_the_system_beside(with_maps):
    report = with_maps(beside="tcn_soft")
    spec, run = report.figure(ZHAO, "maps"), runs_drawn(report.scoring, ZHAO, "maps")[0]
    assert run in report.plan.runs
    assert spec["attention"] == f"{run.folder}/attention_maps.npz"
    assert (spec["name"], spec["teacher"], spec["beside"], spec["split"]) == (
        "TCN + soft attention, with transfer", "TCN + soft attention", "TCN + soft attention", "session_parts",
    )  # fmt: skip


def test_the_system_beside_the_one_that_is_shown_is_trained_although_no_table_shows_it(with_maps):
    key = (ZHAO, "improvised", "alone", "session_parts")
    assert key not in with_maps(beside="tcn_soft").plan.required
    report = with_maps()
    assert key in report.plan.required
    assert report.figure(ZHAO, "maps")["beside"] == "alone"


def test_a_figure_of_two_systems_is_drawn_under_a_protocol_that_runs_both(with_maps):
    report = with_maps("tcn_self_at", protocols=["strict"])  # which the demo runs for the first one alone
    reason = "not run: `presets.demo.runs.strict` in workflow/papers/zhao2021.yaml does not list it"
    title = "Beyond the paper, attention of a teacher and of its student"
    assert f"{title}: not made ({reason})." in report.document("0")["papers"][0]["notes"]
    both = with_maps("tcn_self_at", protocols=["strict", "as_published"])
    assert both.figure(ZHAO, "maps")["split"] == runs_drawn(both.scoring, ZHAO, "maps")[0].split == "session_parts"


def test_maps_are_of_a_system_that_learns_from_a_teacher(with_maps):
    with pytest.raises(UserError, match="figures.maps.system: 'tcn_self' learns from no teacher; name one with `para"):
        with_maps("tcn_self")


def test_maps_need_a_system_beside_that_is_declared(declare):
    with pytest.raises(UserError, match="figures.figure.beside: missing"):
        declare(MATRICES | {"kind": "attention_maps"})
    with pytest.raises(UserError, match="figures.figure.beside: 'alon' is not declared; did you mean 'alone'"):
        declare(MAPS | {"beside": "alon"})


CURVES = {"kind": "asr_curves", "title": "Learning", "source": "Ours", "experiment": "spoken"}
CURVES |= {"teachers": ["tcn_self", "tcn_soft"], "note": "None is printed."}


def test_curves_of_teachers_lie_beside_their_scores_and_have_their_names(declare):
    spec = declare(CURVES).figure(PAPER, "figure")
    assert spec["curves"] == f"results/demo/demo/{PAPER}/spoken/asr/session_parts/curves.csv"
    names = {entry["teacher"]: entry["name"] for entry in spec["teachers"]}
    assert names == {"tcn_self": "TCN", "tcn_soft": "soft"}
    assert (spec["split"], spec["note"]) == ("session_parts", "None is printed. That is on IEMOCAP.")


def test_curves_are_not_made_where_no_teacher_is_trained(declare, tmp_path):
    declare(CURVES)
    path = tmp_path / "workflow/corpora/demo.yaml"
    path.write_text(path.read_text() + "transcripts: false\n")
    report = make_report(root=tmp_path, papers=[PAPER])
    assert "figure" not in report.figures(PAPER)
    notes = report.document("0")["papers"][0]["notes"]
    reason = "Stand-in for IEMOCAP has no transcripts (`transcripts` in workflow/corpora/demo.yaml)"
    assert f"Ours, learning: not made ({reason})." in notes


def test_a_confusion_matrix_says_how_folds_are_put_together_and_what_the_paper_shows(declare):
    plain = {key: value for key, value in MATRICES.items() if key != "class"} | {"kind": "confusion"}
    spec = declare(plain | {"average": "folds", "note": "sad: 70.13%"}).figure(PAPER, "figure")
    assert (spec["average"], spec["note"]) == ("folds", "sad: 70.13% That is on IEMOCAP.")
    assert declare(plain).figure(PAPER, "figure")["average"] is None
    with pytest.raises(UserError, match="figures.figure.average"):
        declare(plain | {"average": "seeds"})


@pytest.mark.parametrize("figure", [ENERGY, CORRELATIONS])
def test_energy_is_needed_and_a_declared_feature_set(declare, figure):
    with pytest.raises(UserError, match="figures.figure.energy: missing"):
        declare({key: value for key, value in figure.items() if key != "energy"})
    with pytest.raises(
        UserError, match="figures.figure.energy: 'frame_energi' is not declared; did you mean 'frame_energy'"
    ):
        declare(figure | {"energy": "frame_energi"})
    with pytest.raises(UserError, match="figures.figure.energy: 'mfcc13' is not declared. Known: frame_energy"):
        declare(figure | {"energy": "mfcc13"})


def test_the_job_is_told_what_the_yaml_says_of_utterance_and_block():
    assert attention_settings(MATRICES) == {"kind": "correlation_matrices", "class": "angry"}
    more = {"utterance": "X", "block": 3}
    assert attention_settings(MATRICES | more) == attention_settings(MATRICES) | more


def test_words_of_a_licensed_corpus_are_not_asked_for(declare):
    assert declare(MATRICES, **iemocap()).figure(PAPER, "figure")["show_text"] is False


def test_a_class_that_the_experiment_has_not_is_named_with_its_nearest(declare):
    with pytest.raises(UserError, match="figures.figure.class: 'angri' is not declared; did you mean 'angry'"):
        declare(MATRICES | {"class": "angri"})


def test_a_figure_of_an_utterance_needs_its_class(declare):
    with pytest.raises(UserError, match="figures.figure.class: missing"):
        declare({key: value for key, value in MATRICES.items() if key != "class"})


def test_reported_numbers_need_their_source(declare):
    with pytest.raises(UserError, match="reported_on: missing; say of which corpus"):
        declare({key: value for key, value in SCALE.items() if key != "reported_on"})


def test_training_sizes_are_points_of_which_all_utterances_are_the_named_system(declare):
    report = declare(SCALE, **iemocap())
    spec = report.figure(PAPER, "figure")
    assert [(point["system"], point["size"]) for point in spec["points"]] == [
        ("rlc_train_per_class100", 100),
        ("rlc_train_per_class200", 200),
        ("rlc", None),
    ]
    scores = report.scoring.folder(PAPER, "acoustic", "random10")
    assert {point["scores"] for point in spec["points"] + spec["yardsticks"]} == {scores}
    assert [entry["system"] for entry in spec["yardsticks"]] == ["majority", "svm_compare"]
    assert scores_folders(spec) == [scores]
    assert spec["split_table"] == f"data/iemocap/{PAPER}/acoustic/splits/random10.json"
    assert spec["folds"] == list(range(1, 11))
    assert spec["reported"] == [[6000, 65.6]]


def test_only_the_folds_that_are_run_count(declare):
    assert declare(SCALE).figure(PAPER, "figure")["folds"] == [1, 2]


def test_training_sizes_are_a_sweep_and_left_out_with_them(declare):
    report = declare(SCALE, sweeps=False)
    assert "figure" not in report.figures(PAPER)
    assert "Fig. 6, sizes: not made (`sweeps` in config.yaml is false)." in report.document("0")["papers"][0]["notes"]


def test_a_sweep_that_varies_more_than_the_size_is_an_error(declare):
    with pytest.raises(UserError, match="figures.figure.sweep: 'sizes_of_training' varies model.groups.heads"):
        declare(SCALE, sizes=SIZES | {"model.groups.heads": [2, 4]})
