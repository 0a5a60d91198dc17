"""The numbers that a figure shows, made anew, of the figure's own paper and experiment."""

from collections.abc import Mapping
from typing import Any

from serflow.audit.data import Data
from serflow.audit.groups import bins
from serflow.audit.items import Drawn, Place
from serflow.audit.numbers import Numbers
from serflow.audit.recompute import Predictions
from serflow.errors import MAKE, UserError

__all__ = ["DrawnNumbers"]


class DrawnNumbers:
    """`serflow.audit.figure_lines.Numbers` of one figure; `spec` as `Report.figure` gives it."""

    def __init__(self, numbers: Numbers, figure: Drawn, spec: Mapping[str, Any]):
        self.numbers, self.paper, self.spec = numbers, figure.paper, spec
        declared = numbers.report.workflow.papers[figure.paper]
        shown = declared["figures"][figure.figure]
        named = declared["sweeps"][shown["sweep"]]["experiment"] if "sweep" in shown else shown.get("experiment")
        # a figure of the whole release is of no experiment: any will do, for its manifest
        made, _ = numbers.plan.experiment(figure.paper, named or next(iter(declared["experiments"])))
        self.experiment = made or named or next(iter(declared["experiments"]))

    def row(self, system: str, split: str, select: str, metric: str) -> Mapping[str, Any]:
        """What scores.csv must hold of a system, its training too."""
        found = self.numbers.row(self._place(system, split, select, metric))
        if found is None:
            raise UserError(f"no utterance of split {split} is scored by system {system}; {MAKE}")
        return found

    def runs(self, system: str, split: str) -> list[Predictions]:
        """Predictions of a system's runs, fold after fold."""
        return self.numbers.predictions(self._place(system, split, "last", "ua"))

    def bins(self, system: str, split: str, select: str) -> list[dict[str, Any]]:
        """The bins of the top probability, as reliability.csv must have them."""
        return bins(self.numbers.side(self._place(system, split, select, "ece")))

    def data(self, split: str) -> Data:
        """Fold table and manifest."""
        return self.numbers.data(self.paper, self.experiment, split)

    def places(self) -> list[Place]:
        """The numbers that are made anew, one a system and protocol."""
        protocol = self.spec.get("protocol")
        points = [*self.spec.get("points", []), *self.spec.get("yardsticks", []), *self.spec.get("panels", [])]
        found = []
        for point in points:
            if point["scores"] is not None:
                how = protocol or point["protocol"]
                split, select = point.get("split") or how["split"], "last" if isinstance(how, str) else how["select"]
                found.append(self._place(point["system"], split, select, "ua"))
        return list(dict.fromkeys(found))

    def _place(self, system: str, split: str, select: str, metric: str) -> Place:
        return Place(self.paper, self.experiment, system, split, select, metric)
