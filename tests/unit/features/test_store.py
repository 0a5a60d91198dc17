"""The packed store: what is written is read, whole or not at all."""

import hashlib

import numpy as np
import pandas as pd
import pytest

from serflow.errors import UserError
from serflow.features import store as module
from serflow.features.store import Store, write_store
from serflow.files import read_json, write_json
from serflow.formats import STORE

FRAMES = {"a": [[1, 2], [3, 4], [5, 6]], "b": [[7, 8]], "c": [[9, 10], [11, 12]]}


def write(folder, pairs):
    write_store(folder, spec={}, dims=2, hop_seconds=0.01, versions={}, utterances=pairs)


def test_each_utterance_comes_back_as_it_was_written(make_store):
    store = make_store(FRAMES)
    assert len(store) == 3
    for utterance, rows in FRAMES.items():
        assert store.frames(utterance).tolist() == rows
        assert store.frames(utterance).dtype == np.float32
    assert "b" in store
    assert "d" not in store


def test_the_files_are_plain_numpy_parquet_and_json(make_store):
    folder = make_store(FRAMES).folder
    assert np.load(folder / "frames.npy").tolist() == [row for rows in FRAMES.values() for row in rows]
    index = pd.read_parquet(folder / "index.parquet")
    assert index["utterance"].tolist() == ["a", "b", "c"]
    assert index["start"].tolist() == [0, 3, 4]
    assert index["frames"].tolist() == [3, 1, 2]
    assert index["sha256"][1] == hashlib.sha256(np.array([7, 8], "<f4").tobytes()).hexdigest()
    meta = read_json(folder / "store.json")
    assert (meta["dims"], meta["hop_seconds"], meta["utterances"], meta["frames"]) == (2, 0.01, 3, 6)
    assert (meta["spec"], meta["versions"]) == ({"extractor": "none"}, {"numpy": "2"})
    assert meta["format"] == STORE.number


def test_a_store_that_says_no_format_is_of_the_first_and_a_newer_one_is_refused(make_store):
    folder = make_store(FRAMES).folder
    meta = read_json(folder / "store.json")
    write_json(folder / "store.json", {key: value for key, value in meta.items() if key != "format"})
    assert len(Store.open(folder)) == 3
    write_json(folder / "store.json", meta | {"format": STORE.number + 1})
    with pytest.raises(UserError, match="store.json: a feature store of format .* features are extracted again"):
        Store.open(folder)


def test_frames_are_a_read_only_view_of_the_mapped_file(make_store):
    store = make_store(FRAMES)
    frames = store.frames("a")
    with pytest.raises(ValueError, match="read-only"):
        frames[0, 0] = 0
    base = frames
    while getattr(base, "base", None) is not None and not isinstance(base, np.memmap):
        base = base.base
    assert isinstance(base, np.memmap)


def test_an_index_of_several_row_groups_reads_as_one(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "ROW_GROUP", 2)
    write(tmp_path / "s", ((f"{i}", np.full((i + 1, 2), i, np.float32)) for i in range(5)))
    store = Store.open(tmp_path / "s")
    assert len(store) == 5
    assert [store.frames(f"{i}").tolist() for i in range(5)] == [[[i, i]] * (i + 1) for i in range(5)]


def test_another_frame_changes_the_digest_and_a_second_writing_does_not(make_store):
    first = make_store(FRAMES, name="first").digest
    assert make_store(FRAMES, name="again").digest == first
    assert make_store(FRAMES | {"b": [[7, 9]]}, name="other").digest != first
    assert make_store({"a": FRAMES["a"], "x": FRAMES["b"], "y": FRAMES["c"]}, name="named").digest != first


def test_a_failure_on_the_way_leaves_nothing_behind(tmp_path):
    def pairs():
        yield "a", np.zeros((2, 2), np.float32)
        raise UserError("a broken file")

    with pytest.raises(UserError, match="a broken file"):
        write(tmp_path / "s", pairs())
    assert list(tmp_path.iterdir()) == []


