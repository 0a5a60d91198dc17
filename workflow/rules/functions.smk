# What takes Snakemake's own objects: checkpoints, and the groups of a cluster's jobs. All else that rules ask the plan
# for is a method of `INPUTS` (serflow.plan.inputs).
import os
from functools import cache

from snakemake.io import IOFile

from serflow.plan.groups import groups_of_runs
from serflow.plan.inputs import JobInputs
from serflow.plan.made import Made


def checkpoint_output(checkpoint, **wildcards):
    """The fingerprint that a checkpoint makes; what follows runs again only where its content changed.

    Its path alone where no checkpoint is needed.
    """
    make_again()
    if NO_CHECKPOINTS:
        return FINGERPRINTS[checkpoint].format(**wildcards)
    return getattr(checkpoints, checkpoint).get(**wildcards).output.fingerprint


def nothing_is_left_to_prepare():
    """Whether of a run that failed, or was stopped, all that is made before any training was made."""
    planned = workflow.dag.needrun_jobs(exclude_finished=True)
    return not any(job.rule.name in RULES for job in planned)


def group_of_runs(wildcards):
    """The runs that a cluster's job holds together with this one; a profile says how many (`group-components: runs`)."""
    if workflow.local_exec:
        return None
    if workflow.remote_exec:
        # inside the job, Snakemake is told its runs, and not that they go side by side in one process
        leave_groups_whole()
        return "runs"
    group = group_sent_away(INPUTS.run_key(wildcards))
    if group is None:
        return None
    workflow.parent_groupids[group.name] = "runs"  # whose number of components is looked up for this group
    return group.name


def group_sent_away(run):
    """The group of a run that is sent elsewhere; None of what runs here, of teachers, and inside the job."""
    return all_groups().get(run) if workflow.non_local_exec else None


@cache
def all_groups():
    """The group of each run."""
    groups = groups_of_runs(REPORT.plan, size=workflow.group_settings.group_components.get("runs", 1))
    leave_groups_whole()
    return groups


def leave_groups_whole():
    """Let Snakemake not cut the groups into chunks of its own."""
    workflow.group_settings.group_components = {"runs": sys.maxsize}


@cache
def make_again():
    """Have that made again which is missing though what was made of it is there, and what Snakemake has forgotten.

    By itself it makes no file that no job needs, and cannot see of a file whose making it does not remember (`.snakemake`
    was deleted, or it is a copy) whether its settings are the present ones.
    """
    if not workflow.is_main_process:
        return
    for files, what in (
        (MADE.missing(), "is missing"),
        (forgotten(), "was made in a way that Snakemake has no record of"),
    ):
        if files:
            more = f", as are {len(files) - 1} more" if len(files) > 1 else ""
            print(f"serflow: {files[0]} {what}{more}: made again, where this run needs it", file=sys.stderr)
            workflow.dag.forcefiles.update(files)


def forgotten():
    """Files whose making Snakemake does not remember, one a job, but those that say themselves that they are current.

    Of what is made before training `prepared.json` says so, of a training its run.json.
    """
    unknown = [job for job in MADE.jobs() if os.path.isfile(job.files[0]) and not remembered(job.files[0])]
    trainings = {job.files[0] for job in MADE.training()}
    current = {job.files[0] for job in MADE.preparing()} if PREPARED.holds() else set()
    if any(job.files[0] in trainings for job in unknown):
        from serflow.forecast.progress import progress

        stale = {file for run in progress(REPORT).stale for file in (run.runs_file, f"{run.folder}/run.json")}
        current |= trainings - stale
    return sorted({job.files[0] for job in unknown} - current)


def remembered(file):
    """Whether Snakemake has a record of how a file was made."""
    return workflow.persistence.metadata(IOFile(file)) is not None


def train_code(wildcards):
    """Source of the loop, the learner and the model.

    A job runs again that lacks a seed, or a file of one, though the file that it declares is there: after a seed was
    added, or a run's predictions were deleted. It trains these and keeps the others.
    """
    runs = RUNS.format(**wildcards)
    if workflow.is_main_process and Path(runs).is_file() and not INPUTS.whole(wildcards):
        workflow.dag.forcefiles.add(runs)
    return INPUTS.train_code(wildcards)


def teacher_code(wildcards):
    """Source of the loop, the recogniser and its network. A teacher that lacks a file is trained again."""
    run = Path(RUN.format(**wildcards))
    if workflow.is_main_process and (run / "run.json").is_file() and not INPUTS.whole_teacher(run):
        workflow.dag.forcefiles.add(str(run / "run.json"))
    return INPUTS.teacher_code(wildcards)


INPUTS = JobInputs(REPORT, fingerprint=checkpoint_output, ancient=ancient, group=group_sent_away)
MADE = Made(INPUTS)
# nothing can change, or all is made: a job is sent elsewhere when what it waits for is there
NO_CHECKPOINTS = not workflow.is_main_process or (
    PREPARED.holds() and REPORT.plan.folds_made and not any(job.missing() for job in MADE.preparing())
)
