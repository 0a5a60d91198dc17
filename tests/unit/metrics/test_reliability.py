"""Bins of the top probability: beside a plain loop, and their ECE beside that of scores.csv."""

import math
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest

from serflow.metrics.reliability import reliability_table
from serflow.metrics.run_files import Folds
from serflow.metrics.scored_run import ScoredRun
from serflow.metrics.system_families import all_metrics, system_families
from serflow.metrics.system_scores import SystemScores


@pytest.fixture
def make(split):
    """Scores of one system whose probabilities are drawn, of some seeds."""
    folds = Folds(split)
    classes = sorted(folds.classes)
    truth = np.array([classes.index(label) for label in folds.labels])

    def made(seeds, kept=lambda seed: slice(None)):
        runs = []
        for seed in seeds:
            tested = np.arange(len(truth))[kept(seed)]
            drawn = np.random.default_rng(seed).dirichlet(np.ones(2), len(tested)).astype(np.float32)
            metrics = {"last": all_metrics(system_families(classes), truth[tested], drawn)}
            runs.append(ScoredRun("a", 1, seed, classes, {"last": 1}, metrics, {"last": drawn}, tested))
        return SystemScores(runs, folds, permutations=20)

    return made


@pytest.mark.parametrize("seeds", [[1], [1, 2, 3]])
def test_every_bin_is_what_a_plain_loop_gives(make, seeds):
    scores = make(seeds)
    found = {number: [] for number in range(1, 16)}
    for run in scores.runs:
        for truth, row in zip(scores.truth[run.tested], run.outputs["last"], strict=True):
            number = math.ceil(Fraction(float(row.max())) * 15)
            found[number].append((float(row.max()), row.argmax() == truth))
    table = reliability_table(scores)
    assert table["bin"].tolist() == list(found)
    for line in table.itertuples():
        inside = found[line.bin]
        assert line.utterances == pytest.approx(len(inside) / len(seeds))
        if not inside:
            assert np.isnan(line.confidence) and np.isnan(line.accuracy)
            continue
        assert line.confidence == pytest.approx(np.mean([top for top, _ in inside]))
        assert line.accuracy == pytest.approx(np.mean([right for _, right in inside]))
        assert line.low < line.confidence <= line.high


def test_of_one_seed_the_bins_give_the_ece_of_the_scores(make):
    scores = make([1])
    ece = scores.scores_table().set_index("metric").loc["ece", "pooled"]
    bins = reliability_table(scores)
    gaps = (bins["accuracy"] - bins["confidence"]).abs().fillna(0)
    assert (bins["utterances"] * gaps).sum() / bins["utterances"].sum() == pytest.approx(ece)
    assert ece > 0


def test_bins_follow_one_another_from_nothing_to_certainty(make):
    bins = reliability_table(make([1]))
    assert (bins["low"].iloc[0], bins["high"].iloc[-1]) == (0, 1)
    assert all(high == low for (_, high), (low, _) in pairwise(zip(bins["low"], bins["high"], strict=True)))


def test_an_utterance_that_a_seed_does_not_predict_counts_in_the_others(make):
    scores = make([1, 2], kept=lambda seed: slice(0, 10 if seed == 1 else 20))
    assert reliability_table(scores)["utterances"].sum() == 15
