"""Which protocols a corpus allows, before anything is read but its table: views and folds are made, and thrown away."""

from typing import NamedTuple

import pandas as pd

from serflow.errors import UserError
from serflow.plan.runs import Plan
from serflow.plan.workflow import Workflow
from serflow.split_checks import check_split
from serflow.splits import make_split
from serflow.view import make_view


class Possible(NamedTuple):
    """A protocol of a paper: how many folds each of its views has, or why there can be none."""

    paper: str
    protocol: str
    folds: int
    reasons: tuple[str, ...]


def has_view(workflow: Workflow, paper: str, experiment: str, manifest: pd.DataFrame) -> bool:
    """Whether every class of an experiment has an utterance; `manifest` as of `possible_protocols`."""
    try:
        make_view(manifest, workflow.papers[paper]["experiments"][experiment], workflow.corpus)
    except UserError:
        return False
    return True


def possible_protocols(plan: Plan, paper: str, manifest: pd.DataFrame) -> list[Possible]:
    """What becomes of the configured protocols of a paper.

    Parameters
    ----------
    manifest : one row an utterance, what views and splits read: utterance, label, style, speaker, wearer, session,
    sex, group, duration (s), and fold and part where the corpus gives folds itself.
    """
    workflow, found = plan.workflow, []
    for name, protocol in workflow.protocols_of(paper).items():
        split = workflow.splits[protocol["split"]]
        experiments = {run.experiment for run in plan.runs if run.paper == paper and run.split == protocol["split"]}
        reasons, folds = [] if experiments else ["no system of the paper runs on these labels"], 0
        for experiment in sorted(experiments):
            try:
                view = make_view(manifest, workflow.papers[paper]["experiments"][experiment], workflow.corpus)
                table = make_split(view, split)
                check_split(table, view, split)
                folds = max(folds, table["fold"].nunique())
            except UserError as error:
                reasons.append(f"{experiment}: {error}")
        found.append(Possible(paper, name, folds, tuple(dict.fromkeys(reasons))))
    return found
