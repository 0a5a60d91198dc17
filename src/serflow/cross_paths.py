"""Paths of what is made where trained runs predict another corpus, relative to the working folder.

What a path is made of may be a rule's wildcards as well as values, as in `serflow.paths`.
"""

from dataclasses import dataclass

from serflow.paths import RESULTS, ViewPaths

__all__ = ["CROSS", "CrossPaths"]

CROSS = "cross"


@dataclass(frozen=True)
class CrossPaths:
    """Of one experiment of a paper.

    Attributes
    ----------
    corpus, preset, paper, experiment : of the runs that predict.
    other : the corpus that they predict.
    declared : the experiment of the paper that is asked for; `experiment` may stand in for it.
    """

    corpus: str
    preset: str
    paper: str
    experiment: str
    other: str
    declared: str

    @property
    def view(self) -> ViewPaths:
        """The utterances of the other corpus that are predicted: beside that corpus's own views."""
        return ViewPaths(self.other, f"{CROSS}/{self.corpus}/{self.paper}", self.declared)

    @property
    def folder(self) -> str:
        """Of everything that is predicted and scored."""
        return (
            f"{RESULTS}/{self.corpus}/{self.preset}/{self.paper}/{self.experiment}/{CROSS}/{self.other}/{self.declared}"
        )

    def predictions(self, system: str) -> str:
        """What every network of a system says of every utterance; what these networks are stands beside it (.json)."""
        return f"{self.folder}/predictions/{system}.parquet"

    def predicted(self, system: str) -> str:
        """By which networks, and of what, these predictions are."""
        return f"{self.folder}/predictions/{system}.json"

    @property
    def scores(self) -> str:
        """Folder of scores.csv, runs.csv, confusion.csv and pairs.csv."""
        return f"{self.folder}/scores"
