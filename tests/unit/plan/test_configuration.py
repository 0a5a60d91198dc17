import pytest

from helpers.declared import ROOT
from serflow.errors import UserError
from serflow.plan.configuration import UNNAMED, changed_configuration, parsed_changes


@pytest.fixture
def root(tmp_path):
    (tmp_path / "workflow").symlink_to(ROOT / "workflow")
    return tmp_path


def test_a_change_replaces_a_key(root):
    (root / "config.yaml").write_text("corpus: demo\nrelease: null\npreset: demo\n")
    assert changed_configuration({"preset": "paper"}, root=root) == {
        "corpus": "demo",
        "release": None,
        "preset": "paper",
    }


def test_another_corpus_does_not_take_the_release_over(root):
    (root / "config.yaml").write_text("corpus: iemocap\nrelease: /data/iemocap\n")
    assert changed_configuration({}, root=root)["release"] == "/data/iemocap"
    assert changed_configuration({"corpus": "emodb"}, root=root)["release"] == UNNAMED
    assert changed_configuration({"corpus": "demo"}, root=root)["release"] is None
    assert changed_configuration({"corpus": "emodb", "release": "/data/emodb"}, root=root)["release"] == "/data/emodb"


def test_values_are_read_as_yaml():
    assert parsed_changes(["seeds=[1, 2]", "sweeps=false", "release=/a/b=c"]) == {
        "seeds": [1, 2],
        "sweeps": False,
        "release": "/a/b=c",
    }


@pytest.mark.parametrize("pair", ["sweeps", "=1", "seeds=[1"])
def test_a_malformed_pair_is_named(pair):
    with pytest.raises(UserError, match="--config"):
        parsed_changes([pair])


def test_a_missing_configuration_is_named(tmp_path):
    with pytest.raises(UserError, match=r"config\.yaml: no such file"):
        changed_configuration({}, root=tmp_path)
