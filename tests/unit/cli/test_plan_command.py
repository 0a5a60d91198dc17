"""What `serflow plan` prints, over fabricated runs."""

import json
import re
import shutil
from pathlib import Path

import pytest

from helpers import ROOT
from serflow.cli.plan import main
from serflow.errors import UserError
from serflow.forecast.jobs import snakemake_jobs
from serflow.plan.configuration import changed_configuration
from serflow.plan.runs import Plan
from serflow.plan.workflow import read_workflow
from serflow.provenance.closure import closure_digest
from serflow.provenance.run_record import REQUIRED

NAMED = ["--paper", "xu2020", "--config", "sweeps=false", "device=cpu"]


@pytest.fixture
def root(tmp_path, monkeypatch):
    shutil.copy(ROOT / "config.yaml", tmp_path)
    (tmp_path / "workflow").symlink_to(ROOT / "workflow")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def printed(capsys, *arguments):
    main([*NAMED, *arguments])
    return capsys.readouterr().out


def line(text, *words):
    """Cells of the one line that begins with these words."""
    cells = [re.split(r"  +", row.strip()) for row in text.splitlines()]
    (found,) = [row for row in cells if row[: len(words)] == list(words)]
    return found


def finish(system, **change):
    """Write the run of fold 1 as published on the improvised part: 36 s."""
    plan = Plan(read_workflow(changed_configuration({"papers": ["xu2020"], "sweeps": False})))
    wanted = (system, "random5", "improvised")
    run = next(run for run in plan.runs if (run.system, run.split, run.experiment) == wanted)
    modules = plan.systems["xu2020"].modules(system, "improvised")
    record = {
        "run": run.key,
        "spec": plan.systems["xu2020"].spec(system, "improvised"),
        "inputs": {"split": "a", "features": "b", "code": closure_digest("serflow.cli.train", *modules)},
        "outputs": {},
        "device": "cpu",
        "counts": {"train_utterances": 120, "train_segments": 320, "steps_an_epoch": 10, "test": 30},
        "epochs": 10,
        "resumed_after_epoch": 0,
        "seconds": 36.0,
    }
    (Path(run.folder) / "model").mkdir(parents=True)
    for name in REQUIRED:
        (Path(run.folder) / name).touch()
    (Path(run.folder) / "run.json").write_text(json.dumps(record | change))


def test_runs_are_counted_by_protocol(root, capsys):
    text = printed(capsys)
    # the demo: 16 (system, experiment) in 2 folds as published, 9 under each of the others; see test_run_table.py
    assert line(text, "xu2020", "as_published")[2:7] == ["10", "32", "0", "0", "32"]
    assert line(text, "xu2020", "random10")[2:7] == ["3", "18", "0", "0", "18"]
    assert line(text, "total")[1:6] == ["10 distinct", "68", "0", "0", "68"]
    assert line(text, "train") == ["train", "68"]
    assert "not measured: 68 runs" in text


def test_the_total_of_systems_is_a_sum_where_no_system_stands_twice(root, capsys):
    text = printed(capsys, "--paper", "huang2016", "--config", "protocols=[as_published]")
    assert "distinct" in line(text, "total")[1]  # of huang2016, whose own protocols run systems again
    text = printed(capsys, "--paper", "li2019icassp", "--config", "protocols=[as_published]")
    assert line(text, "total")[1] == str(
        sum(int(line(text, paper, "as_published")[2]) for paper in ("xu2020", "li2019icassp"))
    )


def test_a_protocol_of_another_ones_split_says_so(root, capsys):
    text = printed(capsys, "--paper", "li2019icassp")
    assert line(text, "li2019icassp", "random10")[2:4] == ["0", "0"]
    assert "\nli2019icassp, random10: the same as as_published, by its split (random10)\n" in text
    assert "xu2020, random10: " not in text


