import sys
from pathlib import Path

import pytest
from tiny_release import Release

from serflow import corpora

sys.path.insert(0, str(Path(__file__).parents[2]))  # faults.py, which is a program too


@pytest.fixture(scope="session")
def corpus():
    """The declaration of a table of one's own, as the repository has it."""
    return corpora.load("manifest", root=Path(__file__).parents[3])


@pytest.fixture
def release(tmp_path) -> Release:
    made = Release(tmp_path / "release")
    made.write()
    return made
