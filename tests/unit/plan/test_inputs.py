"""What rules ask the plan for, by a job's wildcards: each of them, outside Snakemake."""

import json
from pathlib import Path

import pytest

from helpers import ROOT
from helpers.declared import PAPERS, copy_of_workflow, emodb, make_inputs, make_report, rewrite, wildcards
from helpers.given import record_given
from serflow.files import digest, write_json
from serflow.plan.figures import runs_drawn
from serflow.plan.groups import Group
from serflow.plan.inputs import JobInputs
from serflow.plan.scoring import scores_folders
from serflow.provenance.version import made_by

RLC = "li2019ijcai/acoustic/rlc/random10/1/1"
READER = "li2019ijcai/acoustic_lexical/rlc/random10/1/1"  # of sound and words
SVM = "li2019ijcai/acoustic/svm_compare/random10/1/1"
MAJORITY = "li2019ijcai/acoustic/majority/random10/1/1"
STUDENT = "zhao2021/improvised/tcn_self_at/session_parts/1/1"
TEACHER = "zhao2021/spoken/tcn_self/session_parts/1/1"
FOLDER = "results/demo/demo"
PUBLISHED = ("xu2020", "improvised")


class Missing(Exception):
    """A fingerprint that is still to be made, as Snakemake raises it."""


@pytest.fixture(scope="module")
def report():
    return make_report()


@pytest.fixture(scope="module")
def inputs(report):
    return make_inputs(report)


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    """Fingerprints of code go to the working folder."""
    monkeypatch.chdir(tmp_path)


def code_of(path):
    """The modules that a fingerprint of code names."""
    return path.removeprefix("data/code/").removesuffix(".json").split("+")


def test_views_splits_and_features_are_told_whole(inputs, report):
    place = wildcards("xu2020/improvised", split="random10", features="mfcc")
    name = next(iter(report.workflow.features))
    assert json.loads(inputs.view_spec(place)) == report.workflow.papers["xu2020"]["experiments"]["improvised"]
    assert json.loads(inputs.split_spec(place)) == report.workflow.splits["random10"]
    assert json.loads(inputs.features_spec(wildcards("", features=name))) == report.workflow.features[name]


def test_release_and_stores_are_folders_of_the_corpus(inputs):
    assert inputs.release(wildcards("")) == "data/demo/release"
    assert inputs.store_folder(wildcards("", features="mfcc")) == "data/demo/features/mfcc"


def test_the_code_of_extraction_holds_its_extractor(inputs, report):
    for name, spec in report.workflow.features.items():
        code = inputs.features_code(wildcards("", features=name))
        assert code_of(code) == ["cli.features", f"features.extractors.{spec['extractor']}"]


def test_audio_waits_for_an_accepted_manifest(report):
    asked = []
    inputs = make_inputs(report, fingerprint=lambda checkpoint, **_: asked.append(checkpoint))
    assert inputs.audio(wildcards("")) == "data/demo/audio.json"
    assert asked == ["accept"]


def test_a_run_reads_its_folds_its_features_and_a_store_that_decides_nothing(inputs):
    run = wildcards(RLC)
    features = inputs.plan.spec(inputs.run_key(run))["features"]
    assert inputs.split(run) == "split li2019ijcai acoustic random10"
    assert inputs.features(run) == f"fingerprint li2019ijcai acoustic {features}"
    assert inputs.store(run) == f"ancient data/demo/features/{features}/store.json"


def test_a_system_without_features_reads_none(inputs):
    assert inputs.features(wildcards(MAJORITY)) == inputs.store(wildcards(MAJORITY)) == []


def test_words_are_read_where_a_system_reads_text(inputs):
    assert inputs.transcripts(wildcards(READER)) == "transcripts li2019ijcai acoustic_lexical"
    assert inputs.transcripts(wildcards(RLC)) == []


