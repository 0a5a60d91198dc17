"""What a number rests on: its runs and teachers, folds, words, features and release; nothing is done twice."""

import os
import random
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import torch

from serflow.audit.data import Data, Sample
from serflow.audit.findings import Node, Step, gathered
from serflow.audit.given import given_steps
from serflow.audit.items import Place
from serflow.audit.models import lent_files, model_steps
from serflow.audit.numbers import Numbers
from serflow.audit.recompute import Predictions
from serflow.audit.release import release_steps
from serflow.audit.retrained import Retrained
from serflow.audit.runs import Expected, run_steps
from serflow.audit.teacher_inputs import TeacherChain
from serflow.audit.used_epochs import Used
from serflow.audit.weights import weights_steps
from serflow.files import read_json
from serflow.given.stored import Given
from serflow.learners.parts.loading import kept_epochs
from serflow.metrics.names import UNSHARED, WHOLE
from serflow.plan.report import Report
from serflow.provenance.closure import closure_digest
from serflow.provenance.encoders import encoder_digest
from serflow.provenance.run_key import RunKey

__all__ = ["FEW", "Beneath", "Options"]

FEW = 20  # runs of one system and split up to which, by default, all are loaded


@dataclass(frozen=True)
class Options:
    """How far an audit goes.

    `weights`: of which runs networks are loaded, "none", "one" (run a cell), "all" or "auto". `sample`: of how many
    utterances features and maps are made anew, and whether everything is hashed anew.
    """

    weights: str
    sample: Sample


