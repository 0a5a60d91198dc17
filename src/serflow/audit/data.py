"""What runs were trained on, down to the audio: features, fold table, view, manifest, recordings."""

import random
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from serflow.audit.findings import Step, agree, unchecked
from serflow.audit.frames import frames_step
from serflow.corpora import manifest
from serflow.errors import UserError, remade
from serflow.features.extract import build, utterance_features
from serflow.features.fingerprint import fingerprint
from serflow.features.store import Store
from serflow.files import digest, file_digest, file_stamp, read_json
from serflow.lexical.word_files import read_vectors, read_words_as_written
from serflow.lexical.words import words_as_written, words_of
from serflow.paths import CorpusPaths, ViewPaths
from serflow.plan.workflow import Workflow
from serflow.split_kinds import VALIDATES, fold_name
from serflow.splits import make_split, split_digest
from serflow.view import make_view

__all__ = ["EXTRACTED", "Data", "Sample"]

EXTRACTED = "views whose features were not all extracted anew"
CLOSE = {"rtol": 1e-4, "atol": 1e-4}  # features extracted anew, perhaps on another processor


@dataclass(frozen=True)
class Sample:
    """Of how many utterances features and maps are made anew: of `size`, drawn by `seed`, or of all (None).

    `deep`: whether files are hashed anew that look unchanged.
    """

    size: int | None
    seed: int
    deep: bool = False

    def draw(self, utterances: Iterable[str]) -> list[str]:
        """The chosen ones, sorted."""
        names = sorted(set(utterances))
        if self.size is None or len(names) <= self.size:
            return names
        return sorted(random.Random(self.seed).sample(names, self.size))


