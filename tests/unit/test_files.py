"""Files written whole or not at all, and digests."""

import errno
import hashlib
import os

import pytest

from serflow.errors import UserError
from serflow.files import atomic_path, canonical_json, digest, file_digest, read_json, write_json


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_file_appears_only_when_it_is_whole(tmp_path):
    with atomic_path(tmp_path / "new" / "a.csv") as temporary:
        temporary.write_text("half")
        assert not (tmp_path / "new/a.csv").exists()
    assert (tmp_path / "new/a.csv").read_text() == "half"
    assert names(tmp_path / "new") == ["a.csv"]


def test_the_temporary_name_keeps_the_suffix_and_belongs_to_the_process(tmp_path):
    with atomic_path(tmp_path / "a.parquet") as temporary:
        assert temporary.parent == tmp_path
        assert temporary.suffix == ".parquet"
        assert str(os.getpid()) in temporary.name
        temporary.touch()


@pytest.mark.parametrize("error", [ValueError("no"), KeyboardInterrupt()])
def test_a_failure_leaves_the_old_file_and_no_rest(tmp_path, error):
    (tmp_path / "a.txt").write_text("old")
    with pytest.raises(type(error)), atomic_path(tmp_path / "a.txt") as temporary:
        temporary.write_text("new")
        raise error
    assert names(tmp_path) == ["a.txt"]
    assert (tmp_path / "a.txt").read_text() == "old"


def test_a_folder_replaces_a_folder(tmp_path):
    for content in ("one", "two"):
        with atomic_path(tmp_path / "model") as temporary:
            temporary.mkdir()
            (temporary / content).touch()
    assert names(tmp_path / "model") == ["two"]
    assert names(tmp_path) == ["model"]


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_said_in_words(tmp_path, number):
    with pytest.raises(UserError, match=r"a\.txt: no space left"), atomic_path(tmp_path / "a.txt") as temporary:
        temporary.write_text("half")
        raise OSError(number, "full")
    assert names(tmp_path) == []


def test_other_errors_of_the_system_stay_what_they_are(tmp_path):
    with pytest.raises(PermissionError), atomic_path(tmp_path / "a.txt"):
        raise PermissionError(errno.EACCES, "denied")


def test_equal_values_have_equal_json_and_digest():
    assert canonical_json({"b": [1, 2.5], "a": "ä"}) == '{"a":"ä","b":[1,2.5]}'
    assert digest({"b": 1, "a": 2}) == digest({"a": 2, "b": 1}) != digest({"a": 1, "b": 2})
    assert digest({"a": 1}) == hashlib.sha256(b'{"a":1}').hexdigest()
    assert digest(b"abc") == hashlib.sha256(b"abc").hexdigest()


def test_a_number_that_json_lacks_is_refused():
    with pytest.raises(ValueError, match="JSON"):
        canonical_json({"a": float("nan")})


def test_a_files_digest_is_that_of_its_bytes(tmp_path):
    (tmp_path / "a").write_bytes(b"abc" * 100_000)
    assert file_digest(tmp_path / "a") == hashlib.sha256(b"abc" * 100_000).hexdigest()


def test_json_comes_back_as_it_was_written_in_one_form(tmp_path):
    write_json(tmp_path / "a.json", {"b": 1, "a": ["ä"]})
    assert (tmp_path / "a.json").read_bytes() == '{\n "a": [\n  "ä"\n ],\n "b": 1\n}\n'.encode()
    assert read_json(tmp_path / "a.json") == {"a": ["ä"], "b": 1}


@pytest.mark.parametrize(
    ("content", "message"), [(None, "is missing"), (b"{", "not valid JSON"), (b"\xff", "not valid JSON")]
)
def test_a_missing_or_mangled_json_file_is_named(tmp_path, content, message):
    if content is not None:
        (tmp_path / "a.json").write_bytes(content)
    with pytest.raises(UserError, match=rf"a\.json.*{message}"):
        read_json(tmp_path / "a.json")
