"""Every parser of a file that users or strangers give, on spoilt files: a value or a message, and nothing else.

SERFLOW_MANGLED says how many of each; `make mangle-test` takes ten thousand.
"""

import io
import json
import os
import random
import zlib

import audformat
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import soundfile

from helpers import ROOT
from helpers.mangling import mangled
from helpers.tiny_database import database
from helpers.tiny_release import ALIGNMENT, DIALOGS, evaluation_line
from serflow.asr.pronunciations import read_dictionary
from serflow.config import read_yaml
from serflow.corpora import alignments, emoevaluation, table_file, transcriptions
from serflow.corpora.declaration import Corpus
from serflow.corpora.findings import Findings
from serflow.corpora.readers import audformat as audformat_reader
from serflow.corpora.text_files import read_lines
from serflow.errors import RAW, UserError
from serflow.features.store import Store, write_store
from serflow.given.checking import read_predictions_file
from serflow.learners.parts.loading import read_epochs
from serflow.lexical.vectors_file import vectors_from_file
from serflow.plan.configuration import parsed_changes, require_plain
from serflow.plan.declarations import Config
from serflow.plan.workflow import check_paper, read_shared
from serflow.provenance.run_record import read_record
from serflow.recordings import Unusable, decode_whole
from serflow.validation import validate

TIMES = int(os.environ.get("SERFLOW_MANGLED", "40"))
DIALOG = DIALOGS["1"]
TURN = f"{DIALOG}_F001"
RECORD = {
    "run": {"corpus": "demo", "fold": 1}, "spec": {"classes": ["a", "b"]}, "inputs": {"code": "c", "maps": None},
    "outputs": {"history.csv": "0" * 64, "model/last/model.json": "1" * 64},
}  # fmt: skip
PREDICTIONS = "utterance,fold,seed,p_sad,p_angry\n01,1,1,0.25,0.75\n02,1,1,0.5,0.5\n"
FOLDS = pd.DataFrame([("01", 1, "test"), ("02", 1, "test"), ("03", 1, "train")], columns=["utterance", "fold", "part"])


def wav() -> bytes:
    file = io.BytesIO()
    soundfile.write(file, np.linspace(-0.5, 0.5, 400), 16000, format="WAV")
    return file.getvalue()


def flac() -> bytes:
    file = io.BytesIO()
    soundfile.write(file, np.linspace(-0.5, 0.5, 400), 16000, format="FLAC")
    return file.getvalue()


def parquet() -> bytes:
    file = io.BytesIO()
    pq.write_table(pa.table({"path": ["a.wav"] * 3, "label": ["x"] * 3, "speaker": [1, 2, 3]}), file)
    return file.getvalue()


def store(folder) -> None:
    frames = ((f"u{number}", np.ones((3, 2), np.float32)) for number in range(3))
    write_store(folder, spec={"a": 1}, dims=2, hop_seconds=0.01, versions={}, utterances=frames)


def in_store(file):
    """Of a store of which one file is spoilt."""

    def parse(path):
        folder = path.parent / "store"
        if not folder.is_dir():
            store(folder)
        kept = (folder / file).read_bytes()
        (folder / file).write_bytes(path.read_bytes())
        try:
            opened = Store.open(folder)
            [opened.frames(utterance) for utterance in ("u0", "u1", "u2")]
        finally:
            (folder / file).write_bytes(kept)

    return parse


def stored(file):
    def data(folder):
        store(folder / "clean")
        return (folder / "clean" / file).read_bytes()

    return data


def header(folder) -> bytes:
    database({"a.wav": "angry", "b.wav": "sad"}, {"a.wav": "anna", "b.wav": "ben"}).save(folder / "db")
    return (folder / "db/db.yaml").read_bytes()


def read_header(path):
    with audformat_reader._opened(path.parent) as opened:
        assert isinstance(opened, audformat.Database)


def lines_of(parse):
    """Of a text file of a release, read as its reader reads it."""

    def parsed(path):
        findings = Findings()
        try:
            lines = read_lines(path, file=path.name, findings=findings)
        except OSError:  # which readers take for a file that is unreadable
            return
        parse(lines, findings)

    return parsed


def parse_alignment(lines, findings):
    try:
        alignments.parse(lines, duration=3.0)
    except alignments.Mangled:  # which becomes a finding
        return


def record_of(path):
    (path.parent / "run.json").write_bytes(path.read_bytes())
    read_record(path.parent)


def epochs_of(path):
    (path.parent / "model").mkdir(exist_ok=True)
    (path.parent / "model/epochs.json").write_bytes(path.read_bytes())
    read_epochs(path.parent)


def sound_of(path):
    try:
        with path.open("rb", buffering=0) as file:
            decode_whole(file)
    except Unusable:  # which becomes a finding
        return


