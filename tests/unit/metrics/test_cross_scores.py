"""Scores of networks that each test the whole of another corpus's view, by hand."""

import numpy as np
import pandas as pd
import pytest

from serflow.errors import UserError
from serflow.metrics.cross_scores import CrossScores, PredictedView, read_networks
from serflow.metrics.intervals import jackknife

# four speakers with a sad and an angry utterance each
UTTERANCES = [f"{speaker}{label}" for speaker in "abcd" for label in ("sad", "angry")]
VIEW = PredictedView.of(
    pd.DataFrame(
        {
            "utterance": UTTERANCES,
            "class": ["sad", "angry"] * 4,
            "speaker": [name[0] for name in UTTERANCES],
            "session": ["1"] * 4 + ["2"] * 4,
        }
    ),
    ["sad", "angry", "happy"],
)
RIGHT = "abcd"


def write(path, right, *, seeds=(1,), folds=(1, 2), names=UTTERANCES):
    """Networks that are right of the utterances of these speakers, `right` by (seed, fold), and say sad of the rest.

    A third class, which the view lacks, takes half of each probability.
    """
    rows = []
    for seed in seeds:
        for fold in folds:
            for name in names:
                angry = name[0] in right[seed, fold] and name.endswith("angry")
                rows.append([fold, seed, name, 0.1 if angry else 0.4, 0.4 if angry else 0.1, 0.5])
    table = pd.DataFrame(rows, columns=["fold", "seed", "utterance", "p_sad", "p_angry", "p_happy"])
    table.astype({"p_sad": "float32", "p_angry": "float32", "p_happy": "float32"}).to_parquet(path)
    return path


def scores_of(tmp_path, unseeded=(), **systems):
    runs = []
    for name, (right, seeds) in systems.items():
        runs += read_networks(write(tmp_path / f"{name}.parquet", right, seeds=seeds), VIEW, name)
    return CrossScores(runs, VIEW, permutations=50, unseeded=unseeded)


def line(table, **wanted):
    for column, value in wanted.items():
        table = table[table[column] == value]
    (found,) = table.to_dict("records")
    return found


def test_classes_are_those_that_the_view_has_in_the_networks_order():
    assert VIEW.classes == ["sad", "angry"]


def test_a_value_is_the_mean_over_networks_and_every_one_of_them_tests_all(tmp_path):
    # all angry ones right: UA 1; none: UA 1/2; of two speakers: 3/4; of one: 5/8
    right = {(1, 1): RIGHT, (1, 2): "", (2, 1): "ab", (2, 2): "c"}
    found = line(scores_of(tmp_path, x=(right, (1, 2))).scores_table(), metric="ua")
    assert found["pooled"] == pytest.approx((1 + 0.5 + 0.75 + 0.625) / 4)
    assert (found["folds"], found["seeds"], found["utterances"], found["speakers"]) == (2, 2, 8, 4)
    assert found["sd_seeds"] == pytest.approx(np.std([0.75, 0.6875], ddof=1))


def test_the_interval_leaves_each_of_the_other_corpus_s_speakers_out_of_all_networks(tmp_path):
    right = {(1, 1): "ab", (1, 2): "a"}
    found = line(scores_of(tmp_path, x=(right, (1,))).scores_table(), metric="ua")
    # of speakers a, b, c, d: angry utterances that are right in the two networks, of one each
    recall = np.array([[1, 1], [1, 0], [0, 0], [0, 0]])
    made = jackknife(lambda sums: 0.5 + (sums[..., :2] / sums[..., 2:]).mean(-1, keepdims=True) / 2,
                     np.hstack([recall, np.ones((4, 1))]).astype(float))  # fmt: skip
    low, high = made.interval
    assert (found["low_speakers"], found["high_speakers"]) == (pytest.approx(low[0]), pytest.approx(min(high[0], 1)))


def test_probabilities_are_divided_by_their_sum_over_the_shared_classes(tmp_path):
    right = {(1, 1): "", (1, 2): ""}
    (run, _) = read_networks(write(tmp_path / "x.parquet", right), VIEW, "x")
    assert run.outputs["best_validation"] == pytest.approx(np.tile([0.8, 0.2], (8, 1)))


def test_where_all_of_it_lies_on_a_class_that_the_view_lacks_the_shared_ones_are_equal(tmp_path):
    path = write(tmp_path / "x.parquet", {(1, 1): "", (1, 2): ""})
    table = pd.read_parquet(path).assign(p_sad=np.float32(0), p_angry=np.float32(0), p_happy=np.float32(1))
    table.to_parquet(path)
    assert read_networks(path, VIEW, "x")[0].outputs["best_validation"] == pytest.approx(np.full((8, 2), 0.5))


def test_pairs_hold_each_network_against_that_of_its_fold_and_seed(tmp_path):
    better = {(1, 1): RIGHT, (1, 2): "ab", (2, 1): RIGHT, (2, 2): RIGHT}
    plain = {(1, 1): "", (1, 2): "ab"}
    scores = scores_of(tmp_path, unseeded={"plain"}, better=(better, (1, 2)), plain=(plain, (1,)))
    found = line(scores.pairs_table([("better", "plain")]), metric="ua")
    # seed 1: 1/2 and 0; seed 2: 1/2 and 1/4
    assert found["difference"] == pytest.approx((0.5 + 0 + 0.5 + 0.25) / 4)
    assert found["by_seed"] == "0.250000 0.375000" and found["seeds"] == 2
    # speakers a and b differ in two networks, c and d in all four: no other of the 2^4 swaps differs by as much
    assert found["p"] == pytest.approx(2 / 2**4) and found["speakers"] == 4


def test_utterances_that_a_network_leaves_out_are_not_scored(tmp_path):
    path = write(tmp_path / "x.parquet", {(1, 1): RIGHT, (1, 2): RIGHT}, names=UTTERANCES[:6])
    scores = CrossScores(read_networks(path, VIEW, "x"), VIEW, permutations=10)
    assert line(scores.scores_table(), metric="ua")["utterances"] == 6


def test_confusions_are_the_mean_over_the_networks(tmp_path):
    scores = scores_of(tmp_path, x=({(1, 1): RIGHT, (1, 2): "ab"}, (1,)))
    table = scores.confusion_table()
    assert line(table, truth="angry", predicted="angry")["count"] == 3
    assert line(table, truth="sad", predicted="sad")["count"] == 4


def test_an_utterance_that_is_not_in_the_view_is_refused(tmp_path):
    path = write(tmp_path / "x.parquet", {(1, 1): RIGHT, (1, 2): RIGHT}, names=[*UTTERANCES, "esad"])
    with pytest.raises(UserError, match="not in the view"):
        read_networks(path, VIEW, "x")
