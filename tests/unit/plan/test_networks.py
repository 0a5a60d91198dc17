"""Splits whose folds are views of the trainings of another one: what workflow/protocols.yaml must not say of it."""

import pytest
import yaml

from helpers.declared import copy_of_workflow
from serflow.config import read_yaml
from serflow.errors import UserError
from serflow.plan.workflow import read_shared

PLACE = "workflow/protocols.yaml: splits."


@pytest.fixture
def read(tmp_path):
    """Read what papers share, some keys of some splits changed, or taken away where the value is None."""
    root = copy_of_workflow(tmp_path)
    path = root / "workflow/protocols.yaml"
    declared = read_yaml(path)

    def changed(**splits):
        for name, change in splits.items():
            split = declared["splits"].get(name, {}) | change
            declared["splits"][name] = {key: value for key, value in split.items() if value is not None}
        path.write_text(yaml.safe_dump(declared), encoding="utf-8")
        return read_shared(root).splits

    return changed


@pytest.mark.parametrize(
    ("split", "change", "message"),
    [
        ("speaker", {"networks": "session_uot"}, r"'session_uot': expected a split of kind session; did you mean "
         r"'session_out'\? Known: session_out"),
        ("speaker", {"networks": "speaker"}, r"'speaker': expected a split of kind session\. Known: session_out"),
        ("marker", {"networks": "session_parts"}, "'session_parts': expected a split of kind session; did you mean"),
        ("speaker", {"folds": 8}, "'session_out' has 5 folds, speaker 8; expected folds: 10"),
        ("session_parts", {"folds": 4}, "'session_out' has 5 folds, session_parts 4; expected folds: 5"),
        ("session_parts_random", {"folds": 10}, "session_parts_random 10; expected folds: 5"),
        ("speaker_one_out", {"networks": "session_out"}, "'session_out' has 5 folds, speaker_one_out 10; expected a "
         "split that leaves a session out"),
        ("marker_one_out", {"networks": "session_out", "folds": 5}, "'session_out' has 5 folds, marker_one_out 5; "
         "expected a split that leaves a session out"),
    ],
)  # fmt: skip
def test_networks_that_cannot_judge_a_splits_folds_are_told_in_a_sentence(read, split, change, message):
    with pytest.raises(UserError, match=f"^{PLACE}{split}.networks: .*{message}") as raised:
        read(**{split: change})
    assert "\n" not in str(raised.value)


def test_folds_are_counted_by_those_of_the_networks(read):
    split = "(marker|speaker)"  # whichever is read first
    with pytest.raises(UserError, match=rf"{PLACE}{split}.networks: 'session_out' has 4 folds, \1 10; .* folds: 8"):
        read(session_out={"folds": 4})


@pytest.mark.parametrize(
    ("split", "change"), [("random5", {"networks": "session_out"}), ("session_out", {"networks": "session_out"})]
)
def test_a_split_of_another_kind_has_no_networks(read, split, change):
    with pytest.raises(UserError, match=f"{PLACE}{split}.*networks"):
        read(**{split: change})


def test_without_networks_each_fold_is_trained_by_itself(read):
    splits = read(speaker={"networks": None, "folds": 8})
    assert "networks" not in splits["speaker"]


def test_another_split_by_session_may_lend_its_networks(read):
    splits = read(other={"kind": "session", "folds": 4}, speaker={"networks": "other", "folds": 8})
    assert (splits["speaker"]["networks"], splits["marker"]["networks"]) == ("other", "session_out")


def test_a_session_that_is_tested_whole_chooses_no_epoch(tmp_path):
    root = copy_of_workflow(tmp_path)
    path = root / "workflow/protocols.yaml"
    declared = read_yaml(path)
    declared["protocols"]["loso"] = {"split": "session_out", "select": "best_validation"}
    path.write_text(yaml.safe_dump(declared), encoding="utf-8")
    with pytest.raises(
        UserError, match=r"protocols.loso.select: 'best_validation', but split 'session_out' has no val"
    ):
        read_shared(root)
    declared["protocols"]["loso"]["select"] = "last"
    path.write_text(yaml.safe_dump(declared), encoding="utf-8")
    assert read_shared(root).protocols["loso"] == {"split": "session_out", "select": "last"}
