"""What networks say of another corpus: its numbers made anew from their predictions, and what these rest on.

Each network, of every seed and fold, tests the whole view. So every network stands where a seed does elsewhere
(`serflow.audit.recompute`), and a seed's value is the mean of its folds'.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from serflow.audit.comparison import Compared, Units, deviation
from serflow.audit.data import Data
from serflow.audit.findings import Step, agree, unchecked
from serflow.audit.recompute import Predictions, Recomputed
from serflow.audit.weights import ELSEWHERE, TOLERANCE
from serflow.examples import Examples
from serflow.files import file_digest, read_json
from serflow.jobs.transcripts import words_of_part
from serflow.learners.parts.loading import load_learner
from serflow.paths import CorpusPaths
from serflow.plan.cross import Cross, CrossView
from serflow.provenance.encoders import encoder_digest, network_folder
from serflow.provenance.run_key import RunKey
from serflow.view import make_view

__all__ = ["CrossCompared", "CrossData", "CrossNumbers", "CrossRecomputed", "predicted_steps"]

PREDICTED = "networks that did not predict another corpus again"
Key = tuple[int, int]  # seed and fold of a network


class CrossData(Data):
    """A view of another corpus, all of it tested."""

    def __init__(self, cross: Cross, view: CrossView):
        other = cross.workflow.others[view.other]
        config = cross.workflow.config | {"corpus": view.other, "release": other.named_release}
        workflow = replace(cross.workflow, config=config, corpus=other.declared)
        super().__init__(workflow, view.paper, view.declared, "")
        self.corpus, self.view, self.spec = CorpusPaths(view.other), cross.paths(view).view, view.spec

    @cached_property
    def table(self) -> pd.DataFrame:
        """The view's rows, as those of one fold."""
        return self.utterances.assign(fold=1, part="test")

    def folds_steps(self) -> Iterator[Step]:
        """The view against the manifest, and against what is recorded of it."""
        made = make_view(self.manifest, self.spec, self.workflow.corpus)
        pairs = [dict(zip(one["utterance"], one["class"], strict=True)) for one in (self.utterances, made)]
        yield agree("manifest to view", *pairs, said=f"{len(made)} utterances and their classes, chosen anew")
        path = self.view.utterances
        recorded = read_json(self.view.fingerprint)["digest"]
        yield agree("view", recorded, file_digest(path), said=f"{path} is as fingerprinted")


@dataclass(frozen=True, eq=False)
class _Network(Predictions):
    """What one network says of the view: its epoch was chosen elsewhere."""

    def epoch(self, select: str) -> int:
        """The one epoch that there is."""
        return 1


class CrossRecomputed(Recomputed):
    """The scores of one system's networks."""

    def __init__(self, networks: Mapping[Key, Predictions], units: Units):
        self.keys = sorted(networks)
        runs = [replace(networks[key], seed=place, fold=key[1]) for place, key in enumerate(self.keys)]
        super().__init__(runs, units, "best_validation")

    def row(self, metric: str) -> dict[str, float | int | None]:
        """What the line of scores.csv must hold for `metric`; None: nothing."""
        by_network = [self._pooled(place, metric) for place in self.seeds]
        seeds = {"seeds": len({seed for seed, _ in self.keys}), "sd_seeds": deviation(by_seed(self.keys, by_network))}
        return super().row(metric) | seeds


def by_seed(keys: list[Key], values: list[float]) -> list[float]:
    """The mean of what the networks of each seed give, by seed."""
    seeds = sorted({seed for seed, _ in keys})
    return [
        float(np.nanmean([value for (of, _), value in zip(keys, values, strict=True) if of == seed])) for seed in seeds
    ]


class CrossCompared(Compared):
    """Two systems' networks, each with that of the same seed and fold; a single seed stands for each of the other's."""

    def __init__(
        self, first: Mapping[Key, Predictions], second: Mapping[Key, Predictions], units: Units, *, seeded: bool
    ):
        seeds = [{seed for seed, _ in side} for side in (first, second)]
        if len(seeds[0]) == 1:
            first = {(seed, fold): of for (_, fold), of in first.items() for seed in seeds[1]}
        elif len(seeds[1]) == 1:
            second = {(seed, fold): of for (_, fold), of in second.items() for seed in seeds[0]}
        self.keys = sorted(first.keys() & second.keys())
        sides = [CrossRecomputed({key: side[key] for key in self.keys}, units) for side in (first, second)]
        super().__init__(*sides, tested=True, seeded=seeded)

    def row(self, metric: str) -> dict | None:
        """What the line of pairs.csv must hold."""
        found = super().row(metric)
        if found is None:
            return None
        each = by_seed(self.keys, list(found["by_seed"]))
        return found | {
            "by_seed": tuple(each),
            "sd_seeds": deviation(each),
            "seeds": len(each) if self.seeded else None,
        }


