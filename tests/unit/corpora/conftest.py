import sys
from pathlib import Path

import pytest
from tiny_release import Release

sys.path.insert(0, str(Path(__file__).parents[2]))  # faults.py, which is a program too


@pytest.fixture
def release(tmp_path) -> Release:
    made = Release(tmp_path / "release")
    made.write()
    return made
