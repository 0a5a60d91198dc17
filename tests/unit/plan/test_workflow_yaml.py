"""The YAML files as a whole: what is misspelt or missing is named; text from the command line is understood."""

import subprocess
import sys

import pytest
import yaml

from helpers.declared import CONFIG, ROOT, copy_of_workflow, make_plan, rewrite
from serflow.config import read_yaml
from serflow.errors import UserError
from serflow.plan.workflow import read_workflow


def refused(root=ROOT, **change):
    with pytest.raises(UserError) as caught:
        read_workflow(CONFIG | change, root=root)
    return str(caught.value)


def test_a_misspelt_key_names_the_nearest():
    assert "config.yaml: top level: unknown key 'protocls'; did you mean 'protocols'?" in refused(protocls=["strict"])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"corpus": "iemocpa"}, "config.yaml: corpus: 'iemocpa' is unknown; did you mean 'iemocap'?"),
        ({"papers": ["xu2002"]}, "config.yaml: papers: 'xu2002' is unknown; did you mean 'xu2020'?"),
        ({"protocols": ["strikt"]}, "config.yaml: protocols: 'strikt' is unknown; did you mean 'strict'?"),
        (
            {"preset": "papr"},
            "config.yaml: preset (of xu2020, one of `papers`): 'papr' is unknown; did you mean 'paper'?",
        ),
        (
            {"preset": "eighth"},
            "config.yaml: preset (of xu2020, one of `papers`): 'eighth' is unknown",
        ),
        ({"seeds": []}, "config.yaml: seeds"),
        ({"folds": 0}, "config.yaml: folds"),
        ({"device": "gpu"}, "config.yaml: device"),
        ({"papers": []}, "config.yaml: papers"),
    ],
)
def test_an_unknown_value_is_named_with_its_key(change, message):
    assert message in refused(**change)


@pytest.mark.parametrize("corpus", ["emodb", "iemocap"])
def test_a_corpus_that_is_not_generated_needs_a_release(corpus):
    assert f"config.yaml: release: missing; corpus '{corpus}' is not generated" in refused(corpus=corpus)


def test_the_release_is_where_the_configuration_says_or_under_data():
    assert make_plan().workflow.release.as_posix() == "data/demo/release"
    assert make_plan(corpus="emodb", release="a/b").workflow.release.as_posix() == "a/b"


def test_a_folder_that_is_no_release_is_told_before_anything_runs(tmp_path):
    (tmp_path / "full" / "Session1").mkdir(parents=True)
    faults = {
        name: make_plan(corpus="iemocap", release=str(tmp_path / name)).workflow.release_fault
        for name in ("full", "gone", ".")
    }
    assert faults["full"] is None
    assert f"release: no folder {tmp_path / 'gone'}; name the folder of the release" in faults["gone"]
    assert f"none of Session1 to Session5; set `release` in config.yaml to {tmp_path / 'full'}" in faults["."]


def test_a_release_that_serflow_writes_and_one_whose_files_may_bear_any_name_have_no_such_fault(tmp_path):
    assert make_plan().workflow.release_fault is None
    assert make_plan(corpus="emodb", release=str(tmp_path)).workflow.release_fault is None


def test_text_from_the_command_line_means_what_it_means_in_yaml():
    given = {"folds": "2", "sweeps": "false", "private": "True", "release": "null", "seeds": ["1", "7"]}
    config = read_workflow(CONFIG | given, root=ROOT).config
    assert {key: config[key] for key in given} == {
        "folds": 2,
        "sweeps": False,
        "private": True,
        "release": None,
        "seeds": [1, 7],
    }


def test_a_key_that_stands_twice_in_a_paper_is_refused(tmp_path):
    root = copy_of_workflow(tmp_path)
    path = root / "workflow/papers/xu2020.yaml"
    path.write_text(path.read_text() + "\nyear: 2021\n")
    assert "key 'year' stands twice" in refused(root=root)


