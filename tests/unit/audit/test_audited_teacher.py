"""A real small teacher with its maps: whatever is done to either, the audit says so."""

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from helpers import tiny_teacher as tiny
from helpers import tiny_teacher_job
from serflow.audit.data import Sample
from serflow.audit.findings import gathered
from serflow.audit.maps import Maps, maps_steps
from serflow.audit.runs import speakers_apart_step
from serflow.audit.teachers import ExpectedTeacher, teacher_steps
from serflow.features.store import Store, write_store
from serflow.files import file_digest, read_json, write_json
from serflow.provenance.closure import closure_digest

INPUTS = ("split", "transcripts", "pronunciations", "alignments")


@pytest.fixture(scope="module")
def teacher_data(tmp_path_factory):
    place = tmp_path_factory.mktemp("teacher_data")
    tiny.write_data(place)
    for fold in (1, 2):
        tiny.teach(place, place, fold)
    return place


@pytest.fixture
def folders(teacher_data, tmp_path, monkeypatch):
    """Copies of the runs of both folds where their keys have them."""
    monkeypatch.chdir(tmp_path)
    return [Path(shutil.copytree(teacher_data / tiny.key(fold).folder, tiny.key(fold).folder)) for fold in (1, 2)]


@pytest.fixture
def expected(teacher_data):
    inputs = {name: read_json(teacher_data / f"{name}.json")["digest"] for name in INPUTS}
    inputs |= {"features": read_json(teacher_data / "features.json")["digest"]}
    inputs |= {"code": closure_digest("serflow.cli.train_teacher", *tiny_teacher_job.MODULES)}
    table = tiny.fold_table()
    return ExpectedTeacher(tiny.SPEC, inputs, table[table["fold"] == 1], tiny.SAID, tiny.PRONUNCIATIONS)


def audited(expected):
    """Names of the steps about the first fold's teacher that do not agree."""
    node = gathered("teacher", teacher_steps(tiny.key(), expected))
    return [step.name for step in node.steps if step.ok is False]


def audited_maps(teacher_data, expected, folder, *, weights=True, p=tiny.P):
    maps = Maps(folder / "maps/v_p2", tiny.key(), p, tiny.NAMES)
    store = Store.open(teacher_data / "store") if weights else None
    node = gathered("maps", maps_steps(maps, expected, store, Sample(20, 1)))
    return [step.name for step in node.steps if step.ok is False]


def record_again(folder, **change):
    record = read_json(folder / "run.json")
    record["outputs"] = {name: file_digest(folder / name) for name in record["outputs"]}
    write_json(folder / "run.json", record | change)


def write_maps(folder, change):
    """Write the maps anew, each as `change` makes it, with digests that follow."""
    store = Store.open(folder / "maps/v_p2")
    frames = {name: np.array(store.frames(name)) for name in tiny.NAMES}
    meta = read_json(folder / "maps/v_p2/store.json")
    made = ((name, change(name, one).astype(np.float32)) for name, one in frames.items())
    more = {key: meta[key] for key in ("spec", "dims", "hop_seconds", "versions")}
    write_store(folder / "maps/v_p2", **more, utterances=made)


def test_an_untouched_teacher_and_its_maps_agree(teacher_data, folders, expected):
    assert audited(expected) == []
    assert audited_maps(teacher_data, expected, folders[0]) == []


def test_a_transcription_that_was_edited(folders, expected):
    path = folders[0] / "hypotheses.parquet"
    table = pd.read_parquet(path)
    table.at[len(table) - 1, "tokens"] = ["S", "IY"]
    table.to_parquet(path, index=False)
    assert audited(expected) == ["files"]
    table.iloc[:-1].to_parquet(path, index=False)
    record_again(folders[0])
    assert audited(expected) == ["fold"]


@pytest.mark.parametrize("name", ["spec", *INPUTS, "features", "code"])
def test_a_teacher_of_other_settings_data_or_code(folders, expected, name):
    record = read_json(folders[0] / "run.json")
    if name == "spec":
        record["spec"]["parameters"]["beam"] = 3
    else:
        record["inputs"][name] = "0" * 64
    write_json(folders[0] / "run.json", record)
    assert audited(expected) == [name, "identity"]


def test_speakers_that_are_said_not_to_have_been_trained_on(teacher_data, folders, expected):
    record_again(folders[0], train_speakers=["s1"])
    assert audited(expected) == ["train_speakers"]
    assert audited_maps(teacher_data, expected, folders[0]) == []  # whose own note of them is still right


def test_a_lexicon_of_words_that_training_has_not(folders, expected):
    path = folders[0] / "model/last/lexicon.json"
    write_json(path, read_json(path) | {"sea": {"said": 1, "phones": "S IY"}})
    record_again(folders[0])
    assert audited(expected) == ["lexicon"]


def test_a_file_that_a_teacher_never_wrote_and_one_that_is_gone(folders, expected):
    (folders[0] / "predictions.parquet").touch()
    (folders[0] / "history.csv").unlink()
    assert audited(expected) == ["files", "files"]


def test_maps_of_two_folds_that_were_exchanged(teacher_data, folders, expected):
    first, second = (folder / "maps/v_p2" for folder in folders)
    shutil.move(first, "kept")
    shutil.move(second, first)
    shutil.move("kept", second)
    assert audited_maps(teacher_data, expected, folders[0]) == ["teacher", "run", "train_speakers", "weights"]
    assert audited_maps(teacher_data, expected, folders[0], weights=False) == ["teacher", "run", "train_speakers"]


def test_maps_of_two_utterances_that_were_exchanged_with_all_digests(teacher_data, folders, expected):
    def exchanged(name, frames):
        return frames[::-1] if name == "u05" else frames

    write_maps(folders[0], exchanged)
    assert audited_maps(teacher_data, expected, folders[0], weights=False) == []
    assert audited_maps(teacher_data, expected, folders[0]) == ["weights"]


def test_maps_that_were_edited_by_a_hair_and_by_less(teacher_data, folders, expected):
    write_maps(folders[0], lambda name, frames: frames + 1e-4 * frames.max())
    assert audited_maps(teacher_data, expected, folders[0]) == ["weights"]
    write_maps(folders[0], lambda name, frames: frames - 1e-4 / (1 + 1e-4) * frames.max())
    assert audited_maps(teacher_data, expected, folders[0]) == []


def test_frames_of_maps_that_were_edited_alone(teacher_data, folders, expected):
    path = folders[0] / "maps/v_p2/frames.npy"
    frames = np.load(path)
    frames[0] += 1
    np.save(path, frames)
    assert audited_maps(teacher_data, expected, folders[0], weights=False) == ["frames"]


def test_maps_of_another_exponent_or_of_a_view_that_has_grown(teacher_data, folders, expected):
    assert audited_maps(teacher_data, expected, folders[0], p=3, weights=False) == ["p"]
    maps = Maps(folders[0] / "maps/v_p2", tiny.key(), tiny.P, [*tiny.NAMES, "u99"])
    steps = list(maps_steps(maps, expected, None, Sample(20, 1)))
    assert [step.name for step in steps if step.ok is False] == ["utterances"]


def test_no_teacher_was_trained_on_who_is_tested():
    table = tiny.fold_table()
    table = table[table["fold"] == 1]
    assert speakers_apart_step(1, table, {"s1", "s2"}).ok
    step = speakers_apart_step(1, table, {"s0", "s1"})
    assert step.ok is False and "trained on s0" in step.said
