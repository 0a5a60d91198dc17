"""After a change of source that trains the same, runs are taken over; after one that trains otherwise they are not."""

import os
import re
import subprocess
import sys

from serflow.files import read_json

LAYER = "src/serflow/layers/acnn_convolutions.py"
RUNS = "results/demo/demo/xu2020/**/run.json"


def adopt(project, *options):
    command = [sys.executable, "-m", "serflow.cli.serflow", "adopt", "--cores", "2", *options]
    environment = os.environ | {"PYTHONPATH": "src", "OMP_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(command, cwd=project.folder, env=environment, text=True, capture_output=True)


def records(project):
    return {path.relative_to(project.folder).as_posix(): read_json(path) for path in project.folder.glob(RUNS)}


def test_runs_of_code_that_trains_the_same_are_taken_over(project):
    assert "nothing to take over" in adopt(project).stdout
    before = records(project)
    project.edit("src/serflow/errors.py", '"""', '"""Said otherwise. ')
    assert project.planned()["train"]
    done = adopt(project, "--draw", "7")
    assert done.returncode == 0, done.stderr
    assert re.search(r"one of each is trained anew, drawn by seed 7\n", done.stdout)
    after = records(project)
    assert after.keys() == before.keys()
    for name, record in after.items():
        assert record["outputs"] == before[name]["outputs"]
        assert record["inputs"]["code"] != before[name]["inputs"]["code"]
        (adopted,) = record["adopted"]
        assert adopted["code"] == before[name]["inputs"]["code"]
        assert adopted["repeated"]["system"] == record["run"]["system"]
    # what Snakemake still looks at, it finds finished
    project.snakemake()
    assert records(project) == after
    assert project.planned() == {}


def test_a_system_that_comes_out_otherwise_is_not_taken_over(project):
    before = records(project)
    project.edit(LAYER, "torch.relu(", "2 * torch.relu(")
    done = adopt(project)
    assert done.returncode == 1
    assert "comes out otherwise: " in done.stdout and "predictions.parquet" in done.stdout
    assert "acnn: the present code trains otherwise" in done.stderr
    assert records(project) == before
