import pytest
from tiny_release import Release


@pytest.fixture
def release(tmp_path) -> Release:
    made = Release(tmp_path / "release")
    made.write()
    return made
