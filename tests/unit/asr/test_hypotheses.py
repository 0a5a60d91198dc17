"""Stored hypotheses: what is read of them, and that those of another spec, code or data are refused."""

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from serflow.asr.hypotheses import read_hypotheses
from serflow.asr.lexicon import Lexicon
from serflow.errors import UserError
from serflow.files import digest, file_digest, read_json, write_json
from serflow.provenance import run_record

PRONUNCIATIONS = {"oh": ("OW",), "no": ("N", "OW"), "see": ("S", "IY"), "see'": ("S", "IY")}
SAID = {"a": ["oh", "no"], "b": ["see"], "c": ["see'"], "d": ["oh", "dear"], "e": ["no", "oh"], "silent": []}
PARTS = {"a": "train", "b": "train", "silent": "validation", "c": "test", "d": "test", "e": "test"}
SPEAKERS = dict.fromkeys(SAID, "Ses02F") | {"c": "Ses01F", "d": "Ses01F", "e": "Ses01M"}
SPEC = {"learner": "recogniser", "parameters": {"beam": 4}}
RUN = {"system": "tcn_self", "fold": 1, "seed": 3}
INPUTS = {"code": "c0de", "split": "5", "features": "f", "transcripts": "7", "pronunciations": "9", "alignments": "t"}
# by epoch and beam, what is written for c, d and e
WRITTEN = {
    (1, 1): ["", "OW", "N OW"],
    (2, 1): ["S IY", "OW | N", "N OW | OW"],
    (2, 4): ["S IY", "OW | S", "OW"],
}
FOLDS = pd.DataFrame(
    [
        (name, SPEAKERS[name], SPEAKERS[name][4], fold, PARTS[name] if fold == 1 else "train")
        for fold in (1, 2)
        for name in SAID
    ],
    columns=["utterance", "speaker", "session", "fold", "part"],
)  # fmt: skip


@pytest.fixture
def entry(tmp_path):
    """A teacher's files, and what they must have been trained with."""
    rows = [
        {"epoch": epoch, "beam": beam, "utterance": name, "tokens": tokens.split()}
        for (epoch, beam), outputs in WRITTEN.items()
        for name, tokens in zip("cde", outputs, strict=True)
    ]
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "hypotheses.parquet")
    (tmp_path / "model/last").mkdir(parents=True)
    Lexicon.of([SAID["a"], SAID["b"]], PRONUNCIATIONS).save(tmp_path / "model/last/lexicon.json")
    names = ("hypotheses.parquet", "model/last/lexicon.json")
    record = {
        "run": RUN,
        "spec": SPEC,
        "inputs": INPUTS,
        "epochs": 2,
        "outputs": {name: file_digest(tmp_path / name) for name in names},
    }
    write_json(tmp_path / "run.json", record)
    return {"folder": tmp_path, "run": RUN, "digest_spec": digest(SPEC), "inputs": INPUTS}


def read(entry):
    return read_hypotheses(entry, FOLDS, SAID, PRONUNCIATIONS, {"a", "c", "e"})


def test_what_was_written_last_is_the_beams_of_the_spec(entry):
    found = read(entry)
    assert found.hypothesis["phone"] == [["S", "IY"], ["OW", "S"], ["OW"]]
    assert (found.teacher, found.fold, found.seed) == ("tcn_self", 1, 3)


def test_phones_become_words_by_the_lexicon_of_the_model(entry):
    """S is no word's: of OW (1 of 1), N OW (2 of 2) and S IY (1 of 2) the last one is nearest."""
    assert read(entry).hypothesis["word"] == [["see"], ["oh", "see"], ["oh"]]


def test_greedy_decoding_is_read_epoch_by_epoch(entry):
    found = read(entry).greedy
    assert found["phone"] == [[[], ["OW"], ["N", "OW"]], [["S", "IY"], ["OW", "N"], ["N", "OW", "OW"]]]
    assert found["word"][1][2] == ["no", "oh"]


def test_the_reference_is_what_was_said_and_its_phones_without_borders(entry):
    found = read(entry).reference
    assert found["word"] == [["see"], ["oh", "dear"], ["no", "oh"]]
    assert found["phone"] == [["S", "IY"], ["OW", "<unk>"], ["N", "OW", "OW"]]


def test_a_line_is_unseen_where_no_training_utterance_of_the_fold_has_its_words_in_their_order(entry):
    assert read(entry).unseen.tolist() == [False, True, True]  # of c, d and e


def test_an_apostrophe_at_an_edge_makes_no_other_word_and_no_other_line(entry):
    """`see'` of the reference is the `see` that is written, and its line that of b, which is trained on."""
    found = read(entry)
    assert found.reference["word"][0] == found.hypothesis["word"][0] == ["see"]
    assert not found.unseen[0]


def test_improvised_turns_are_told(entry):
    found = read(entry)
    assert found.improvised.tolist() == [True, False, True]
    assert [found.lines(which).tolist() for which in ("all", "unseen", "improvised")] == [[0, 1, 2], [1, 2], [0, 2]]


def test_speakers_and_sessions_are_the_folds(entry):
    found = read(entry)
    assert found.speakers.tolist() == ["Ses01F", "Ses01F", "Ses01M"]
    assert found.sessions.tolist() == ["1", "1", "1"]


def test_a_teacher_of_another_spec_is_refused(entry):
    changed = entry | {"digest_spec": digest(SPEC | {"learner": "other"})}
    message = "stale results: its spec is not the present one .*; delete .* --forcerun train_teacher"
    with pytest.raises(UserError, match=message):
        read(changed)


@pytest.mark.parametrize("change", [{"system": "tcn_soft"}, {"fold": 2}, {"seed": 1}])
def test_another_run_in_its_folder_is_refused(entry, change):
    ((key, value),) = change.items()
    with pytest.raises(UserError, match=f"stale results: run has {key} {RUN[key]!r}, expected {value!r}"):
        read(entry | {"run": RUN | change})


def test_a_teacher_that_is_given_no_runs_of_words_has_no_times_of_them(entry):
    without = entry | {"inputs": INPUTS | {"alignments": None}}
    with pytest.raises(UserError, match="it was trained on other times of the words than the present one"):
        read(without)
    path = entry["folder"] / "run.json"
    record = read_json(path)
    record["inputs"]["alignments"] = None
    write_json(path, record)
    assert len(read(without).unseen) == 3


@pytest.mark.parametrize("name", list(INPUTS))
def test_a_teacher_of_other_data_or_code_is_refused(entry, name):
    with pytest.raises(
        UserError, match=f"stale results: it was trained {run_record.INPUTS[name]} than the present one"
    ):
        read(entry | {"inputs": INPUTS | {name: "other"}})


@pytest.mark.parametrize("name", ["hypotheses.parquet", "model/last/lexicon.json"])
@pytest.mark.parametrize(
    "change", [lambda path: path.unlink(), lambda path: path.write_bytes(path.read_bytes() + b" ")]
)
def test_a_file_that_was_changed_or_is_missing_is_refused(entry, name, change):
    change(entry["folder"] / name)
    with pytest.raises(UserError, match=f"{name}: stale results: it is missing, or was changed after the run wrote it"):
        read(entry)


def test_a_record_without_a_spec_is_refused(entry):
    path = entry["folder"] / "run.json"
    record = read_json(path)
    del record["spec"]
    write_json(path, record)
    with pytest.raises(UserError, match="stale results: no .*`spec`.* in it"):
        read(entry)
