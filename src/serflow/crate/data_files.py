"""What was made of the corpus and stands in a crate: manifest, views, fold tables, words, and digests of features."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from serflow.features.store import INDEX, META
from serflow.paths import CorpusPaths, ViewPaths
from serflow.plan.report import Report
from serflow.plan.unavailable import protocols_file
from serflow.split_kinds import VALIDATES

__all__ = ["DataFile", "data_files"]

WORDS = ("transcripts", "pronunciations", "alignments", "word_vectors")
FOLDS_KEPT = ("utterance", "fold", "part", VALIDATES)


@dataclass(frozen=True)
class DataFile:
    """A file of the project's folder.

    Attributes
    ----------
    path : relative to the folder.
    rows : whether it holds rows of single utterances, or their words.
    kept : columns that may leave where such rows may not, the others trimmed away; none: the file is left out.
    """

    path: str
    rows: bool = False
    kept: tuple[str, ...] = ()

    @property
    def kept_in_words(self) -> str:
        """These columns, as they are listed."""
        return ", ".join(self.kept)


def data_files(report: Report) -> Iterator[DataFile]:
    """All of the present configuration that are there."""
    yield from (file for file in _all(report) if Path(file.path).is_file())


def _all(report: Report) -> Iterator[DataFile]:
    name = report.workflow.config["corpus"]
    corpus = CorpusPaths(name)
    yield from map(DataFile, (corpus.manifest_fingerprint, corpus.audio, corpus.release_fingerprint))
    yield DataFile(corpus.manifest, rows=True)
    yield DataFile(corpus.findings, rows=True)
    for paper in report.workflow.papers:
        yield DataFile(protocols_file(name, paper))
    places = report.plan.folds
    stores: set[str] = set()
    for paper, experiment in dict.fromkeys(place[:2] for place in places):
        view = ViewPaths(name, paper, experiment)
        yield DataFile(view.fingerprint)
        yield DataFile(view.utterances, rows=True)
        for words in WORDS:
            yield DataFile(view.words_fingerprint(words))
            yield DataFile(view.words(words), rows=True)
        features = sorted(path.stem for path in Path(view.features("x")).parent.glob("*.json"))
        yield from (DataFile(view.features(one)) for one in features)
        stores.update(features)
    for paper, experiment, split in places:
        view = ViewPaths(name, paper, experiment)
        yield DataFile(view.split(split))
        yield DataFile(view.fold_table(split), rows=True, kept=FOLDS_KEPT)
        yield DataFile(f"{Path(view.split(split)).parent.as_posix()}/{split}_groups.csv", rows=True)
    for features in sorted(stores):
        yield DataFile(f"{corpus.store(features)}/{META}")
        yield DataFile(f"{corpus.store(features)}/{INDEX}")
