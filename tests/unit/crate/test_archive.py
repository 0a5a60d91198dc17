"""A crate's ZIP: equal members give equal bytes; what is no crate's is not unpacked."""

import zipfile

import pytest

from serflow.crate.archive import unpack, write_zip
from serflow.errors import UserError

FILES = [("a/b.txt", b"x" * 1000), ("c.txt", b"")]


def test_equal_members_give_equal_bytes_and_come_out_as_they_went_in(tmp_path, monkeypatch):
    write_zip(tmp_path / "one.zip", FILES)
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    write_zip(tmp_path / "two.zip", FILES)
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()
    unpack(tmp_path / "one.zip", tmp_path / "out")
    assert [(tmp_path / "out" / name).read_bytes() for name, _ in FILES] == [data for _, data in FILES]


@pytest.mark.parametrize("name", ["../out.txt", "/etc/x", "a/../../x", "a\\..\\x", "folder/"])
def test_a_member_that_leads_elsewhere_is_refused_before_anything_is_written(tmp_path, name):
    with zipfile.ZipFile(tmp_path / "bad.zip", "w") as archive:
        archive.writestr("fine.txt", "x")
        archive.writestr(zipfile.ZipInfo(name), "x")
    with pytest.raises(UserError, match="bad.zip: has a file"):
        unpack(tmp_path / "bad.zip", tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_file_that_is_there_twice_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "bad.zip", "w") as archive:
        archive.writestr("a.txt", "x")
        archive.writestr("a.txt", "y")
    with pytest.raises(UserError, match="has a file twice"):
        unpack(tmp_path / "bad.zip", tmp_path / "out")


@pytest.mark.parametrize(
    "spoil", [lambda data: b"no zip", lambda data: data[:-30], lambda data: data[:60] + b"?" + data[61:]]
)
def test_what_is_no_zip_or_a_damaged_one_is_told(tmp_path, spoil):
    write_zip(tmp_path / "one.zip", [("a.txt", bytes(range(256)) * 10)])
    (tmp_path / "one.zip").write_bytes(spoil((tmp_path / "one.zip").read_bytes()))
    with pytest.raises(UserError, match="one.zip: cannot be unpacked"):
        unpack(tmp_path / "one.zip", tmp_path / "out")


def test_a_crate_that_is_not_there_is_told(tmp_path):
    with pytest.raises(UserError, match="none.zip: cannot be unpacked"):
        unpack(tmp_path / "none.zip", tmp_path / "out")