def test_word_vectors_are_read_where_a_file_of_them_is_configured(tmp_path, inputs):
    assert inputs.vectors(wildcards(READER)) == []
    (tmp_path / "vectors.txt").write_text("1 1\nword 1\n")
    given = make_inputs(make_report(lexical={"vectors": str(tmp_path / "vectors.txt"), "pronunciations": None}))
    assert given.vectors(wildcards(READER)) == "word_vectors li2019ijcai acoustic_lexical"
    assert given.vectors(wildcards(RLC)) == []
    assert given.scored_vectors(wildcards(READER)) == "word_vectors li2019ijcai acoustic_lexical"
    assert given.scored_vectors(wildcards(RLC)) == []


def test_a_training_starts_from_those_of_the_same_fold(inputs):
    started = next(run for run in inputs.plan.trainings if inputs.plan.encoder(run))
    encoder = inputs.plan.encoder(started)
    assert inputs.encoder(started) == encoder.runs_file
    assert encoder.seed == started.seed
    assert inputs.encoder(wildcards(RLC)) == []


def test_a_job_is_told_its_key_spec_and_modules(inputs):
    job = json.loads(inputs.job(wildcards(RLC)))
    run = inputs.run_key(wildcards(RLC))
    assert job == {"run": run.key, "spec": inputs.plan.spec(run), "modules": inputs.plan.modules(run)}


def test_the_key_of_a_job_of_all_seeds_has_none(inputs):
    job = wildcards("li2019ijcai/acoustic/rlc/random10/1")
    assert json.loads(inputs.job(job))["run"] == {
        name: value for name, value in inputs.run_key(wildcards(RLC)).key.items() if name != "seed"
    }


def test_a_job_trains_the_configured_seeds_or_the_first_where_another_changes_nothing():
    inputs = make_inputs(make_report(seeds=[4, 2]))
    rlc, svm = (wildcards(f"li2019ijcai/acoustic/{system}/random10/1") for system in ("rlc", "svm_compare"))
    assert (inputs.seeds(rlc, output=None), inputs.seeds(svm, output=None)) == ([4, 2], [4])
    assert inputs.run_key(rlc).seed == 4


@pytest.mark.parametrize("experiment", ["improvised"])
def test_a_run_is_judged_by_the_training_that_leaves_its_session_out(inputs, experiment):
    run = wildcards(f"xu2020/{experiment}/acnn/speaker/4/1")
    folder = f"{FOLDER}/xu2020/{experiment}/acnn/session_out/fold2"
    assert inputs.training(run) == f"{folder}/seed1/run.json"
    assert inputs.trained(run) == f"{folder}/runs.json"


def test_a_split_by_session_is_told_the_splits_whose_folds_its_networks_judge(inputs, report):
    option, value = inputs.judged(wildcards("xu2020/improvised", split="session_out"))
    assert option == "--judged"
    assert json.loads(value) == report.workflow.judged("session_out")
    assert set(json.loads(value)) == {"speaker", "session_parts", "session_parts_random", "marker"}
    assert inputs.judged(wildcards("xu2020/improvised", split="speaker")) == []


def test_a_corpus_that_does_not_say_who_wore_markers_judges_no_fold_by_them():
    report = make_report(**emodb())
    assert "marker" not in report.workflow.judged("session_out")


def test_scores_of_folds_that_others_judge_name_the_fold_table_of_these(inputs):
    strict, own = (wildcards("xu2020/improvised", split=split) for split in ("speaker", "random10"))
    assert inputs.scored_networks(strict) == "split xu2020 improvised session_out"
    assert inputs.scored_networks(own) == []


JOB = "xu2020/improvised/acnn/random10/1"
WRITTEN = [
    "history.csv",
    "predictions.parquet",
    "model/epochs.json",
    "model/last/model.json",
    "model/last/weights.safetensors",
]


@pytest.fixture
def runs():
    """The file of a job of seeds 1 and 2, with all that it names."""
    path = Path(f"{FOLDER}/xu2020/improvised/acnn/random10/fold1/runs.json")
    write(path, {seed: {"digest": "d", "outputs": dict.fromkeys(WRITTEN, "sha")} for seed in ("1", "2")})
    for seed in (1, 2):
        for name in [*WRITTEN, "run.json"]:
            (path.parent / f"seed{seed}" / name).parent.mkdir(parents=True, exist_ok=True)
            (path.parent / f"seed{seed}" / name).write_text("")
    return path


