"""Trainings that one job of a cluster holds together, so that what it costs to start a job is paid once for many.

Snakemake itself can chunk jobs (`--group-components`), but does so anew whenever a checkpoint has been made, and then
mixes jobs that run already with those that have just become ready. So the chunks are fixed here, before anything runs.
"""

from collections import defaultdict
from dataclasses import dataclass

from serflow.files import digest
from serflow.plan.runs import Plan
from serflow.provenance.run_key import RunKey

__all__ = ["Group", "groups_of_runs"]


@dataclass(frozen=True)
class Group:
    """Some trainings of a paper; all wait for whatever one of them waits for, so that they become ready together.

    Attributes
    ----------
    name
        Of a job.
    splits, features
        Experiment and split, experiment and features, of each training.
    """

    name: str
    splits: frozenset[tuple[str, str]]
    features: frozenset[tuple[str, str]]


def groups_of_runs(plan: Plan, *, size: int) -> dict[RunKey, Group]:
    """The training of each job's first seed -> the job's group; the same whatever is done already.

    Networks of a group, at most `size`, are of one view and split, read the same features, and are alike in how many
    networks were trained before them, each from the one before: no group waits for itself, and none waits long. What
    only reads a trained network goes apart, since it needs no GPU. Systems without one are done in seconds: a paper's
    are together, up to the square of `size`; of 1, each is alone.
    """
    alike = defaultdict(list)
    for run in (job[0] for job in plan.jobs):
        alike[_key(plan, run)].append(run)
    groups = {}
    for key, runs in alike.items():
        runs.sort(key=lambda run: (run.experiment, run.split, run.fold, run.system))
        most = size if _is_network(plan.spec(runs[0])) else size * size
        for start in range(0, len(runs), most):
            members = runs[start : start + most]
            group = Group(
                name=f"{members[0].paper}_{digest([*key, start])[:12]}",
                splits=frozenset((run.experiment, run.split) for run in members),
                features=frozenset(
                    (run.experiment, read) for run in members if (read := plan.spec(run)["features"]) is not None
                ),
            )
            groups |= {run: group for run in members}
    return groups


def _key(plan: Plan, run: RunKey) -> tuple:
    spec, depth, before = plan.spec(run), 0, plan.encoder(run)
    if not _is_network(spec):
        return (run.paper,)
    while before:
        depth, before = depth + 1, plan.encoder(before)
    differs = (name in spec["parameters"] for name in ("train", "text", "transfer"))  # device; what it waits for
    return run.paper, run.experiment, run.split, spec["features"], *differs, depth


def _is_network(spec: dict) -> bool:
    """Whether a network is trained, or one that was is read."""
    return "train" in spec["parameters"] or spec["encoder"] is not None
