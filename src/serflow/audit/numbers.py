"""What the numbers of tables and figures come of: predictions of a plan's runs, as they are scored, each read once."""

from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from serflow.audit.cells import recomputed
from serflow.audit.comparison import Compared
from serflow.audit.data import Data
from serflow.audit.findings import Step
from serflow.audit.given import given_predictions, is_scored
from serflow.audit.items import Place
from serflow.audit.recompute import Predictions, Recomputed, read_predictions
from serflow.audit.training import training_values
from serflow.errors import UserError
from serflow.given.stored import Given
from serflow.metrics.names import DEVELOPMENT, UNSHARED, WHOLE
from serflow.plan.report import Report
from serflow.provenance.run_key import RunKey

__all__ = ["Numbers"]

KEPT = 64  # systems whose sums are kept: those of a table's row, and what they are held against
Row = dict[str, float | int | str | None]


class Numbers:
    """Predictions and what they add up to, of one configuration."""

    def __init__(self, report: Report, data: type[Data] = Data):
        self.report, self.plan, self._kind = report, report.plan, data
        self._known: dict[tuple[str, str, str], Data] = {}
        self._predictions: dict[str, Predictions | Step] = {}
        self._side = lru_cache(maxsize=KEPT)(self._make_side)
        self._compared = lru_cache(maxsize=KEPT)(self._make_compared)
        self._pairs = lru_cache(maxsize=KEPT)(self.report.scoring.pairs)

    def data(self, paper: str, experiment: str, split: str) -> Data:
        """The data of a paper, experiment and split."""
        key = (paper, experiment, split)
        if key not in self._known:
            self._known[key] = self._kind(self.report.workflow, *key)
        return self._known[key]

    def data_of(self, place: Place) -> Data:
        """Those of a number."""
        return self.data(place.paper, place.experiment, place.split)

    def runs(self, place: Place) -> list[RunKey]:
        """The runs that a number is of; none where they are not scored together."""
        key = (place.paper, place.experiment, place.system, place.split)
        return self.plan.runs_of(*key) if key in self.plan.required else []

    def given(self, place: Place) -> Given | None:
        """The predictions from elsewhere that a number is of; None of a system that is trained here."""
        together = self.report.scoring.given_together(place.paper, place.experiment, place.split)
        return together.get(place.system)

    def given_folds(self, place: Place) -> list[int]:
        """The folds of them that are scored."""
        return list(self.plan.folds_of(place.paper, place.split))

    def encoders(self, place: Place) -> list[RunKey]:
        """The runs that lend these their networks."""
        if self.given(place):
            return []
        lent = self.plan.systems[place.paper].spec(place.system, place.experiment)["encoder"]
        return self.plan.runs_of(place.paper, place.experiment, lent["system"], place.split) if lent else []

    def read(self, run: RunKey) -> Predictions | Step:
        """A run's predictions, or why there are none."""
        training = self.plan.training(run)
        if run.folder not in self._predictions and run != training:
            found = self.read(training)
            if isinstance(found, Predictions):
                rows = self.data(run.paper, run.experiment, run.split).fold(run.fold)
                found = found.of_fold(run.fold, dict(zip(rows["utterance"], rows["part"], strict=True)))
            self._predictions[run.folder] = found
        if run.folder not in self._predictions:
            try:
                found = read_predictions(Path(run.folder), fold=run.fold, seed=run.seed)
            except (OSError, KeyError, ValueError, TypeError, NotImplementedError) as error:  # pyarrow's, too
                found = Step("predictions", False, f"{run.folder}/predictions.parquet: {error}", "readable predictions")
            self._predictions[run.folder] = found
        return self._predictions[run.folder]

    def unread(self, runs: list[RunKey]) -> Iterator[Step]:
        """Of these runs, why some cannot be read."""
        yield from (found for run in runs if isinstance(found := self.read(run), Step))

    def predictions(self, place: Place) -> list[Predictions]:
        """The runs of a number as they are scored.

        Raises
        ------
        UserError
            If some cannot be read.
        """
        for step in self.unread(self.runs(place)):
            raise UserError(f"{step.said}; {step.expected} expected")
        found, data = [self.read(run) for run in self.runs(place)], self.data_of(place)
        if given := self.given(place):
            found = given_predictions(given, data, self.given_folds(place))
        if found and place.column.endswith(WHOLE):
            segment = self.segment(place)
            found = [run.without_tests(data.shorter(segment)) for run in found]
        if place.column.endswith(UNSHARED):
            found = [replace(run, left_out=data.shared(run.fold)) for run in found]
        if place.column.endswith(DEVELOPMENT):
            found = [replace(run, part="validation") for run in found]
        return found

    def side(self, place: Place) -> Recomputed | None:
        """What a number comes of, with its people; None where no utterance is scored. Errors as of `predictions`."""
        return self._side(replace(place, column=place.kind))

    def _make_side(self, place: Place) -> Recomputed | None:
        given = self.given(place)
        if given and not is_scored(given, self.data_of(place), place.column):
            return None
        return recomputed(self.predictions(place), self.data_of(place).units, place.select, place.column)

    def segment(self, place: Place) -> dict[str, Any] | None:
        """What a whole segment is of a number's system, as `serflow.plan.scoring.Scoring.segment` says."""
        scoring, view = self.report.scoring, (place.paper, place.experiment)
        return scoring.segment_of_given(*view) if self.given(place) else scoring.segment(*view, place.system)

    def training(self, place: Place) -> Row:
        """What scores.csv must say of the training of a number's networks; nothing of what was trained elsewhere."""
        if self.given(place):
            return {"ua_train": None, "undertrained": ""}
        spec = self.plan.systems[place.paper].spec(place.system, place.experiment)
        runs, encoders = ([self.read(run) for run in some] for some in (self.runs(place), self.encoders(place)))
        return training_values(runs, encoders, in_steps="train" in spec["parameters"])

    def row(self, place: Place) -> Row | None:
        """The whole line of scores.csv; None where no utterance is scored. Errors as of `predictions`."""
        made = self.side(place)
        return None if made is None else made.row(place.metric) | self.training(place)

    def pair(self, place: Place, other: str | None) -> Compared | None:
        """A system against another of its scores, as pairs.csv has it; None where it has no such line."""
        ending = place.column.endswith((UNSHARED, DEVELOPMENT))
        if not other or ending or [place.system, other] not in self._pairs(place.paper, place.experiment, place.split):
            return None
        return self.compared(place, replace(place, system=other))

    def compared(self, first: Place, second: Place) -> Compared | None:
        """Two numbers held against each other; None where one is of no utterance. Errors as of `predictions`."""
        return self._compared(*(replace(place, column=place.kind) for place in (first, second)))

    def _make_compared(self, first: Place, second: Place) -> Compared | None:
        places = (first, second)
        if first.column.endswith(WHOLE) and not all(map(self.segment, places)):
            return None  # one of the two is not scored by these utterances
        sides = [self.side(place) for place in places]
        if None in sides or any(place.select == "best_test_each" for place in places):
            return None
        tested = all(place.select != "best_test" for place in places)
        return Compared(*sides, tested=tested, seeded=any(map(self._seeded, places)))

    def _seeded(self, place: Place) -> bool:
        """Whether a seed changes a number's system."""
        given = self.given(place)
        return given.seeded if given else self.plan.systems[place.paper].seeded(place.system)