def test_a_misspelt_key_of_a_paper_names_the_nearest(tmp_path):
    root = copy_of_workflow(tmp_path)
    rewrite(root, lambda content: content["tables"]["table2"].update(experimnt="full"))
    message = refused(root=root)
    assert "workflow/papers/xu2020.yaml: tables.table2: unknown key 'experimnt'; did you mean 'experiment'?" in message


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda paper: paper["tables"]["table_marker"]["protocols"].append("markr"),
            "tables.table_marker.protocols: 'markr' is not declared; did you mean 'marker'?",
        ),
        (
            lambda paper: paper["tables"]["table_marker"]["contrasts"][0].update({"from": "strict"}),
            "tables.table_marker.contrasts.from: 'strict' is not declared",
        ),
        (
            lambda paper: paper["protocols"]["marker"].update(split="markr"),
            "protocols.marker.split: 'markr' is not declared; did you mean 'marker'?",
        ),
        (
            lambda paper: paper["tables"]["table1"]["ablation"].append(["baseline", "at_eq9"]),
            "tables.table1.ablation: 'at_eq9' is not declared; did you mean 'att_eq9'?",
        ),
        (
            lambda paper: paper["systems"]["greedy_att_eq9"]["encoder"].update(system="greedy_att_eq8"),
            "systems.greedy_att_eq9.encoder.system: 'greedy_att_eq8' starts from a network itself; name one that",
        ),
        (
            lambda paper: paper["systems"]["greedy_att_eq9"]["encoder"].update(system="svm_compare"),
            "systems.greedy_att_eq9.encoder.system: 'svm_compare' is not declared",
        ),
        (
            lambda paper: paper["tables"]["table1"]["ablation"].append(["baseline", "greedy_att_eq9"]),
            "tables.table1.ablation: 'greedy_att_eq9' follows two rows; give one of the comparisons a table",
        ),
        (
            lambda paper: paper["tables"]["table_marker"].update(columns=["wa"]),
            "tables.table_marker.contrasts: they are told in UA; add ua to `columns`",
        ),
        (
            lambda paper: paper["presets"]["demo"]["runs"].update(markr="all"),
            "presets.demo.runs: 'markr' is not declared; did you mean 'marker'?",
        ),
        (
            lambda paper: paper["protocols"].update(strict={"split": "marker", "select": "best_validation"}),
            "protocols.strict: there is a protocol of that name already; choose another",
        ),
        (
            lambda paper: paper["tables"]["table_marker"]["contrasts"][0].update({"from": "marker", "to": "marker"}),
            "tables.table_marker.contrasts.0: from, to: both are 'marker'; name two protocols",
        ),
    ],
    ids=[
        "protocol",
        "contrast",
        "split",
        "component",
        "encoder",
        "yardstick",
        "two chains",
        "no ua",
        "preset",
        "own name",
        "one protocol",
    ],
)
def test_a_name_that_a_papers_table_uses_undeclared_is_named(tmp_path, change, message):
    root = copy_of_workflow(tmp_path)
    rewrite(root, change, paper="huang2016")
    assert f"workflow/papers/huang2016.yaml: {message}" in refused(root=root, papers=["huang2016"])


SCALE = {"kind": "data_scale", "title": "t", "source": "s", "sweep": "heads"}
TRANSFER = {"teacher": "x", "weight": 1, "p": 1}


def declare_other(paper):
    paper["systems"]["other"] = {}


def fig5(paper):
    return paper["figures"]["fig5"]


