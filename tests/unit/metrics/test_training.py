"""UA on the training samples, and the rule that calls a network undertrained, at its edge."""

import numpy as np
import pytest

from serflow.metrics.run_files import Folds, read_run
from serflow.metrics.scored_run import ScoredRun
from serflow.metrics.training import is_undertrained, least_training_ua, training_table


@pytest.mark.parametrize(("classes", "least"), [(2, 0.75), (4, 0.625), (5, 0.6)])
def test_the_border_is_half_way_between_chance_and_one(classes, least):
    assert least_training_ua(classes) == pytest.approx(least)
    assert not is_undertrained(least, classes=classes)
    assert not is_undertrained(np.nextafter(least, 0), classes=classes)  # an equal rate, out of other counts
    assert is_undertrained(least - 1e-9, classes=classes)


def scored(counts, system="a", fold=1, seed=1, **how):
    """A run of which only the counts of its training sample matter."""
    nothing = {"classes": ["sad", "angry"], "epochs": {}, "metrics": {}, "outputs": {}, "tested": np.array([0])}
    how = {"in_steps": True} | how
    return ScoredRun(system=system, fold=fold, seed=seed, training_counts=np.array(counts, float), **nothing, **how)


GOOD, BAD = [[4, 0], [0, 4]], [[2, 2], [2, 2]]


def test_counts_are_pooled_over_folds_and_seeds_are_averaged():
    # of seed 1: 5 of 5 sad, 3 of 6 angry; of seed 2: 1 of 2 and 2 of 2
    runs = [scored([[4, 0], [3, 0]]), scored([[1, 0], [0, 3]], fold=2), scored([[1, 1], [0, 2]], seed=2)]
    table = training_table(runs)
    assert table.loc["a", "ua_train"] == pytest.approx(((1 + 0.5) / 2 + (0.5 + 1) / 2) / 2)
    assert table.loc["a", "undertrained"] == "no"  # 0.75 is not under 0.75


@pytest.mark.parametrize(
    ("own", "encoder", "state"), [(GOOD, GOOD, "no"), (BAD, GOOD, "yes"), (GOOD, BAD, "encoder"), (BAD, BAD, "yes")]
)
def test_the_mark_passes_on_from_a_network_to_what_rests_on_it(own, encoder, state):
    table = training_table([scored(own, encoder="lent"), scored(encoder, system="lent")])
    assert table.loc["a", "undertrained"] == state


@pytest.mark.parametrize(("lent", "state"), [(GOOD, "no"), (BAD, "encoder")])
def test_what_is_not_trained_in_steps_is_marked_for_its_encoder_alone(lent, state):
    runs = [scored(BAD, in_steps=False), scored(BAD, "mkl", in_steps=False, encoder="lent"), scored(lent, "lent")]
    table = training_table(runs)
    assert table["undertrained"].tolist()[:2] == ["", state]
    assert table.loc["a", "ua_train"] == 0.5


def test_a_run_gives_the_counts_of_its_last_epoch(split, write_run):
    def right(part, epoch, turn):
        return True

    # of each of 24 training utterances of epoch 1 none is right, in epoch 2 all but the turns 0: three sad ones
    entry = write_run("a", 1, 1, right, trained=lambda epoch, turn: epoch == 2 and turn > 0)
    run = read_run(entry, Folds(split))
    assert (run.in_steps, run.encoder) == (True, None)
    assert run.training_counts.sum() == len(split.query("fold == 1 and part == 'train'"))
    wrong = len(split.query("fold == 1 and part == 'train' and utterance.str.endswith('_0')"))
    assert run.training_counts[0, 1] == wrong > 0 == run.training_counts[1, 0]


def test_the_spec_says_of_a_run_whether_it_has_steps_and_on_what_it_rests(split, write_run):
    spec = {"parameters": {"kernels": []}, "encoder": {"system": "cnn", "weights": "last"}}
    run = read_run(write_run("mkl", 1, 1, lambda *where: True, spec=spec), Folds(split))
    assert (run.in_steps, run.encoder) == (False, "cnn")
