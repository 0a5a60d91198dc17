"""From a release to reports/all_tables.pdf. What is run is data: config.yaml and workflow/."""

import sys

from snakemake.utils import min_version

min_version("9.27")
sys.path.insert(0, "src")

from serflow.errors import UserError
from serflow.plan.configuration import require_plain

try:
    require_plain("config.yaml")
except UserError as error:
    raise WorkflowError(str(error)) from None


configfile: "config.yaml"


# Snakemake 9.27 starts a timer of a second at every look for ready jobs, and each timer makes it look again: with a few
# hundred jobs done, its main process keeps a fifth of a core busy. It does so for a limit of jobs a second, which
# means nothing on one machine; there, the limit is taken away.
onstart:
    if workflow.local_exec:
        workflow.scheduler.job_rate_limiter = None


onsuccess:
    if workflow.is_main_process:
        PREPARED.remember()


onerror:
    if workflow.is_main_process and nothing_is_left_to_prepare():
        PREPARED.remember()


include: "workflow/rules/common.smk"
include: "workflow/rules/functions.smk"
include: "workflow/rules/corpus.smk"
include: "workflow/rules/features.smk"
include: "workflow/rules/teachers.smk"
include: "workflow/rules/train.smk"
include: "workflow/rules/score.smk"
include: "workflow/rules/report.smk"


if WORKFLOW.others:

    include: "workflow/rules/cross.smk"


if NO_CHECKPOINTS:
    for checkpoint in FINGERPRINTS.keys() & {rule.name for rule in workflow.rules}:
        workflow.get_rule(checkpoint).is_checkpoint = False


rule all:
    default_target: True
    input:
        paths.PDF,
