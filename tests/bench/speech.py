"""Recordings to measure on: EmoDB where SERFLOW_EMODB names its folder, else a synthesised stand-in."""

import os
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from bench.machine import cores
from bench.processes import ROOT, python
from serflow import corpora
from serflow.files import canonical_json

__all__ = ["Speech", "repeated", "speech"]

TURNS = 300


@dataclass(frozen=True)
class Speech:
    """Recordings, and the manifest of them."""

    release: Path
    manifest: Path
    title: str

    def described(self, times: int = 1) -> str:
        """How many recordings of what, each taken `times` times."""
        table = pq.read_table(self.manifest, columns=["duration"])
        shown = f"{table.num_rows} recordings of {self.title}, {sum(table['duration'].to_pylist()) / 60:.0f} minutes"
        return shown if times == 1 else f"{shown}, each taken {times} times"


def speech(folder: Path) -> Speech:
    """The recordings of this run; made and read at the first call."""
    real = os.environ.get("SERFLOW_EMODB")
    release, manifest = (Path(real) if real else folder / "speech"), folder / "speech.parquet"
    corpus = "emodb" if real else "demo"
    if not manifest.exists():
        if not real:
            write_stand_in(release, turns=TURNS)
        read_release(release, manifest, corpus=corpus)
    return Speech(release, manifest, "EmoDB" if real else "the stand-in")


def write_stand_in(release: Path, *, turns: int) -> None:
    """`serflow demo-release`, with all cores."""
    python("-m", "serflow.cli.demo_release", release, "--turns", turns, "--jobs", cores())


def read_release(release: Path, manifest: Path, *, corpus: str) -> None:
    """Rule `manifest`."""
    declared = canonical_json(corpora.load(corpus, root=ROOT))
    files = ["--manifest", manifest, "--findings", manifest.with_suffix(".findings.json")]
    arguments = ["--corpus", corpus, "--corpus-spec", declared, "--release", release]
    python("-m", "serflow.cli.manifest", *arguments, *files)


def repeated(speech: Speech, rows: int) -> Path:
    """A manifest of `rows` utterances: the recordings, taken again under other ids as often as needed."""
    table = pq.read_table(speech.manifest)
    path = speech.manifest.with_name(f"speech_{rows}.parquet")
    copies = -(-rows // table.num_rows)
    ids = [pa.array([f"{k:03d}_{name}" for name in table["utterance"].to_pylist()]) for k in range(copies)]
    place = table.column_names.index("utterance")
    whole = pa.concat_tables([table.set_column(place, "utterance", one) for one in ids])
    pq.write_table(whole.slice(0, rows), path)
    return path
