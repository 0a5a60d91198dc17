"""digests.txt is what sha256sum reads, and its own digest stands for all of it."""

import hashlib
import shutil
import subprocess

import pytest

from serflow.crate.layout import listed, read_listed, root_digest
from serflow.errors import UserError

FILES = {"b.txt": b"two", "a/c.csv": b"one"}


def digests():
    return [(name, hashlib.sha256(data).hexdigest()) for name, data in FILES.items()]


def test_the_list_is_sorted_by_name_and_read_again_as_it_was_written():
    text = listed(digests())
    assert [line.split("  ")[1] for line in text.splitlines()] == ["a/c.csv", "b.txt"]
    assert read_listed(text) == dict(digests())


def test_the_root_digest_is_that_of_the_text_and_changes_with_any_file():
    text = listed(digests())
    assert root_digest(text) == hashlib.sha256(text.encode()).hexdigest()
    assert root_digest(listed([("a/c.csv", "0" * 64), digests()[0]])) != root_digest(text)


@pytest.mark.skipif(shutil.which("sha256sum") is None, reason="no sha256sum here")
def test_sha256sum_checks_it(tmp_path):
    for name, data in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(data)
    (tmp_path / "digests.txt").write_text(listed(digests()))
    command = ["sha256sum", "-c", "digests.txt"]
    assert subprocess.run(command, cwd=tmp_path, capture_output=True).returncode == 0
    (tmp_path / "b.txt").write_bytes(b"too")
    assert subprocess.run(command, cwd=tmp_path, capture_output=True).returncode == 1


@pytest.mark.parametrize(
    "text",
    [
        "no list\n",
        f"{'0' * 64} a\n",
        f"{'0' * 64}  b\n{'0' * 64}  a\n",
        f"{'0' * 64}  a\n{'1' * 64}  a\n",
        f"{'0' * 63}  a\n",
        f"{'0' * 64}  a",
    ],
)
def test_anything_else_is_refused(text):
    with pytest.raises(UserError, match="digests.txt: expected sorted lines"):
        read_listed(text)
