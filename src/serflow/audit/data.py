"""What runs were trained on, down to the audio: features, fold table, view, manifest, recordings."""

import random
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from serflow.audit.findings import Step, agree
from serflow.corpora import manifest
from serflow.errors import UserError, remade
from serflow.features.extract import build, utterance_features
from serflow.features.fingerprint import fingerprint
from serflow.features.store import Store
from serflow.files import digest, file_digest, read_json
from serflow.lexical.word_files import read_vectors, read_words_as_written
from serflow.lexical.words import words_as_written, words_of
from serflow.paths import CorpusPaths, ViewPaths
from serflow.plan.workflow import Workflow
from serflow.recordings import SAMPLE_RATE, decode_whole, mixed_down, samples_digest
from serflow.split_kinds import VALIDATES, fold_name
from serflow.splits import make_split, split_digest
from serflow.view import make_view

__all__ = ["Data", "Sample", "frames_step"]

CLOSE = {"rtol": 1e-4, "atol": 1e-4}  # features extracted anew, perhaps on another processor


@dataclass(frozen=True)
class Sample:
    """Which recordings are looked at: all of the test folds, or `size` of them drawn by `seed`."""

    whole: bool
    size: int
    seed: int

    def draw(self, utterances: Iterable[str]) -> list[str]:
        """The chosen ones, sorted."""
        names = sorted(set(utterances))
        if self.whole or len(names) <= self.size:
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
        return manifest.load(self.corpus.manifest)

    def folds_steps(self, folds: set[int], sample: Sample) -> Iterator[Step]:
        """Fold table -> view -> manifest -> recordings of the test parts of `folds`."""
        yield from self.split_steps()
        yield from self._audio_steps(self._tested(folds), sample)

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

    def features_steps(self, name: str, folds: set[int], sample: Sample) -> Iterator[Step]:
        """The store's frames against their digests and the fingerprint, and recordings extracted anew."""
        store = self.store(name)
        utterances = sorted(set(self.table["utterance"]))
        yield frames_step(store, utterances)
        found = fingerprint(utterances, store)["digest"]
        yield agree("fingerprint", self.features_digest(name), found, said="of the view's utterances")
        spec = self.workflow.features[name]
        yield agree("settings", store.spec, spec, said="those of workflow/features.yaml")
        yield self._extracted(store, spec, self._tested(folds), sample)

    def _tested(self, folds: set[int]) -> pd.Series:
        """Utterances that are tested in `folds`."""
        return self.table.loc[self.table["fold"].isin(folds) & (self.table["part"] == "test"), "utterance"]

    def split_steps(self) -> Iterator[Step]:
        """Fold table -> view -> manifest."""
        recorded = read_json(self.view.split(self.split))["digest"]
        yield agree("fingerprint", recorded, self.digest, said="of the fold table's content")
        declared = self.workflow.papers[self.paper]["experiments"][self.experiment]
        view = make_view(self.manifest, declared, self.workflow.corpus)
        split = self.workflow.splits[self.split]
        judged = self.workflow.judged(self.split) if split["kind"] == "session" else None
        made = split_digest(make_split(view, split, judged))
        yield agree("manifest to folds", self.digest, made, said="the table made anew from the manifest")
        path = self.corpus.manifest
        listed = read_json(self.corpus.manifest_fingerprint)["digest"]
        yield agree("manifest", listed, file_digest(path), said=f"{path} is as fingerprinted")

    def _audio_steps(self, tested: pd.Series, sample: Sample) -> list[Step]:
        """SHA-256 of recordings against the manifest; of licensed corpora too, files are named, never words."""
        chosen = sample.draw(tested)
        rows = self.manifest.set_index("utterance").reindex(chosen)
        wrong = []
        for name, path, sha256 in zip(chosen, rows["path"], rows["sha256"], strict=True):
            found = self._sha256(path) if isinstance(path, str) else f"not in the manifest: {name}"
            if found != sha256:
                expected = f"{str(sha256)[:12]}, as the manifest has it"
                wrong.append(
                    Step("audio", False, f"{path}: SHA-256 {found[:12]}" if len(found) == 64 else found, expected)
                )
        how = "all" if len(chosen) == tested.nunique() else f"{len(chosen)}, drawn by seed {sample.seed},"
        said = f"{how} of {tested.nunique()} test recordings have the SHA-256 of the manifest"
        return wrong or [Step("audio", True, said), self._form_step(rows)]

    def _form_step(self, rows: pd.DataFrame) -> Step:
        """What recordings are, and their samples, decoded anew, against the manifest."""
        forms: Counter[str] = Counter()
        for row in rows.to_dict("records"):
            with (self.workflow.release / row["path"]).open("rb") as file:
                decoded = decode_whole(file)
            mono = mixed_down(decoded.samples, row["mixdown"] or "first")
            listed = _form(row["file_rate"], row["file_channels"], row["file_format"], row["mixdown"])
            found = _form(decoded.rate, decoded.channels, decoded.format, row["mixdown"])
            if found != listed:
                return Step("form", False, f"{row['path']}: {found}", f"{listed}, as the manifest has it")
            if samples_digest(mono) != row["samples_sha256"]:
                return Step("form", False, f"{row['path']}: other samples", f"SHA-256 {row['samples_sha256'][:12]}")
            forms[found] += 1
        said = "; ".join(f"{count}: {form}" for form, count in forms.most_common())
        return Step("form", True, f"they are, {said}; decoded samples as in the manifest")

    def _sha256(self, path: str) -> str:
        file = self.workflow.release / path
        try:
            return file_digest(file)
        except OSError as error:
            return f"{file}: {error.strerror or error}"

    def _extracted(self, store: Store, spec: dict[str, Any], tested: pd.Series, sample: Sample) -> Step:
        """Features of a few recordings, extracted anew: always a sample, extraction is slow."""
        chosen = Sample(False, sample.size, sample.seed).draw(tested)
        rows = self.manifest[self.manifest["utterance"].isin(chosen)].to_dict("records")
        extractor = build(spec)
        for row in rows:
            found = utterance_features(extractor, self.workflow.release, row)
            kept = store.frames(row["utterance"])
            if found.shape != kept.shape or not np.allclose(found, kept, **CLOSE):
                said = f"{row['path']}: features extracted anew differ from the stored ones"
                return Step("extraction", False, said, "the same values to 1e-4")
        said = f"{len(rows)} recordings, drawn by seed {sample.seed}, give the stored features"
        return Step("extraction", True, said)


def _form(rate: int, channels: int, encoding: str, mixdown: str) -> str:
    """A file's form in words, with what is done to it."""
    mixed = f" ({mixdown})" if mixdown else ""
    resampled = "" if rate == SAMPLE_RATE else f" (resampled to {SAMPLE_RATE} Hz)"
    return f"{encoding}, {rate} Hz{resampled}, {'one channel' if channels == 1 else f'{channels} channels'}{mixed}"


def _rows(table: pd.DataFrame, chosen: pd.Series) -> set[tuple]:
    """Rows of a fold table without fold and part."""
    columns = ["utterance", "class", "speaker", "session", "duration"]
    return set(table.loc[chosen, columns].itertuples(index=False, name=None))


def frames_step(store: Store, utterances: list[str]) -> Step:
    """The bytes of every utterance's frames against the index."""
    digests = store.digests
    for name in utterances:
        data = np.ascontiguousarray(store.frames(name), dtype="<f4").tobytes()
        if digest(data) != digests[name]:
            return Step(
                "frames", False, f"{store.folder}: frames of {name} differ from their digest", digests[name][:12]
            )
    return Step("frames", True, f"of {len(utterances)} utterances have the digests of the index")
