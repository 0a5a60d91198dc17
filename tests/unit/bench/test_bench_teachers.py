"""The benchmarks of teachers: both sides give the same maps, and the error rates are those of the curves."""

import numpy as np
import pandas as pd
import pytest

from bench import attending
from bench.processes import ROOT
from bench.project import paper_plan
from bench.rows import maps, teacher
from bench.training import spec_of
from serflow.asr.word_tables import read_pronunciations
from serflow.cli import teacher_maps
from serflow.config import read_yaml
from serflow.features.store import Store, write_store
from serflow.lexical.word_files import read_transcripts
from serflow.plan.teachers import teachers_shown

SECONDS = {"a": 0.5, "b": 0.1, "c": 0.8, "d": 2.0}


@pytest.fixture
def corpus(tmp_path):
    """Three utterances that train and one that tests, 5 values a frame of 10 ms, with words."""
    rng = np.random.default_rng(1)
    frames = [(name, rng.standard_normal((round(100 * s), 5)).astype(np.float32)) for name, s in SECONDS.items()]
    write_store(tmp_path / "store", spec={}, dims=5, hop_seconds=0.01, versions={}, utterances=frames)
    table = pd.DataFrame({"utterance": list(SECONDS), "duration": list(SECONDS.values())})
    table = table.assign(fold=1, part=["train", "train", "test", "train"], **{"class": ["x", "y", "x", "y"]})
    table.to_parquet(tmp_path / "split.parquet", index=False)
    attending.write_words(tmp_path)
    return tmp_path


def teacher_and_maps(corpus, student):
    """A narrow teacher of the paper's YAML, and the maps that the rule makes of it."""
    spec = spec_of(student, paper=maps.PAPER, experiment=maps.EXPERIMENT)["teacher"]
    spec["parameters"]["model"]["width_multiplier"] = 0.02
    folder = attending.write_teacher(corpus / "teacher", corpus, spec)
    _, module, *arguments = attending.command(corpus, folder, corpus / "maps", p=2)
    assert module == "serflow.cli.teacher_maps"
    teacher_maps.main([str(argument) for argument in arguments])
    return folder


@pytest.mark.parametrize("student", maps.STUDENTS.values())
def test_the_maps_read_are_those_that_the_weights_make(corpus, student):
    folder = teacher_and_maps(corpus, student)
    ours = attending.from_files(corpus=corpus, maps=corpus / "maps", epochs=2)()
    reference = attending.from_weights(corpus=corpus, teacher=folder, p=2, epochs=2)()
    assert attending.apart(ours, reference) < 1e-4
    assert {name: len(one) for name, one in ours["maps"].items()} == {"a": 50, "b": 10, "d": 200}
    assert len(Store.open(corpus / "maps")) == 4, "the rule makes those of the test part, too"


def test_a_job_reads_every_map_once_an_epoch(corpus, monkeypatch):
    teacher_and_maps(corpus, maps.STUDENTS["self-attention"])
    read, frames = [], Store.frames
    monkeypatch.setattr(Store, "frames", lambda store, name: read.append(name) or frames(store, name))
    attending.from_files(corpus=corpus, maps=corpus / "maps", epochs=3)()
    assert read == ["a", "b", "d"] * 3


@pytest.mark.parametrize(
    "other, what",
    [
        ({"a": np.array([1.0, 2.1])}, "differ by 0.05"),
        ({"a": np.array([1.0, np.nan])}, "differ by nan"),
        ({"b": np.array([1.0, 2.0])}, "different utterances"),
    ],
)
def test_maps_that_differ_fail_the_benchmark(other, what):
    with pytest.raises(RuntimeError, match=what):
        attending.apart({"maps": other}, {"maps": {"a": np.array([1.0, 2.0])}})


def test_there_are_words_as_in_speech_and_each_has_its_phones(corpus):
    said = read_transcripts(corpus / "transcripts.parquet")
    assert {name: len(words) for name, words in said.items()} == {"a": 1, "b": 1, "c": 2, "d": 5}
    pronunciations = read_pronunciations(corpus / "pronunciations.parquet")
    assert {word for words in said.values() for word in words} <= pronunciations.keys()
    assert {len(phones) for phones in pronunciations.values()} == {1, 2, 3, 4, 5}


def test_a_folder_weighs_what_all_its_files_do(tmp_path):
    (tmp_path / "last").mkdir()
    (tmp_path / "one").write_bytes(bytes(300_000))
    (tmp_path / "last/two").write_bytes(bytes(1_200_000))
    assert attending.megabytes(tmp_path) == 1.5


def errors(name, epoch, lines, unit, wrong, reference):
    named = {"teacher": name, "fold": 1, "seed": 1, "epoch": epoch, "part": "test", "lines": lines, "unit": unit}
    return named | {"substitutions": wrong - 2, "deletions": 1, "insertions": 1, "reference": reference}


def test_rates_are_the_errors_a_hundred_units_after_few_epochs_and_after_many():
    curves = []
    for name, wrong in ((teacher.TEACHER, 30), (teacher.SHUFFLED, 45)):
        for epoch in (1, 2, 3):
            curves.append(errors(name, epoch, "all", "phone", wrong - 4 * epoch, 50))
            curves.append(errors(name, epoch, "unseen", "phone", 2, 0))
    first, last = teacher.rows_of(pd.DataFrame(curves), few=1, many=3)
    assert (first.what, first.ours, first.reference) == ("phones, all lines, 1 epochs", [52.0], [82.0])
    assert (last.what, last.ours, last.reference) == ("phones, all lines, 3 epochs", [36.0], [66.0])
    assert (first.unit, first.note) == ("%", "50 phones")


def test_both_teachers_train_longer_and_no_other_is_trained():
    data = read_yaml(ROOT / "workflow/papers/zhao2021.yaml")
    kept = {name: entry for name, entry in data["teachers"].items() if name.startswith("blstm")}
    teacher.teach_longer(data, 77)
    assert teachers_shown(data) == [teacher.TEACHER, teacher.SHUFFLED]
    own, shuffled = data["teachers"][teacher.TEACHER], data["teachers"][teacher.SHUFFLED]
    assert own["parameters"] == {"train": {"epochs": 77}}
    assert shuffled["parameters"] == {"audio": "shuffled", "train": {"epochs": 77}}
    assert kept.items() <= data["teachers"].items()


def test_the_demos_epochs_are_the_first_of_a_longer_training_or_the_benchmark_fails():
    spec = paper_plan(teacher.PAPER, preset="demo").systems[teacher.PAPER].teacher_spec(teacher.TEACHER)
    assert teacher.epochs_of(spec) == spec["parameters"]["train"]["epochs"]
    with pytest.raises(RuntimeError, match="rate or steps vary"):
        teacher.epochs_of(spec | {"steps": 100})
    spec["parameters"]["train"]["schedule"] = {"name": "halving"}
    with pytest.raises(RuntimeError, match="rate or steps vary"):
        teacher.epochs_of(spec)