def whole(*seeds, **config):
    return make_inputs(make_report(seeds=list(seeds), **config)).whole(wildcards(JOB))


def test_a_job_is_whole_where_all_files_of_its_seeds_are_there(runs):
    assert whole(1, 2)
    assert whole(2)
    assert not whole(1, 3)
    (runs.parent / "seed2/model/last/weights.safetensors").unlink()
    assert whole(1)
    assert not whole(1, 2)


@pytest.mark.parametrize(("gone", "whole"), [(None, True), ("history.csv", False), ("model/last/model.json", False)])
def test_a_teacher_is_whole_where_all_its_files_are_there(inputs, tmp_path, gone, whole):
    names = ["hypotheses.parquet", "history.csv", "model/epochs.json", "model/last/model.json"]
    for name in names:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert not inputs.whole_teacher(tmp_path), "run.json is not there"
    write_json(tmp_path / "run.json", {"outputs": dict.fromkeys(names, "0")})
    if gone:
        (tmp_path / gone).unlink()
    assert inputs.whole_teacher(tmp_path) == whole


def test_a_job_is_whole_without_the_networks_that_nobody_wants(runs):
    kept, gone = dict.fromkeys(WRITTEN, "sha"), dict.fromkeys(WRITTEN[:3], "sha")
    write(runs, {"1": {"digest": "d", "outputs": kept}, "2": {"digest": "d", "outputs": gone}})
    assert whole(1, 2, keep_weights="first_seed")
    assert not whole(1, 2, keep_weights="all")
    assert not whole(2, keep_weights="first_seed"), "seed 2 is the first one now"


def test_the_seeds_whose_networks_stay_are_told():
    told = [
        make_inputs(make_report(seeds=[4, 2], keep_weights=value)).seeds_with_weights(wildcards(JOB), output=None)
        for value in ("all", "first_seed")
    ]
    assert told == [[4, 2], [4]]


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"1": 2}', '{"1": {"outputs": null}}'])
def test_a_job_whose_file_is_mangled_is_not_whole(runs, content):
    runs.write_text(content)
    assert not whole(1)


def test_the_code_of_a_run_holds_its_learner_and_model(inputs):
    assert code_of(inputs.train_code(wildcards(RLC))) == ["cli.train", "learners.network", "models.rlc"]
    assert code_of(inputs.teacher_code(wildcards(TEACHER)))[:2] == ["cli.train_teacher", "asr.recogniser"]
    assert code_of(inputs.teacher_maps_code(wildcards(TEACHER)))[:2] == ["cli.teacher_maps", "asr.recogniser"]
    assert code_of(inputs.attention_code(wildcards(RLC)))[0] == "cli.attention"
    assert code_of(inputs.correlations_code(wildcards(RLC)))[0] == "cli.energy_correlations"


def test_what_has_a_network_goes_to_the_configured_device():
    inputs = make_inputs(make_report(device="cuda:1"))
    runs = wildcards(RLC), wildcards(SVM)
    assert [inputs.device(run) for run in runs] == ["cuda:1", "cpu"]
    assert [inputs.gpu_runs(run, threads=1) for run in runs] == [1, 0]
    assert [inputs.gres(run) for run in runs] == ["gpu:1", ""]


def test_seeds_side_by_side_count_each_on_a_gpu():
    inputs = make_inputs(make_report(device="cuda", seeds=[1, 2, 3]))
    job = wildcards("li2019ijcai/acoustic/rlc/random10/1")
    assert [inputs.gpu_runs(job, threads=threads) for threads in (1, 2, 8)] == [1, 2, 3]
    assert inputs.gpu_runs(wildcards(TEACHER), threads=8) == 1


