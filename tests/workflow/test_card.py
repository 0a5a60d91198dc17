"""A run's model card says what is on disk, and what limits it."""

import re

import pytest
import yaml

from helpers.projects import linked_copy_of
from serflow.cli import card
from serflow.errors import UserError
from serflow.files import read_json, write_json
from serflow.reporting.rows import read_table

RUN = "results/demo/demo/xu2020/improvised/acnn/random5/fold1/seed1"


@pytest.fixture
def carded(finished, monkeypatch, capsys):
    """What `serflow card` prints: its head as YAML, and its text."""

    def call(*arguments, folder=finished.folder):
        monkeypatch.chdir(folder)
        capsys.readouterr()
        card.main(list(map(str, arguments)))
        _, head, text = capsys.readouterr().out.split("---\n", 2)
        return yaml.safe_load(head), text

    return call


def test_the_head_has_the_numbers_of_the_scores_with_their_intervals(carded, finished):
    head, _ = carded(RUN)
    (result,) = head["model-index"][0]["results"]
    scores = read_table(finished.folder / "results/demo/demo/xu2020/improvised/scores/random5/scores.csv")
    line = next(line for line in scores if (line["system"], line["select"], line["metric"]) == ("acnn", "last", "ua"))
    ua = next(metric for metric in result["metrics"] if metric["name"] == "UA, last")
    keys = {"value": "pooled", "low": "low_speakers", "high": "high_speakers"}
    assert {key: ua[key] for key in keys} == {key: float(line[name]) for key, name in keys.items()}
    assert result["dataset"] == {
        "name": "Stand-in for IEMOCAP", "type": "demo", "split": "random5", "config": "improvised",
    }  # fmt: skip
    assert head["license"] == "other"
    assert head["license_name"].startswith("synthesised with eSpeak NG")


def test_the_text_names_data_limits_versions_and_digests(carded, finished):
    _, text = carded(RUN)
    record = read_json(finished.folder / RUN / "run.json")
    counted = read_json(finished.folder / "data/demo/xu2020/improvised/splits/random5.json")["folds"]["1"]["train"]
    assert f"train of `random5/fold1`: {sum(counted.values())} utterances" in text
    assert "synthesised speech: it says nothing" in text
    assert "Preset `demo` is smaller than what the paper states" in text
    assert "whom the fold tests it is also trained on" in text
    assert record["digest"] in text
    assert f"torch {record['versions']['torch']}" in text
    for name, sha256 in record["outputs"].items():
        assert f"- `{name}`: `{sha256}`\n" in text
    assert str(finished.folder) not in text


def test_a_file_that_is_another_one_now_is_named(carded, finished, tmp_path):
    project = linked_copy_of(finished, tmp_path / "copy")
    (project.folder / RUN / "history.csv").write_text("epoch\n")
    _, text = carded(RUN, folder=project.folder)
    assert re.findall(r"`(\S+)`: `\w+` \(missing, or another file now\)", text) == ["history.csv"]


def test_it_is_written_where_it_is_wanted(finished, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(finished.folder)
    card.main([RUN, "--output", str(tmp_path / "README.md")])
    assert capsys.readouterr().out == ""
    assert (tmp_path / "README.md").read_text().startswith("---\nlibrary_name: serflow\n")


def test_what_is_no_run_of_this_configuration_is_refused(carded, finished, tmp_path):
    with pytest.raises(UserError, match="no run.json in it; expected the folder of a run"):
        carded("results/demo")
    project = linked_copy_of(finished, tmp_path / "copy")
    record = read_json(project.folder / RUN / "run.json")
    write_json(project.folder / RUN / "run.json", record | {"run": record["run"] | {"seed": 99}})
    with pytest.raises(UserError, match="seed 99; expected the folder of one that is"):
        carded(RUN, folder=project.folder)
    write_json(project.folder / RUN / "run.json", {})
    with pytest.raises(UserError, match="no `run` with corpus, preset and paper"):
        carded(RUN, folder=project.folder)
