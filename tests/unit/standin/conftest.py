"""A tiny stand-in release, made once a session."""

from pathlib import Path

import pytest

from serflow.standin.release import write_release


@pytest.fixture(scope="session")
def tiny(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("standin") / "release"
    write_release(folder, turns=75, seed=3, jobs=2, floor=1)
    return folder
