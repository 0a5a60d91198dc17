"""EmoDB by its file names, by a table, and as an audformat database: one manifest, the same folds and features.

Tones under EmoDB's file names, and the recordings where a user names their folder.
"""

import os
from pathlib import Path

import audformat
import pandas as pd
import pytest

from helpers import ROOT, tiny_table
from helpers.tiny_release import seen, write_wav
from serflow import corpora
from serflow.config import read_yaml
from serflow.corpora.readers import audformat as database_reader
from serflow.corpora.readers import emodb
from serflow.features.extract import build, utterance_features
from serflow.features.fingerprint import fingerprint
from serflow.features.store import Store, write_store
from serflow.splits import make_split, split_digest
from serflow.view import make_view

SPLITS = read_yaml(ROOT / "workflow/protocols.yaml")["splits"]
MFCC = read_yaml(ROOT / "workflow/features.yaml")["mfcc13"]
WORDS = {"W": "anger", "N": "neutral", "F": "happiness", "T": "sadness", "A": "fear", "E": "disgust", "L": "boredom"}


def named_by(path):
    """Speaker, sentence and letter of a recording such as 03a01Fa.wav."""
    return path.name[:2], path.name[2:5], path.name[5]


def put_tones(folder):
    for number, speaker in enumerate(emodb.SPEAKERS):
        for place, letter in enumerate("WNFTL"):
            write_wav(folder / f"{speaker}a0{place}{letter}a.wav", seconds=0.5 + 0.01 * number)


def put_recordings(folder):
    if "SERFLOW_EMODB" not in os.environ:
        pytest.skip("SERFLOW_EMODB names no folder of recordings")
    for path in Path(os.environ["SERFLOW_EMODB"]).iterdir():
        (folder / path.name).symlink_to(path.resolve())


def put_table(folder, files):
    rows = []
    for path in files:
        speaker, sentence, letter = named_by(path)
        session, sex = emodb.SPEAKERS[speaker]
        rows.append(f"{path.name},{letter},{speaker},{session},{sex},{sentence}")
    tiny_table.put(folder, "path,label,speaker,session,sex,dialog", *rows)


def put_database(folder, files):
    """The database as audformat's documentation makes it of EmoDB, with the file-name reader's sessions."""
    made = audformat.Database("emodb")
    people = {name: {"gender": {"F": "female", "M": "male"}[sex]} for name, (_, sex) in emodb.SPEAKERS.items()}
    made.schemes["emotion"] = audformat.Scheme("str", labels=list(WORDS.values()))
    made.schemes["speaker"] = audformat.Scheme("str", labels=people)
    index = audformat.filewise_index([path.name for path in files])
    speakers, sentences, letters = zip(*map(named_by, files), strict=True)
    columns = {
        "emotion": {"emotion": [WORDS[letter] for letter in letters]},
        "files": {
            "speaker": speakers,
            "sentence": sentences,
            "pair": [emodb.SPEAKERS[speaker][0] for speaker in speakers],
        },
    }
    for table, values in columns.items():
        made[table] = audformat.Table(index)
        for column, given in values.items():
            made[table][column] = audformat.Column(scheme_id=column if column in made.schemes else None)
            made[table][column].set(list(given))
    made.save(folder)


@pytest.fixture(scope="module", params=[put_tones, put_recordings], ids=["tones", "recordings"])
def three(request, tmp_path_factory):
    """Return the file-name reader's declaration, and by way of reading its release and manifest."""
    folder = tmp_path_factory.mktemp("emodb")
    releases = {way: folder / way for way in ("names", "table", "database")}
    for release in releases.values():
        release.mkdir()
        request.param(release)
    files = sorted(releases["names"].iterdir())
    put_table(releases["table"], files)
    put_database(releases["database"], files)
    declared = corpora.load("emodb", root=ROOT) | {"reference_counts": None}
    columns = corpora.load("audformat", root=ROOT)["columns"]
    columns = {name: columns[name] for name in ("label", "speaker", "sex")}
    columns["session"] = {"table": "files", "column": "pair"}
    columns["dialog"] = {"table": "files", "column": "sentence"}
    in_words = {"labels": {WORDS[letter]: label for letter, label in declared["labels"].items()}}
    read = {
        "names": emodb.read(releases["names"], corpus=declared),
        "table": tiny_table.read(releases["table"], declared, table="table.csv"),
        "database": database_reader.read(releases["database"], corpus=declared | in_words | {"columns": columns}),
    }
    assert {way: seen(findings) for way, (_, findings) in read.items()} == dict.fromkeys(read, [])
    return declared, {way: (releases[way], frame) for way, (frame, _) in read.items()}


def test_the_manifests_are_equal_but_for_how_the_database_writes_its_labels(three):
    frames = {way: frame for way, (_, frame) in three[1].items()}
    pd.testing.assert_frame_equal(frames["table"], frames["names"])
    named = frames["names"].assign(raw_label=frames["names"]["raw_label"].map(WORDS))
    pd.testing.assert_frame_equal(frames["database"], named)
    assert frames["names"]["label"].nunique() >= 4


@pytest.mark.parametrize("name", ["random10", "speaker", "session_out"])
def test_the_folds_are_equal(three, name):
    declared, ways = three
    experiment = read_yaml(ROOT / "workflow/papers/xu2020.yaml")["experiments"]["full"]
    judged = {other: split for other, split in SPLITS.items() if split.get("networks") == name}
    judged = {other: split for other, split in judged.items() if split["kind"] != "marker"} or None
    digests = {
        way: split_digest(make_split(make_view(frame, experiment, declared), SPLITS[name], judged))
        for way, (_, frame) in ways.items()
    }
    assert len(set(digests.values())) == 1, digests


@pytest.mark.slow
def test_the_features_are_equal(three, tmp_path):
    extractor = build(MFCC)
    prints = []
    for way, (release, frame) in three[1].items():
        rows = frame.iloc[:: len(frame) // 4].to_dict("records")
        frames = [(row["utterance"], utterance_features(extractor, release, row)) for row in rows]
        write_store(
            tmp_path / way / "mfcc13",
            spec=MFCC,
            dims=extractor.dims,
            hop_seconds=extractor.hop_seconds,
            versions={},
            utterances=frames,
        )
        prints.append(fingerprint([row["utterance"] for row in rows], Store.open(tmp_path / way / "mfcc13")))
    assert prints[0]["utterances"] >= 4
    assert prints[0] == prints[1] == prints[2]
