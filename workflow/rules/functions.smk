# What takes Snakemake's own objects: checkpoints, and the groups of a cluster's jobs. All else that rules ask the plan
# for is a method of `INPUTS` (serflow.plan.inputs).
from functools import cache

from serflow.plan.groups import groups_of_runs
from serflow.plan.inputs import JobInputs

# nothing can change, or all is made: a job is sent elsewhere when what it waits for is there
NO_CHECKPOINTS = (PREPARED.holds() and REPORT.plan.folds_made) or not workflow.is_main_process


def checkpoint_output(checkpoint, **wildcards):
    """The fingerprint that a checkpoint makes; what follows runs again only where its content changed.

    Its path alone where no checkpoint is needed.
    """
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


def train_code(wildcards):
    """Source of the loop, the learner and the model.

    A job runs again that lacks a seed, or a file of one, though the file that it declares is there: after a seed was
    added, or a run's predictions were deleted. It trains these and keeps the others.
    """
    runs = RUNS.format(**wildcards)
    if workflow.is_main_process and Path(runs).is_file() and not INPUTS.whole(wildcards):
        workflow.dag.forcefiles.add(runs)
    return INPUTS.train_code(wildcards)


INPUTS = JobInputs(REPORT, fingerprint=checkpoint_output, ancient=ancient, group=group_sent_away)
