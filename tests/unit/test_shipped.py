"""What comes with the package, and what a user's folder adds to it."""

from pathlib import Path

import pytest
import yaml

from helpers import ROOT
from helpers.declared import CONFIG
from serflow import corpora, shipped
from serflow.config import read_yaml
from serflow.errors import UserError
from serflow.plan.workflow import read_shared, read_workflow


@pytest.fixture
def folder(tmp_path):
    for kind in ("corpora", "papers"):
        (tmp_path / "workflow" / kind).mkdir(parents=True)
    return tmp_path


def test_in_a_checkout_shipped_files_stand_beside_src(monkeypatch, tmp_path):
    assert shipped.ROOT == ROOT
    monkeypatch.chdir(ROOT)
    assert shipped.located("reports/template.typ") == "reports/template.typ"
    monkeypatch.chdir(tmp_path)
    assert shipped.located("reports/template.typ") == str(ROOT / "reports/template.typ")
    assert shipped.from_here(Path("workflow/papers/mine.yaml")) == "workflow/papers/mine.yaml"


def test_a_corpus_and_a_paper_of_ones_own_stand_beside_the_shipped_ones(folder):
    (folder / "workflow/corpora/mine.yaml").write_text("extends: demo\nshort: Mine\n")
    copied = (ROOT / "workflow/papers/xu2020.yaml").read_text()
    (folder / "workflow/papers/ours2026.yaml").write_text(copied)
    workflow = read_workflow(CONFIG | {"corpus": "mine", "papers": ["xu2020", "ours2026"]}, root=folder)
    assert workflow.lineage == ("mine", "demo", "iemocap")
    assert workflow.corpus == corpora.load("demo", root=ROOT) | {"short": "Mine"}
    assert workflow.papers["ours2026"] == workflow.papers["xu2020"] == read_yaml(ROOT / "workflow/papers/xu2020.yaml")
    assert workflow.budget_file == "workflow/corpora/iemocap.yaml"


@pytest.mark.parametrize(("kind", "name"), [("corpora", "emodb"), ("papers", "xu2020")])
def test_a_name_that_stands_twice_is_told_with_the_one_that_wins(folder, kind, name):
    own = folder / f"workflow/{kind}/{name}.yaml"
    own.write_text("extends: demo\n")
    with pytest.raises(UserError) as caught:
        read_workflow(CONFIG, root=folder)
    shipped_file = ROOT / f"workflow/{kind}/{name}.yaml"
    assert str(caught.value) == (
        f"{own}: '{name}' stands twice, here and in {shipped_file}; that one wins, since it is serflow's own and "
        "results bear its name: rename this file"
    )


def test_features_and_protocols_of_ones_own_are_joined(folder):
    declared = read_yaml(ROOT / "workflow/features.yaml")
    spec = declared["logmel120"]
    (folder / "workflow/features.yaml").write_text(yaml.safe_dump({"mine": spec}))
    (folder / "workflow/protocols.yaml").write_text("protocols:\n  mine: {split: random10, select: last}\n")
    shared = read_shared(folder)
    assert shared.features == declared | {"mine": spec}
    assert shared.protocols["mine"] == {"split": "random10", "select": "last"}
    assert shared.protocols.keys() > read_shared(ROOT).protocols.keys()


@pytest.mark.parametrize(
    ("file", "text", "told"),
    [
        ("features", "logmel120: {}\n", "'logmel120' stands twice, here and in .*; that one wins"),
        ("protocols", "protocols: {strict: {}}\n", "'strict' stands twice"),
        ("protocols", "protocol: {mine: {}}\n", "unknown key 'protocol'; expected splits, protocols"),
        ("yardsticks", "- svm\n", "expected a mapping of names"),
    ],
)
def test_what_cannot_be_joined_is_told_with_its_file(folder, file, text, told):
    path = folder / f"workflow/{file}.yaml"
    path.write_text(text)
    with pytest.raises(UserError, match=f"{path}: {told}"):
        read_shared(folder)


def test_a_key_that_an_upgrade_brought_is_told_with_what_a_new_configuration_has():
    old = {key: value for key, value in CONFIG.items() if key not in ("device", "lexical")}
    with pytest.raises(UserError) as caught:
        read_workflow(old, root=ROOT)
    told, *lines = str(caught.value).split("\na new config.yaml (serflow init) has:\n")
    assert "device: missing" in told
    assert lines == ['  device: "auto"\n  lexical: {"pronunciations":null,"vectors":null}']
