"""The fingerprint of a release: what changes it, what is read again."""

import json
import os
import shutil
import sys
import time

import pytest

from serflow.corpora import release_fingerprint as inventory
from serflow.errors import UserError

OLD = 1_600_000_000


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "release"
    for name, text in {"a.txt": "A", "b/c.wav": "C", "b/._c.wav": "mac", ".hidden/d": "D"}.items():
        (made / name).parent.mkdir(parents=True, exist_ok=True)
        put(made / name, text)
    return made


def put(path, text, when=OLD):
    path.write_text(text)
    os.utime(path, (when, when))


def scan(folder, reads=("*",), **more):
    return inventory.scan(folder, folder.parent / "data" / "inventory.tsv", reads=reads, **more)


def count_hashed(monkeypatch):
    hashed = []
    original = inventory.file_digest
    monkeypatch.setattr(inventory, "file_digest", lambda path: (hashed.append(path), original(path))[1])
    return hashed


def test_all_files_count_hidden_ones_too(folder):
    found = scan(folder)
    assert (found["files"], found["bytes"]) == (4, 6)
    assert len(found["digest"]) == 64


def test_a_second_scan_reads_no_file_and_finds_the_same(folder, monkeypatch):
    first = scan(folder)
    hashed = count_hashed(monkeypatch)
    assert scan(folder) == first
    assert hashed == []


def test_only_what_changed_by_size_or_time_is_read_again(folder, monkeypatch):
    first = scan(folder)
    hashed = count_hashed(monkeypatch)
    put(folder / "a.txt", "B", OLD + 1)
    assert scan(folder)["digest"] != first["digest"]
    assert hashed == [str(folder / "a.txt")]


def test_a_file_mended_by_a_copy_that_keeps_size_and_time_is_read_again(folder, monkeypatch):
    first = scan(folder)
    hashed = count_hashed(monkeypatch)
    put(folder.parent / "mended", "B")
    shutil.copy2(folder.parent / "mended", folder / "a.txt")
    assert (folder / "a.txt").stat().st_mtime == OLD
    assert scan(folder)["digest"] != first["digest"]
    assert hashed == [str(folder / "a.txt")]


def test_a_file_put_in_the_place_of_another_with_all_its_stamps_is_told_by_its_inode(folder, monkeypatch):
    scan(folder)
    hashed = count_hashed(monkeypatch)
    put(folder.parent / "mended", "B")
    (folder.parent / "mended").rename(folder / "a.txt")
    scan(folder)
    assert hashed == [str(folder / "a.txt")]


def test_a_change_within_the_resolution_of_time_stamps_is_seen(folder):
    now = time.time()
    put(folder / "a.txt", "A", now)
    first = scan(folder)
    put(folder / "a.txt", "B", now)
    assert scan(folder)["digest"] != first["digest"]


@pytest.mark.parametrize(
    "change",
    [
        lambda folder: put(folder / "new", ""),
        lambda folder: (folder / "a.txt").unlink(),
        lambda folder: (folder / "a.txt").rename(folder / "z.txt"),
        lambda folder: put(folder / "b" / "._c.wav", "MAC", OLD + 1),
    ],
    ids=["added", "removed", "renamed", "hidden changed"],
)
def test_any_other_content_is_another_digest(folder, change):
    first = scan(folder)
    change(folder)
    assert scan(folder)["digest"] != first["digest"]


def test_a_copy_elsewhere_has_the_same_digest_and_does_not_trust_the_cache(folder, tmp_path, monkeypatch):
    first = scan(folder)
    shutil.copytree(folder, tmp_path / "copy")
    hashed = count_hashed(monkeypatch)
    assert scan(tmp_path / "copy") == first
    assert len(hashed) == 4


def test_what_cannot_be_read_is_recorded(folder, monkeypatch):
    def refuse(path):
        raise PermissionError(13, "Permission denied")

    (folder / "dangling").symlink_to(folder / "nowhere")
    os.mkfifo(folder / "pipe")
    readable = scan(folder)
    assert readable["files"] == 6
    monkeypatch.setattr(inventory, "file_digest", refuse)
    put(folder / "a.txt", "AA", OLD + 1)
    assert scan(folder)["digest"] != readable["digest"]
    assert "a.txt" not in (folder.parent / "data" / "inventory.tsv").read_text()


def test_a_folder_that_cannot_be_listed_is_recorded(folder, monkeypatch):
    original = os.scandir

    def refuse(path):
        if str(path).endswith("/b"):
            raise PermissionError(13, "Permission denied")
        return original(path)

    whole = scan(folder)
    monkeypatch.setattr(os, "scandir", refuse)
    assert scan(folder)["digest"] != whole["digest"]


def test_a_link_back_to_a_folder_above_ends(folder):
    (folder / "b" / "up").symlink_to(folder)
    assert scan(folder)["files"] == 4


def test_a_link_out_of_the_release_is_named_and_followed_only_where_it_is_asked_for(folder, tmp_path):
    (tmp_path / "elsewhere/b").mkdir(parents=True)
    put(tmp_path / "elsewhere/b/other.txt", "other")
    (folder / "out").symlink_to(tmp_path / "elsewhere")
    (folder / "one.txt").symlink_to(tmp_path / "elsewhere/b/other.txt")
    with pytest.raises(UserError, match=r"out -> .*elsewhere: a link that leads out.*follow_links: true"):
        scan(folder)
    with pytest.raises(UserError, match="one.txt -> "):
        inventory.require_inside(folder, reads=["*"])
    assert scan(folder, follow_links=True)["files"] == 6
    assert scan(folder, reads=["b/c.wav"])["files"] == 1, "a link that nothing reads is nobody's concern"


