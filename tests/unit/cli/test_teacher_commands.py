"""The commands around teachers: phones and times of a view's words, maps, error rates."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from helpers.tiny_teacher_job import RUN, SPEC, TURNS, WORDS, make_teacher_job, spec, write_teacher_data
from serflow.asr import job as teacher_job
from serflow.asr.job import run_teacher_job
from serflow.asr.recogniser import Recogniser
from serflow.asr.word_tables import read_alignments, read_pronunciations
from serflow.cli import alignments, pronunciations, score_asr, teacher_maps, transcripts
from serflow.cli.score_runs import learned_maps
from serflow.errors import UserError
from serflow.features.store import Store
from serflow.files import digest, read_json, write_json
from serflow.lexical.word_files import read_transcripts, read_words_as_written, write_transcripts
from serflow.provenance.run_key import RunKey

SOFT = spec(epochs=1, attention="soft")
RATES = ("per", "wer")


def call(command, **options):
    """Call a command with `--key value`; a list is several values."""
    given = []
    for key, value in options.items():
        given += [f"--{key}", *map(str, value if isinstance(value, list) else [value])]
    command.main(given)


def write_text(folder, said):
    texts = [" ".join(words).capitalize() + "." for words in said.values()]
    pq.write_table(pa.table({"utterance": list(said), "text": texts}), folder / "view.parquet")
    return folder / "view.parquet"


def spelled(folder, said, dictionary):
    """Fingerprint and table that the command writes of these words and a dictionary."""
    (folder / "own.dict").write_text(dictionary, encoding="utf-8")
    output = folder / "pronunciations.parquet"
    call(pronunciations, view=write_text(folder, said), dictionary=[folder / "own.dict"], output=output)
    return read_json(output.with_suffix(".json")), read_pronunciations(output)


CATS = {"one": ["the", "cat"], "two": ["the", "lynx", "the", "lynx", "mews"], "three": []}
DICTIONARY = "cat K AE1 T\nthe DH AH0\n"


def test_every_word_that_is_said_has_the_phones_of_the_users_dictionary(tmp_path):
    described, pronunciations = spelled(tmp_path, CATS, DICTIONARY + "dog D AO1 G\n")
    assert pronunciations == {"cat": ("K", "AE", "T"), "the": ("DH", "AH")}
    assert (described["words"], described["different_words"]) == (7, 4)
    assert described["without_pronunciation"] == {"different_words": 2, "words": 3}
    assert described["most_frequent"] == {"lynx": 2, "mews": 1}


def test_the_fingerprint_changes_with_the_phones_of_words_that_are_said_and_with_no_others(tmp_path):
    first, *others = (
        spelled(tmp_path, CATS, text)[0]["digest"]
        for text in (
            DICTIONARY,
            DICTIONARY + "dog D AO1 G\n",
            DICTIONARY + "mews M Y UW1 Z\n",
            "cat K AA1 T\nthe DH AH0\n",
        )
    )
    assert others[0] == first
    assert first not in others[1:]


def test_saying_a_word_again_changes_no_phones(tmp_path):
    digests = [spelled(tmp_path, said, DICTIONARY)[0]["digest"] for said in (CATS, CATS | {"four": ["cat", "the"]})]
    assert digests[0] == digests[1]


def test_a_dictionary_that_holds_no_word_is_refused_and_named(tmp_path):
    with pytest.raises(UserError, match=r"own.dict: none of the 7 words of .*view.parquet is in it; expected a dict"):
        spelled(tmp_path, CATS, "hund HH UH1 N D\n")
    assert not (tmp_path / "pronunciations.parquet").exists()


def test_cmus_dictionary_is_named_where_it_holds_no_word(tmp_path):
    view = write_text(tmp_path, {"one": ["xyzzyx"]})
    with pytest.raises(UserError, match="the CMU Pronouncing Dictionary: none of the 1 words"):
        call(pronunciations, view=view, dictionary=[], output=tmp_path / "pronunciations.parquet")


def test_a_form_with_an_apostrophe_at_its_edge_has_its_own_phones_or_those_of_the_bare_one(tmp_path):
    said = {"one": ["goin'", "'so", "goin", "lynx'"]}
    described, found = spelled(tmp_path, said, "goin' G OW1 AH0 N\ngoin G OY1 N\nso S OW1\n")
    assert found == {"'so": ("S", "OW"), "goin": ("G", "OY", "N"), "goin'": ("G", "OW", "AH", "N")}
    assert described["most_frequent"] == {"lynx'": 1}


def test_words_are_kept_as_they_are_written_and_read_bare(tmp_path):
    view = write_text(tmp_path, {"one": ["'cause", "i'm", "goin'"], "two": ["'so'"]})
    output = tmp_path / "transcripts.parquet"
    call(transcripts, view=view, output=output)
    assert read_words_as_written(output) == {"one": ["'cause", "i'm", "goin'"], "two": ["so"]}
    assert read_transcripts(output) == {"one": ["cause", "i'm", "goin"], "two": ["so"]}
    assert read_json(output.with_suffix(".json"))["digest"] == digest(read_words_as_written(output))


def test_without_a_dictionary_words_are_looked_up_in_cmus(tmp_path):
    output = tmp_path / "pronunciations.parquet"
    call(pronunciations, view=write_text(tmp_path, {"one": ["emotion", "xyzzyx"]}), dictionary=[], output=output)
    assert read_pronunciations(output) == {"emotion": ("IH", "M", "OW", "SH", "AH", "N")}


def aligned(folder, words):
    """Fingerprint and table that the command writes of a view with these aligned words."""
    pq.write_table(pa.table({"utterance": list(words), "words": list(words.values())}), folder / "view.parquet")
    call(alignments, view=folder / "view.parquet", output=folder / "alignments.parquet")
    return read_json(folder / "alignments.json"), read_alignments(folder / "alignments.parquet")


def test_words_keep_their_times_and_an_utterance_without_any_has_none(tmp_path):
    words = [{"word": "OH", "start": 0.1, "end": 0.3}, {"word": "NO", "start": 0.3, "end": 0.55}]
    described, found = aligned(tmp_path, {"one": words, "two": None})
    assert found == {"one": words, "two": []}
    assert (described["utterances"], described["without_words"]) == (2, 1)


def test_the_fingerprint_of_times_changes_with_them(tmp_path):
    digests = [
        aligned(tmp_path, {"one": [{"word": "OH", "start": 0.1, "end": end}]})[0]["digest"] for end in (0.3, 0.3, 0.4)
    ]
    assert digests[0] == digests[1] != digests[2]


@pytest.fixture(scope="module")
def teacher_data(tmp_path_factory):
    """A folder with a teacher's data and, where the workflow has it, a teacher with soft attention."""
    folder = tmp_path_factory.mktemp("teacher_data")
    write_teacher_data(folder)
    run_teacher_job(replace(make_teacher_job(folder, folder, given=SOFT), folder=folder / RunKey(**RUN).folder))
    return folder


