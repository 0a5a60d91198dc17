"""Stored frames are hashed once, and again where a file changed or a deep audit is asked for."""

import numpy as np
import pytest

from helpers import tiny_job
from serflow.audit import frames
from serflow.audit.frames import frames_step
from serflow.features.store import Store
from serflow.files import read_json
from serflow.paths import AUDITED

NAMES = [f"clip{i:03d}" for i in range(4)]


@pytest.fixture
def store(tmp_path, monkeypatch):
    """A store in the working folder, whose files count as old enough to be known by their stamps."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(frames, "SETTLED_NS", -(10**12))
    tiny_job.write_clips(tmp_path / "store", tiny_job.clips(4, (20,)))
    return opened(tmp_path)


def opened(folder):
    return Store.open(folder / "store", verified=False)


def edit(folder):
    path = folder / "store/frames.npy"
    content = np.load(path)
    content[21] += 1  # of the second clip
    np.save(path, content)


def test_frames_that_were_found_right_are_not_hashed_again(store, monkeypatch):
    assert frames_step(store, NAMES).said == "of 4 utterances have the digests of the index"
    monkeypatch.setattr(frames, "_hashed", None)  # whoever calls it now fails
    assert frames_step(store, NAMES[:2]).said.endswith("unchanged since an audit hashed them")
    with pytest.raises(TypeError):
        frames_step(store, NAMES, deep=True)


def test_frames_that_were_edited_since_are_told(store, tmp_path):
    assert frames_step(store, NAMES).ok
    edit(tmp_path)
    step = frames_step(opened(tmp_path), NAMES)
    assert not step.ok
    assert step.said.endswith("frames of clip001 differ from their digest")
    assert frames_step(opened(tmp_path), ["clip000", "clip002"]).ok


def test_frames_that_are_wrong_are_not_remembered(store, tmp_path):
    edit(tmp_path)
    for _ in range(2):
        assert not frames_step(opened(tmp_path), NAMES).ok
    assert not (tmp_path / AUDITED).exists()


def test_a_memory_that_was_forged_is_not_believed_by_a_deep_audit(store, tmp_path):
    edit(tmp_path)
    stamps = " ".join(frames.file_stamp((tmp_path / "store" / name).stat()) for name in frames.FILES)
    frames.write_json(AUDITED, {str(tmp_path / "store"): stamps})
    assert frames_step(opened(tmp_path), NAMES).ok
    assert not frames_step(opened(tmp_path), NAMES, deep=True).ok


def test_a_young_file_is_not_remembered(store, tmp_path, monkeypatch):
    monkeypatch.setattr(frames, "SETTLED_NS", 10**15)
    assert frames_step(store, NAMES).ok
    assert not (tmp_path / AUDITED).exists()
    monkeypatch.setattr(frames, "SETTLED_NS", -(10**12))
    assert frames_step(store, NAMES).ok
    assert list(read_json(AUDITED)) == [str(tmp_path / "store")]