def rows(paper):
    return paper["tables"]["table2"]["rows"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda paper: rows(paper).append(dict(rows(paper)[0])), "tables.table2: rows: 'acnn' stands twice"),
        (
            lambda paper: paper["tables"]["table2"]["columns"].append("recall_happy"),
            "tables.table2.columns: 'recall_happy' is not declared; did you mean",
        ),
        (
            lambda paper: paper["tables"]["table2"]["columns"].append("wer"),
            "tables.table2.columns: 'wer' is not declared",
        ),
        (
            lambda paper: rows(paper)[0]["reported"].update(uar=1),
            "tables.table2.rows.acnn.reported: 'uar' is not declared; did you mean 'ua'?",
        ),
        (
            lambda paper: fig5(paper).pop("x"),
            "figures.fig5.x: missing (a parameter that the sweep varies)",
        ),
        (
            lambda paper: fig5(paper).update(x="model.n_haed"),
            "figures.fig5.x: 'model.n_haed' is not declared; did you mean 'model.n_head'?",
        ),
        (
            lambda paper: fig5(paper)["best_reported"].update({48: 4}),
            "figures.fig5.best_reported: 48 is not declared; did you mean '64'? Known: 32, 64, 128",
        ),
        (
            lambda paper: paper["figures"]["confusion"].update(panel="x"),
            "figures.confusion: unknown key 'panel'. Known: title, source, system, experiment, kind, average, note",
        ),
        (
            lambda paper: paper["figures"].update(table2=paper["figures"]["confusion"]),
            "figures.table2: there is a table of that name already; choose another",
        ),
        (
            lambda paper: paper["presets"]["demo"]["sweeps"].update(haeds={"model.n_head": [1]}),
            "presets.demo.sweeps: 'haeds' is not declared; did you mean 'heads'?",
        ),
        (
            lambda paper: paper["presets"]["demo"]["system"]["parameters"].update(trian={"epochs": 6}),
            "presets.demo.system.parameters: unknown key 'trian'; did you mean 'train'?",
        ),
        (
            lambda paper: paper["systems"]["acnn_original"]["parameters"]["segments"].update(short_test="padd"),
            "systems.acnn_original.parameters.segments.short_test: 'padd'; did you mean 'pad'? Known: pad, drop",
        ),
        (
            lambda paper: paper["systems"]["acnn_original"]["parameters"]["model"].update(dephts=None),
            "systems.acnn_original.parameters.model.dephts: null takes 'dephts' away, which is not there; did you mean",
        ),
        (
            lambda paper: paper["systems"]["conv1"].update(encoder={"system": "acnn"}, learner="svm"),
            "systems.conv1.encoder.weights: missing",
        ),
        (
            lambda paper: paper["systems"].update(poria={"learner": "mkl", "parameters": {}}),
            "systems.poria.encoder: missing; add this key",
        ),
        (
            lambda paper: paper["systems"]["conv1"]["parameters"].update(transfer=TRANSFER),
            "systems.conv1.parameters: transfer: wants whole utterances; set `segments: null`",
        ),
        (
            lambda paper: paper["presets"]["paper"]["sweeps"]["heads"].update({"model.n_size": [64, "big"]}),
            "presets.paper.sweeps.heads.model.n_size: 'big': expected a whole number (in system 'acnn')",
        ),
        (
            lambda paper: paper["systems"].update(majority={}),
            "systems.majority: there is a yardstick of that name already; choose another",
        ),
        (
            lambda paper: paper["presets"]["demo"]["sweeps"].update(heads={}),
            "presets.demo.sweeps.heads: {}: expected 1 or more",
        ),
        (
            lambda paper: paper["presets"]["demo"]["sweeps"]["heads"].update({"model.n_head.foo": [1]}),
            "presets.demo: sweeps.heads: 'model.n_head.foo' lies within 'model.n_head'; vary one of them",
        ),
        (
            lambda paper: paper["as_published"].update(select="best_validation"),
            "as_published.select: 'best_validation', but split 'random5' has no validation part",
        ),
        (
            lambda paper: paper.update(protocols={"own": {"split": "random5", "select": "best_validation"}}),
            "protocols.own.select: 'best_validation', but split 'random5' has no validation part",
        ),
        (
            lambda paper: paper["presets"]["demo"]["runs"]["strict"].append("acnn"),
            "presets.demo.runs.strict: 'acnn' stands twice; keep it once",
        ),
        (
            lambda paper: rows(paper).append({"id": "empty", "name": "Empty"}),
            "tables.table2.rows.11: row 'empty' shows nothing; say what makes it, or what is `reported`",
        ),
        (
            lambda paper: paper["tables"]["table2"].update(z_test={"against": "other"}) or declare_other(paper),
            "tables.table2.z_test.against: 'other' is not declared",
        ),
        (
            lambda paper: paper["tables"]["table2"].update(protocols=["strict", "strict"]),
            "tables.table2.protocols: 'strict' stands twice; keep it once",
        ),
        (
            lambda paper: paper["systems"].update({"2nd": {}}),
            "systems.2nd: key '2nd': expected text of the form",
        ),
        (
            lambda paper: paper["figures"].update(scale=SCALE),
            "figures.scale.sweep: 'heads' varies model.n_head, model.n_size; name one that varies train_per_class",
        ),
    ],
)
def test_what_would_fail_in_a_job_is_refused_before(tmp_path, change, message):
    root = copy_of_workflow(tmp_path)
    rewrite(root, change)
    assert f"workflow/papers/xu2020.yaml: {message}" in refused(root=root, papers=["xu2020"])