def test_all_that_a_group_waits_for_is_made_before_one_of_its_runs(report):
    asked = []

    def fingerprint(checkpoint, **others):
        asked.append((checkpoint, *others.values()))
        return "path"

    splits, features = {("full", "speaker")}, {("full", "mfcc")}
    group = Group("name", splits=frozenset(splits), features=frozenset(features))
    inputs = make_inputs(report, fingerprint=fingerprint, group=lambda run: group)
    assert inputs.split(wildcards(RLC)) == inputs.features(wildcards(RLC)) == "path"
    assert ("split", "li2019ijcai", "full", "speaker") in asked
    assert ("fingerprint", "li2019ijcai", "full", "mfcc") in asked
    asked.clear()
    inputs.split(wildcards("li2019ijcai/acoustic", split="random10"))  # no run: of no group
    assert asked == [("split", "li2019ijcai", "acoustic", "random10")]


def teacher_inputs(inputs):
    """What teachers of zhao2021 are given."""
    features = inputs.plan.systems["zhao2021"].teacher_base["features"]
    words = [f"{what} zhao2021 spoken" for what in ("transcripts", "pronunciations", "alignments")]
    return {"split zhao2021 spoken session_parts", f"fingerprint zhao2021 spoken {features}", *words}


def waited_for(report, ask):
    """The fingerprints that `ask` names before it names a teacher's files, missing ones first."""
    made, names = set(), make_inputs(report)._fingerprint

    def fingerprint(checkpoint, **others):
        path = names(checkpoint, **others)
        if path not in made:
            made.add(path)
            raise Missing
        return path

    inputs = make_inputs(report, fingerprint=fingerprint)
    while True:
        try:
            ask(inputs)
        except Missing:
            continue
        except Exception:  # fold tables themselves are not there
            return made
        return made


@pytest.mark.parametrize(
    "ask",
    [
        lambda inputs: inputs.maps(wildcards(STUDENT)),
        lambda inputs: inputs.teacher(wildcards(TEACHER)),
        lambda inputs: inputs.scored_teachers(wildcards(TEACHER)),
        lambda inputs: inputs.scored_maps(wildcards("zhao2021/improvised", split="session_parts")),
        lambda inputs: inputs.wait_for_teacher_inputs("zhao2021"),
    ],
    ids=["student", "maps", "error_rates", "scores", "itself"],
)
def test_who_is_given_what_a_teacher_made_waits_for_all_that_the_teacher_was_given(report, ask):
    """Else Snakemake would not look again at a job behind a checkpoint's, and would train on stale maps."""
    assert waited_for(report, ask) >= teacher_inputs(make_inputs(report))


def test_a_student_learns_the_maps_of_the_teacher_that_leaves_its_session_out(inputs):
    maps = inputs.maps(wildcards("zhao2021/improvised/tcn_self_at/session_out/3/1"))
    assert maps.startswith(f"{FOLDER}/zhao2021/spoken/tcn_self/session_parts/fold3/seed1/maps/improvised_p")
    assert inputs.maps(wildcards("zhao2021/improvised/tcn_self/session_out/1/1")) == []
    first = maps.replace("fold3", "fold1")  # the demo has two folds
    assert first in inputs.scored_maps(wildcards("zhao2021/improvised", split="session_parts"))
    figure = next(
        (paper, item)
        for paper, data in inputs.workflow.papers.items()
        for item, figure in data["figures"].items()
        if "beside" in figure
    )
    assert inputs.shown_maps(wildcards(STUDENT, item=figure[1])) == first


def write(path, content):
    from serflow.files import write_json

    write_json(path, content)


def test_a_teacher_is_given_words_their_phones_and_times_and_features(inputs):
    run, spoken = wildcards(TEACHER, view="improvised"), "zhao2021 spoken"
    features = inputs.plan.systems["zhao2021"].teacher_base["features"]
    assert inputs.teacher_transcripts(run) == f"transcripts {spoken}"
    assert inputs.pronunciations(run) == f"pronunciations {spoken}"
    assert inputs.alignments(run) == f"alignments {spoken}"
    assert inputs.teacher_features(run) == f"fingerprint {spoken} {features}"
    assert inputs.attended_features(run) == f"fingerprint zhao2021 improvised {features}"


