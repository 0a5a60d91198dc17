"""Networks at the papers' own widths: which statistics judge them, which epoch each speaker is judged at."""

import numpy as np
import pytest

from bench import strict, widths
from bench.rows import widths as row
from helpers.tiny_job import CLASSES, SPEC, changed, make_examples
from serflow.errors import UserError
from serflow.learners.network import Network

TWO = changed(SPEC, train__epochs=2, steps=6, train__schedule=None)


@pytest.fixture
def examples(tmp_path):
    return make_examples(tmp_path / "store", count=16, frames=(20, 31))


def test_running_statistics_are_those_of_a_training_that_never_saw_the_populations(examples):
    learner = widths.TwoStatistics(spec=TWO, classes=CLASSES, device="cpu", seed=1)
    learner.judged = {"train": examples}
    list(learner.fit(examples))
    usual = Network(spec=TWO, classes=CLASSES, device="cpu", seed=1)
    usual._estimate_population = lambda inputs, targets: None
    list(usual.fit(examples))
    labelled = dict(zip(examples.utterances, examples.labels, strict=True))
    names, probabilities = usual.predict(examples)
    loss = -np.log([row[labelled[name]] for name, row in zip(names, probabilities, strict=True)]).mean()
    assert learner.running["train"]["loss"] == pytest.approx(loss, rel=1e-6)
    assert learner.judge({"train": examples})["train"]["loss"] != pytest.approx(loss, rel=1e-3)


def test_each_speaker_is_judged_at_the_epoch_that_is_best_for_the_other():
    truth = np.array([0, 1, 0, 1])
    right, wrong = np.eye(2)[truth], np.eye(2)[1 - truth]
    first_of_a = np.concatenate([right[:2], wrong[2:]])  # epoch 1: all of speaker a, none of b
    run = {
        "probabilities": np.stack([first_of_a, 1 - first_of_a]),
        "truth": truth,
        "speakers": np.array(["a", "a", "b", "b"]),
    }
    _, chosen = strict._tested(run)
    assert chosen.argmax(axis=1).tolist() == [1, 0, 1, 0]  # a at epoch 2, which is best for b, and b at epoch 1


def test_the_benchmark_names_what_it_lacks(monkeypatch):
    monkeypatch.delenv(widths.RELEASE, raising=False)
    with pytest.raises(UserError, match="SERFLOW_EMODB is not set"):
        row.run(None)