SHARED = read_shared(ROOT)
EVALUATION = "\n".join(evaluation_line(f"{DIALOG}_F00{n}", label, n) for n, label in enumerate(("ang", "hap", "xxx")))
TRANSCRIPT = f"{TURN} [001.0000-002.0000]: Yeah. [LAUGHTER]\n{DIALOG}_M000 [003.0-004.0]: Oh no.\nM: Well.\n"
VECTORS = "3 4\nthe 1 2 3 4\nof 0.5 1e-3 -2 4\noh 1 1 1 1\n"

# name of the file -> its bytes, and the parser
PARSERS = {
    "config.yaml": (
        (ROOT / "config.yaml").read_bytes(),
        lambda path: (require_plain(path), validate(read_yaml(path), Config, where="config.yaml")),
    ),
    "corpus.yaml": (
        (ROOT / "workflow/corpora/iemocap.yaml").read_bytes(),
        lambda path: validate(read_yaml(path), Corpus, where="corpus.yaml"),
    ),
    "paper.yaml": (
        (ROOT / "workflow/papers/huang2016.yaml").read_bytes(),
        lambda path: check_paper(read_yaml(path), SHARED, file="paper.yaml"),
    ),
    "option.txt": (
        b"seeds=[1, 2, {a: b}]",
        lambda path: parsed_changes([path.read_bytes().decode(errors="surrogateescape")]),
    ),
    "record.json": (json.dumps(RECORD).encode(), record_of),
    "epochs.json": (b'{"best": {"random10/fold1": 3}, "kept": true, "last": 6}', epochs_of),
    "store.json": (stored("store.json"), in_store("store.json")),
    "index.parquet": (stored("index.parquet"), in_store("index.parquet")),
    "frames.npy": (stored("frames.npy"), in_store("frames.npy")),
    "table.csv": (
        b'path,label,speaker,start\na.wav,ang,s1,0.5\nb.wav,hap,"s2, x",\nc.wav,neu,s3,1\n',
        lambda path: list(table_file.load(path.parent, path.name, findings=Findings())),
    ),
    "table.parquet": (
        parquet(),
        lambda path: list(table_file.load(path.parent, path.name, findings=Findings())),
    ),
    "evaluation.txt": (
        EVALUATION.encode(),
        lines_of(lambda lines, found: emoevaluation.parse(lines, dialog=DIALOG, file="e.txt", findings=found)),
    ),
    "transcript.txt": (
        TRANSCRIPT.encode(),
        lines_of(lambda lines, found: transcriptions.parse(lines, dialog=DIALOG, file="t.txt", findings=found)),
    ),
    "alignment.wdseg": (ALIGNMENT.encode(), lines_of(parse_alignment)),
    "vectors.txt": (VECTORS.encode(), lambda path: vectors_from_file(path, ["the", "of", "oh"])),
    "vectors.bin": (
        b"2 2\nthe " + np.ones(2, "<f4").tobytes() + b"\nof " + np.ones(2, "<f4").tobytes() + b"\n",
        lambda path: vectors_from_file(path, ["the", "of"]),
    ),
    "words.dict": (b";;; words\ncat K AE1 T\ncat(2) K AH0 T # rare\n'cause K AH0 Z\n", read_dictionary),
    "db.yaml": (header, read_header),
    "sound.wav": (wav(), sound_of),
    "sound.flac": (flac(), sound_of),
    "predictions.csv": (
        PREDICTIONS.encode(),
        lambda path: read_predictions_file(path, FOLDS, classes=["sad", "angry"], needed=[1]),
    ),
}


@pytest.mark.parametrize("name", PARSERS)
@pytest.mark.filterwarnings("ignore")
def test_of_a_spoilt_file_comes_a_value_or_a_message(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("serflow.files._sync", lambda path: None)  # thousands of them
    monkeypatch.setattr("serflow.files._sync_entry", lambda path: None)
    data, parse = PARSERS[name]
    data = data(tmp_path) if callable(data) else data
    path = tmp_path / name
    path.write_bytes(data)
    parse(path)  # as it is, it is sound
    refused = 0
    for number in range(TIMES):
        spoilt = mangled(data, random.Random(zlib.crc32(f"{name} {number}".encode())))
        path.write_bytes(spoilt)
        try:
            parse(path)
        except UserError as error:
            refused += 1
            said = str(error)
            assert RAW.search(said) is None, (number, said)
            assert len(said) < 500_000
        except Exception as error:
            raise AssertionError(f"{name}: spoilt as number {number}: {spoilt[:300]!r}") from error
    if not name.endswith((".txt", ".wdseg", ".wav", ".flac")):  # of these, what is amiss is a finding
        assert refused > TIMES / 10
    assert sorted(found.name for found in tmp_path.rglob("x")) == [], "nothing was run"
