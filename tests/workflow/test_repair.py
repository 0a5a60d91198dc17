"""What was deleted or forgotten is made again by the next call, whatever was made of it, and trains nothing in vain."""

import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest

from helpers.declared import make_inputs
from helpers.projects import Project, copy_of
from serflow.config import read_yaml
from serflow.corpora import manifest
from serflow.errors import UserError
from serflow.features.store import Store
from serflow.files import digest, file_digest, read_json, write_json
from serflow.learners.parts.loading import load_learner
from serflow.metrics.run_files import Folds, stored_run
from serflow.plan.made import Made
from serflow.plan.report import Report
from serflow.plan.runs import Plan
from serflow.plan.workflow import read_workflow
from serflow.provenance.made_from import check_made_from
from serflow.provenance.run_record import check_record
from serflow.reporting.scores import read_lines
from serflow.splits import read_folds

VIEW, RUNS = "data/demo/xu2020/improvised", "results/demo/demo/xu2020/improvised"
SCRIPTED, OTHER_FOLDS = "results/demo/demo/xu2020/scripted", "data/demo/xu2020/scripted/splits/random5.parquet"
TIMED = ("run.json", "inventory.tsv", "prepared.json")  # say how long it took, and when
RUN, REPORT = f"{RUNS}/acnn/random5/fold1", "reports/demo-demo"
PDF = ("--", "reports/all_tables.pdf")


@pytest.fixture(scope="module")
def whole(finished, tmp_path_factory):
    """A finished project that each test leaves as it is."""
    return copy_of(finished, tmp_path_factory.mktemp("repair") / "copy")


def delete(project, *paths):
    for path in paths:
        found = project.folder / path
        shutil.rmtree(found) if found.is_dir() else found.unlink()


def contents(project):
    """Path -> digest of all that was made, but for what says when and how."""
    files = [path for name in ("data", "results", "reports") for path in (project.folder / name).rglob("*")]
    made = [path for path in files if path.is_file() and path.name not in TIMED]
    return {path.relative_to(project.folder): file_digest(path) for path in made}


@pytest.mark.parametrize(
    ("gone", "rule", "file", "target"),
    [
        ("data/demo/findings.json", "manifest", "data/demo/manifest.parquet", ()),
        (f"{VIEW}/view.parquet", "view", f"{VIEW}/view.parquet", PDF),
        (f"{VIEW}/splits/random5.parquet", "split", f"{VIEW}/splits/random5.parquet", ()),
        ("data/demo/xu2020/protocols.json", "protocols", "data/demo/xu2020/protocols.json", ()),
        ("data/demo/features/mfcc13/frames.npy", "features", "data/demo/features/mfcc13/store.json", ()),
        (f"{RUN}/seed1", "train", f"{RUN}/runs.json", ()),
        (RUN, "train", f"{RUN}/runs.json", PDF),
        (f"{RUNS}/scores", "score_runs", f"{RUNS}/scores/random5/scores.csv", ()),
        (f"{RUNS}/scores/random5/groups.csv", "score_runs", f"{RUNS}/scores/random5/scores.csv", ()),
        (f"{REPORT}/xu2020/table3.csv", "table", f"{REPORT}/xu2020/table3.csv", PDF),
        (f"{REPORT}/xu2020/confusion_data.csv", "figure", f"{REPORT}/xu2020/confusion.svg", ()),
        (REPORT, "findings", f"{REPORT}/findings.csv", ()),
    ],
)
def test_what_was_deleted_is_made_again_though_the_pdf_is_there(whole, tmp_path, gone, rule, file, target):
    shutil.move(whole.folder / gone, tmp_path / "gone")
    planned = whole.planned(*target)
    shutil.move(tmp_path / "gone", whole.folder / gone)
    assert file in planned[rule]
    assert "pdf" in planned


def test_a_generated_release_that_was_deleted_is_made_again(project):
    delete(project, "data/demo/release")
    assert "demo_release" in project.planned()


@pytest.mark.slow
def test_what_is_made_again_before_training_trains_and_changes_nothing(project):
    before = contents(project)
    delete(project, "data/demo/manifest.parquet", "data/demo/features/mfcc13", f"{VIEW}/view.parquet")
    done = project.done()
    assert {"manifest", "features", "view"} <= set(done)
    assert not {"train", "score_runs"} & set(done)
    assert contents(project) == before
    assert project.planned() == {}


def forget(project):
    """Take Snakemake's memory away, and all that time stamps say."""
    delete(project, ".snakemake")
    for path in project.folder.rglob("*"):
        os.utime(path, (1_000_000_000, 1_000_000_000))


def test_without_snakemakes_memory_all_is_made_again_that_does_not_say_itself_that_it_is_current(project):
    forget(project)
    planned = project.planned()
    assert {"score_runs", "table", "figure", "findings", "pdf"} <= set(planned)
    assert not {"view", "split", "features", "train"} & set(planned)


def test_without_snakemakes_memory_a_changed_setting_trains_its_runs_and_shows_what_they_give(project):
    forget(project)
    project.paper(lambda data: data["systems"].update(acnn={"parameters": {"train": {"batch_size": 16}}}))
    planned = project.planned("--", "reports/all_tables.pdf")
    assert {runs.split("/")[5] for runs in planned["train"]} == {"acnn"}
    assert {"score_runs", "table", "figure", "findings", "pdf"} <= set(planned)


