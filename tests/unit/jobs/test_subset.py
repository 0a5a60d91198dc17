"""Training on fewer utterances: as many of each class, smaller sets within larger ones."""

from collections import Counter

import pytest

from helpers.tiny_job import SPEC, changed, make_job, with_data
from serflow.files import read_json
from serflow.jobs.subset import nested_subset
from serflow.jobs.train import run_job

NAMES = [f"u{i:03d}" for i in range(60)]
LABELS = ["angry" if i % 3 else "sad" for i in range(60)]


def chosen(most, *, names=NAMES, labels=LABELS, seed=1):
    return [names[i] for i in nested_subset(names, labels, most=most, seed=seed)]


def test_every_class_gives_as_many_and_a_smaller_class_all_it_has():
    of = dict(zip(NAMES, LABELS, strict=True))
    assert Counter(of[name] for name in chosen(7)) == {"angry": 7, "sad": 7}
    assert Counter(of[name] for name in chosen(25)) == {"angry": 25, "sad": 20}
    assert chosen(100) == NAMES


def test_sets_are_nested_in_the_order_of_the_names_and_drawn_by_the_seed():
    for small, large in ((3, 4), (4, 10), (10, 30)):
        assert set(chosen(small)) < set(chosen(large))
    assert chosen(10) == sorted(chosen(10))
    assert chosen(10) != chosen(10, seed=2)


def test_other_utterances_do_not_change_which_of_these_come_first():
    fewer, labels = NAMES[:30], LABELS[:30]
    kept = [name for name in chosen(10) if name in fewer]
    assert set(kept) <= set(chosen(10, names=fewer, labels=labels))


@pytest.mark.parametrize("most", [2, 3])
def test_a_job_trains_on_the_subset_and_tests_on_the_whole_fold(data, tmp_path, most):
    spec = changed(SPEC, train__epochs=1) | {"encoder": None}
    spec = spec | {"parameters": spec["parameters"] | {"train_per_class": most, "segments": None}}
    spec["parameters"]["model"] = {"name": "lstm", "units": 8, "layers": 1, "classifier": [], "dropout": 0.0,
                                   "width_multiplier": 1}  # fmt: skip
    run_job(with_data(make_job(data, tmp_path, spec=spec), modules=["serflow.learners.network"]))
    counts = read_json(tmp_path / "run/run.json")["counts"]
    assert counts["train_utterances"] == 4 * most
    assert (counts["validation"], counts["test"]) == (4, 4)
