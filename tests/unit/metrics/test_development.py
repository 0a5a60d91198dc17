"""Scores of the validation part, at the epochs that the test part is scored at, worked by hand."""

import io
import json

import numpy as np
import pandas as pd
import pytest

from serflow.cli.score_runs import main
from serflow.metrics.run_files import Folds, read_run
from serflow.metrics.system_scores import SystemScores


def parting(part, epoch, turn):
    """Validation: five of six right in epoch 1, three in epoch 2; test: two in epoch 1, four in epoch 2."""
    right = {("validation", 1): 5, ("validation", 2): 3, ("test", 1): 2, ("test", 2): 4}
    return turn < right[part, epoch]


def of_part(split, write_run, part, folds=(1, 2, 3)):
    table = Folds(split)
    runs = [read_run(write_run("a", fold, 1, parting), table, part=part) for fold in folds]
    return SystemScores(runs, table, permutations=20).scores_table().set_index(["select", "metric"])


def test_the_validation_part_is_scored_at_the_epoch_that_each_rule_chooses_for_the_test_part(split, write_run):
    table = of_part(split, write_run, "validation")
    assert table.loc[("best_validation", "wa"), "pooled"] == pytest.approx(5 / 6)  # epoch 1, which validation chooses
    assert table.loc[("last", "wa"), "pooled"] == pytest.approx(3 / 6)  # epoch 2
    # of the last epoch the turns 0, 1, 2 are right: two of three sad ones and one of three angry ones
    assert table.loc[("last", "recall_sad"), "pooled"] == pytest.approx(2 / 3)
    assert table.loc[("last", "ua"), "utterances"] == 18


def test_the_speakers_that_validate_are_resampled(split, write_run):
    low, high = of_part(split, write_run, "validation").loc[("last", "wa"), ["low_speakers", "high_speakers"]]
    assert (low, high) == (0.5, 0.5)  # each of the three has three of six right


def test_rules_that_choose_on_the_test_part_have_no_numbers_of_the_other(split, write_run):
    assert set(of_part(split, write_run, "validation").index.get_level_values("select")) == {"last", "best_validation"}


def test_the_test_part_is_scored_as_before(split, write_run):
    table = of_part(split, write_run, "test")
    assert table.loc[("best_validation", "wa"), "pooled"] == pytest.approx(2 / 6)
    assert table.loc[("last", "wa"), "pooled"] == pytest.approx(4 / 6)


@pytest.fixture
def score(fold_table, write_run, tmp_path, expected, shared_key):
    """Call the command on three folds, with further options; gives the written scores.csv as text."""
    for fold in (1, 2, 3):
        write_run("a", fold, 1, parting)
    systems = json.dumps({"a": expected()})
    command = ["--run", json.dumps(shared_key), "--systems", systems, "--split", fold_table]
    command += ["--view", "view.json", "--pairs", "[]"]

    def scored(*options):
        main([*command, "--permutations", "20", "--output", "out", *options])
        return (tmp_path / "out/scores.csv").read_text()

    return scored


def test_the_command_adds_lines_of_the_validation_part_where_it_is_asked_for_them_and_alters_no_other(score):
    plain, more = score(), score("--development")
    assert more.startswith(plain)
    added = pd.read_csv(io.StringIO(more[: more.index("\n") + 1] + more[len(plain) :]))
    assert set(added["select"]) == {"last", "best_validation"}
    assert added["metric"].str.endswith("_development").all()
    line = added[(added["select"] == "last") & (added["metric"] == "ua_development")].iloc[0]
    assert line["pooled"] == pytest.approx((2 / 3 + 1 / 3) / 2)
    assert np.isclose(line["low_speakers"], line["high_speakers"])
