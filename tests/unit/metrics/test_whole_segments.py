"""Scores of the test utterances that hold a whole segment, worked by hand."""

import io
import json

import numpy as np
import pandas as pd
import pytest

from serflow.cli.score_runs import main
from serflow.features.store import Store, write_store
from serflow.metrics.run_files import Folds, reduced, stored_run
from serflow.metrics.system_scores import SystemScores
from serflow.metrics.whole_segments import holds_a_segment

HOP = 0.032  # seconds: 2 s are 63 frames


def store_of(folder, frames):
    """A store of utterances of so many frames each."""
    drawn = ((name, np.zeros((count, 2), np.float32)) for name, count in sorted(frames.items()))
    write_store(folder, spec={}, dims=2, hop_seconds=HOP, versions={}, utterances=drawn)
    return Store.open(folder)


def test_an_utterance_of_as_many_frames_as_a_segment_holds_one(tmp_path):
    store = store_of(tmp_path / "store", {"a": 62, "b": 63, "c": 200})
    assert holds_a_segment(["c", "a", "b"], store, 2.0).tolist() == [True, False, True]
    assert holds_a_segment(["a"], store, 1.95).tolist() == [True]


def long_ones(folds):
    """The turns 0 to 3 of every speaker hold a segment, 4 and 5 do not."""
    return np.array([int(name[-1]) < 4 for name in folds.utterances])


def drawn_apart(part, epoch, turn):
    """Test: in epoch 1 the turns 0, 1, 2 and 3 are right, in epoch 2 all but turn 0; validation: 0 of epoch 1."""
    if part == "validation":
        return turn == 0 and epoch == 1
    return turn < 4 if epoch == 1 else turn > 0


def scored(split, write_run, *, kept):
    folds = Folds(split)
    runs = [reduced(stored_run(write_run("a", fold, 1, drawn_apart), folds), kept=kept(folds)) for fold in (1, 2, 3)]
    return runs, SystemScores(runs, folds, permutations=20).scores_table().set_index(["select", "metric"])


def test_where_the_test_part_chooses_the_epoch_these_alone_choose_it(split, write_run):
    runs, table = scored(split, write_run, kept=long_ones)
    assert [run.epochs for run in runs] == [{"last": 2, "best_validation": 1, "best_test": 1}] * 3
    # of the last epoch the turns 1, 2, 3 of four are right: one of two sad ones, both angry ones
    assert table.loc[("last", "wa"), "pooled"] == pytest.approx(3 / 4)
    assert table.loc[("last", "ua"), "pooled"] == pytest.approx((1 / 2 + 1) / 2)
    assert table.loc[("last", "ua"), "utterances"] == 12
    for select in ("best_test", "best_validation"):
        assert table.loc[(select, "wa"), "pooled"] == 1
    assert table.loc[("best_test_each", "wa"), "mean"] == 1


def test_all_together_choose_another_epoch(split, write_run):
    runs, table = scored(split, write_run, kept=lambda folds: None)
    assert {run.epochs["best_test"] for run in runs} == {2}
    assert table.loc[("best_test", "wa"), "pooled"] == pytest.approx(5 / 6)


def test_a_run_of_which_none_holds_a_segment_is_read_and_has_nothing_to_score(split, write_run):
    folds = Folds(split)
    stored = stored_run(write_run("a", 1, 1, drawn_apart), folds)
    run = reduced(stored, kept=np.zeros(len(folds.utterances), dtype=bool))
    assert len(run.tested) == 0


@pytest.fixture
def score(split, fold_table, write_run, tmp_path, expected, shared_key):
    """Call the command on three folds of two systems; gives the written scores.csv and pairs.csv as text.

    `frames`: of each turn; None: no table shows whole segments.
    """
    for fold in (1, 2, 3):
        write_run("a", fold, 1, drawn_apart)
        write_run("b", fold, 1, lambda part, epoch, turn: turn in (1, 4, 5))

    def written(frames):
        segment = frames and {"features": "mfcc", "seconds": 2.0}
        systems = json.dumps(dict.fromkeys("ab", expected(segment=segment)))
        command = ["--run", json.dumps(shared_key), "--systems", systems, "--split", fold_table, "--view", "view.json"]
        command += ["--pairs", '[["a", "b"]]', "--permutations", "20", "--output", "out"]
        if frames:
            store_of(tmp_path / "mfcc", {name: frames(int(name[-1])) for name in Folds(split).utterances})
            command += ["--store", "mfcc/store.json"]
        main(command)
        return [(tmp_path / f"out/{name}.csv").read_text() for name in ("scores", "pairs", "runs", "confusion")]

    return written


def test_the_command_adds_lines_of_whole_segments_and_alters_no_other(score):
    plain, more = score(None), score(lambda turn: 63 if turn < 4 else 62)
    assert more[2:] == plain[2:]
    added = []
    for before, after in zip(plain[:2], more[:2], strict=True):
        assert after.startswith(before)
        added.append(pd.read_csv(io.StringIO(before[: before.index("\n") + 1] + after[len(before) :])))
        assert added[-1]["metric"].str.endswith("_whole").all()
    scores, pairs = (table.set_index(["system", "select", "metric"]) for table in added)
    line = scores.loc[("a", "last", "wa_whole")]
    assert (line["pooled"], line["utterances"], line["low_speakers"]) == (0.75, 12, 0.75)
    assert scores.loc[("a", "best_test_each", "wa_whole"), "mean"] == 1
    # of the last epoch a has three of four right, b one
    assert pairs.loc[("a", "last", "wa_whole"), "difference"] == 0.5
    assert pairs.loc[("a", "last", "wa_whole"), "p_utterances"] > 0


def test_where_no_utterance_holds_a_segment_there_is_no_line(score):
    assert score(lambda turn: 20) == score(None)