class Data:
    """The data of one (paper, experiment, split) of a configuration."""

    def __init__(self, workflow: Workflow, paper: str, experiment: str, split: str):
        self.workflow, self.paper, self.experiment, self.split = workflow, paper, experiment, split
        self.corpus = CorpusPaths(workflow.config["corpus"])
        self.view = ViewPaths(self.corpus.corpus, paper, experiment)

    @cached_property
    def table(self) -> pd.DataFrame:
        """The fold table."""
        path = self.view.fold_table(self.split)
        try:
            return pd.read_parquet(path)
        except (OSError, ValueError) as error:
            raise UserError(f"{path}: cannot be read ({error}); {remade(path)}") from None

    @cached_property
    def digest(self) -> str:
        """Digest of the fold table's content."""
        return split_digest(self.table)

    @cached_property
    def units(self) -> dict[str, dict[str, str]]:
        """Utterance -> speaker, and utterance -> session, as the fold table has them."""
        whose = {"speakers": "speaker", "sessions": "session"}
        return {unit: dict(zip(self.table["utterance"], self.table[key], strict=True)) for unit, key in whose.items()}

    @cached_property
    def shares_speakers(self) -> bool:
        """Whether in some fold a speaker is both trained on and tested."""
        parts = self.table.groupby("fold")
        people = (
            {part: set(rows.loc[rows["part"] == part, "speaker"]) for part in ("train", "test")} for _, rows in parts
        )
        return any(fold["train"] & fold["test"] for fold in people)

    @cached_property
    def utterances(self) -> pd.DataFrame:
        """The view's table."""
        return pd.read_parquet(self.view.utterances)

    def fold(self, number: int) -> pd.DataFrame:
        """Rows of a fold."""
        return self.table[self.table["fold"] == number]

    def features_digest(self, name: str | None) -> str | None:
        """What stands for the view's features on disk."""
        return read_json(self.view.features(name))["digest"] if name else None

    def store(self, name: str | None) -> Store | None:
        """The feature store, unverified (`frames_step` does); a `UserError` where it is gone."""
        return Store.open(self.corpus.store(name), verified=False) if name else None

    @cached_property
    def words(self) -> dict[str, list[str]]:
        """Words of the view's utterances, bare, made anew from the manifest's transcripts."""
        return {name: words_of(text) for name, text in self._texts.items()}

    @cached_property
    def words_as_written(self) -> dict[str, list[str]]:
        """The same words with the apostrophes at their edges, as they are on disk and in the dictionary."""
        return {name: words_as_written(text) for name, text in self._texts.items()}

    @cached_property
    def _texts(self) -> dict[str, str]:
        texts = dict(zip(self.manifest["utterance"], self.manifest["text"], strict=True))
        return {name: texts[name] for name in self.table["utterance"].unique()}

    @property
    def words_digest(self) -> str:
        """What stands for the view's words on disk."""
        return read_json(self.view.words_fingerprint("transcripts"))["digest"]

    @property
    def vectors_digest(self) -> str | None:
        """What stands for given word vectors on disk; None where the configuration names no file of them."""
        return read_json(self.view.words_fingerprint("word_vectors"))["digest"] if self.workflow.vectors else None

    def shared(self, fold: int) -> frozenset[str]:
        """Test utterances of a fold that say, word for word, what a training utterance of it says."""
        rows = self.fold(fold)
        trained = [self.words[name] for name in rows.loc[rows["part"] == "train", "utterance"]]
        tested = rows.loc[rows["part"] == "test", "utterance"]
        known = set(map(tuple, trained)) - {()}
        return frozenset(name for name in tested if tuple(self.words[name]) in known)

    def shorter(self, segment: Mapping[str, Any]) -> frozenset[str]:
        """Utterances with fewer frames than a segment, which has `seconds`, cut from the frames of `features`."""
        store = self.store(segment["features"])
        least = 1 + int(segment["seconds"] / store.hop_seconds)
        return frozenset(name for name in self.table["utterance"].unique() if store.length(name) < least)

    def words_steps(self) -> Iterator[Step]:
        """The words on disk against the transcripts of the manifest."""
        recorded, found = self.words_digest, digest(self.words_as_written)
        yield agree("words", recorded, found, said="the manifest's transcripts as words")
        stored = digest(read_words_as_written(Path(self.view.words("transcripts"))))
        yield agree("table", stored, recorded, said="the table of words is as fingerprinted")
        if self.workflow.vectors:
            kept = read_vectors(Path(self.view.words("word_vectors"))).digest
            yield agree("vectors", kept, self.vectors_digest, said="the table of word vectors is as fingerprinted")

    @cached_property
    def manifest(self) -> pd.DataFrame:
        """The corpus's manifest."""
        return _manifest(*_stamped(Path(self.corpus.manifest)))

    def judged_steps(self, networks: "Data", judging: Mapping[int, int]) -> Iterator[Step]:
        """Folds of this split against those of another one, by their numbers, whose networks judge or start them.

        They train on the same, and leave the same out; who validates is marked in the other table.
        """
        for fold, other in sorted(judging.items()):
            name, by = fold_name(self.split, fold), fold_name(networks.split, other)
            own, table = self.fold(fold), networks.fold(other)
            marked = table["part"].ne("train") & table[VALIDATES].map(lambda names, name=name: name in names.split())
            compared = {
                "trains on": (_rows(own, own["part"].eq("train")), _rows(table, table["part"].eq("train"))),
                "leaves out": (_rows(own, own["part"].ne("train")), _rows(table, table["part"].ne("train"))),
                "validates": (_rows(own, own["part"].eq("validation")), _rows(table, marked)),
            }
            wrong = {verb: mine ^ theirs for verb, (mine, theirs) in compared.items() if mine != theirs}
            for verb, rows in wrong.items():
                said = f"{name} {verb} others than {by}, {min(rows)[0]} among them"
                yield Step("networks", False, said, f"the same {len(compared[verb][1])}, as its networks are of {by}")
            if not wrong:
                mine = {verb: len(rows) for verb, (rows, _) in compared.items()}
                said = f"{name} trains on the {mine['trains on']} of {by} and leaves out its {mine['leaves out']}"
                yield Step("networks", True, f"{said}; {mine['validates']} of these validate, as marked there")

    def features_steps(self, name: str, sample: Sample) -> Iterator[Step]:
        """The store's frames against their digests and the fingerprint, and recordings extracted anew.

        Of all utterances of the view, trained on or tested.
        """
        store = self.store(name)
        utterances = sorted(set(self.utterances["utterance"]))
        yield frames_step(store, utterances, deep=sample.deep)
        found = fingerprint(utterances, store)["digest"]
        yield agree("fingerprint", self.features_digest(name), found, said="of the view's utterances")
        spec = self.workflow.features[name]
        yield agree("settings", store.spec, spec, said="those of workflow/features.yaml")
        yield from self._extracted(store, spec, utterances, sample)

    def folds_steps(self) -> Iterator[Step]:
        """The fold table against its fingerprint; it, and the view, made anew from the manifest."""
        yield from self.split_steps()
        yield self._view_step()

    def split_steps(self) -> Iterator[Step]:
        """The fold table against its fingerprint, and made anew from the manifest."""
        recorded = read_json(self.view.split(self.split))["digest"]
        yield agree("fingerprint", recorded, self.digest, said="of the fold table's content")
        split = self.workflow.splits[self.split]
        judged = self.workflow.judged(self.split) if split["kind"] == "session" else None
        made = split_digest(make_split(self._view, split, judged))
        yield agree("manifest to folds", self.digest, made, said="the table made anew from the manifest")

    @cached_property
    def _view(self) -> pd.DataFrame:
        """The view, chosen anew from the manifest."""
        declared = self.workflow.papers[self.paper]["experiments"][self.experiment]
        return make_view(self.manifest, declared, self.workflow.corpus)

    def _view_step(self) -> Step:
        """The view on disk against the one made anew: utterances and classes, and what is read of it beside these."""
        columns = ["utterance", "class", "speaker", "session", "sex", "style", "duration"]
        found, made = (one[columns].to_numpy(object).tolist() for one in (self.utterances, self._view))
        recorded, path = read_json(self.view.fingerprint)["digest"], self.view.utterances
        if recorded != file_digest(path):
            return agree("view", file_digest(path), recorded, said=f"{path} is as fingerprinted")
        said = f"{path}: {len(made)} utterances, their classes and speakers, chosen anew from the manifest"
        return Step("view", found == made, said, "" if found == made else f"others; {remade(path)}")

    def _extracted(self, store: Store, spec: dict[str, Any], utterances: list[str], sample: Sample) -> Iterator[Step]:
        """Features of drawn recordings, extracted anew, each once whatever number of views draws it."""
        chosen = sample.draw(utterances)
        known = _extracted_before(*_stamped(Path(store.folder) / "frames.npy"), sample.seed)
        anew = set(chosen) - known
        extractor = build(spec)
        for row in self.manifest[self.manifest["utterance"].isin(anew)].to_dict("records"):
            found = utterance_features(extractor, self.workflow.release, row)
            kept = store.frames(row["utterance"])
            if found.shape != kept.shape or not np.allclose(found, kept, **CLOSE):
                said = f"{row['path']}: features extracted anew differ from the stored ones"
                yield Step("extraction", False, said, "the same values to 1e-4")
                return
            known.add(row["utterance"])
        drawn = "" if len(chosen) == len(utterances) else f", drawn by seed {sample.seed},"
        yield Step("extraction", True, f"{len(chosen)} recordings{drawn} give the stored features")
        if drawn:
            said = f"{len(utterances) - len(chosen)} of {len(utterances)} recordings"
            yield unchecked("extraction", said, EXTRACTED, [f"{store.folder}, of {self.view.folder}"])


def _stamped(path: Path) -> tuple[Path, str]:
    """A file wherever one stands, and what changes with its content; nothing of one that is missing."""
    return (path.resolve(), file_stamp(path.stat())) if path.is_file() else (path, "")


@cache
def _manifest(path: Path, stamp: str) -> pd.DataFrame:
    """A manifest, read once as long as it does not change: it stands behind every view."""
    return manifest.load(path)


@cache
def _extracted_before(frames: Path, stamp: str, seed: int) -> set[str]:
    """Utterances whose features were extracted anew, and are those of the store; to be added to."""
    return set()


def _rows(table: pd.DataFrame, chosen: pd.Series) -> set[tuple]:
    """Rows of a fold table without fold and part."""
    columns = ["utterance", "class", "speaker", "session", "duration"]
    return set(table.loc[chosen, columns].itertuples(index=False, name=None))
