"""`serflow results`: chapters are made in their order, then the page and README's sentence are written."""

import sys
from types import SimpleNamespace

import pytest
import yaml

from helpers.chapters import chapter, line
from serflow.cli import results
from serflow.errors import UserError
from serflow.results_page.page import BEGIN, END

ROWS = [line("acnn", "strict", "ua", "61.50", p="0.010000"), line("svm_compare", "strict", "ua", "85.00")]


@pytest.fixture
def called(tmp_path, monkeypatch):
    """Two declared chapters in the working folder, and the commands that were run."""
    monkeypatch.chdir(tmp_path)
    asked = {"protocols": ["strict"], "seeds": [1, 2], "folds": None}
    chapters = [{"paper": "x", "preset": "paper"} | asked, {"paper": "y", "preset": "eighth"} | asked]
    content = {"corpus": "emodb", "command": "make this", "chapters": chapters}
    (tmp_path / "page.yaml").write_text(yaml.safe_dump(content))
    (tmp_path / "pyproject.toml").write_text('[project]\nversion = "0.1"\n')
    (tmp_path / "README.md").write_text(f"{BEGIN}old\n{END}\n")

    def read(declared, *, corpus, command):
        assert (corpus, command) == ("emodb", "make this")
        return chapter({"table2": ROWS}, paper=declared.paper, preset=declared.preset)

    commands = []

    def run(command):
        commands.append(command)
        return SimpleNamespace(returncode=0)

    monkeypatch.setattr(results, "read_chapter", read)

    def report(declared, corpus):
        return SimpleNamespace(scoring=SimpleNamespace(contrasts_files=[f"{declared.paper}/contrasts.csv"]))

    monkeypatch.setattr(results, "chapter_report", report)
    monkeypatch.setattr(results, "subprocess", SimpleNamespace(run=run))
    return commands


def test_the_page_is_written_beside_its_declaration_and_nothing_is_run(called, tmp_path):
    results.main(["page.yaml"])
    text = (tmp_path / "page.md").read_text()
    assert text.index("## x, preset paper") < text.index("## y, preset eighth")
    assert "serflow 0.1" in text
    assert called == []
    assert "old" in (tmp_path / "README.md").read_text()


def test_the_readme_gets_the_sentence_of_the_page(called, tmp_path):
    results.main(["page.yaml", "--readme", "README.md"])
    sentence = (tmp_path / "page.md").read_text().partition(BEGIN)[2].partition(END)[0]
    assert (tmp_path / "README.md").read_text() == f"{BEGIN}{sentence}{END}\n"
    assert "stands at UA 85.0" in sentence


def test_chapters_are_made_in_their_order_with_the_options_that_follow(called):
    results.main(["page.yaml", "--release", "some where", "--run", "--cores", "2", "--rerun-incomplete"])
    assert [command[:6] for command in called] == [
        [sys.executable, "-m", "snakemake", "--cores", "2", "--rerun-incomplete"]
    ] * 2
    first, second = (command[6:] for command in called)
    assert first == [
        "--config", "corpus=\"emodb\"", 'papers=["x"]', "sweeps=false", 'preset="paper"', 'protocols=["strict"]',
        "seeds=[1,2]", "folds=null", 'release="some where"', "--", "reports/all_tables.pdf",
        "x/contrasts.csv",
    ]  # fmt: skip
    assert 'papers=["y"]' in second


def test_a_chapter_that_fails_ends_it_and_no_page_is_written(called, tmp_path, monkeypatch):
    failing = SimpleNamespace(run=lambda command: SimpleNamespace(returncode=1))
    monkeypatch.setattr(results, "subprocess", failing)
    with pytest.raises(UserError, match="chapter x, preset paper: snakemake ended with status 1"):
        results.main(["page.yaml", "--release", "r", "--run", "--cores", "2"])
    assert not (tmp_path / "page.md").exists()


def test_runs_need_the_folder_of_the_recordings(called):
    with pytest.raises(UserError, match="--release: missing"):
        results.main(["page.yaml", "--run", "--cores", "2"])


def test_a_page_in_place_of_its_declaration_is_refused(called):
    with pytest.raises(UserError, match=r"page.md: expected the YAML"):
        results.main(["page.md"])
