"""Runs that one job of a cluster holds together, so that what it costs to start a job is paid once for many.

Snakemake itself can chunk jobs (`--group-components`), but does so anew whenever a checkpoint has been made, and then
mixes jobs that run already with those that have just become ready. So the chunks are fixed here, before anything runs.
"""

from collections import defaultdict
from dataclasses import dataclass

from serflow.files import digest
from serflow.plan.run_key import Run
from serflow.plan.runs import Plan

__all__ = ["Group", "groups_of_runs"]


@dataclass(frozen=True)
class Group:
    """Some runs of one view, split and kind of device; all wait for all `features` that one of them reads."""

    name: str
    features: tuple[str, ...]


def groups_of_runs(plan: Plan, *, size: int) -> dict[Run, Group]:
    """Run -> its group, of at most `size` runs; the same whatever is done already.

    Members are alike in how many networks were trained before them, each from the one before: no group waits for
    itself. Networks of other features go apart, so that none waits long; systems without one are done in seconds.
    """
    alike = defaultdict(list)
    for run in plan.runs:
        alike[_key(plan, run)].append(run)
    groups = {}
    for key, runs in alike.items():
        runs.sort(key=lambda run: (run.fold, run.seed, run.system))
        for start in range(0, len(runs), size):
            members = runs[start : start + size]
            read = {_spec(plan, run)["features"] for run in members} - {None}
            group = Group(f"{members[0].paper}_{digest([*key, start])[:12]}", tuple(sorted(read)))
            groups |= {run: group for run in members}
    return groups


def _key(plan: Plan, run: Run) -> tuple:
    spec, depth, before = _spec(plan, run), 0, plan.encoder(run)
    while before:
        depth, before = depth + 1, plan.encoder(before)
    network = "train" in spec["parameters"] or spec["encoder"] is not None
    place = (run.paper, run.experiment, run.split)
    waits = "text" in spec["parameters"], "transfer" in spec["parameters"]
    return *place, network, spec["features"] if network else None, *waits, depth


def _spec(plan: Plan, run: Run) -> dict:
    return plan.systems[run.paper].spec(run.system, run.experiment)