def make_maps(teacher_data, output, p=2):
    inputs = {name: teacher_data / f"{name}.json" for name in ("view", "transcripts", "pronunciations")}
    teacher = teacher_data / RunKey(**RUN).folder / "run.json"
    call(teacher_maps, teacher=teacher, store=teacher_data / "store/store.json", p=p, output=output, **inputs)
    return Store.open(output)


def test_maps_are_those_of_the_teacher_and_its_true_tokens_a_value_a_frame(teacher_data, tmp_path):
    store = make_maps(teacher_data, tmp_path / "maps")
    learner = Recogniser.load(teacher_data / RunKey(**RUN).folder / "model/last", device="cpu", pronunciations=WORDS)
    examples = teacher_job._parts(make_teacher_job(teacher_data, teacher_data))[0]
    expected = learner.attention_maps(examples, p=2)
    features = Store.open(teacher_data / "store")
    for name in TURNS:
        assert store.frames(name).shape == (len(features.frames(name)), 1)
    for name in examples.utterances:
        np.testing.assert_allclose(store.frames(name)[:, 0], expected[name], rtol=1e-4)


def test_maps_say_whose_they_are_whom_the_teacher_was_trained_on_and_their_exponent(teacher_data, tmp_path):
    store = make_maps(teacher_data, tmp_path / "maps")
    record = read_json(teacher_data / RunKey(**RUN).folder / "run.json")
    assert store.spec == {"teacher": RUN, "digest": record["digest"], "train_speakers": ["Ses02F", "Ses02M"], "p": 2.0}
    assert (store.dims, store.hop_seconds) == (1, 0.01)


def test_maps_made_twice_have_the_same_digest_and_those_of_another_exponent_another(teacher_data, tmp_path):
    digests = [make_maps(teacher_data, tmp_path / f"maps{i}", p=p).digest for i, p in enumerate((2, 2, 1))]
    assert digests[0] == digests[1] != digests[2]