def test_the_release_may_be_a_link_and_links_within_it_too(folder, tmp_path):
    (folder / "again.txt").symlink_to("a.txt")
    (tmp_path / "link").symlink_to(folder)
    assert scan(tmp_path / "link") == scan(folder)
    assert scan(folder)["files"] == 5


def test_names_of_any_bytes_are_kept(folder):
    (folder / "tab\tline\n").write_text("x")
    with open(os.fsencode(folder) + b"/caf\xe9", "w") as file:
        file.write("x")
    first = scan(folder)
    assert first["files"] == 6
    assert scan(folder) == first


@pytest.mark.parametrize("text", ["", "rubbish", "# /elsewhere\na.txt\t1\t2\t3\n", "caf\xe9"])
def test_a_mangled_cache_is_ignored(folder, text):
    first = scan(folder)
    (folder.parent / "data" / "inventory.tsv").write_text(text)
    assert scan(folder) == first


def test_a_touch_leaves_release_json_alone(folder, tmp_path):
    path = tmp_path / "data" / "release.json"
    inventory.refresh(folder, path, reads=["*"])
    os.utime(path, (OLD, OLD))
    os.utime(folder / "a.txt", (OLD + 5, OLD + 5))
    inventory.refresh(folder, path, reads=["*"])
    assert path.stat().st_mtime == OLD
    put(folder / "a.txt", "other", OLD + 6)
    inventory.refresh(folder, path, reads=["*"])
    assert path.stat().st_mtime != OLD


def test_a_mangled_release_json_is_written_anew(folder, tmp_path):
    path = tmp_path / "data" / "release.json"
    found = inventory.refresh(folder, path, reads=["*"])
    path.write_text("{")
    inventory.refresh(folder, path, reads=["*"])
    from serflow.files import read_json

    assert read_json(path) == found


@pytest.mark.parametrize("known", [None, "", '{"digest": "other", "date": "2020-02-02"}', "[]"])
def test_new_content_bears_the_day_on_which_it_was_first_seen(folder, tmp_path, known):
    path = tmp_path / "data" / "release.json"
    if known is not None:
        path.parent.mkdir()
        path.write_text(known)
    days = [time.strftime("%Y-%m-%d", time.gmtime())]
    found = inventory.refresh(folder, path, reads=["*"])
    days.append(time.strftime("%Y-%m-%d", time.gmtime()))
    assert found["date"] in days


def test_the_same_content_keeps_its_date_also_in_a_copy(folder, tmp_path):
    path = tmp_path / "data" / "release.json"
    found = inventory.refresh(folder, path, reads=["*"])
    path.write_text(json.dumps(found | {"date": "2020-02-02"}))
    os.utime(folder / "a.txt", (OLD + 5, OLD + 5))
    assert inventory.refresh(folder, path, reads=["*"])["date"] == "2020-02-02"
    shutil.copytree(folder, tmp_path / "copy")
    assert inventory.refresh(tmp_path / "copy", path, reads=["*"])["date"] == "2020-02-02"


def test_a_file_that_nobody_reads_changes_nothing_and_is_not_read(folder, monkeypatch):
    first = scan(folder, ["b/*"])
    assert first["files"] == 2
    hashed = count_hashed(monkeypatch)
    put(folder / "a.txt", "other", OLD + 1)
    put(folder / "new", "")
    assert scan(folder, ["b/*"]) == first
    assert hashed == []


def test_a_folder_below_which_nothing_is_read_is_not_listed(folder, monkeypatch):
    (folder / "Session1" / "video" / "deep").mkdir(parents=True)
    (folder / "Session1" / "wav" / "x").mkdir(parents=True)
    original, listed = os.scandir, []
    monkeypatch.setattr(os, "scandir", lambda path: (listed.append(os.path.relpath(path, folder)), original(path))[1])
    scan(folder, ["Session[1-5]/wav/*"])
    assert sorted({*listed} - {"../data"}) == [".", "Session1", "Session1/wav", "Session1/wav/x"]


def test_an_empty_folder_counts_where_a_pattern_matches_it(folder):
    first = scan(folder, ["b/*"])
    (folder / "b" / "empty").mkdir()
    second = scan(folder, ["b/*"])
    assert second["digest"] != first["digest"]
    (folder / "empty").mkdir()
    assert scan(folder, ["b/*"]) == second


def test_a_missing_release_names_what_to_set(tmp_path):
    with pytest.raises(UserError, match="set `release` in config.yaml"):
        scan(tmp_path / "nowhere")


def test_importing_it_brings_in_nothing_heavy():
    import subprocess

    heavy = "{'numpy', 'pandas', 'pyarrow', 'soundfile'}"
    code = f"import sys, serflow.corpora.release_fingerprint; print(sorted({heavy} & set(sys.modules)))"
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=_environment()
    )
    assert answer.stdout.strip() == "[]"


def _environment():
    source = os.path.dirname(os.path.dirname(os.path.dirname(inventory.__file__)))
    return os.environ | {"PYTHONPATH": source}
