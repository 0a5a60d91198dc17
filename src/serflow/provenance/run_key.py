"""The run key: what tells one run from another, and where the files of a training stand."""

from dataclasses import asdict, dataclass
from typing import Any

from serflow.paths import run_beside, runs_file
from serflow.split_kinds import fold_name


@dataclass(frozen=True, order=True)
class RunKey:
    """A system of a paper on one fold of a split, with one seed: what is trained, or what a training's networks judge.

    Of the latter no file is there but those that figures are drawn from (`serflow.plan.runs.Plan.training`).
    """

    corpus: str
    preset: str
    paper: str
    experiment: str
    system: str
    split: str
    fold: int
    seed: int

    @property
    def runs_file(self) -> str:
        """What the seeds of this training are."""
        place = self.corpus, self.preset, self.paper, self.experiment, self.system, self.split
        return runs_file(*place, self.fold)

    @property
    def folder(self) -> str:
        """Where its files stand."""
        return str(run_beside(self.runs_file, self.seed))

    @property
    def fold_name(self) -> str:
        """The fold: "speaker/fold2"."""
        return fold_name(self.split, self.fold)

    @property
    def key(self) -> dict[str, Any]:
        """The run key as a mapping, as run.json keeps it."""
        return asdict(self)
