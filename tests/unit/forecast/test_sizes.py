"""Utterances and segments of a run: from a fold table, a manifest, a finished run, published counts."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from helpers.declared import emodb, iemocap, make_plan
from helpers.written_runs import write_run
from serflow.examples import Examples
from serflow.features.store import Store, write_store
from serflow.forecast.past_runs import past_runs
from serflow.forecast.sizes import Size, Sizes, count_segments, steps_of
from serflow.training import segments as segments

XU = {"papers": ["xu2020"], "sweeps": False}
HOP = 512 / 16000


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="module")
def plan():
    return make_plan(**XU | iemocap())


@pytest.fixture(scope="module")
def spec(plan):
    return plan.systems["xu2020"].spec("acnn", "improvised")


def size_of(plan, spec, split="random5", experiment="improvised"):
    return Sizes(plan.workflow, past_runs()).of("xu2020", experiment, split, spec)


def test_segments_by_duration_are_those_that_training_and_testing_cut(spec):
    samples = np.random.default_rng(1).integers(8_000, 160_000, 60)
    frames = [1 + n // 512 for n in samples]
    pairs = ((f"{i:02d}", np.zeros((n, 13), np.float32)) for i, n in enumerate(frames))
    write_store("store", spec={}, dims=13, hop_seconds=HOP, versions={}, utterances=pairs)
    names = [f"{i:02d}" for i in range(60)]
    examples = Examples(utterances=names, labels=None, store=Store.open("store"), durations=samples / 16000)
    cut = spec["parameters"]["segments"]
    assert count_segments(samples / 16000, spec, step="train_step", pad=False) == len(
        segments.training_segments(examples, cut)
    )
    assert count_segments(samples / 16000, spec, step="test_step", pad=True) == len(
        segments.test_segments(examples, cut)
    )


def test_a_fold_table_tells_exactly(plan, spec):
    folder = Path("data/iemocap/xu2020/improvised/splits")
    folder.mkdir(parents=True)
    # 3.5 s: 2 segments a training utterance (from 0 and 1 s); in testing 0, 0.4, 0.8, 1.2 s; 1 s: none, or the whole
    rows = [(1, "train", 3.5), (1, "train", 3.5), (1, "train", 1.0), (1, "test", 3.5), (1, "test", 1.0)]
    pd.DataFrame(rows, columns=["fold", "part", "duration"]).to_parquet(folder / "random5.parquet")
    assert size_of(plan, spec) == Size(3, 4, 2, 4 + 1, "fold tables in data/iemocap")


def test_a_manifest_gives_the_folds_that_it_will_have(plan, spec):
    labels = ["angry", "sad", "excited", "neutral", "fearful"]
    rows = [
        (f"u{i:03d}", labels[i % 5], "improvised", 3.5, f"Ses0{i % 5 + 1}F", f"Ses0{i % 5 + 1}F", f"{i % 5 + 1}")
        for i in range(125)
    ]
    columns = ["utterance", "label", "style", "duration", "speaker", "wearer", "session"]
    Path("data/iemocap").mkdir(parents=True)
    pd.DataFrame(rows, columns=columns).to_parquet("data/iemocap/manifest.parquet")
    found = size_of(plan, spec)
    # 100 of the four classes; 80 train in two segments each
    assert (found.train_utterances, found.train_segments, found.scored_utterances) == (80, 160, 20)
    assert "manifest.parquet" in found.source


def test_a_finished_run_tells_where_the_corpus_is_gone(plan, spec):
    run = next(run for run in plan.runs if (run.system, run.split) == ("acnn", "random5"))
    write_run(plan, run, steps_an_epoch=10)
    found = size_of(plan, spec, experiment=run.experiment)
    assert (found.train_utterances, found.train_segments, found.scored_utterances) == (100, 320, 30)
    assert found.scored_segments == pytest.approx(30 * 3.2 * 2.5)
    assert found.source == "a finished run"


@pytest.mark.parametrize(
    ("split", "share"), [("random5", 4 / 5), ("random10", 8 / 10), ("speaker", 8 / 10), ("session_parts", 4 / 5)]
)
def test_published_counts_are_shared_out_by_the_split(plan, spec, split, share):
    found = size_of(plan, spec, split)
    everything = 289 + 663 + 608 + 1099  # improvised: angry, excited, sad, neutral
    assert found.train_utterances == pytest.approx(share * everything)
    assert found.scored_utterances == pytest.approx((1 - share) * everything)
    mean = plan.workflow.published["durations"]["mean"]
    assert found.train_segments == pytest.approx(share * everything * (mean - 2 + 0.5))
    assert "iemocap.yaml" in found.source


def test_published_counts_of_a_generated_corpus_are_scaled_to_its_turns(spec):
    demo = make_plan(**XU)
    turns = demo.workflow.corpus["generate"]["turns"]
    assert size_of(demo, spec).train_utterances == pytest.approx(4 / 5 * 2659 * turns / 10039)


def test_a_corpus_without_published_durations_has_no_segments_to_count():
    plan = make_plan(**XU | emodb(preset="paper"))
    assert size_of(plan, plan.systems["xu2020"].spec("acnn", "full"), experiment="full") is None
    svm = size_of(plan, plan.systems["xu2020"].spec("svm_compare", "full"), experiment="full")
    # excited is happy here: 127 + 62 + 71 + 79
    assert svm.train_utterances == pytest.approx(4 / 5 * 339)


def test_steps_are_passes_or_a_corpuss_budget(spec):
    size = Size(80, 161, 20, 100, "by hand")
    assert steps_of(spec, size) == 50 * 6  # 161 segments in batches of 32
    assert steps_of(spec, None) is None
    assert steps_of(spec | {"steps": 450}, None) == 450
    assert steps_of(spec | {"parameters": {}}, size) is None