class Beneath:
    """What the numbers of one configuration rest on; each thing is checked for the first number that needs it."""

    def __init__(self, report: Report, options: Options, retrained: Retrained, data: type[Data] = Data):
        self.report, self.options, self.retrained = report, options, retrained
        self.teachers = TeacherChain(report, options.sample, weights=options.weights != "none")
        self.numbers = Numbers(report, data)
        self._seen: dict[str, Node] = {}
        self._pool = ThreadPoolExecutor(len(os.sched_getaffinity(0)), initializer=torch.set_num_threads, initargs=(1,))
        self._futures: dict[RunKey, Future[list[Step]]] = {}
        self._asked: dict[RunKey, set[int]] = {}  # runs whose networks were loaded, of which epochs

    def nodes(self, place: Place, rivals: list[RunKey]) -> list[Node]:
        """What a number rests on: its runs and `rivals`, those that judge them, their folds, features and release."""
        runs, data = self.numbers.runs(place), self.numbers.data_of(place)
        if given := self.numbers.given(place):
            return [*self._given(place, given), *self._networks(data, rivals)]
        own, others = self._judging(runs), self._judging(rivals)
        trainings = own | others
        loaded, nodes = self._to_load(runs, rivals), []
        encoders = [lent for run in trainings for lent in self._lent(run)]
        for run in dict.fromkeys([*trainings, *encoders]):
            folds = [judged.fold_name for judged in trainings.get(run, []) if judged != run]
            title = f"run {run.folder}{', which judges ' if folds else ''}{', '.join(folds)}"
            nodes.append(self.once(title, self._run(run, run in loaded), key=f"run {run.folder}"))
        spec = self.report.plan.systems[place.paper].spec(place.system, place.experiment)
        words = "text" in spec["parameters"] or place.column.endswith(UNSHARED)
        nodes += self._learned(list(trainings), data)
        segment = self.report.scoring.segment(place.paper, place.experiment, place.system)
        counted = segment["features"] if segment and place.column.endswith(WHOLE) else None
        for features in dict.fromkeys([spec["features"], counted or spec["features"]]):
            nodes += self.origins(data, features, words=words)
        return [*nodes, *self._networks(data, [*runs, *rivals]), self.release(data)]

    def _given(self, place: Place, given: Given) -> list[Node]:
        """What a number of a system that was trained elsewhere rests on: its file, the folds, the release."""
        data, folds = self.numbers.data_of(place), self.numbers.given_folds(place)
        nodes = [self.once(f"given {given.folder}", given_steps(given, data, folds))]
        segment = self.numbers.segment(place) if place.column.endswith(WHOLE) else None
        features = segment["features"] if segment else None
        nodes += self.origins(data, features, words=place.column.endswith(UNSHARED))
        return [*nodes, self.release(data)]

    def trainings(self, place: Place, against: str | None = None) -> Iterator[RunKey]:
        """What is trained for a number, and for the system that it is tested against: teachers, too."""
        runs = [*self.numbers.runs(place), *self.numbers.runs(replace(place, system=against))]
        for run in self._judging(runs):
            yield from (run, *self._lent(run))
            if maps := self.teachers.learned(run, self.numbers.data_of(place)):
                yield maps.teacher

    def _judging(self, runs: list[RunKey]) -> dict[RunKey, list[RunKey]]:
        """The trainings that judge these runs, each once, and which of them each judges: itself alone, or others."""
        found: dict[RunKey, list[RunKey]] = {}
        for run in runs:
            found.setdefault(self.report.plan.training(run), []).append(run)
        return found

    def _lent(self, run: RunKey) -> Iterator[RunKey]:
        """The training whose network a run starts from, where it does, the one that this one starts from, and so on."""
        while run := self.report.plan.encoder(run):
            yield run

    def _networks(self, data: Data, runs: list[RunKey]) -> list[Node]:
        """Fold tables of other splits whose trainings judge these runs or lend them a network, held against theirs."""
        pairs: dict[tuple[str, int], int] = {}
        for run in runs:
            training = self.report.plan.training(run)
            for network in (training, *self._lent(training)):
                if network.split != run.split:
                    pairs[network.split, run.fold] = network.fold
        nodes = []
        for split in sorted({name for name, _ in pairs}):
            folds = {fold: other for (where, fold), other in pairs.items() if where == split}
            networks = self.numbers.data(data.paper, data.experiment, split)
            title = f"folds {data.view.fold_table(data.split)}, with networks of {split}"
            key = f"{title} {','.join(map(str, sorted(folds)))}"
            nodes.append(self.once(title, data.judged_steps(networks, folds), key=key))
            nodes += self.origins(networks, None, words=False)
        return nodes

    def _learned(self, runs: list[RunKey], data: Data) -> list[Node]:
        """The attention maps that runs learn, and the teachers that made them."""
        learned = {maps.folder: maps for run in runs if (maps := self.teachers.learned(run, data))}
        nodes = [self.once(f"maps {folder}", self.teachers.maps_steps(maps)) for folder, maps in learned.items()]
        return nodes + self.teacher_nodes(sorted({maps.teacher for maps in learned.values()}))

    def teacher_nodes(self, runs: list[RunKey]) -> list[Node]:
        """Teachers of one paper, and what they were trained on."""
        nodes = [self.once(f"teacher {run.folder}", self._teacher(run)) for run in runs]
        if not runs:
            return nodes
        speech = self.teachers.speech(runs[0].paper)
        features = self.report.plan.spec(runs[0])["features"]
        nodes += self.origins(speech, features, words=True)
        return [*nodes, self.once(f"speech {speech.view}/pronunciations.parquet", speech.speech_steps())]

    def _teacher(self, run: RunKey) -> Iterator[Step]:
        yield from self.teachers.steps(run)
        yield from self.retrained.steps(run)

    def used(self, place: Place, epochs: Iterable[tuple[int, int, int]]) -> Iterator[Used]:
        """The epochs, by fold, seed and number, that a number takes from its runs, which were looked at before."""
        runs = {(run.fold, run.seed): run for run in self.numbers.runs(place)}
        for fold, seed, epoch in epochs:
            run = runs[fold, seed]
            training = self.report.plan.training(run)
            if training in self.retrained or epoch in self._asked.get(training, ()):
                reason = ""
            else:
                reason = "not loaded" if epoch in kept_epochs(Path(training.folder)).values() else "no weights"
            yield Used(run, training, epoch, reason)

    def _loaded(self, runs: list[RunKey]) -> list[RunKey]:
        """The runs whose weights are loaded; one of many is drawn, the same for every cell that shares them."""
        wanted = self.options.weights
        if wanted == "auto":
            wanted = "all" if len(runs) <= FEW else "one"
        if wanted == "one" and runs:
            kept = [run for run in runs if self.report.plan.keeps_weights(run)]
            return [random.Random(self.options.sample.seed).choice(kept or runs)]
        return runs if wanted == "all" else []

    def _run(self, run: RunKey, weights: bool) -> Iterator[Step]:
        predictions = self.numbers.read(run)
        read = predictions if isinstance(predictions, Predictions) else None
        expected = self._expected(run, weights)
        yield from run_steps(run, expected, read)
        yield from self._networks_of(run, expected, weights=weights and read is not None)

    def _networks_of(self, run: RunKey, expected: Expected, *, weights: bool) -> Iterator[Step]:
        """What a run's networks say of themselves, what they predict, and what comes of training them again."""
        record, dims = read_json(f"{run.folder}/run.json"), expected.store.dims if expected.store else None
        yield from model_steps(run, record, expected.spec, dims, expected.lent)
        if weights:
            steps = self._predicting(run).result()
            yield from (step for step in steps if not (step.unchecked and run in self.retrained))  # which says it all
            self._asked[run] = set(kept_epochs(Path(run.folder)).values())
        yield from self.retrained.steps(run)

    def foresee(self, places: Iterable[tuple[Place, str | None]]) -> None:
        """Begin to predict anew what the networks of these numbers, and of those that they are against, predicted.

        Networks take most of an audit's time: they predict side by side, while the rest goes on.
        """
        for place, against in places:
            rivals = self.numbers.runs(replace(place, system=against))
            for run in [] if self.numbers.given(place) else self._to_load(self.numbers.runs(place), rivals):
                with suppress(Exception):  # what is missing, or mangled, is told in its place
                    self._predicting(run)

    def close(self) -> None:
        """Let nothing more be predicted: of an audit that ends, or is stopped."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _predicting(self, run: RunKey) -> Future[list[Step]]:
        """What a run's networks predict, once asked for."""
        if run not in self._futures:
            sample = None if self.options.weights == "all" else self.options.sample
            expected = self._expected(run, weights=True)
            self._futures[run] = self._pool.submit(lambda: list(weights_steps(run, expected, sample)))
        return self._futures[run]

    def _to_load(self, runs: list[RunKey], rivals: list[RunKey]) -> list[RunKey]:
        """The trainings whose networks are asked, of those that judge these runs."""
        loaded = [run for some in (runs, rivals) for run in self._loaded(list(self._judging(some)))]
        return list(dict.fromkeys([*loaded, *(lent for run in loaded for lent in self._lent(run))]))

    def _expected(self, run: RunKey, weights: bool) -> Expected:
        data = self.numbers.data(run.paper, run.experiment, run.split)
        systems = self.report.plan.systems[run.paper]
        spec = systems.spec(run.system, run.experiment)
        reads, encoder = "text" in spec["parameters"], self.report.plan.encoder(run)
        weights_of = spec["encoder"] and spec["encoder"]["weights"]
        maps, speakers = self.teachers.inputs(run)
        return Expected(
            spec=spec,
            keeps_weights=self.report.plan.keeps_weights(run),
            code=closure_digest("serflow.cli.train", *systems.modules(run.system, run.experiment)),
            split=data.digest,
            features=data.features_digest(spec["features"]),
            transcripts=data.words_digest if reads else None,
            vectors=data.vectors_digest if reads else None,
            encoder=encoder_digest(Path(encoder.folder) / "run.json", weights_of, run.fold_name) if encoder else None,
            maps=maps,
            lent=lent_files(Path(encoder.folder) / "run.json", weights_of, run.fold_name) if encoder else {},
            teacher_speakers=speakers,
            table=data.fold(run.fold),
            store=data.store(spec["features"]) if weights else None,
            words=data.words if reads else None,
        )

    def origins(self, data: Data, features: str | None, *, words: bool) -> list[Node]:
        """Fold table and view; words, and the feature set, where these are read."""
        nodes = [self.once(f"folds {data.view.fold_table(data.split)}", data.folds_steps())]
        if words:
            nodes.append(self.once(f"transcripts {data.view.words('transcripts')}", data.words_steps()))
        if features:
            title = f"features {data.corpus.store(features)}, of {data.view.folder}"
            nodes.append(self.once(title, data.features_steps(features, self.options.sample)))
        return nodes

    def release(self, data: Data) -> Node:
        """A corpus's manifest against its release."""
        declared, release = data.workflow.corpus, data.workflow.release
        how = {"deep": self.options.sample.deep, "follow_links": data.workflow.config.get("follow_links", False)}
        steps = release_steps(data.corpus, release, declared, **how)
        return self.once(f"release of {data.corpus.corpus}", steps)

    def once(self, title: str, steps: Iterator[Step], *, key: str = "") -> Node:
        """A node the first time; a word about it afterwards. `key` tells apart what has the same title."""
        key = key or title
        if key not in self._seen:
            self._seen[key] = gathered(title, steps)
            return self._seen[key]
        first = self._seen[key]
        said = "checked above: ok" if first.ok else f"checked above: {first.mismatches} MISMATCH"
        return Node(title, [Step("again", None, said)], again=first)
