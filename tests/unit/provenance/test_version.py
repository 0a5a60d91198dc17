"""What the report's first page says of the checkout."""

import subprocess

import pytest

from serflow.provenance.version import checkout_version


def git(folder, *words):
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.org"]
    done = subprocess.run(["git", *identity, *words], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """A folder with a version, of no repository."""
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    (tmp_path / "pyproject.toml").write_text('[project]\nversion = "1.2.3"\n')
    return tmp_path


def test_the_version_stands_alone_where_there_is_no_repository_or_no_git(checkout, monkeypatch):
    assert checkout_version(checkout) == "1.2.3"
    monkeypatch.setenv("PATH", str(checkout))
    assert checkout_version(checkout) == "1.2.3"


def test_the_commit_follows_and_whether_files_have_changed_since(checkout):
    git(checkout, "init", "--quiet")
    git(checkout, "add", "pyproject.toml")
    git(checkout, "commit", "--quiet", "-m", "first")
    commit = git(checkout, "describe", "--always")
    assert checkout_version(checkout) == f"1.2.3 ({commit})"
    (checkout / "pyproject.toml").write_text('[project]\nversion = "1.2.4"\n')
    assert checkout_version(checkout) == f"1.2.4 ({commit}-dirty)"
