"""What was declared leaves as it was resolved, without the folders of the machine."""

import shutil

import yaml

from helpers.declared import copy_of_workflow, make_plan
from serflow.config import read_yaml
from serflow.crate.declared_files import configuration, declared_files, declared_sources
from serflow.plan.workflow import read_workflow


def test_the_configuration_names_no_folder_and_reads_back(tmp_path):
    (tmp_path / "vectors.bin").write_bytes(b"x")
    lexical = {"vectors": str(tmp_path / "vectors.bin"), "pronunciations": None}
    workflow = make_plan(corpus="iemocap", release=str(tmp_path), lexical=lexical).workflow
    text = configuration(workflow)
    assert str(tmp_path) not in text
    found = yaml.safe_load(text)
    assert found["release"] == "(not named)"
    assert found["lexical"] == {"vectors": None, "pronunciations": None}
    changed = ("release", "lexical", "releases")
    assert {key: value for key, value in found.items() if key not in changed} == {
        key: value for key, value in workflow.config.items() if key not in changed
    }
    assert read_workflow(found).corpus == workflow.corpus


def test_equal_configurations_give_equal_text_whatever_their_order():
    workflow = make_plan().workflow
    turned = read_workflow(dict(reversed(workflow.config.items())))
    assert configuration(turned) == configuration(workflow)


def test_the_files_are_those_that_the_configuration_needs_and_read_as_a_checkout(tmp_path):
    workflow = make_plan(papers=["xu2020"]).workflow
    for file in declared_files(workflow):
        (tmp_path / file.name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file.name).write_bytes(file.read())
    there = {path.name for path in tmp_path.glob("workflow/*/*.yaml")}
    assert {"demo.yaml", "iemocap.yaml", "xu2020.yaml"} <= there
    assert not {"huang2016.yaml", "emodb.yaml"} & there
    again = read_workflow(workflow.config, root=tmp_path)
    assert (again.papers, again.features, again.splits) == (workflow.papers, workflow.features, workflow.splits)


def test_what_they_are_made_of_is_there_and_each_of_it_an_input():
    sources = declared_sources(make_plan().workflow)
    assert {"workflow/papers/xu2020.yaml", "workflow/protocols.yaml", "workflow/rules/train.smk"} <= set(sources)
    assert len(sources) == len(set(sources))


def test_of_a_table_elsewhere_the_name_alone_leaves(tmp_path):
    copy_of_workflow(tmp_path)
    corpus = tmp_path / "workflow/corpora/mine.yaml"
    shutil.copy(tmp_path / "workflow/corpora/manifest.yaml", corpus)
    elsewhere = "/homes/somebody/corpus/table.csv"
    corpus.write_text(corpus.read_text().replace("table: table.csv", f"table: {elsewhere}"))
    assert read_yaml(corpus)["table"] == elsewhere
    workflow = make_plan(root=tmp_path, corpus="mine", release=str(tmp_path)).workflow
    (text,) = (file.read().decode() for file in declared_files(workflow) if file.name.endswith("mine.yaml"))
    assert "/homes" not in text
    assert yaml.safe_load(text)["table"] == "table.csv"


def test_the_configuration_is_the_same_where_a_package_changed_how_yaml_is_written(monkeypatch):
    """As oyaml does, which openSMILE's package imports: mappings are written in their own order."""
    workflow = make_plan().workflow
    text = configuration(workflow)
    unsorted = lambda dumper, data: dumper.represent_mapping("tag:yaml.org,2002:map", data.items())  # noqa: E731
    monkeypatch.setitem(yaml.SafeDumper.yaml_representers, dict, unsorted)
    assert configuration(workflow) == text
    keys = [line.partition(":")[0] for line in text.splitlines() if not line.startswith(("#", " ", "-"))]
    assert keys == sorted(keys)
