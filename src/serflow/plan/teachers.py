"""Speech recognisers that systems learn attention from: which are trained, which goes with a run."""

import itertools
from typing import Any

from serflow.errors import UserError
from serflow.paths import maps_folder
from serflow.plan.runs import Plan
from serflow.provenance.run_key import RunKey
from serflow.split_kinds import folds_a_session, session_of

__all__ = ["maps_of", "planned_teachers", "required_maps", "teacher_of", "teachers_shown"]


def planned_teachers(plan: Plan) -> list[RunKey]:
    """The speech recognisers that systems learn from and that tables and figures show, sorted, each once."""
    shown = [
        plan.teacher_run(paper, name, fold)
        for paper, data in plan.workflow.papers.items()
        if plan.skip_reason_of_teachers(paper) is None
        for name in teachers_shown(data)
        for fold in plan.folds_of(paper, data["teacher"]["split"])
    ]
    return sorted({*shown, *(teacher for teacher, _, _ in required_maps(plan))})


def teachers_shown(paper: dict[str, Any]) -> list[str]:
    """Teachers that a paper's tables and figures of recognition show, in their order."""
    rows = itertools.chain.from_iterable(table.get("rows", []) for table in paper["tables"].values())
    shown = [row["teacher"] for row in rows if "teacher" in row]
    shown += [name for figure in paper["figures"].values() for name in figure.get("teachers", [])]
    return list(dict.fromkeys(shown))


def required_maps(plan: Plan) -> set[tuple[RunKey, str, float]]:
    """(teacher, view, p) of the attention maps that the plan's systems learn: one for each session that is left out."""
    found = set()
    for run in plan.trainings:
        if teacher := teacher_of(plan, run):
            found.add((teacher, run.experiment, _transfer(plan, run)["p"]))
    return found


def teacher_of(plan: Plan, run: RunKey) -> RunKey | None:
    """The teacher that `run` learns from: the one that was not trained on the session that its fold leaves out.

    None for a system that learns from none.

    Raises
    ------
    UserError
        If the fold leaves no session out.
    """
    transfer = _transfer(plan, run)
    if transfer is None:
        return None
    split = plan.workflow.splits[run.split]
    if not folds_a_session(split):
        raise UserError(
            f"workflow/papers/{run.paper}.yaml: {run.system} learns from a teacher, and every teacher was trained on "
            f"somebody whom {run.split} tests; choose a split by session or by speaker for it"
        )
    return plan.teacher_run(run.paper, transfer["teacher"], session_of(split, run.fold))


def maps_of(plan: Plan, run: RunKey) -> str | None:
    """store.json of the attention maps that `run` learns; None for a system that learns none."""
    teacher = teacher_of(plan, run)
    return teacher and f"{maps_folder(teacher.folder, run.experiment, _transfer(plan, run)['p'])}/store.json"


def _transfer(plan: Plan, run: RunKey) -> dict[str, Any] | None:
    """What a system says of the attention that it learns."""
    return plan.systems[run.paper].spec(run.system, run.experiment)["parameters"].get("transfer")
