"""Every path under data/, results/ and reports/, relative to the working folder.

What a path is made of may be a rule's wildcards as well as values: `ViewPaths("demo", "{paper}", "{experiment}")`.
A large file X.parquet has a small fingerprint X.json beside it, which rules compare by content.
"""

from dataclasses import dataclass
from pathlib import Path

RESULTS = "results"
CHECKPOINTS = "results/checkpoints"  # of runs that are under way
CODE = "data/code"  # a fingerprint for each list of modules
VECTORS = "data/vectors.json"  # fingerprints of the files that config.yaml names under `lexical`
PRONUNCIATIONS = "data/pronunciations.json"
PDF = "reports/all_tables.pdf"
TEMPLATE = "reports/template.typ"  # these three are shipped (`serflow.shipped`)
AUDITED = "data/audited.json"  # which stores an audit found right, by the stamps of their files
FINDINGS_TEMPLATE = "reports/findings.typ"  # the second page, by itself, too
WEB_TEMPLATE = "reports/template.html"
WEB_PAGE = "reports/report.html"  # what the PDF holds, its tables to be sorted


@dataclass(frozen=True)
class CorpusPaths:
    """What is made of a release, for all papers."""

    corpus: str

    @property
    def folder(self) -> str:
        """Of everything that is made of the corpus."""
        return f"data/{self.corpus}"

    @property
    def release(self) -> str:
        """Folder of a release that the workflow writes itself."""
        return f"{self.folder}/release"

    @property
    def release_fingerprint(self) -> str:
        """Names, sizes and times of the release's files."""
        return f"{self.folder}/release.json"

    @property
    def manifest(self) -> str:
        """One row an utterance."""
        return f"{self.folder}/manifest.parquet"

    @property
    def manifest_fingerprint(self) -> str:
        """Digest of a manifest that was accepted."""
        return f"{self.folder}/manifest.json"

    @property
    def findings(self) -> str:
        """What is odd or amiss in the release."""
        return f"{self.folder}/findings.json"

    @property
    def audio(self) -> str:
        """Digest of all audio of a manifest that was accepted."""
        return f"{self.folder}/audio.json"

    @property
    def prepared(self) -> str:
        """What all this was made of when a run last ended well."""
        return f"{self.folder}/prepared.json"

    @property
    def stores(self) -> str:
        """Folder of all feature stores."""
        return f"{self.folder}/features"

    def store(self, features: str) -> str:
        """Folder of a feature store: store.json, index.parquet, frames.npy."""
        return f"{self.stores}/{features}"


@dataclass(frozen=True)
class ViewPaths:
    """What is made of a paper's view of a corpus."""

    corpus: str
    paper: str
    experiment: str

    @property
    def folder(self) -> str:
        """Of everything that is made of the view."""
        return f"{CorpusPaths(self.corpus).folder}/{self.paper}/{self.experiment}"

    @property
    def utterances(self) -> str:
        """One row an utterance of the view."""
        return f"{self.folder}/view.parquet"

    @property
    def fingerprint(self) -> str:
        """Digest of the view."""
        return f"{self.folder}/view.json"

    def fold_table(self, split: str) -> str:
        """Which utterance trains, validates and tests in which fold."""
        return f"{self.folder}/splits/{split}.parquet"

    def split(self, split: str) -> str:
        """Fingerprint of the fold table."""
        return f"{self.folder}/splits/{split}.json"

    def features(self, features: str) -> str:
        """Digest of the features of the view's utterances."""
        return f"{self.folder}/features/{features}.json"

    def words(self, what: str) -> str:
        """Table of words: `what` is transcripts, pronunciations, alignments or word_vectors."""
        return f"{self.folder}/{what}.parquet"

    def words_fingerprint(self, what: str) -> str:
        """Digest of such a table."""
        return f"{self.folder}/{what}.json"


def runs_file(corpus: str, preset: str, paper: str, experiment: str, system: str, split: str, fold: int | str) -> str:
    """What the runs of a system on a fold are, seed by seed; their folders stand beside it."""
    return f"{RESULTS}/{corpus}/{preset}/{paper}/{experiment}/{system}/{split}/fold{fold}/runs.json"


def run_beside(runs: str | Path, seed: int | str) -> Path:
    """Folder of a seed's run: predictions.parquet (a teacher: hypotheses.parquet), history.csv, model/ and run.json."""
    return Path(runs).parent / f"seed{seed}"


def maps_folder(teacher: str, view: str, p: float | str) -> str:
    """Folder of the store of a teacher's attention maps of a view; `teacher` is its run's folder."""
    return f"{teacher}/maps/{view}_p{p}"


def scores_folder(corpus: str, preset: str, paper: str, experiment: str, split: str) -> str:
    """Folder of the scores of the systems that are scored together: scores.csv, runs.csv, confusion.csv, pairs.csv."""
    return f"{RESULTS}/{corpus}/{preset}/{paper}/{experiment}/scores/{split}"


def asr_folder(corpus: str, preset: str, paper: str, experiment: str, split: str) -> str:
    """Folder of the error rates of a paper's teachers: scores.csv, pairs.csv, curves.csv."""
    return f"{RESULTS}/{corpus}/{preset}/{paper}/{experiment}/asr/{split}"


def report_folder(corpus: str, preset: str) -> str:
    """Folder of the tables, figures and data of a report."""
    return f"reports/{corpus}-{preset}"
