"""What `serflow plan` prints, over fabricated runs."""

import json
import re
import shutil
from pathlib import Path

import pytest

from helpers import ROOT
from serflow.cli import plan as plan_command
from serflow.cli.plan import main
from serflow.errors import UserError
from serflow.forecast import measuring, times
from serflow.forecast.jobs import snakemake_jobs
from serflow.forecast.measure import Measured
from serflow.forecast.times import Times
from serflow.plan.configuration import changed_configuration
from serflow.plan.runs import Plan
from serflow.plan.workflow import read_workflow
from serflow.provenance.closure import closure_digest
from serflow.provenance.run_record import REQUIRED

CHANGE = ["--config", "sweeps=false", "device=cpu"]
NAMED = ["--paper", "xu2020", *CHANGE]


@pytest.fixture
def root(tmp_path, monkeypatch):
    """A working folder, and no shipped times: a test that wants them ships its own."""
    shutil.copy(ROOT / "config.yaml", tmp_path)
    (tmp_path / "workflow").symlink_to(ROOT / "workflow")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(plan_command, "shipped", lambda: Times({}))
    return tmp_path


def ship(monkeypatch, *, slower=1.0):
    """Ship an hour a step of conv1 of the paper preset; this machine takes `slower` times as long."""
    plan = Plan(read_workflow(changed_configuration({"corpus": "iemocap", "preset": "paper", "papers": ["xu2020"]})))
    there = Times({"processor": "another"}, {"cpu": {"lstm": 1.0}})
    spec = plan.systems["xu2020"].spec("conv1", "improvised")
    there.add(spec, "cpu", Measured(start=0, unit=3600.0, segment=0, weights=1), of="xu2020 improvised conv1 paper")
    monkeypatch.setattr(plan_command, "shipped", lambda: there)
    probed = []
    monkeypatch.setattr(times, "probe", lambda device: probed.append(device) or {"lstm": slower})
    return probed


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
    (Path(run.folder) / "model/last").mkdir(parents=True)
    for name in REQUIRED:
        (Path(run.folder) / name).touch()
    (Path(run.folder) / "run.json").write_text(json.dumps(record | change))


def test_runs_are_counted_by_protocol(root, capsys):
    text = printed(capsys)
    # the demo: 16 (system, experiment) in 2 folds as published, 9 under each of the others; see test_run_table.py.
    # Two folds of strict leave the same session out: one training judges both
    assert line(text, "xu2020", "as_published")[2:8] == ["10", "32", "32", "0", "0", "32"]
    assert line(text, "xu2020", "random10")[2:8] == ["3", "18", "18", "0", "0", "18"]
    assert line(text, "xu2020", "strict")[2:8] == ["3", "18", "9", "0", "0", "9"]
    assert line(text, "total")[1:7] == ["10 distinct", "68", "59", "0", "0", "59"]
    assert line(text, "train") == ["train", "59"]
    assert "not measured: 59 trainings" in text


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
    assert line(text, "xu2020", "as_published")[5:8] == ["1", "0", "31"]
    assert line(text, "train") == ["train", "59"]  # in all, what is done among them
    rows = [re.split(r"  +", row) for row in text.splitlines() if row.startswith("xu2020") and row.endswith("  A")]
    assert [row[:6] for row in rows] == [["xu2020", "acnn", "1", "60", "36", "0.01"]]  # the other fold
    assert "basis A" in text


def test_a_stale_run_is_not_done_and_its_reason_is_told(root, capsys):
    finish("acnn", inputs={"split": "a", "features": "b", "code": "other"})
    text = printed(capsys)
    assert line(text, "xu2020", "as_published")[5:8] == ["0", "1", "32"]
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


def test_measuring_fills_what_no_run_tells_and_a_second_call_measures_nothing(root, capsys, monkeypatch):
    asked = []

    def measure(spec, device, limits):
        asked.append(limits)
        return Measured(start=0, unit=3.6, segment=0, weights=1)

    monkeypatch.setattr(measuring, "measure", measure)
    arguments = ["--preset", "paper", "--corpus", "iemocap", "--measure", "5", "--memory", "1.5"]
    main([*NAMED, *arguments])
    text, told = capsys.readouterr()
    assert "not measured" not in text
    row = line(text, "xu2020", "conv1")
    steps = int(row[3].replace(",", ""))
    assert row[-1] == "C"
    assert float(row[5].replace(",", "")) == pytest.approx(steps * int(row[2]) / 1000, rel=1e-3)
    assert told.count("3.6 s a step") == len({name for name in told.splitlines() if "3.6 s a step" in name})
    assert f"xu2020 improvised conv1 paper: 3.6 s a step, {3.6 * steps / 3600:.2g} hours a training" in told
    assert {limits.gigabytes for limits in asked} == {1.5}
    timed = len(asked)
    assert printed(capsys, *arguments) == text
    assert len(asked) == timed


