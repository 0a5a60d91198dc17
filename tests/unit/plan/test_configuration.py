import pytest

from helpers.declared import ROOT
from serflow.errors import UserError
from serflow.plan.configuration import UNNAMED, changed_configuration, parsed_changes, require_plain


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


@pytest.mark.parametrize("pair", ["sweeps", "=1", "seeds=[1", "corpus", "=", "= emodb"])
def test_a_malformed_pair_is_named(pair):
    with pytest.raises(UserError, match="--config"):
        parsed_changes([pair])


def test_a_missing_configuration_is_named(tmp_path):
    with pytest.raises(UserError, match=r"config\.yaml: no such file"):
        changed_configuration({}, root=tmp_path)


def test_a_key_for_snakemakes_templates_and_an_unknown_one_are_refused(root):
    (root / "config.yaml").write_text("corpus: demo\n<<: {__use_yte__: true}\n")
    with pytest.raises(UserError, match=r"config\.yaml: key '__use_yte__' would have Snakemake run"):
        require_plain(root / "config.yaml")
    (root / "config.yaml").write_text("corpusx: demo\n")
    with pytest.raises(UserError, match=r"config\.yaml: unknown key 'corpusx'; did you mean 'corpus'\?"):
        require_plain(root / "config.yaml")


def test_an_absurd_value_of_an_option_is_refused():
    with pytest.raises(UserError, match=r"--config seeds: line 1: more than 50 lists"):
        parsed_changes([f"seeds={'[' * 50_000}"])
