"""A release that is none is told when the configuration is read, before any rule runs."""

import pytest

from helpers.declared import iemocap, make_plan
from helpers.tiny_release import Release


@pytest.fixture
def release(tmp_path):
    made = Release(tmp_path / "IEMOCAP_full_release")
    made.write()
    return made


def fault(folder):
    return make_plan(**iemocap(release=str(folder), papers=["xu2020"])).workflow.release_fault


def test_a_release_in_order_has_none(release):
    assert fault(release.root) is None


def test_a_folder_above_is_told_with_the_one_that_is_meant(release):
    said = fault(release.root.parent)
    assert said.startswith("config.yaml: release: ")
    assert f"set `release` in config.yaml to {release.root}" in said


def test_a_session_and_a_missing_folder_are_told_too(release, tmp_path):
    assert str(release.root) in fault(release.session("1"))
    missing = tmp_path / "none"
    assert fault(missing) == f"config.yaml: release: no folder {missing}; name the folder of the release"