def recognise(teacher_data, folder, monkeypatch, *, timed=True, **change):
    """The command's tables; `change`: what the workflow expects otherwise; `timed`: with the words' times."""
    monkeypatch.chdir(teacher_data)
    code = read_json(Path(RunKey(**RUN).folder) / "run.json")["inputs"]["code"]
    teacher = {"run": RUN, "digest_spec": digest(SOFT), "code": code} | change
    names = ("view", "split", "features", "transcripts", "pronunciations")
    inputs = {name: teacher_data / f"{name}.json" for name in names}
    inputs["alignments"] = [teacher_data / "alignments.json"] if timed else []
    inputs |= {"teachers": json.dumps([teacher]), "pairs": "[]"}
    call(score_asr, permutations=50, output=folder / "asr", **inputs)
    return [pd.read_csv(folder / f"asr/{name}.csv") for name in ("scores", "pairs", "curves")]


def test_rates_and_curves_are_of_what_the_teacher_wrote(teacher_data, tmp_path, monkeypatch):
    scores, pairs, curves = recognise(teacher_data, tmp_path, monkeypatch)
    assert scores["metric"].tolist() == [f"{name}{of}" for of in ("", "_unseen", "_improvised") for name in RATES]
    assert len(pairs) == 0  # there is one teacher
    assert scores["utterances"].tolist() == [2, 2, 2, 2, 1, 1]  # Ses01F_0 and _1, of which the first is improvised
    words = curves[(curves["unit"] == "word") & (curves["lines"] == "all")]
    assert words[["epoch", "reference"]].to_numpy().tolist() == [[1, 4]]  # me no, oh dear


@pytest.mark.parametrize(
    ("change", "message"),
    [({"digest_spec": digest(SPEC)}, "its spec is not the present one"), ({"code": "other"}, "trained by other code")],
)
def test_a_teacher_that_is_not_the_present_one_is_refused_and_leaves_no_table(
    teacher_data, tmp_path, monkeypatch, change, message
):
    with pytest.raises(UserError, match=message):
        recognise(teacher_data, tmp_path, monkeypatch, **change)
    assert not (tmp_path / "asr").exists()


def test_a_teacher_that_was_given_times_of_words_is_another_than_one_without(teacher_data, tmp_path, monkeypatch):
    with pytest.raises(UserError, match="trained on other times of the words than the present one"):
        recognise(teacher_data, tmp_path, monkeypatch, timed=False)


def test_a_teacher_of_words_that_have_changed_since_is_refused(teacher_data, tmp_path, monkeypatch):
    shutil.copytree(teacher_data, tmp_path / "copy")
    words = tmp_path / "copy/transcripts.parquet"
    write_transcripts(read_words_as_written(words) | {"another": []}, words)
    with pytest.raises(UserError, match="trained on other transcripts than the present one"):
        recognise(tmp_path / "copy", tmp_path, monkeypatch)


def test_a_student_must_have_learned_the_maps_that_are_made_of_its_teacher(teacher_data, tmp_path):
    """What the command of maps writes of the teacher is what scoring asks of them."""
    folder = tmp_path / RunKey(**RUN).folder
    shutil.copytree(teacher_data / RunKey(**RUN).folder, folder)
    store = make_maps(teacher_data, folder / "maps/improvised_p2")
    path = folder / "maps/improvised_p2/store.json"
    stores = [read_json(path) | {"path": path}]
    fold = pq.read_table(teacher_data / "split.parquet", columns=["speaker", "part"]).to_pandas()
    assert learned_maps({"teacher": "tcn_self", "p": 2}, stores, fold) == store.digest
    with pytest.raises(UserError, match="none are of teacher 'tcn_self' and of this fold's training speakers"):
        learned_maps({"teacher": "tcn_self", "p": 3}, stores, fold)
    with pytest.raises(UserError, match="none are of teacher 'tcn_soft' and of this fold's training speakers"):
        learned_maps({"teacher": "tcn_soft", "p": 2}, stores, fold)
    with pytest.raises(UserError, match="none are of teacher 'tcn_self' and of this fold's training speakers"):
        learned_maps(
            {"teacher": "tcn_self", "p": 2}, stores, fold.replace({"part": {"train": "test", "test": "train"}})
        )
    write_json(folder / "run.json", read_json(folder / "run.json") | {"digest": "trained anew"})
    with pytest.raises(UserError, match="maps of another training of tcn_self than that in"):
        learned_maps({"teacher": "tcn_self", "p": 2}, stores, fold)