def test_measuring_stops_when_the_minutes_are_over_and_says_how_to_go_on(root, capsys, monkeypatch):
    monkeypatch.setattr(
        measuring, "measure", lambda spec, device, limits: Measured(start=0, unit=3.6, segment=0, weights=1)
    )
    clock = iter([0, *[0] * 3, *[1e6] * 99])
    monkeypatch.setattr(measuring.time, "monotonic", lambda: next(clock))
    main([*NAMED, "--preset", "paper", "--corpus", "iemocap", "--measure"])
    text, told = capsys.readouterr()
    assert "measured 3 of" in told
    assert "the same command goes on with the rest" in told
    assert "not measured: " in text


@pytest.mark.parametrize("minutes", ["0", "-1", "soon", "inf"])
def test_minutes_are_a_number_above_0(root, minutes):
    with pytest.raises(SystemExit):
        main(["--measure", minutes])


def test_hours_of_a_fresh_corpus_are_shipped_times_by_a_probe_taken_once(root, capsys, monkeypatch):
    probed = ship(monkeypatch, slower=2.0)
    text = printed(capsys, "--preset", "paper", "--corpus", "iemocap")
    row = line(text, "xu2020", "conv1")
    steps, trainings = (int(row[i].replace(",", "")) for i in (3, 2))
    assert row[-1] == "D"
    assert float(row[5].replace(",", "")) == 2 * steps * trainings
    assert f"hours by basis: D {2 * steps * trainings:,.2f}" in text
    assert printed(capsys, "--preset", "paper", "--corpus", "iemocap") == text
    assert probed == ["cpu"]
    assert "probe    a load takes 2.00 times (cpu) as long here as on the machine of D: another, " in text


def test_what_takes_over_a_day_is_named_as_out_of_reach_without_a_gpu(root, capsys, monkeypatch):
    ship(monkeypatch)
    text = printed(capsys, "--preset", "paper", "--corpus", "iemocap", "--config", "sweeps=false", "device=cpu")
    assert "out of reach without a GPU: 1 of the networks" in text
    assert "  xu2020 conv1 (improvised): 9,850.0 hours a training" in text
    text = printed(capsys, "--preset", "paper", "--corpus", "iemocap", "--config", "device=cuda")
    assert "out of reach" not in text  # it runs on one


def test_shipped_times_are_held_against_what_was_measured(root, capsys, monkeypatch):
    ship(monkeypatch, slower=1.5)
    monkeypatch.setattr(
        measuring, "measure", lambda spec, device, limits: Measured(start=0, unit=3600.0, segment=0, weights=1)
    )
    text = printed(capsys, "--preset", "paper", "--corpus", "iemocap", "--measure")
    assert "D by C   +50 % in the median, from +50 to +50 %, of " in text


def test_papers_are_summed_up_with_the_dearest_of_each(root, capsys, monkeypatch):
    def rows(*arguments):
        text = printed(capsys, "--paper", "huang2016", "--preset", "paper", "--corpus", "iemocap", *arguments)
        return text[text.index("of it weights") :]

    ship(monkeypatch)
    assert line(rows(), "xu2020")[-3:] == ["-"] * 3  # of most networks the hours are not known
    monkeypatch.setattr(
        measuring, "measure", lambda spec, device, limits: Measured(start=0, unit=1.0, segment=0, weights=1)
    )
    ours = line(rows("--measure"), "xu2020")
    assert ours[-3] == "acnn (full)"  # 18,300 steps of a second
    assert ours[-2] == f"{18_300 / 3600:.2f}"


def test_fewer_weights_are_fewer_bytes(root, capsys):
    def gigabytes(which):
        text = printed(capsys, "--paper", "li2019icassp", "--preset", "paper", "--corpus", "iemocap", *CHANGE, which)
        return float(re.search(r"disk: .*, (\S+) GB of it weights;", text)[1])

    assert gigabytes("keep_weights=first_seed") < 0.5 * gigabytes("keep_weights=all")


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
