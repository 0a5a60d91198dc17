"""Scores without the test utterances whose words were trained on, worked by hand."""

import numpy as np
import pytest

from serflow.metrics.run_files import Folds, read_run
from serflow.metrics.shared_text import shared_text, without_shared
from serflow.metrics.system_scores import SystemScores


def half(part, epoch, turn):
    """Turns 0, 1 and 2 right: of the sad turns 0, 2, 4 two, of the angry turns 1, 3, 5 one."""
    return turn < 3


def words_of(folds, *, scripted=(0, 3)):
    """Turns 0 and 3 say the same for all speakers, turn 5 says nothing, the others say what nobody else does."""
    said = {}
    for name in folds.utterances:
        turn = int(name[-1])
        said[name] = ["line", str(turn)] if turn in scripted else [] if turn == 5 else [name]
    return said


def test_a_test_utterance_shares_its_words_only_with_training(split):
    folds = Folds(split)
    shared = shared_text(folds, 1, words_of(folds))
    names = list(folds.utterances[shared])
    assert {name[-1] for name in names} == {"0", "3"}
    assert all(folds.members(1, "test")[shared])
    only_tested = {name: ["here"] if folds.members(1, "test")[i] else [name] for i, name in enumerate(folds.utterances)}
    assert not shared_text(folds, 1, only_tested).any(), "said twice in the test part, never in training"


def test_scores_of_the_rest_by_hand(split, write_run):
    folds = Folds(split)
    runs = [read_run(write_run("a", fold, 1, half), folds) for fold in (1, 2)]
    left = without_shared(runs, folds, words_of(folds))
    # left of each speaker: turns 1 (angry, right), 2 (sad, right), 4 (sad, wrong), 5 (angry, wrong)
    table = SystemScores(left, folds, permutations=20).scores_table()
    row = table[(table["select"] == "last") & (table["metric"] == "ua")].iloc[0]
    assert row["pooled"] == pytest.approx(0.5)
    assert row["utterances"] == 8
    recalls = table[(table["select"] == "last")].set_index("metric")["pooled"]
    assert (recalls["recall_sad"], recalls["recall_angry"]) == (0.5, 0.5)
    assert [run.epochs for run in left] == [run.epochs for run in runs]


def test_the_runs_themselves_stay_as_they_were(split, write_run):
    folds = Folds(split)
    run = read_run(write_run("a", 1, 1, half), folds)
    before = {select: values.copy() for select, values in run.outputs.items()}
    without_shared([run], folds, words_of(folds))
    assert all(np.array_equal(run.outputs[select], values) for select, values in before.items())
    assert len(run.tested) == 6


def test_a_run_of_which_nothing_is_left_is_left_out(split, write_run):
    folds = Folds(split)
    runs = [read_run(write_run("a", fold, 1, half), folds) for fold in (1, 2)]
    everything = {name: ["the", "same"] for name in folds.utterances}
    assert without_shared(runs, folds, everything) == []