@pytest.mark.parametrize(
    ("file", "key", "value", "message"),
    [
        (
            "yardsticks",
            "svm_compare",
            {"features": "compar"},
            "svm_compare.features: 'compar' is unknown",
        ),
        ("features", "mfcc13", {"windw": "hann"}, "mfcc13: unknown key 'windw'; did you mean 'window'?"),
        ("features", "mfcc13", {"extractor": "mffc"}, "mfcc13.extractor: 'mffc'; did you mean 'mfcc'?"),
        ("features", "mfcc13", {"window": "han"}, "mfcc13.window: 'han'; did you mean 'hann'?"),
    ],
)
def test_what_papers_share_is_held_against_its_types(tmp_path, file, key, value, message):
    root = copy_of_workflow(tmp_path)
    path = root / f"workflow/{file}.yaml"
    content = read_yaml(path)
    content[key] |= value
    path.write_text(yaml.safe_dump(content))
    assert f"workflow/{file}.yaml: {message}" in refused(root=root)


def test_a_misspelt_column_is_told_alone(tmp_path):
    root = copy_of_workflow(tmp_path)
    rewrite(root, lambda content: content["tables"]["table2"].update(columns=["wa", "uaa"]))
    (line,) = refused(root=root).splitlines()
    assert "tables.table2.columns: 'uaa' is not declared; did you mean 'ua'?" in line


def test_a_column_of_words_is_refused_where_no_view_has_any(tmp_path):
    root = copy_of_workflow(tmp_path)
    rewrite(root, lambda content: content["tables"]["table2"]["columns"].append("ua_unshared"))
    assert "tables.table2.columns: 'ua_unshared' is not declared" in refused(root=root)


@pytest.mark.parametrize("place", ["shared", "first"])
def test_a_column_of_whole_segments_is_refused_where_the_first_system_cuts_none(tmp_path, place):
    def change(content):
        of = content["system"] if place == "shared" else content["systems"]["acnn"].setdefault("parameters", {})
        (of["parameters"] if place == "shared" else of)["segments"] = None

    root = copy_of_workflow(tmp_path)
    rewrite(root, change)
    assert "tables.table2.columns: 'ua_whole' is not declared" in refused(root=root)


def test_a_misspelt_key_of_a_sweep_is_told_before_the_names_that_no_longer_fit(tmp_path):
    def change(content):
        axes = content["presets"]["demo"]["sweeps"]["heads"]
        content["presets"]["demo"]["sweeps"]["heads"] = {"model.n_haed": axes["model.n_head"]}

    root = copy_of_workflow(tmp_path)
    rewrite(root, change)
    first = refused(root=root).splitlines()[0]
    assert "presets.demo.sweeps.heads.model: unknown key 'n_haed'; did you mean 'n_head'?" in first


def test_an_undeclared_name_is_told_once_whatever_the_presets(tmp_path):
    root = copy_of_workflow(tmp_path)
    rewrite(root, lambda paper: fig5(paper).update(x="model.n_haed"))
    told = [line for line in refused(root=root).splitlines() if "model.n_haed" in line]
    assert len(told) == len(set(told))


