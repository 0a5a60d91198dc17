"""The test utterance that a figure draws, and its words.

It is the one that the figure names. Else it is the test utterance of the class, of the fold, that the network
classifies correctly with the highest probability (the most probable one where none is right).
"""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq

from serflow.errors import UserError
from serflow.examples import Examples
from serflow.features.store import Store
from serflow.parquet import fold_rows

__all__ = ["Choice", "words_within"]


class Choice:
    """Where a figure's utterance is looked for: a fold of a fold table (its fingerprint), and what the figure says.

    `figure` has `class` and, where declared, `utterance`.
    """

    def __init__(self, split: Path, *, fold: int, figure: dict[str, Any]):
        self.split, self.fold, self.figure = split, fold, figure

    def candidates(self, store: Path) -> Examples:
        """The test utterances of the class; `store`: store.json of their features."""
        wanted = self.figure["class"]
        rows = fold_rows(self.split, **{"fold": self.fold, "part": "test", "class": wanted})
        if not rows:
            raise UserError(f"{self.split}: fold {self.fold} tests no {wanted!r}; expected one to draw attention for")
        return Examples.of(rows, store=Store.open(store.parent))

    def index(self, utterances: list[str], probabilities: np.ndarray, classes: list[str]) -> int:
        """Which of these utterances, with their probabilities (N, C), to draw.

        Raises
        ------
        UserError
            If the figure names one that is not among them.
        """
        named = self.figure.get("utterance")
        if named is not None:
            if named not in utterances:
                raise UserError(self._misnamed(named))
            return utterances.index(named)
        target = classes.index(self.figure["class"])
        right = probabilities.argmax(axis=1) == target
        return int(np.argmax(probabilities[:, target] + right))

    def _misnamed(self, named: str) -> str:
        """Why the figure cannot show the utterance that it names."""
        rows = {row["fold"]: row for row in fold_rows(self.split, utterance=named)}
        here = rows.get(self.fold)
        if here is None:
            found = "this view of the corpus has no such utterance"
        elif here["class"] != self.figure["class"]:
            found = f"it is of class {here['class']!r}"
        elif here["part"] != "test":
            tests = ", ".join(str(fold) for fold, row in sorted(rows.items()) if row["part"] == "test")
            found = f"it is in the {here['part']} part of fold {self.fold} (folds that test it: {tests or 'none'})"
        else:
            found = "it is shorter than a segment, and this system leaves such utterances out"
        return (
            f"figures: utterance: {named!r}: {found}; expected a test utterance of class {self.figure['class']!r} in "
            f"fold {self.fold} of {self.split}; name another one, or leave the key out"
        )


def words_within(manifest: Path, utterance: str, seconds: float) -> list[dict]:
    """Words that begin within the first seconds, with their times (s) cut there; `manifest`: its fingerprint."""
    table = pq.read_table(manifest.with_suffix(".parquet"), columns=["words"], filters=[("utterance", "=", utterance)])
    words = table["words"][0].as_py() or []
    return [word | {"end": min(word["end"], seconds)} for word in words if word["start"] < seconds]
