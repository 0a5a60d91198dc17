import pytest

from helpers import ROOT
from helpers.tiny_release import Release
from serflow import corpora


@pytest.fixture(scope="session")
def corpus():
    """The declaration of a table of one's own, as the repository has it."""
    return corpora.load("manifest", root=ROOT)


@pytest.fixture
def release(tmp_path) -> Release:
    made = Release(tmp_path / "release")
    made.write()
    return made