def test_a_protocol_that_cannot_be_run_says_why(root, capsys):
    text = printed(capsys, "--paper", "huang2016", "--preset", "paper", "--corpus", "emodb")
    assert line(text, "huang2016", "marker")[2:4] == ["0", "0"]
    (told,) = [row for row in text.splitlines() if row.startswith("huang2016, marker: ")]
    assert "does not say who wore markers (`wearers` in workflow/corpora/emodb.yaml)" in told


def test_a_finished_run_is_done_and_tells_what_its_like_will_take(root, capsys):
    finish("acnn")
    text = printed(capsys, "--cores", "4")
    assert line(text, "xu2020", "as_published")[4:7] == ["1", "0", "31"]
    assert line(text, "train") == ["train", "68"]  # in all, what is done among them
    rows = [re.split(r"  +", row) for row in text.splitlines() if row.startswith("xu2020") and row.endswith("  A")]
    assert [row[:6] for row in rows] == [["xu2020", "acnn", "1", "60", "36", "0.01"]]  # the other fold
    assert "basis A" in text


def test_a_stale_run_is_not_done_and_its_reason_is_told(root, capsys):
    finish("acnn", inputs={"split": "a", "features": "b", "code": "other"})
    text = printed(capsys)
    assert line(text, "xu2020", "as_published")[4:7] == ["0", "1", "32"]
    assert "trained by other code" in text


def test_hours_are_core_hours_shared_by_cores(root, capsys):
    finish("acnn", seconds=7200.0)
    text = printed(capsys, "--config", "sweeps=false", "device=cpu", "protocols=[as_published]", "--cores", "1")
    row = next(row for row in text.splitlines() if " acnn " in row and row.endswith("A"))
    assert "2.00" in row  # the other fold
    assert "at least" in text  # other systems are not measured


def test_the_paper_preset_on_a_corpus_that_is_not_there(root, capsys):
    text = printed(capsys, "--preset", "paper", "--corpus", "emodb")
    assert text.startswith("corpus emodb, preset paper")
    assert "release: not named" in text
    # eight seeded systems with five seeds, SVM and majority with one; five folds as published, ten else
    assert line(text, "xu2020", "as_published")[3] == str(5 * (8 * 5 + 2))
    assert line(text, "xu2020", "strict")[3] == str(10 * (8 * 5 + 2))


def test_measuring_fills_what_no_run_tells(root, capsys, monkeypatch):
    from serflow.forecast import measure

    timed = measure.Measured(start=0, unit=3.6, segment=0, weights=1)
    monkeypatch.setattr(measure, "measure", lambda spec, device: timed)
    text = printed(capsys, "--preset", "paper", "--corpus", "iemocap", "--measure")
    assert "not measured" not in text
    row = line(text, "xu2020", "conv1")
    steps = int(row[3].replace(",", ""))
    assert row[-1] == "C"
    assert float(row[5].replace(",", "")) == pytest.approx(steps * 125 / 1000, rel=1e-3)  # 25 folds x 5 seeds


def test_an_unknown_preset_is_named_with_its_nearest(root):
    with pytest.raises(UserError, match=r"'papr' is unknown; did you mean 'paper'\?"):
        main(["--preset", "papr"])


def test_an_unknown_key_is_named_with_its_nearest(root):
    with pytest.raises(UserError, match=r"unknown key 'seed'; did you mean 'seeds'\?"):
        main(["--config", "seed=[1]"])


def test_config_given_twice_counts_twice(root, capsys):
    main(["--config", "preset=paper", "--config", "papers=[xu2020]", "seeds=[1]"])
    assert capsys.readouterr().out.startswith("corpus demo, preset paper")


@pytest.mark.parametrize("cores", ["0", "two"])
def test_cores_are_a_number_from_1(root, cores):
    with pytest.raises(SystemExit):
        main(["--cores", cores])


@pytest.mark.slow
def test_what_snakemake_refuses_is_told(root):
    shutil.copy(ROOT / "Snakefile", root)
    (root / "src").symlink_to(ROOT / "src")
    with pytest.raises(UserError, match="name the folder of its release"):
        snakemake_jobs({"corpus": "emodb"})
