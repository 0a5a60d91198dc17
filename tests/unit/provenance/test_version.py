"""What the report's first page says of the checkout."""

import subprocess

import pytest

from serflow.provenance.version import checkout_version, made_by, source_digest


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


@pytest.mark.parametrize("name", ["src/serflow/evil.py", "workflow/corpora/evil.yaml"])
def test_a_source_that_git_does_not_know_is_a_change_and_another_file_is_none(checkout, name):
    git(checkout, "init", "--quiet")
    git(checkout, "add", "pyproject.toml")
    git(checkout, "commit", "--quiet", "-m", "first")
    (checkout / "notes.txt").write_text("of nobody's business")
    assert not checkout_version(checkout).endswith("-dirty)")
    (checkout / name).parent.mkdir(parents=True)
    (checkout / name).write_text("reader: evil")
    assert checkout_version(checkout).endswith("-dirty)")
    (checkout / ".gitignore").write_text("evil.*")
    assert not checkout_version(checkout).endswith("-dirty)")


def test_the_digest_of_the_source_follows_a_users_own_yaml(checkout):
    before = source_digest(checkout)
    assert source_digest(checkout) == before
    (checkout / "workflow/papers").mkdir(parents=True)
    (checkout / "workflow/papers/mine.yaml").write_text("title: mine")
    assert source_digest(checkout) != before


def test_what_a_report_is_made_by(checkout):
    assert made_by(checkout) == {"version": checkout_version(), "source": source_digest(checkout)}