def test_teachers_that_are_given_no_runs_of_words_need_no_times(tmp_path):
    root = copy_of_workflow(tmp_path)

    def change(content):
        del content["teacher"]["parameters"]["spans"]
        for preset in content["presets"].values():
            preset.get("teacher", {}).get("parameters", {}).pop("spans", None)

    rewrite(root, change, paper="zhao2021")
    assert make_inputs(make_report(root=root, papers=["zhao2021"])).alignments(wildcards(TEACHER)) == []


def test_maps_are_made_of_the_teacher_in_whose_folder_they_stand(inputs):
    assert inputs.teacher(wildcards(TEACHER)) == f"{FOLDER}/zhao2021/spoken/tcn_self/session_parts/fold1/seed1/run.json"


def test_teachers_are_scored_by_run_json_and_what_they_wrote_decides_nothing(inputs):
    files = inputs.scored_teachers(wildcards(TEACHER))
    folder = f"{FOLDER}/zhao2021/spoken/tcn_self/session_parts/fold1/seed1"
    assert files[:2] == [f"{folder}/run.json", f"ancient {folder}/hypotheses.parquet"]
    assert json.loads(inputs.teachers_spec(wildcards(TEACHER))) == inputs.scoring.teachers("zhao2021")
    assert json.loads(inputs.teacher_pairs(wildcards(TEACHER))) == inputs.scoring.teacher_pairs("zhao2021")


def test_scores_are_of_all_runs_of_a_view_and_split(inputs):
    place = ("li2019ijcai", "acoustic", "random10")
    job = wildcards("li2019ijcai/acoustic", split="random10")
    trainings = {inputs.plan.training(run) for run in inputs.scoring.runs(*place)}
    assert inputs.scored_runs(job) == sorted({run.runs_file for run in trainings})
    features = inputs.scoring.features(*place)
    assert inputs.scored_features(job) == [f"fingerprint li2019ijcai acoustic {name}" for name in features]
    assert json.loads(inputs.systems_spec(job)) == inputs.scoring.systems(*place)
    assert json.loads(inputs.pairs(job)) == inputs.scoring.pairs(*place)
    key = {"corpus": "demo", "preset": "demo", "paper": place[0], "experiment": place[1], "split": place[2]}
    assert json.loads(inputs.scored_key(job)) == key


def test_protocols_are_compared_by_what_their_splits_give(inputs):
    job = wildcards("xu2020/improvised")
    scores, view = "results/demo/demo/xu2020/improvised/scores", "data/demo/xu2020/improvised"
    splits = ("random10", "random5", "speaker")
    assert inputs.contrasted(job) == [f"{scores}/{split}/selected.parquet" for split in splits]
    assert inputs.contrasted_splits(job) == [f"{view}/splits/{split}.json" for split in splits]
    published, leaky, strict = ["random5", "best_test"], ["random10", "best_validation"], ["speaker", "best_validation"]
    assert json.loads(inputs.contrasts(job)) == [[published, leaky], [published, strict], [leaky, strict]]
    assert json.loads(inputs.unseeded(job)) == ["majority", "svm_compare"]
    asked = {f"{scores}/{split}": digest(inputs.scoring.asked(*PUBLISHED, split)) for split in splits}
    assert json.loads(inputs.contrasted_scores(job)) == asked


def test_frames_are_counted_where_a_table_shows_utterances_of_a_whole_segment(inputs):
    stores = ["ancient data/demo/features/mfcc13/store.json", "ancient data/demo/features/mfcc26/store.json"]
    assert inputs.scored_stores(wildcards("xu2020/improvised", split="random5")) == stores
    assert inputs.scored_stores(wildcards("xu2020/improvised", split="random10")) == stores[:1]
    assert inputs.scored_stores(wildcards(RLC)) == []


def test_sound_is_scored_beside_words_where_a_view_of_the_paper_is_read_as_text(inputs):
    assert inputs.scored_transcripts(wildcards(RLC)) == "transcripts li2019ijcai acoustic"
    assert inputs.scored_transcripts(wildcards("xu2020/improvised", split="random10")) == []


