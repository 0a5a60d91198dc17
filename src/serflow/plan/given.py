"""Given predictions in a plan: which are scored with which systems, and what tables say of them.

Such a system is the same under every selection of the epoch; it stands in a paper's tables below the paper's own.
"""

from pathlib import Path
from typing import Any

from serflow.errors import UserError
from serflow.files import read_json
from serflow.given.stored import Given, stored
from serflow.paths import ViewPaths
from serflow.plan.runs import Plan

__all__ = ["NOTE", "ROW", "GivenSystems", "is_taken"]

ROW = "given_"  # how the id of such a row begins
NOTE = (
    "given: predictions of a system that was trained elsewhere, scored here; how its epoch was chosen is not known, so "
    "that it is the same under every selection"
)
Spec = dict[str, Any]
Place = tuple[str, str, str]  # paper, experiment, split


def is_taken(plan: Plan, name: str, papers: list[str]) -> str | None:
    """The first of these papers that has a system, yardstick, sweep point or teacher of that name; None without one."""
    known = ((paper, plan.systems[paper]) for paper in papers)
    return next((paper for paper, of in known if name in {*of.named, *of.sweep_points, *of.teachers}), None)


class GivenSystems:
    """What is given of the configured corpus for the configured papers.

    Raises
    ------
    UserError
        If a record is mangled, or a paper has a system of its own by the name.
    """

    def __init__(self, plan: Plan):
        self.plan = plan
        self.places: dict[Place, dict[str, Given]] = {}
        for given in stored(plan.workflow.config["corpus"]):
            if given.paper in plan.workflow.papers:
                if is_taken(plan, given.name, [given.paper]):
                    raise UserError(
                        f"{given.folder}: {given.paper} has a system of its own called {given.name!r}; give the file "
                        f"again by another name, and take this one away: serflow score --remove {given.name}"
                    )
                self.places.setdefault(given.place, {})[given.name] = given

    def scored(self, paper: str, experiment: str, split: str) -> dict[str, Given]:
        """Name -> what is scored together with the systems of this place: all that covers the configured folds."""
        found = self.places.get((paper, experiment, split), {})
        return {name: given for name, given in found.items() if not self._uncovered(given)}

    def faults(self) -> list[str]:
        """A sentence for each that was given for another fold table than the one on disk."""
        found = []
        for given in (given for of in self.places.values() for given in of.values()):
            path = Path(ViewPaths(given.corpus, given.paper, given.experiment).split(given.split))
            if path.is_file() and read_json(path)["digest"] != given.fold_table:
                found.append(
                    f"{given.folder}: {path.with_suffix('.parquet')} has changed since {given.file} was given, so that "
                    f"it is not scored; export the folds anew (serflow folds), predict and give them again, or take "
                    f"them away: serflow score --remove {given.name}"
                )
        return found

    def _uncovered(self, given: Given) -> str | None:
        """Why predictions do not cover what the configuration scores; None where they do."""
        wanted = self.plan.folds_of(given.paper, given.split)
        missing = [fold for fold in wanted if fold not in given.folds]
        if not missing:
            return None
        return f"not given: fold {missing[0]} of the {len(wanted)} that this configuration scores"

    def row(self, paper: str, experiment: str, name: str, protocols: list[dict[str, str]], folders: Spec) -> Spec:
        """`scores` and `missing` of a system by protocol, and its title.

        `folders`: name of a protocol -> folder of its scores; None where nothing of the paper is scored under it.
        """
        found = {one["name"]: self.places.get((paper, experiment, one["split"]), {}).get(name) for one in protocols}
        missing = {}
        for protocol, given in found.items():
            reason = self._uncovered(given) if given else "not given: no predictions for this protocol"
            if reason is None and folders[protocol] is None:
                reason = "nothing of the paper is run under this protocol"
            if reason:
                missing[protocol] = reason
        titles = [given.title for given in found.values() if given]
        scores = {protocol: None if protocol in missing else folders[protocol] for protocol in found}
        return {"system": name, "name": f"{titles[0]} (given)", "scores": scores, "missing": missing}

    def names(self, paper: str, experiment: str, protocols: list[dict[str, str]]) -> list[str]:
        """Systems that are given for one of these protocols, sorted."""
        splits = {protocol["split"] for protocol in protocols}
        return sorted({name for split in splits for name in self.places.get((paper, experiment, split), {})})