def test_no_utterance_at_all_is_an_error(tmp_path):
    with pytest.raises(UserError, match="the manifest is empty"):
        write(tmp_path / "s", [])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("pairs", "message"),
    [
        ([("b", np.zeros((1, 2))), ("a", np.zeros((1, 2)))], "increasing id"),
        ([("a", np.zeros((1, 2))), ("a", np.zeros((1, 2)))], "increasing id"),
        ([("a", np.zeros((1, 3)))], "shape"),
        ([("a", np.zeros((0, 2)))], "shape"),
    ],
)
def test_disorder_repetition_and_other_shapes_are_refused(tmp_path, pairs, message):
    with pytest.raises(ValueError, match=message):
        write(tmp_path / "s", pairs)


def test_a_missing_utterance_is_named(make_store):
    with pytest.raises(UserError, match="no features of utterance z"):
        make_store(FRAMES).frames("z")


def test_a_store_cut_short_is_refused(make_store):
    frames = make_store(FRAMES).folder / "frames.npy"
    frames.write_bytes(frames.read_bytes()[:-4])
    with pytest.raises(UserError, match="cannot be read"):
        Store.open(frames.parent)


def test_frames_of_another_store_are_refused(make_store):
    folder = make_store(FRAMES).folder
    other = make_store(FRAMES | {"d": [[0, 0]]}, name="other").folder
    (folder / "frames.npy").write_bytes((other / "frames.npy").read_bytes())
    with pytest.raises(UserError, match="do not fit store.json"):
        Store.open(folder)


def test_a_missing_store_is_named(tmp_path):
    with pytest.raises(UserError, match="store.json"):
        Store.open(tmp_path / "none")


def spoil(folder, place, file="frames.npy"):
    """Turn one bit of a file round."""
    content = bytearray((folder / file).read_bytes())
    content[place] ^= 1
    (folder / file).write_bytes(content)


def test_a_bit_of_an_utterances_frames_is_found_when_they_are_first_asked_for(make_store):
    folder = make_store(FRAMES).folder
    spoil(folder, -1)  # of the last utterance
    store = Store.open(folder)
    assert store.frames("a").tolist() == FRAMES["a"]
    assert store.starts(["a", "b"]).tolist() == [0, 3]
    message = r"tiny/frames\.npy: the frames of utterance c are not those that were extracted .*; delete \S+tiny"
    for ask in (store.frames, lambda name: store.starts(["a", name]), store.frames):
        with pytest.raises(UserError, match=message):
            ask("c")
    assert store.length("c") == 2


def test_frames_that_were_swapped_are_found(make_store):
    folder = make_store({"a": [[1, 2]], "b": [[3, 4]]}).folder
    frames = np.load(folder / "frames.npy")
    np.save(folder / "frames.npy", frames[::-1])
    with pytest.raises(UserError, match="the frames of utterance b"):
        Store.open(folder).frames("b")


def test_frames_are_hashed_once(make_store, monkeypatch):
    store = make_store(FRAMES)
    store.frames("a")
    monkeypatch.setattr(module.hashlib, "sha256", lambda _: pytest.fail("hashed again"))
    assert store.frames("a").tolist() == FRAMES["a"]
    assert store.starts(["a"]).tolist() == [0]


def test_an_index_of_other_digests_is_refused(make_store):
    folder = make_store(FRAMES).folder
    index = pd.read_parquet(folder / "index.parquet")
    index.loc[1, "sha256"] = "0" * 64
    index.to_parquet(folder / "index.parquet", index=False)
    with pytest.raises(UserError, match=r"index\.parquet: not the index that was written .* delete"):
        Store.open(folder)
    assert Store.open(folder, verified=False).frames("b").tolist() == FRAMES["b"]


@pytest.mark.parametrize("file", ["frames.npy", "index.parquet", "store.json"])
@pytest.mark.parametrize("content", [b"", b"\0" * 500])
def test_a_file_that_a_power_cut_left_empty_is_named(make_store, file, content):
    folder = make_store(FRAMES).folder
    (folder / file).write_bytes(content)
    with pytest.raises(UserError, match=f"{folder}.*run snakemake --cores all"):
        Store.open(folder)
