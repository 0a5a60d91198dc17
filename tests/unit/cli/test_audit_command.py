"""`serflow audit`: what it says of its arguments before it audits anything."""

import tempfile

import pytest

from serflow.cli import audit
from serflow.errors import UserError


@pytest.fixture(autouse=True)
def nowhere(tmp_path, monkeypatch):
    """A folder without a project, so that whatever is not refused before ends in another error."""
    monkeypatch.chdir(tmp_path)


def test_json_below_a_file_is_refused_before_the_audit(tmp_path):
    (tmp_path / "file").write_text("kept")
    with pytest.raises(UserError, match=r"--json file/findings.json: cannot be written \(.+\); expected a file"):
        audit.main(["--json", "file/findings.json"])
    assert (tmp_path / "file").read_text() == "kept"


def test_json_in_a_folder_that_may_not_be_written_is_refused_before_the_audit(monkeypatch):
    def refuse(**given):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(tempfile, "TemporaryFile", refuse)  # simulated, since root may write everywhere
    with pytest.raises(UserError, match=r"--json findings.json: cannot be written \(Permission denied\)"):
        audit.main(["--json", "findings.json"])


def test_json_that_names_a_folder_is_refused_and_the_folder_stays(tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder/file").write_text("kept")
    with pytest.raises(UserError, match="--json folder: is a folder; expected a file"):
        audit.main(["--json", "folder"])
    assert (tmp_path / "folder/file").read_text() == "kept"


def test_a_place_that_can_be_written_is_left_as_it_was(tmp_path):
    with pytest.raises(UserError, match=r"config\.yaml: no such file here"):
        audit.main(["--json", "findings.json"])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--root", "abc"], "--root and --release go with --crate"),
        (["--release", "."], "--root and --release go with --crate"),
        (["--crate", "x.zip", "--config", "seeds=[1]"], "--config does not go with --crate"),
    ],
)
def test_what_does_not_go_together_is_refused(capsys, arguments, said):
    with pytest.raises(SystemExit, match="2"):
        audit.main(arguments)
    assert said in capsys.readouterr().err


def test_a_crate_that_is_none_is_told(tmp_path):
    with pytest.raises(UserError, match="x.zip: cannot be unpacked .*; expected a crate as serflow export writes it"):
        audit.main(["--crate", "x.zip"])
    assert list(tmp_path.iterdir()) == []
