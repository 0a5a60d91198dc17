"""The chain behind each cell: table, scores, predictions, weights, features, folds, audio; nothing is done twice."""

import random
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from serflow.audit.cells import cell_steps
from serflow.audit.data import Data, Sample
from serflow.audit.findings import Node, Step
from serflow.audit.items import Cell
from serflow.audit.recompute import Predictions, read_predictions
from serflow.audit.runs import Expected, run_node
from serflow.errors import UserError
from serflow.plan.closure import closure_digest
from serflow.plan.report import Report
from serflow.plan.run_key import Run

__all__ = ["Audit", "Options"]

FEW = 20  # runs of one system and split up to which, by default, all are loaded


@dataclass(frozen=True)
class Options:
    """How far an audit goes: `weights` "none", "one" (run a cell), "all" or "auto"; which recordings."""

    weights: str
    sample: Sample


class Audit:
    """An audit of one configuration; runs, fold tables and features are checked for the first cell that needs them."""

    def __init__(self, report: Report, options: Options):
        self.report, self.options = report, options
        self.workflow = report.workflow
        self._data: dict[tuple[str, str, str], Data] = {}
        self._predictions: dict[str, Predictions | Step] = {}
        self._seen: dict[str, Node] = {}
        self.mismatches = 0  # so far, each counted once

    def cell(self, cell: Cell) -> Node:
        """Check one cell and what it rests on."""
        node = Node(self._title(cell))
        if cell.reason:
            node.steps.append(Step("nothing to check", None, cell.reason))
            return node
        runs = self.report.plan.runs_of(cell.paper, cell.experiment, cell.system, cell.split)
        data = self._data_of(cell)
        node.steps += self._numbers(cell, runs, data)
        loaded = self._loaded(runs)
        for run in runs:
            node.children.append(
                self._once(run.folder, f"run {run.folder}", lambda r=run: self._run(r, data, r in loaded))
            )
        node.children += self._origins(cell, data, {run.fold for run in runs})
        self.mismatches += node.mismatches
        return node

    def _title(self, cell: Cell) -> str:
        if not cell.protocol:
            return cell.item
        return f"{cell.name} (system {cell.system}, split {cell.split}, rule {cell.rule})"

    def _data_of(self, cell: Cell) -> Data:
        key = (cell.paper, cell.experiment, cell.split)
        if key not in self._data:
            self._data[key] = Data(self.workflow, *key)
        return self._data[key]

    def _numbers(self, cell: Cell, runs: list[Run], data: Data) -> list[Step]:
        found = [self._read(run) for run in runs]
        unread = [one for one in found if isinstance(one, Step)]
        if unread:
            return unread
        try:
            return cell_steps(self.report, cell, found, data.speakers)
        except UserError as error:
            return [Step("table", False, str(error))]
        except (KeyError, ValueError, TypeError, ZeroDivisionError) as error:
            said = f"the predictions cannot be scored ({type(error).__name__}: {error})"
            return [Step("scores", False, said, "utterances of the fold table, each in every epoch")]

    def _read(self, run: Run) -> Predictions | Step:
        """A run's predictions, or why there are none."""
        if run.folder not in self._predictions:
            try:
                found = read_predictions(Path(run.folder), fold=run.fold, seed=run.seed)
            except (OSError, KeyError, ValueError) as error:
                found = Step("predictions", False, f"{run.folder}/predictions.parquet: {error}", "readable predictions")
            self._predictions[run.folder] = found
        return self._predictions[run.folder]

    def _loaded(self, runs: list[Run]) -> list[Run]:
        """The runs whose weights are loaded; one of many is drawn, the same for every cell that shares them."""
        wanted = self.options.weights
        if wanted == "auto":
            wanted = "all" if len(runs) <= FEW else "one"
        if wanted == "one":
            return [random.Random(self.options.sample.seed).choice(runs)]
        return runs if wanted == "all" else []

    def _run(self, run: Run, data: Data, weights: bool) -> Node:
        predictions = self._read(run)
        try:
            expected = self._expected(run, data, weights)
        except UserError as error:
            return Node(f"run {run.folder}", [Step("inputs", False, str(error))])
        read = predictions if isinstance(predictions, Predictions) else None
        return run_node(run, expected, read, weights=weights)

    def _expected(self, run: Run, data: Data, weights: bool) -> Expected:
        systems = self.report.plan.systems[run.paper]
        spec = systems.spec(run.system, run.experiment)
        return Expected(
            spec=spec,
            code=closure_digest("serflow.cli.train", *systems.modules(run.system)),
            split=data.digest,
            features=data.features_digest(spec["features"]),
            table=data.fold(run.fold),
            store=data.store(spec["features"]) if weights else None,
        )

    def _origins(self, cell: Cell, data: Data, folds: set[int]) -> list[Node]:
        """Fold table, view, manifest and audio; and the feature set, where the system reads one."""
        sample = self.options.sample
        among = ",".join(map(str, sorted(folds)))
        title = f"folds {data.view}/splits/{data.split}.parquet"
        nodes = [self._once(f"{title} {among}", title, lambda: data.folds_node(folds, sample))]
        name = self.report.plan.systems[cell.paper].spec(cell.system, cell.experiment)["features"]
        if name:
            title = f"features {data.corpus}/features/{name}"
            key = f"{title} {data.view} {data.split} {among}"
            nodes.append(self._once(key, title, lambda: data.features_node(name, folds, sample)))
        return nodes

    def _once(self, key: str, title: str, make: Any) -> Node:
        """A node the first time; a word about it afterwards."""
        if key not in self._seen:
            self._seen[key] = make()
            return self._seen[key]
        wrong = self._seen[key].mismatches
        said = "checked above: ok" if not wrong else f"checked above: {wrong} MISMATCH"
        return Node(title, [Step("again", None, said)])
