"""Files written whole or not at all, and digests."""

import errno
import hashlib
import os
import subprocess
import sys

import pytest

from serflow.errors import UserError
from serflow.files import (
    atomic_path,
    canonical_json,
    digest,
    file_digest,
    put_aside,
    read_json,
    remove_leftovers,
    temporary_folder,
    write_json,
)


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


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_said_in_words_when_a_library_in_rust_finds_out(tmp_path, number):
    """`safetensors` and `typst` raise what is no OSError; this is how their messages end."""
    with pytest.raises(UserError, match=r"a\.txt: no space left"), atomic_path(tmp_path / "a.txt") as temporary:
        temporary.write_text("half")
        raise RuntimeError(f"Error while serializing: I/O error: full (os error {number})")
    assert names(tmp_path) == []


def test_a_disk_that_is_full_when_the_file_is_synced_leaves_the_old_one(tmp_path, monkeypatch):
    def full(_):
        raise OSError(errno.ENOSPC, "full")

    (tmp_path / "a.txt").write_text("old")
    monkeypatch.setattr("serflow.files.os.fsync", full)
    with pytest.raises(UserError, match="no space left"), atomic_path(tmp_path / "a.txt") as temporary:
        temporary.write_text("new")
    assert (tmp_path / "a.txt").read_text() == "old"
    assert names(tmp_path) == ["a.txt"]


def test_every_file_is_on_the_disk_before_the_rename_and_the_rename_after_it(tmp_path, monkeypatch):
    done, fsync, replace = [], os.fsync, os.replace

    def synced(file):
        done.append(os.path.relpath(os.readlink(f"/proc/self/fd/{file}"), tmp_path))
        fsync(file)

    def renamed(source, target):
        done.append("renamed")
        replace(source, target)

    monkeypatch.setattr("serflow.files.os.fsync", synced)
    monkeypatch.setattr("serflow.files.os.replace", renamed)
    with atomic_path(tmp_path / "model") as temporary:
        (temporary / "in").mkdir(parents=True)
        (temporary / "in/a").write_text("a")
        (temporary / "b").write_text("b")
        name = temporary.name
    before = done[: done.index("renamed")]
    assert set(before) == {f"{name}/in/a", f"{name}/in", f"{name}/b", name}
    assert before[-1] == name
    assert done[len(before) :] == ["renamed", "."]


def test_a_file_system_that_syncs_no_folders_is_no_error(tmp_path, monkeypatch):
    def unable(_):
        raise OSError(errno.EINVAL, "no")

    monkeypatch.setattr("serflow.files.os.fsync", unable)
    write_json(tmp_path / "a.json", 1)
    assert read_json(tmp_path / "a.json") == 1


def temporary_name(path):
    with atomic_path(path) as temporary:
        temporary.touch()
    path.unlink()
    return temporary.name


def dead():
    """The number of a process that has ended."""
    return subprocess.run(["sh", "-c", "echo $$"], capture_output=True, text=True, check=True).stdout.strip()


def test_what_a_dead_process_left_goes_when_its_file_is_written_again(tmp_path):
    own = temporary_name(tmp_path / "model")
    left = own.replace(str(os.getpid()), dead())
    for name in (left, f"{left}.old", f"{left}.safetensors"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "half").touch()
    with atomic_path(tmp_path / "model") as temporary:
        temporary.mkdir()
    assert names(tmp_path) == ["model"]


def test_what_others_are_writing_stays(tmp_path):
    own = temporary_name(tmp_path / "model")
    mine, number = str(os.getpid()), dead()
    kept = [
        own.replace(mine, str(os.getppid())),  # that process lives
        own.replace(mine, f"4026532999-{number}"),  # of a container with numbers of its own
        own.replace(f"{os.uname().nodename}-", f"{os.uname().nodename}2-").replace(mine, number),  # another host
        own.replace("model", "models").replace(mine, number),  # another file's
        f".hidden-{number}",
    ]
    for name in kept:
        (tmp_path / name).touch()
    write_json(tmp_path / "model", 1)
    assert names(tmp_path) == sorted([*kept, "model"])
    assert [path.name for path in remove_leftovers(tmp_path)] == [kept[3]]
    assert remove_leftovers(tmp_path / "not there") == []


def test_two_processes_that_write_one_folder_at_once_both_end(tmp_path):
    script = (
        "import sys; from serflow.files import atomic_path\n"
        "for i in range(150):\n"
        "    with atomic_path(sys.argv[1], synced=False) as folder:\n"
        "        folder.mkdir(); (folder / 'a').touch(); (folder / 'b').touch()\n"
    )
    command = [sys.executable, "-c", script, str(tmp_path / "model")]
    both = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    assert [one.communicate()[1] for one in both] == ["", ""]
    assert names(tmp_path) == ["model"]
    assert names(tmp_path / "model") == ["a", "b"]


def test_what_is_put_aside_keeps_its_content_and_overwrites_nothing(tmp_path):
    for content in ("one", "two", "three"):
        (tmp_path / "a").write_text(content)
        put_aside(tmp_path / "a")
    kept = {name: (tmp_path / name).read_text() for name in names(tmp_path)}
    assert kept == {"a.damaged": "one", "a.damaged-2": "two", "a.damaged-3": "three"}


def test_a_folder_for_a_moment_goes_and_is_where_tmpdir_says(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with temporary_folder() as folder:
        assert folder.parent == tmp_path
        (folder / "a").touch()
    assert names(tmp_path) == []


def test_a_full_folder_for_temporary_files_is_named_with_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with (
        pytest.raises(UserError, match=f"{tmp_path}: no space left for temporary files; .* TMPDIR"),
        temporary_folder(),
    ):
        raise OSError(errno.ENOSPC, "full")
    with pytest.raises(FileNotFoundError), temporary_folder():
        raise FileNotFoundError("another error is what it is")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "gone"))
    with pytest.raises(UserError, match=r"no folder for temporary files \(.*gone.*TMPDIR"), temporary_folder():
        pass
