"""UA by sex, style, duration and speaker: beside plain loops, and what is said where there is little."""

import math

import numpy as np
import pandas as pd
import pytest
from scipy.stats import t

from serflow.errors import UserError
from serflow.metrics.groups import DURATIONS, duration_groups, groups_table, read_groups
from serflow.metrics.run_files import Folds, read_run
from serflow.metrics.system_scores import SystemScores


@pytest.fixture
def groups(tmp_path, view, split):
    """Group of each utterance of the fold table."""
    return read_groups(write(view, tmp_path), Folds(split).utterances)


def write(view, folder):
    path = folder / "view.parquet"
    view.to_parquet(path)
    return path


@pytest.fixture
def scores(split, write_run):
    """Six folds, a speaker each, and two seeds of a system that errs by speaker and turn."""
    folds = Folds(split)
    entries = [
        write_run("a", fold, seed, lambda part, epoch, turn, n=fold, s=seed: (turn * n + s) % 4 > 0)
        for fold in range(1, 7)
        for seed in (1, 2)
    ]
    return SystemScores([read_run(entry, folds) for entry in entries], folds, permutations=20)


def plain_ua(rows):
    """Mean of the classes' recalls of (class, right) pairs."""
    recalls = []
    for name in {label for label, _ in rows}:
        found = [right for label, right in rows if label == name]
        recalls.append(sum(found) / len(found))
    return sum(recalls) / len(recalls)


def answers(scores, split, seed):
    """Utterance -> (class, right) of one seed, at the last epoch."""
    names, output = Folds(split).utterances, scores.outputs("a", "last")[seed]
    labels = [scores.classes[place] for place in scores.truth]
    return {
        name: (label, scores.classes[row.argmax()] == label)
        for name, label, row in zip(names, labels, output, strict=True)
    }


@pytest.mark.parametrize("group", ["sex", "style", "duration", "speaker"])
def test_every_group_is_what_plain_loops_give(scores, groups, split, view, group):
    table = groups_table(scores, groups)
    lines = table[(table["select"] == "last") & (table["group"] == group)].set_index("value")
    column = view.assign(duration=[plain_duration(one) for one in view["duration"]]).set_index("utterance")[group]
    assert set(lines.index) == set(column)
    speaker_of = view.set_index("utterance")["speaker"]
    for value, line in lines.iterrows():
        names = [name for name in column.index if column[name] == value]
        people = sorted({speaker_of[name] for name in names})

        def ua(left_out=None, names=names):
            kept = [name for name in names if speaker_of[name] != left_out]
            seeds = [answers(scores, split, seed) for seed in (1, 2)]
            return sum(plain_ua([seed[name] for name in kept]) for seed in seeds) / 2

        assert line["ua"] == pytest.approx(ua())
        assert (line["utterances"], line["speakers"], line["seeds"], line["classes"]) == (
            len(names), len(people), 2, len({answers(scores, split, 1)[name][0] for name in names})
        )  # fmt: skip
        if len(people) < 3:
            assert np.isnan(line["low"]) and np.isnan(line["high"])
            continue
        squares = sum((ua(person) - ua()) ** 2 for person in people)
        reach = t.ppf(0.975, len(people) - 1) * math.sqrt(squares * (len(people) - 1) / len(people))
        assert line["low"] == pytest.approx(max(0, ua() - reach))
        assert line["high"] == pytest.approx(min(1, ua() + reach))


def plain_duration(seconds):
    if seconds < 2:
        return "under 2 s"
    return "above 7.5 s" if seconds > 7.5 else "2 to 7.5 s"


def test_both_borders_of_a_duration_belong_to_the_middle():
    seconds = np.array([0.5, np.nextafter(2, 0), 2.0, 7.5, np.nextafter(7.5, 8), 30.0])
    short, middle, long = DURATIONS
    assert duration_groups(seconds).tolist() == [short, short, middle, middle, long, long]


def test_a_class_that_a_group_lacks_has_no_say_in_its_ua_and_is_counted_out(scores, split, view, tmp_path):
    # the longest utterances are all of one class
    changed = view.assign(duration=np.where(view["class"] == "sad", 8.0, 1.0))
    table = groups_table(scores, read_groups(write(changed, tmp_path), Folds(split).utterances))
    lines = table[(table["select"] == "last") & (table["group"] == "duration")].set_index("value")
    assert lines["classes"].to_dict() == {"under 2 s": 1, "above 7.5 s": 1}
    everyone = SystemScores(scores.runs, Folds(split), permutations=20).scores_table()
    recalls = everyone[everyone["select"] == "last"].set_index("metric")["pooled"]
    assert lines.loc["above 7.5 s", "ua"] == pytest.approx(recalls["recall_sad"])
    assert lines.loc["under 2 s", "ua"] == pytest.approx(recalls["recall_angry"])


def test_what_a_corpus_does_not_know_is_no_group(scores, split, view, tmp_path):
    plain = view.assign(sex="", style="")
    table = groups_table(scores, read_groups(write(plain, tmp_path), Folds(split).utterances))
    assert set(table["group"]) == {"duration", "speaker"}
    some = view.assign(sex=np.where(view["session"] == "1", "", view["sex"]))
    table = groups_table(scores, read_groups(write(some, tmp_path), Folds(split).utterances))
    sexes = table[(table["group"] == "sex") & (table["select"] == "last")]
    assert sexes["value"].tolist() == ["F", "M"]
    assert sexes["speakers"].tolist() == [2, 2]


def test_of_the_utterances_that_are_not_tested_there_is_nothing(split, groups, write_run):
    folds = Folds(split)
    runs = [read_run(write_run("a", 1, 1, lambda part, epoch, turn: True), folds)]
    table = groups_table(SystemScores(runs, folds, permutations=20), groups)
    speakers = table[(table["group"] == "speaker") & (table["select"] == "last")]
    assert speakers[["utterances", "speakers", "ua"]].to_numpy().tolist() == [[6, 1, 1.0]]


def test_every_system_has_its_groups_under_every_selection_of_one_epoch(split, groups, write_run):
    folds = Folds(split)
    entries = [write_run(name, 1, 1, lambda part, epoch, turn: epoch > 1) for name in "ab"]
    table = groups_table(SystemScores([read_run(entry, folds) for entry in entries], folds, permutations=20), groups)
    found = table[["system", "select"]].drop_duplicates().to_numpy().tolist()
    assert found == [[name, select] for name in "ab" for select in ("last", "best_validation", "best_test")]


def test_a_view_without_a_tested_utterance_is_named(view, split, tmp_path):
    path = write(view[view["utterance"] != "Ses02F_3"], tmp_path)
    with pytest.raises(UserError, match=r"view.parquet: no utterance Ses02F_3, .* run snakemake --cores all"):
        read_groups(path, pd.Index(Folds(split).utterances))
