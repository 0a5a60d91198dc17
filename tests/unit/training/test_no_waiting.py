"""An epoch asks the device nothing but, at its end, for its losses.

torch's device "meta" has shapes and no data: whoever reads a value of it, or computes with it and the host's, fails.
What goes through on it does so on a GPU without waiting for it.
"""

import numpy as np
import pytest
import torch

from helpers import ROOT
from helpers.tiny_job import CLASSES, SPEC, changed, make_examples
from serflow.config import read_yaml
from serflow.forecast import measure, random_data
from serflow.learners.network import Network
from serflow.plan.systems import Systems
from serflow.plan.workflow import read_workflow
from serflow.training import gradient, inputs
from serflow.training.gradient import GradientLearner

META = torch.device("meta")


def declared():
    """A spec of each kind of network of the demo preset: of its name, encoder, transfer and what it reads."""
    papers = sorted(path.stem for path in (ROOT / "workflow/papers").glob("*.yaml"))
    config = read_yaml(ROOT / "config.yaml") | {"preset": "demo", "papers": papers, "corpus": "demo"}
    workflow, found = read_workflow(config, root=ROOT), {}
    for paper in papers:
        systems, declared = Systems(workflow, paper), workflow.papers[paper]
        specs = [systems.spec(name, experiment) for experiment in declared["experiments"] for name in systems.named]
        specs += [systems.teacher_spec(name) for name in declared.get("teachers", ())]
        for spec in specs:
            given = spec["parameters"]
            if "model" in given and not spec["encoder"]:
                kind = [given["model"]["name"], given["model"].get("encoder", {}).get("name"), spec["features"] is None]
                found.setdefault(repr([*kind, "transfer" in given, "text" in given]), spec)
    return found


DECLARED = declared()


@pytest.fixture
def epoch(tmp_path, monkeypatch):
    """Return a function that trains a network for one epoch of two steps on `META`, and gives the losses' parts."""
    monkeypatch.setattr(random_data, "WORDS", 10)  # a second, so that short utterances have some
    read = []
    monkeypatch.setattr(GradientLearner, "_losses", lambda self, parts, *, first: read.append(parts) or [0.0])

    def parts(spec):
        spec["parameters"]["train"] |= {"batch_size": 4, "frames_at_once": 200, "epochs": 2}
        cut = spec["parameters"].get("segments")
        seconds = np.full(8, cut["seconds"]) if cut else np.linspace(0.12, 0.2, 8)
        learner, examples = measure._Timing(spec, "cpu", tmp_path)._learner(spec | {"steps": 4}, seconds)
        learner.device = META
        next(learner.fit(examples))
        return read[-1]

    return parts


@pytest.mark.parametrize("kind", DECLARED)
def test_an_epoch_waits_for_nothing_but_its_losses(epoch, kind):
    parts = epoch(DECLARED[kind])
    assert len(parts) == 2
    assert all(loss.is_meta and loss.dim() == 0 and not loss.requires_grad for step in parts for loss in step)


def test_nor_where_the_features_lie_on_the_device(epoch, monkeypatch):
    monkeypatch.setattr(inputs, "_free", lambda device: 2**40)
    assert len(epoch(next(iter(DECLARED.values())))) == 2


def test_whoever_reads_a_loss_waits(tmp_path):
    learner = Network(spec=SPEC, classes=CLASSES, device="cpu", seed=1)
    learner.device = META
    with pytest.raises(NotImplementedError, match="Cannot copy out of meta tensor"):
        next(learner.fit(make_examples(tmp_path)))


def test_losses_of_an_epoch_are_read_at_once(tmp_path, monkeypatch):
    stacked = []
    real = torch.stack
    monkeypatch.setattr(gradient.torch, "stack", lambda tensors, **given: stacked.append(tensors) or real(tensors))
    learner = Network(spec=changed(SPEC, train__epochs=1), classes=CLASSES, device="cpu", seed=1)
    list(learner.fit(make_examples(tmp_path)))
    assert len([tensors for tensors in stacked if len(tensors) == learner.counts["steps_an_epoch"]]) == 1
