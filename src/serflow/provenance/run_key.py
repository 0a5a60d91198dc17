"""The run key: what tells one training job from another, and where its files stand."""

from dataclasses import asdict, dataclass
from typing import Any

from serflow.paths import run_folder


@dataclass(frozen=True, order=True)
class RunKey:
    """One training job: a system of a paper on one fold of a split, with one seed."""

    corpus: str
    preset: str
    paper: str
    experiment: str
    system: str
    split: str
    fold: int
    seed: int

    @property
    def folder(self) -> str:
        """Where its files stand."""
        place = self.corpus, self.preset, self.paper, self.experiment, self.system, self.split
        return run_folder(*place, self.fold, self.seed)

    @property
    def key(self) -> dict[str, Any]:
        """The run key as a mapping, as run.json keeps it."""
        return asdict(self)
