"""A corpus's budget leaves every system of every paper enough optimiser steps at the initial learning rate."""

import shutil

import pytest
import yaml

from helpers import ROOT
from helpers.declared import PAPERS, copy_of_workflow, make_plan
from serflow import corpora
from serflow.config import read_yaml
from serflow.training.schedules import learning_rate, steps_at_initial_rate, steps_per_epoch

LEAST = (
    1_000  # steps before the first cut; xu2020, of whose 50 epochs on IEMOCAP ten are at 1e-3, has about 2,000 there
)


def corpora_with_a_budget(root=ROOT):
    names = sorted(path.stem for path in (root / "workflow/corpora").glob("*.yaml"))
    return [name for name in names if corpora.load(name, root=root)["budget"]]


def presets(paper):
    """Those that are meant to teach a network something: all but the demo."""
    return [name for name in read_yaml(ROOT / f"workflow/papers/{paper}.yaml")["presets"] if name != "demo"]


def trained_specs(paper, corpus, preset, root):
    """Name and resolved spec of every system and teacher of a paper that is trained by gradients."""
    settings = {"corpus": corpus, "release": "some/folder", "preset": preset, "papers": [paper], "sweeps": False}
    systems = make_plan(root=root, **settings).systems[paper]
    for experiment in systems.workflow.papers[paper]["experiments"]:
        for name in systems.named:
            yield f"{experiment}/{name}", systems.spec(name, experiment)
    for name in systems.teachers:
        yield f"teacher {name}", systems.teacher_spec(name)


def starved(paper, corpus, preset, root=ROOT):
    """What has fewer than `LEAST` steps at the initial rate: name -> how many, counted as the training counts them."""
    found, seen = {}, 0
    for name, spec in trained_specs(paper, corpus, preset, root):
        train = spec["parameters"].get("train")
        if not train:
            continue
        seen += 1
        an_epoch = steps_per_epoch(steps=spec["steps"], epochs=train["epochs"], batches=1)
        rates = {"schedule": train["schedule"], "an_epoch": an_epoch, "steps": an_epoch * train["epochs"]}
        at_first = steps_at_initial_rate(done=rates["steps"], **rates)
        # one stretch from the first step on: no rate comes back after a cut
        assert learning_rate(at_first, initial=1.0, **rates) == 1
        if at_first < LEAST:
            found[name] = at_first
    assert seen
    return found


@pytest.mark.parametrize("paper", PAPERS)
def test_every_budget_keeps_the_initial_rate_for_a_thousand_steps(paper):
    assert corpora_with_a_budget() == ["emodb"]
    assert {preset: starved(paper, "emodb", preset) for preset in presets(paper)} == dict.fromkeys(presets(paper), {})


@pytest.fixture
def budget(tmp_path):
    """A root whose EmoDB has another budget."""
    root = copy_of_workflow(tmp_path)
    shutil.copy(ROOT / "config.yaml", root)
    path = root / "workflow/corpora/emodb.yaml"

    def written(**budget):
        path.write_text(yaml.safe_dump(read_yaml(path) | {"budget": budget}), encoding="utf-8")
        return root

    return written


def test_decay_points_in_proportion_to_300_steps_would_be_told(budget):
    """Of 50 epochs of six steps ten at the initial rate, as xu2020 has it: sixty steps."""
    root = budget(steps=300, schedule={"name": "late_cut", "after": 10 / 50, "factor": 0.1})
    found = starved("xu2020", "emodb", "paper", root)
    assert found["full/acnn"] == found["full/acnn_original"] == 60


@pytest.mark.parametrize(
    ("change", "at_first"),
    [
        ({"steps": 300}, 255),
        ({"schedule": {"name": "late_cut", "after": 0.5, "factor": 0.1}}, 600),
    ],
    ids=["fewer steps", "an earlier cut"],
)
def test_a_budget_that_starves_is_told(budget, change, at_first):
    whole = read_yaml(ROOT / "workflow/corpora/emodb.yaml")["budget"]
    assert starved("xu2020", "emodb", "paper", budget(**whole | change))["full/acnn"] == at_first