class CrossNumbers:
    """Predictions of other corpora of one configuration, each read once."""

    def __init__(self, cross: Cross):
        self.cross = cross
        self._data: dict[str, CrossData] = {}
        self._networks: dict[str, dict[Key, Predictions]] = {}

    def data(self, view: CrossView) -> CrossData:
        """The data of a view."""
        key = self.cross.paths(view).folder
        if key not in self._data:
            self._data[key] = CrossData(self.cross, view)
        return self._data[key]

    def networks(self, view: CrossView, system: str) -> dict[Key, Predictions]:
        """What each network of a system says; among several equal classes the first."""
        path = self.cross.paths(view).predictions(system)
        if path not in self._networks:
            self._networks[path] = self._read(path, view)
        return self._networks[path]

    def side(self, view: CrossView, system: str) -> CrossRecomputed | None:
        """What the numbers of a system come of; None where the other corpus has fewer than two of the classes."""
        if self.data(view).utterances["class"].nunique() < 2:
            return None
        return CrossRecomputed(self.networks(view, system), self.data(view).units)

    def pair(self, view: CrossView, system: str, other: str | None) -> CrossCompared | None:
        """A system against another one; None where scores have no such pair."""
        if not other or [system, other] not in self.cross.pairs(view):
            return None
        seeded = self.cross.plan.systems[view.paper].seeded
        sides = [self.networks(view, name) for name in (system, other)]
        return CrossCompared(*sides, self.data(view).units, seeded=seeded(system) or seeded(other))

    def _read(self, path: str, view: CrossView) -> dict[Key, Predictions]:
        table, truth = pq.read_table(path).to_pandas(), self.data(view).utterances.set_index("utterance")["class"]
        there = set(truth)
        classes = [name.removeprefix("p_") for name in table if name.startswith("p_")]
        classes = [name for name in classes if name in there]
        guess = table[[f"p_{name}" for name in classes]].to_numpy().argmax(axis=1)
        rows = table[["utterance"]].assign(
            epoch=1,
            part="test",
            guess=np.array(classes, object)[guess],
            **{"class": truth.reindex(table["utterance"]).to_numpy(object)},
        )
        found = {}
        for (seed, fold), mine in rows.groupby([table["seed"], table["fold"]]):
            found[int(seed), int(fold)] = _Network(int(fold), int(seed), mine, classes, Path(path))
        return found


def predicted_steps(numbers: CrossNumbers, view: CrossView, system: str, *, again: list[RunKey]) -> Iterator[Step]:
    """Predictions against their record, and this against the networks and the data that are there.

    `again`: the runs whose networks predict the view once more.
    """
    cross, data = numbers.cross, numbers.data(view)
    paths, runs = cross.paths(view), cross.networks(view, system)
    record, spec = read_json(paths.predicted(system)), cross.plan.spec(runs[0])
    path = paths.predictions(system)
    yield agree("predictions", file_digest(path), record["predictions"], said=f"{path} is as recorded")
    found = {(one["seed"], one["fold"]): one["digest"] for one in record["networks"]}
    made = {(run.seed, run.fold): encoder_digest(_training(cross, run), "best", run.fold_name) for run in runs}
    yield agree("networks", found, made, said=f"{len(made)}, each as its training chose and recorded it")
    listed = {key: len(one.names) for key, one in numbers.networks(view, system).items()}
    yield agree("of the networks", sorted(listed), sorted(made), said="each of them predicts")
    reads = "text" in spec["parameters"]
    recorded = {key: record[key] for key in ("view", "features", "transcripts")}
    there = {
        "view": read_json(data.view.fingerprint)["digest"],
        "features": data.features_digest(spec["features"]),
        "transcripts": data.words_digest if reads else None,
    }
    yield agree("inputs", recorded, there, said="view, features and words are those that are there")
    whole = numbers.networks(view, system).values()
    foreign = set().union(*(one.names for one in whole)) - set(data.utterances["utterance"])
    twice = any(one.rows["utterance"].duplicated().any() for one in whole)
    said = f"{max(listed.values())} of the view's {len(data.utterances)} utterances, each once"
    yield Step("utterances", not foreign and not twice, said, "utterances of the view, each once")
    for run in again:
        yield _predicted_again(numbers, view, run, spec)
    if len(again) < len(runs):
        said = f"predictions of {len(runs) - len(again)} of {len(runs)} networks"
        yield unchecked(
            "weights",
            said,
            PREDICTED,
            [f"{path}, {run.fold_name}, seed {run.seed}" for run in runs if run not in again],
        )


def _training(cross: Cross, run: RunKey) -> Path:
    return Path(cross.plan.training(run).folder) / "run.json"


def _predicted_again(numbers: CrossNumbers, view: CrossView, run: RunKey, spec: dict) -> Step:
    """The view predicted anew by one network, on the CPU, against what is stored."""
    data, record = numbers.data(view), _training(numbers.cross, run)
    rows = data.utterances[["utterance", "duration"]].to_dict("records")
    names = [row["utterance"] for row in rows]
    words = (
        words_of_part(data.words, names, spec=spec, run=run.key, part="test") if "text" in spec["parameters"] else None
    )
    learner = load_learner(network_folder(record, "best", run.fold_name), device="cpu")
    predicted, found = learner.predict(Examples.of(rows, store=data.store(spec["features"]), words=words))
    table = pd.read_parquet(numbers.cross.paths(view).predictions(run.system))
    mine = table[(table["seed"] == run.seed) & (table["fold"] == run.fold)].set_index("utterance")
    stored = mine.reindex(predicted)[[f"p_{name}" for name in spec["classes"]]].to_numpy()
    furthest = float(np.abs(stored - found).max()) if len(predicted) == len(mine) else np.inf
    within = TOLERANCE if read_json(record)["device"] == "cpu" else ELSEWHERE
    said = f"fold {run.fold}, seed {run.seed} predicts {len(predicted)} utterances anew, to {furthest:.1g}"
    return Step("weights", furthest <= within, said, f"the stored probabilities, to {within:g}")