def test_the_validation_part_is_scored_where_a_table_shows_it(inputs):
    assert [inputs.development(wildcards(paper)) for paper in ("zhao2021", "huang2016")] == ["--development", ""]


def test_tables_and_figures_are_told_whole_and_name_their_files(inputs, report):
    for paper in PAPERS:
        for item in report.tables(paper):
            asked = wildcards(paper, item=item)
            assert json.loads(inputs.table_spec(asked)) == report.table(paper, item)
            rests_on = scores_folders(report.table(paper, item)) or report.table(paper, item).get("view")
            assert bool(inputs.table_files(asked)) == bool(rests_on)
        for item in report.figures(paper):
            asked, kind = wildcards(paper, item=item), report.workflow.papers[paper]["figures"][item]["kind"]
            assert json.loads(inputs.figure_spec(asked)) == report.figure(paper, item)
            assert inputs.figure_files(asked)
            assert code_of(inputs.figure_code(asked)) == ["cli.figure", f"reporting.figures.{kind}"]


FILES = {  # of what a figure of each kind is drawn
    "label_distribution": ("data/demo/manifest.json",),
    "sweep": ("/scores.csv",),
    "data_scale": ("/scores.csv", ".json"),
    "confusion": ("/confusion.csv",),
    "training_curves": ("/runs.csv", "/runs.json", ".json"),
    "reliability": ("/reliability.csv", "/scores.csv"),
    "asr_curves": ("/curves.csv",),
    "energy_correlations": (".csv",),
}


def test_a_figure_of_each_kind_is_drawn_from_its_files_and_no_others(inputs, report):
    for paper in PAPERS:
        for item in report.figures(paper):
            kind = report.workflow.papers[paper]["figures"][item]["kind"]
            files = inputs.figure_files(wildcards(paper, item=item))
            expected = FILES.get(kind, (f"/attention_{item}.npz",))
            assert all(file.endswith(expected) for file in files), (kind, files)
            assert all(any(file.endswith(end) for file in files) for end in expected), (kind, files)


def test_the_report_holds_every_table_and_figure(inputs, report):
    items = inputs.report_items(wildcards(""))
    tables, figures = (sum(len(ids(paper)) for paper in PAPERS) for ids in (report.tables, report.figures))
    page = [report.findings[what] for what in ("systems", "claims", "picture")]
    assert len(items) == len(set(items)) == tables + 2 * figures + len(page)
    assert set(page) <= set(items)
    assert all(item.startswith("reports/demo-demo/") for item in items)


def test_an_export_also_rests_on_trainings_teachers_scores_and_contrasts(inputs, report):
    files = inputs.exported(wildcards(""))
    assert len(files) == len(set(files))
    assert {run.runs_file for run in report.plan.trainings} <= set(files)
    assert {f"{run.folder}/run.json" for run in report.teachers} <= set(files)
    assert {f"{report.scoring.folder(*place)}/scores.csv" for place in report.scoring.jobs} <= set(files)
    assert set(report.scoring.contrasts_files) <= set(files)
    assert f"{FOLDER}/zhao2021/spoken/asr/session_parts/scores.csv" in files


def test_the_page_of_findings_is_told_whole_and_names_scores_contrasts_and_claims(inputs, report):
    assert json.loads(inputs.findings_spec(wildcards(""))) == report.findings_spec()
    files = inputs.findings_files(wildcards(""))
    assert {file.rsplit("/", 1)[1] for file in files} == {"scores.csv", "contrasts.csv", *claims_of(report)}
    assert sum(file.endswith("/contrasts.csv") for file in files) == len({key[:2] for key in report.plan.required})


def claims_of(report):
    declared = [table for paper in PAPERS for table in report.workflow.papers[paper]["tables"].items()]
    return {f"{item}.csv" for item, table in declared if table.get("kind") == "claims"}


