"""A small copy of the project, run once; each test changes something and looks at the DAG."""

from pathlib import Path

import pytest

from helpers.projects import Project, copy_of, finished_once, no_sweeps, small_report


def shrink(data: dict) -> None:
    """The paper as it is, but small: two tables' worth of runs, one epoch, tiny widths."""
    rows = {row["id"]: row for row in data["tables"]["table3"]["rows"]}
    kept = ["acnn_improvised", "acnn_scripted", "majority_improvised", "tarantino_full"]
    data["tables"] = {"table3": data["tables"]["table3"] | {"rows": [rows[name] for name in kept]}}
    data["figures"] = {name: data["figures"][name] for name in ("confusion", "attention_sad")}
    no_sweeps(data)
    demo = data["presets"]["demo"]
    demo["system"] = {
        "parameters": {
            "model": {"parallel": 2, "channels": [2, 2, 2, 2], "n_head": 2, "n_size": 4},
            "train": {"epochs": 1},
        }
    }


@pytest.fixture(scope="session")
def finished(tmp_path_factory) -> Project:
    """A project whose small report is made; several test files read or copy it."""
    return finished_once(tmp_path_factory, "finished", lambda folder: small_report(folder, "xu2020", shrink))


@pytest.fixture
def project(finished: Project, tmp_path: Path) -> Project:
    """A copy of the finished project: itself a case of the change table."""
    return copy_of(finished, tmp_path / "copy")
