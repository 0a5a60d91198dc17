"""The YAML files as a whole: what is misspelt or missing is named; text from the command line is understood."""

import subprocess
import sys

import pytest

from helpers.declared import CONFIG, ROOT, copy_of_workflow, make_plan, rewrite
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
    ],
)
def test_a_name_that_a_papers_table_uses_undeclared_is_named(tmp_path, change, message):
    root = copy_of_workflow(tmp_path)
    rewrite(root, change, paper="huang2016")
    assert f"workflow/papers/huang2016.yaml: {message}" in refused(root=root, papers=["huang2016"])


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
