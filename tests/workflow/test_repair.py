"""What was deleted or forgotten is made again by the next call, whatever was made of it, and trains nothing in vain."""

import shutil

import pytest

from helpers.projects import copy_of
from serflow.files import file_digest

VIEW, RUNS = "data/demo/xu2020/improvised", "results/demo/demo/xu2020/improvised"
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
    made = [path for path in files if path.is_file() and path.name not in ("inventory.tsv", "prepared.json")]
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


def test_without_snakemakes_memory_all_is_made_again_that_does_not_say_itself_that_it_is_current(project):
    delete(project, ".snakemake")
    planned = project.planned()
    assert {"score_runs", "table", "figure", "findings", "pdf"} <= set(planned)
    assert not {"view", "split", "features", "train"} & set(planned)


def test_without_snakemakes_memory_a_changed_setting_trains_its_runs_and_shows_what_they_give(project):
    delete(project, ".snakemake")
    project.paper(lambda data: data["systems"].update(acnn={"parameters": {"train": {"batch_size": 16}}}))
    planned = project.planned("--", "reports/all_tables.pdf")
    assert {runs.split("/")[5] for runs in planned["train"]} == {"acnn"}
    assert {"score_runs", "table", "figure", "findings", "pdf"} <= set(planned)


def test_without_snakemakes_memory_a_changed_view_is_made_again(project):
    delete(project, ".snakemake")
    project.edit("workflow/corpora/demo.yaml", "turns: 225", "turns: 226")
    assert {"demo_release", "view", "split", "features"} <= set(project.planned())