@pytest.mark.parametrize(
    ("reported", "passes"), [([100, 65.6], True), ([0, 65.6], False), ([1.5, 65.6], False), ([100, 656], False)]
)
def test_a_reported_point_is_a_count_and_a_percentage(tmp_path, reported, passes):
    root = copy_of_workflow(tmp_path)
    rewrite(root, lambda paper: paper["figures"]["figure6"].update(reported=[reported]), paper="li2019ijcai")
    if passes:
        read_workflow(CONFIG | {"papers": ["li2019ijcai"]}, root=root)
    else:
        assert "figures.figure6.reported.0: " in refused(root=root, papers=["li2019ijcai"])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda paper: paper["systems"]["rnn_elm"].update(features="compare"),
            "systems.rnn_elm.encoder.system: 'frame_blstm' reads features ",
        ),
        (
            lambda paper: paper["systems"]["rnn_elm"]["encoder"].update(system="forest"),
            "systems.rnn_elm.encoder.system: 'forest' is of learner 'svm'; name a system of learner 'network'",
        ),
        (
            lambda paper: paper["figures"]["recognition"].update(teachers=["tcn_self", "tcn_self"]),
            "figures.recognition.teachers: 'tcn_self' stands twice; keep it once",
        ),
    ],
)
def test_what_fails_of_encoders_and_teachers_is_refused_before(tmp_path, change, message):
    root = copy_of_workflow(tmp_path)
    svm = read_yaml(root / "workflow/yardsticks.yaml")["svm_compare"]
    taken = dict.fromkeys(("normalise", "segments", "model", "train"))

    def changed(paper):
        parameters = {key: taken[key] for key in taken if key in paper["system"]["parameters"]} | svm["parameters"]
        paper["systems"]["forest"] = {"learner": "svm", "features": "compare", "parameters": parameters}
        change(paper)

    rewrite(root, changed, paper="zhao2021")
    assert message in refused(root=root, papers=["zhao2021"])


@pytest.mark.parametrize(
    ("file", "change", "message"),
    [
        (
            "yardsticks",
            lambda content: content["majority"].update(reference=True),
            "reference: true of majority, svm_compare; expected of one",
        ),
        (
            "yardsticks",
            lambda content: content["svm_compare"].update(reference=False),
            "reference: true of no yardstick; expected of one",
        ),
        (
            "protocols",
            lambda content: content["protocols"].update(as_published=content["protocols"]["strict"]),
            "protocols.as_published: each paper declares its own; choose another name",
        ),
        (
            "protocols",
            lambda content: content["protocols"]["strict"].update(split="random5"),
            "protocols.strict.select: 'best_validation', but split 'random5' has no validation part",
        ),
        (
            "features",
            lambda content: content.update({"Bad Name": content["mfcc13"]}),
            "Bad Name: key 'Bad Name': expected text of the form",
        ),
    ],
)
def test_what_papers_share_is_whole(tmp_path, file, change, message):
    root = copy_of_workflow(tmp_path)
    path = root / f"workflow/{file}.yaml"
    content = read_yaml(path)
    change(content)
    path.write_text(yaml.safe_dump(content))
    assert f"workflow/{file}.yaml: {message}" in refused(root=root)


def test_published_counts_are_the_corpuss_or_those_of_what_it_stands_in_for():
    demo, iemocap = (make_plan(corpus=c, release="x").workflow.published for c in ("demo", "iemocap"))
    assert demo == iemocap
    assert demo["counts"]["all"]["neutral"] == 1708
    assert make_plan(corpus="emodb", release="x").workflow.published["counts"]["all"]["angry"] == 127


def test_the_plan_imports_nothing_slow():
    code = (
        "import sys, serflow.plan.report, serflow.provenance.closure, serflow.corpora.release_fingerprint\n"
        "print([name for name in ('torch', 'sklearn', 'librosa', 'pandas', 'scipy') if name in sys.modules])"
    )
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, env={"PYTHONPATH": str(ROOT / "src")}, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