def figure_of(report, kind):
    """A figure of a kind, and the wildcards of the run whose network it shows."""
    for paper in PAPERS:
        for item in report.figures(paper):
            declared = report.workflow.papers[paper]["figures"][item]
            if declared["kind"] == kind:
                run = runs_drawn(report.scoring, paper, item)[0]
                return declared, wildcards("/".join(map(str, list(run.key.values())[2:])), item=item)
    raise AssertionError(kind)


def test_what_a_figure_shows_of_an_utterance_is_told_and_of_which_weights(inputs, report):
    declared, asked = figure_of(report, "attention_maps")
    assert json.loads(inputs.attention_spec(asked))["kind"] == declared["kind"]
    assert inputs.weights(asked) in ("best", "last")
    other = inputs.training(asked).replace(asked.system, declared["beside"])
    assert inputs.beside(asked) == other
    assert inputs.trained_beside(asked) == inputs.trained(asked).replace(asked.system, declared["beside"])
    assert inputs.energy(asked) == inputs.energy_fingerprint(asked) == []


def test_a_figure_that_shows_energy_reads_its_store_and_nothing_beside(inputs, report):
    declared, asked = figure_of(report, "energy_correlations")
    assert inputs.energy(asked) == f"ancient data/demo/features/{declared['energy']}/store.json"
    assert inputs.energy_fingerprint(asked) == f"fingerprint {asked.paper} {asked.experiment} {declared['energy']}"
    assert inputs.beside(asked) == inputs.shown_maps(asked) == []


def test_the_first_page_names_the_libraries_of_all_that_is_scored(inputs, report):
    found = inputs.libraries(wildcards(""))
    assert len(found) == len(set(found)) > len(report.scoring.jobs)  # teachers', too
    assert {str(Path(file).parent) for file in found} >= {report.scoring.folder(*job) for job in report.scoring.jobs}
    assert {Path(file).name for file in found} == {"libraries.json"}


def test_the_pdf_is_made_anew_where_what_stands_in_it_changes(inputs, report):
    assert inputs.document(wildcards("")) == digest(report.document(""))
    assert json.loads(inputs.made_by(wildcards(""))) == made_by()


def test_the_folds_of_a_paper_are_known_before_its_tables_are_planned(inputs):  # the rest: test_unavailable.py
    assert inputs.protocols(wildcards("xu2020")) == ["data/demo/xu2020/protocols.json"]
    assert json.loads(inputs.pieces(wildcards("xu2020")))["improvised"] == [2.0]
    splits = inputs.paper_splits(wildcards("xu2020"))
    assert "data/demo/xu2020/improvised/splits/session_out.json" in splits


@pytest.mark.parametrize("probabilities", [True, False])
def test_what_was_given_is_named_with_what_it_is(probabilities):
    asked = wildcards("xu2020/improvised", split="speaker")
    given = record_given(probabilities=probabilities)
    inputs = make_inputs(make_report())
    assert inputs.scored_given(asked) == [str(given.record)]
    assert inputs.given_predictions(asked) == [str(given.table)]
    assert list(json.loads(inputs.of_given(asked))) == ["mine"]
    assert json.loads(inputs.classes_only(asked)) == ([] if probabilities else ["mine"])
    assert inputs.scored_given(wildcards("xu2020/improvised", split="random10")) == []


def test_a_generated_release_is_told_its_size_seed_and_whose_proportions_it_follows(inputs, report):
    asked, declared = wildcards("", generated="demo"), report.workflow.corpus
    assert inputs.stands_for(asked) == str(ROOT / "workflow/corpora/iemocap.yaml")
    assert inputs.generated_release(asked) == "data/demo/release"
    assert inputs.generated_turns(asked) == declared["generate"]["turns"]
    assert inputs.generated_seed(asked) == declared["generate"]["seed"]
    assert inputs.generated_reads(asked) == declared["reads"]


def test_every_need_of_a_rule_is_tested_here():
    with open(__file__, encoding="utf-8") as file:
        text = file.read()
    public = [name for name in dir(JobInputs) if not name.startswith("_")]
    assert [name for name in public if f".{name}(" not in text] == []