def test_without_snakemakes_memory_a_changed_view_is_made_again(project):
    forget(project)
    project.edit("workflow/corpora/demo.yaml", "turns: 225", "turns: 226")
    assert {"demo_release", "view", "split", "features"} <= set(project.planned())


def test_what_the_plan_knows_of_jobs_is_what_snakemake_plans(whole, monkeypatch):
    planned = whole.planned("--forceall")
    monkeypatch.chdir(whole.folder)
    report = Report(Plan(read_workflow(read_yaml(whole.folder / "config.yaml"), root=whole.folder)))
    found = {}
    for job in Made(make_inputs(report)).jobs():
        found.setdefault(job.rule, []).append(job.files)
    assert {rule: len(jobs) for rule, jobs in found.items()} == {rule: len(jobs) for rule, jobs in planned.items()}
    assert all(any(output in files for files in found[rule]) for rule in planned for output in planned[rule])


# Each spoils a file of the project in the working folder, and gives what then says so.


def a_run_of_another_specification():
    run = Path(RUN) / "seed1"
    record = read_json(run / "run.json")
    write_json(run / "run.json", record | {"spec": {}, "digest": "0" * 64})
    return lambda: check_record(run, key=record["run"], spec=digest(record["spec"]), inputs={})


def a_run_without_a_network_that_can_be_read():
    model = Path(SCRIPTED) / "acnn/random5/fold1/seed1/model/last"
    (model / "weights.safetensors").write_bytes(b"torn")
    return lambda: load_learner(model, device="cpu")


def predictions_that_cannot_be_read():
    run, folds = Path(SCRIPTED) / "acnn/random5/fold2/seed1", Folds(read_folds(Path(OTHER_FOLDS)))
    record = read_json(run / "run.json")
    entry = {"folder": run, "run": record["run"], "training": record["run"], "digest_spec": digest(record["spec"])}
    (run / "predictions.parquet").write_bytes(b"torn")
    return lambda: stored_run(entry | {"inputs": record["inputs"]}, folds)


def a_store_that_cannot_be_read():
    store = Path("data/demo/features/mfcc13")
    (store / "frames.npy").write_bytes(b"torn")
    return lambda: Store.open(store)


def a_manifest_that_cannot_be_read():
    path = Path("data/demo/manifest.parquet")
    path.write_bytes(b"torn")
    return lambda: manifest.load(path)


def a_fold_table_that_was_edited():
    path = Path(VIEW) / "splits/random5.parquet"
    pd.read_parquet(path).iloc[1:].to_parquet(path)
    return lambda: read_folds(path)


def json_that_cannot_be_read():
    path = Path(VIEW) / "view.json"
    path.write_bytes(b"torn")
    return lambda: read_json(path)


def scores_of_another_configuration():
    path = Path(RUNS) / "scores/random5/made_from.json"
    record = read_json(path)
    write_json(path, record | {"asked": "0" * 64})
    return lambda: check_made_from({str(path.parent): record["asked"]})


def a_file_of_scores_that_is_gone():
    path = Path(SCRIPTED) / "scores/random5/runs.csv"
    path.unlink()
    return lambda: read_lines(path, system="acnn", select="last")


SPOILT = [
    predictions_that_cannot_be_read, a_run_of_another_specification, a_run_without_a_network_that_can_be_read,
    a_store_that_cannot_be_read, a_manifest_that_cannot_be_read, a_fold_table_that_was_edited,
    json_that_cannot_be_read, scores_of_another_configuration, a_file_of_scores_that_is_gone,
]  # fmt: skip
ADVICE = re.compile(r"(?:delete (?P<paths>\S+(?: and \S+)*) and )?run (?P<command>snakemake --cores all)")


@dataclass(frozen=True)
class Mended:
    """A project that was spoilt in every way at once and mended as the messages say; its contents before; readers."""

    project: Project
    before: dict[Path, str]
    readers: dict


@pytest.fixture(scope="module")
def mended(finished, tmp_path_factory):
    project = copy_of(finished, tmp_path_factory.mktemp("mended") / "copy")
    before, commands = contents(project), set()
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(project.folder)
        readers = {spoil: spoil() for spoil in SPOILT}
        for read in readers.values():
            with pytest.raises(UserError) as raised:
                read()
            advised = ADVICE.search(str(raised.value))
            delete(project, *(advised["paths"] or "").split(" and ")) if advised["paths"] else None
            commands.add(advised["command"])
        (command,) = commands
        project.snakemake(*command.split()[1:])
        yield Mended(project, before, readers)


@pytest.mark.slow
@pytest.mark.parametrize("spoil", SPOILT)
def test_what_a_message_advises_works_to_the_letter(mended, spoil):
    mended.readers[spoil]()


@pytest.mark.slow
def test_when_all_messages_were_followed_everything_is_as_it_was(mended):
    after = contents(mended.project)
    changed = {path for path in mended.before if after.get(path) != mended.before[path]}
    assert changed == set()
    assert mended.project.planned() == {}


@pytest.mark.slow
def test_the_other_advice_on_a_stale_run_works_too(project, monkeypatch):
    monkeypatch.chdir(project.folder)
    read = a_run_of_another_specification()
    with pytest.raises(UserError) as raised:
        read()
    (command,) = re.findall(r"snakemake (--cores all --forcerun \w+)$", str(raised.value))
    project.snakemake(*command.split())
    read()
    assert project.planned() == {}
