"""Speech recognisers that systems learn attention from: which are trained, which goes with a run."""

import itertools
from pathlib import Path
from typing import Any

from serflow.errors import UserError
from serflow.files import read_json
from serflow.paths import ViewPaths, maps_folder
from serflow.plan.runs import Plan
from serflow.provenance.run_key import RunKey
from serflow.split_kinds import folds_a_session

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
    """(teacher, view, p) of the attention maps that the plan's systems learn: one for each session that is left out.

    They are counted as if speakers sorted by session; which fold goes with which is known once the fold tables are
    (`teacher_of`).
    """
    found = set()
    for paper, experiment, system, split in plan.required:
        transfer = plan.systems[paper].spec(system, experiment)["parameters"].get("transfer")
        if transfer:
            together = folds_a_session(plan.workflow.splits[split])
            for session in {1 + (run.fold - 1) // together for run in plan.runs_of(paper, experiment, system, split)}:
                found.add((plan.teacher_run(paper, transfer["teacher"], session), experiment, transfer["p"]))
    return found


def teacher_of(plan: Plan, run: RunKey) -> RunKey | None:
    """The teacher that `run` learns from: the one that was not trained on the session that its fold leaves out.

    None for a system that learns from none. Reads the fingerprints of both fold tables.

    Raises
    ------
    UserError
        If one of them is missing, or the fold leaves no session out.
    """
    transfer = plan.systems[run.paper].spec(run.system, run.experiment)["parameters"].get("transfer")
    if transfer is None:
        return None
    own = Path(ViewPaths(run.corpus, run.paper, run.experiment).split(run.split))
    teacher = plan.workflow.papers[run.paper]["teacher"]
    theirs = Path(ViewPaths(run.corpus, run.paper, teacher["experiment"]).split(teacher["split"]))
    session = _sessions(own).get(str(run.fold))
    folds = [int(fold) for fold, out in _sessions(theirs).items() if out == session]
    if session is None or not folds:
        raise UserError(
            f"{own}: fold {run.fold} leaves no session out that one of {theirs} leaves out too, so that every teacher "
            "was trained on who is tested; choose a split by session or by speaker for systems that learn from one"
        )
    return plan.teacher_run(run.paper, transfer["teacher"], folds[0])


def maps_of(plan: Plan, run: RunKey) -> str | None:
    """store.json of the attention maps that `run` learns; None for a system that learns none."""
    teacher = teacher_of(plan, run)
    if teacher is None:
        return None
    p = plan.systems[run.paper].spec(run.system, run.experiment)["parameters"]["transfer"]["p"]
    return f"{maps_folder(teacher.folder, run.experiment, p)}/store.json"


def _sessions(fingerprint: Path) -> dict[str, str | None]:
    """Fold -> the session that it leaves out."""
    described = read_json(fingerprint)
    if "sessions_left_out" not in described:
        raise UserError(f"{fingerprint}: written by an earlier version; delete it and run snakemake again")
    return described["sessions_left_out"]
