"""The workflow as others take it: from workflow/Snakefile, as a module of another workflow, from the catalogue."""

import shutil

import pytest
import yaml

from helpers import ROOT
from helpers.dry_runs import dry_run
from helpers.projects import copy_project
from serflow.config import read_yaml

pytestmark = pytest.mark.slow
MODULE = """
configfile: "config/config.yaml"

module serflow:
    snakefile: "{snakefile}"
    config: config

use rule * from serflow as serflow_*

rule split:  # the name of a checkpoint of ours
    input: "reports/all_tables.pdf"
    output: "mine.pdf"
    localrule: True
    shell: "cp {{input}} {{output}}"
"""


@pytest.fixture
def folder(tmp_path):
    """An empty folder with the configuration of .test where `snakedeploy` puts it."""
    (tmp_path / "config").mkdir()
    shutil.copy(ROOT / ".test/config.yaml", tmp_path / "config")
    return tmp_path


def test_the_catalogue_draws_its_rules(folder):
    """What the catalogue runs, in a folder of its own."""
    shutil.copy(ROOT / ".test/config.yaml", folder)
    command = ["--snakefile", str(ROOT / "workflow/Snakefile"), "--directory", str(folder)]
    status, printed = dry_run(folder, *command, "--forceall", "--rulegraph")
    assert status == 0, printed
    assert "digraph snakemake_dag" in printed
    assert all(f'"{rule}"' in printed for rule in ("all", "pdf", "train", "manifest"))


def test_another_workflow_uses_it_as_a_module_beside_rules_of_its_own(folder):
    (folder / "Snakefile").write_text(MODULE.format(snakefile=ROOT / "workflow/Snakefile"))
    status, printed = dry_run(folder, "--quiet", "rules", "--", "mine.pdf")
    assert status == 0, printed
    planned = dict(line.split() for line in printed.splitlines() if len(line.split()) == 2)
    assert planned["split"] == "1"
    assert int(planned["serflow_split"]) > 1
    assert {"serflow_demo_release", "serflow_train", "serflow_pdf"} <= planned.keys()
    assert "localrules directive" not in printed


def test_what_is_wrong_in_its_configuration_is_told(folder):
    (folder / "Snakefile").write_text(MODULE.format(snakefile=ROOT / "workflow/Snakefile"))
    config = read_yaml(ROOT / ".test/config.yaml") | {"corpus": "demos"}
    (folder / "config/config.yaml").write_text(yaml.safe_dump(config))
    status, printed = dry_run(folder, "--", "mine.pdf")
    assert (status, "corpus: 'demos' is unknown; did you mean 'demo'?" in printed) == (1, True), printed


def test_what_snakedeploy_copies_is_the_shipped_configuration():
    assert (ROOT / "config/config.yaml").read_bytes() == (ROOT / "config.yaml").read_bytes()
    assert read_yaml(ROOT / ".test/config.yaml").keys() <= read_yaml(ROOT / "config.yaml").keys()
    assert set(read_yaml(ROOT / ".snakemake-workflow-catalog.yml")["usage"]) == {
        "mandatory-flags", "software-stack-deployment", "report",
    }  # fmt: skip


def test_a_checkout_and_its_jobs_go_with_its_own_source_whatever_is_installed(tmp_path):
    """Several checkouts may share an environment: this process, and the one that plans, import another one."""
    project = copy_project(tmp_path)
    with open(tmp_path / "Snakefile", "a", encoding="utf-8") as file:
        file.write('\nprint("jobs:", shell._process_prefix)\nprint("rules:", located("workflow"), paths.__file__)\n')
    status, printed = dry_run(project.folder, "--quiet", "all", "--", "data/demo/release.json")
    assert status == 0, printed
    assert f"export PYTHONPATH={tmp_path / 'src'};" in printed
    assert f"rules: workflow {tmp_path / 'src/serflow/paths.py'}" in printed
