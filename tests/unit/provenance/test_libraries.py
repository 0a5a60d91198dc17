"""Versions of libraries: which runs have which, each run once, what differs named with its systems."""

import pytest

from serflow.files import read_json, write_json
from serflow.provenance.libraries import Libraries, write_libraries
from serflow.provenance.run_key import RunKey

OLD, NEW = {"torch": "2.12.0", "numpy": "2.4.0"}, {"torch": "2.13.0", "numpy": "2.4.0"}


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def trained(versions, system="acnn", seed=1, split="random5"):
    """A run with a run.json that names these versions; None: that names none, as some of before did."""
    run = RunKey("demo", "demo", "xu2020", "improvised", system, split, 1, seed)
    write_json(f"{run.folder}/run.json", {} if versions is None else {"versions": versions})
    return run


def counted(*splits):
    for number, runs in enumerate(splits):
        write_libraries(f"{number}/libraries.json", runs)
    return Libraries.of_runs([f"{number}/libraries.json" for number in range(len(splits))] + ["gone/libraries.json"])


def test_runs_of_the_same_versions_are_one_list():
    found = counted([trained(NEW), trained(NEW, "svm")], [trained(NEW, seed=2)])
    assert (found.mixed, found.text) == ([], "numpy 2.4.0, torch 2.13.0")


def test_what_differs_is_named_with_the_fewer_runs_systems():
    runs = [trained(NEW, seed=seed) for seed in (1, 2, 3)]
    found = counted(runs, [trained(OLD, "svm")])
    assert found.mixed == ["torch 2.13.0 (3 runs), 2.12.0 (1 run: xu2020 svm)"]
    assert found.text == "torch 2.13.0 (3 runs), 2.12.0 (1 run: xu2020 svm); numpy 2.4.0"


def test_a_run_that_is_scored_under_two_splits_counts_once():
    shared, other = trained(OLD), trained(NEW, seed=2)
    found = counted([shared, other], [shared])
    assert found.mixed == ["torch 2.12.0 (1 run), 2.13.0 (1 run: xu2020 acnn)"]


def test_a_run_that_names_no_versions_is_not_recorded():
    found = counted([trained(NEW), trained(NEW, seed=2), trained(None, "elm")])
    assert found.mixed == [
        "numpy 2.4.0 (2 runs), not recorded (1 run: xu2020 elm)",
        "torch 2.13.0 (2 runs), not recorded (1 run: xu2020 elm)",
    ]
    assert counted([trained(None)]).text == ""


def test_of_many_systems_three_are_named():
    few = [trained(OLD, f"system{number}") for number in range(5)]
    found = counted([trained(NEW, seed=seed) for seed in range(6)] + few)
    assert found.mixed == [
        "torch 2.13.0 (6 runs), 2.12.0 (5 runs: xu2020 system0, xu2020 system1, xu2020 system2 and 2 more)"
    ]


def test_the_file_says_which_runs_have_which(tmp_path):
    runs = [trained(NEW, seed=2), trained(OLD), trained(NEW, seed=2)]
    counted(runs)
    assert read_json("0/libraries.json") == [
        {"versions": OLD, "runs": [runs[1].folder]},
        {"versions": NEW, "runs": [runs[0].folder]},
    ]


def test_feature_stores_are_told_by_their_names_and_the_packages_that_they_record():
    stores = {
        "mfcc": {"librosa": "0.11.0"},
        "logmel": {"librosa": "0.10.2"},
        "lld": {"opensmile": "2.6.0"},
        "old": None,
    }
    files = [f"features/{name}/store.json" for name in stores]
    for file, versions in zip(files, stores.values(), strict=True):
        write_json(file, {"versions": versions})
    found = Libraries.of_stores([*files, "features/gone/store.json"])
    assert found.text == "librosa 0.10.2 (1 store), 0.11.0 (1 store: mfcc); opensmile 2.6.0"
