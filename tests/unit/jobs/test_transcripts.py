"""A training job that reads words: what it may see, what it keeps, and that it does what sound alone does not."""

import json
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from helpers import tiny_job
from helpers.tiny_job import CLASSES, SPEC, make_job, with_data
from serflow.errors import UserError
from serflow.files import digest, read_json, write_json
from serflow.jobs.train import run_job
from serflow.jobs.transcripts import words_of_part
from serflow.learners.network import Network
from serflow.lexical import FROM_FILE
from serflow.lexical.vectors import WordVectors
from serflow.lexical.word_files import write_vectors

VECTORS = {"window": 2, "skip_gram": True, "negative": 5, "epochs": 10, "min_count": 1}
TEXT = {"dims": 6, "vectors": VECTORS, "transcripts": "own"}
LSTM = {"name": "lstm", "units": 8, "layers": 1, "classifier": [8], "dropout": 0.0, "width_multiplier": 1}
TRAIN = SPEC["parameters"]["train"] | {"epochs": 6, "schedule": None}
BOTH = SPEC | {
    "encoder": None,
    "parameters": {
        "normalise": "standard",
        "segments": None,
        "model": {"name": "acoustic_lexical", "acoustic": LSTM, "units": 8},
        "train": TRAIN,
        "text": TEXT,
    },
}
ALONE = BOTH | {
    "features": None,
    "feature_spec": None,
    "parameters": BOTH["parameters"] | {"model": LSTM},
}
SAYINGS = {
    "angry": ["go", "away", "now"],
    "sad": ["so", "alone"],
    "excited": ["what", "a", "day"],
    "neutral": ["yes"],
}


def said_by(number):
    """The class's own words and a filler; one utterance says nothing, one a word that training never saw."""
    if number == 21:
        return []
    if number == 22:
        return ["unheard"]
    return [*SAYINGS[CLASSES[number % 4]], f"filler{number % 3}"]


@pytest.fixture(scope="module")
def spoken(data):
    """The tiny job's data with transcripts."""
    said = {f"clip{i:03d}": said_by(i) for i in range(24)}
    table = pa.table({"utterance": list(said), "words": pa.array(list(said.values()), pa.list_(pa.string()))})
    pq.write_table(table, data / "transcripts.parquet")
    write_json(data / "transcripts.json", {"digest": digest(said)})
    return data


def reading(spoken, place, spec, **run):
    job = make_job(spoken, place, spec=spec, **run)
    job = with_data(job, transcripts=spoken / "transcripts.parquet", modules=["serflow.learners.network"])
    return with_data(job, store=None, fingerprint=None) if spec["features"] is None else job


def scores(place):
    """Accuracy on validation and test of the last epoch."""
    table = pq.read_table(place / "run/predictions.parquet").to_pandas()
    last = table[table["epoch"] == table["epoch"].max()]
    chosen = last[[f"p_{name}" for name in CLASSES]].to_numpy().argmax(axis=1)
    return float(np.mean([CLASSES[i] for i in chosen] == last["class"]))


@pytest.mark.parametrize("spec", [BOTH, ALONE], ids=["sound and text", "text alone"])
def test_a_run_records_what_it_read_and_its_weights_predict_the_same(spoken, tmp_path, spec):
    run_job(reading(spoken, tmp_path, spec))
    record = read_json(tmp_path / "run/run.json")
    assert record["inputs"]["transcripts"] == read_json(spoken / "transcripts.json")["digest"]
    said = record["counts"]["text"]
    assert said["train"]["without_vector"] == 0
    assert said["test"] == {"words": sum(len(said_by(i)) for i in range(20, 24)), "without_vector": 1}
    learner = Network.load(tmp_path / "run/model/last", device="cpu")
    job = reading(spoken, tmp_path, spec)
    parts = tiny_job_parts(job)
    names, found = learner.predict(parts["test"])
    table = pq.read_table(tmp_path / "run/predictions.parquet").to_pandas()
    stored = table[(table["epoch"] == 6) & (table["part"] == "test")].set_index("utterance")
    assert np.allclose(found, stored.loc[names, [f"p_{name}" for name in CLASSES]], atol=1e-6)


def tiny_job_parts(job):
    from serflow.jobs import train as jobs

    return {part: blocks[0] for part, blocks in jobs._parts(job).items()}


@pytest.mark.slow
def test_words_that_tell_the_class_are_learnt_and_shuffled_ones_tell_nothing(spoken, tmp_path):
    more = {"parameters": ALONE["parameters"] | {"train": TRAIN | {"epochs": 40}}}
    run_job(reading(spoken, tmp_path / "own", ALONE | more))
    assert scores(tmp_path / "own") >= 0.75  # two utterances of eight say nothing that was trained on
    text = {"text": TEXT | {"transcripts": "shuffled"}}
    run_job(reading(spoken, tmp_path / "shuffled", ALONE | {"parameters": more["parameters"] | text}))
    assert scores(tmp_path / "shuffled") < 0.75


def test_the_same_job_twice_gives_the_same_bytes(spoken, tmp_path):
    for place in ("once", "again"):
        run_job(reading(spoken, tmp_path / place, BOTH))
    for name in ("predictions.parquet", "model/last/weights.safetensors", "model/last/words.json"):
        assert (tmp_path / "once/run" / name).read_bytes() == (tmp_path / "again/run" / name).read_bytes()


def test_no_word_of_validation_or_test_has_a_trained_vector(spoken, tmp_path):
    run_job(reading(spoken, tmp_path, ALONE))
    known = set(json.loads((tmp_path / "run/model/last/words.json").read_text()))
    assert known == {word for i in range(16) for word in said_by(i)}
    assert "unheard" not in known


def test_other_words_in_the_test_part_change_no_weight(spoken, tmp_path):
    run_job(reading(spoken, tmp_path / "as it is", BOTH))
    other = tmp_path / "other.parquet"
    said = {f"clip{i:03d}": said_by(i) if i < 20 else ["completely", "different"] for i in range(24)}
    pq.write_table(pa.table({"utterance": list(said), "words": pa.array(list(said.values()))}), other)
    write_json(other.with_suffix(".json"), {"digest": digest(said)})
    run_job(with_data(reading(spoken, tmp_path / "other", BOTH), transcripts=other))
    name = "run/model/last/weights.safetensors"
    assert (tmp_path / "as it is" / name).read_bytes() == (tmp_path / "other" / name).read_bytes()


def test_given_vectors_are_used_kept_and_held_to_their_size(spoken, tmp_path):
    rng = np.random.default_rng(1)
    words = ["alone", "away", "day", "unheard", "yes"]
    values = rng.standard_normal((5, 6)).astype(np.float32)
    given = WordVectors(words, values)
    write_vectors(given, tmp_path / "vectors.parquet")
    spec = ALONE | {"parameters": ALONE["parameters"] | {"text": TEXT | {"vectors": FROM_FILE}}}
    job = with_data(reading(spoken, tmp_path, spec), vectors=tmp_path / "vectors.parquet")
    run_job(job)
    record = read_json(tmp_path / "run/run.json")
    assert record["inputs"]["vectors"] == given.digest
    assert record["counts"]["text"]["train"]["without_vector"] > 0
    learner = Network.load(tmp_path / "run/model/last", device="cpu")
    assert learner.text.vectors.words == words
    assert np.array_equal(learner.text.vectors.vectors, values)
    wrong = ALONE | {"parameters": ALONE["parameters"] | {"text": TEXT | {"vectors": FROM_FILE, "dims": 7}}}
    with pytest.raises(UserError, match="vectors of 6 values; expected 7"):
        run_job(replace(with_data(job, spec=wrong), folder=tmp_path / "wrong"))


def test_shuffling_keeps_a_part_s_words_among_themselves():
    said = {name: [name] for name in "abcdefgh"}
    spec = {"parameters": {"text": {"transcripts": "shuffled"}}}
    dealt = words_of_part(said, list("abcdef"), spec=spec, run={"seed": 1, "fold": 1}, part="train")
    assert dealt != [[name] for name in "abcdef"]
    assert sorted(dealt) == [[name] for name in "abcdef"]
    again = words_of_part(said, list("abcdef"), spec=spec, run={"seed": 1, "fold": 1}, part="train")
    assert again == dealt
    others = [
        words_of_part(said, list("abcdef"), spec=spec, run={"seed": seed, "fold": fold}, part=part)
        for seed, fold, part in ((2, 1, "train"), (1, 2, "train"), (1, 1, "test"))
    ]
    assert all(other != dealt for other in others)


def test_representations_are_what_the_classifier_is_given(spoken, tmp_path):
    run_job(reading(spoken, tmp_path, BOTH))
    learner = Network.load(tmp_path / "run/model/last", device="cpu")
    parts = tiny_job_parts(reading(spoken, tmp_path, BOTH))
    names, found = learner.represent(parts["train"])
    assert names == parts["train"].utterances
    assert {name: rows.shape for name, rows in found.items()} == {"acoustic": (16, 8), "text": (16, 8)}
    import torch

    with torch.no_grad():
        joined = torch.from_numpy(np.concatenate([found["acoustic"], found["text"]], axis=1))
        probabilities = learner.network.eval().classifier(joined).softmax(dim=1).numpy()
    assert np.allclose(probabilities, learner.predict(parts["train"])[1], atol=1e-6)


def test_without_transcripts_a_reading_system_says_so(spoken, tmp_path):
    job = with_data(reading(spoken, tmp_path, ALONE), transcripts=None)
    with pytest.raises(UserError, match="without transcripts"):
        run_job(job)


def test_tiny_job_is_labelled_as_this_test_assumes(data):
    table = pq.read_table(data / "split.parquet").to_pydict()
    assert table["class"] == [CLASSES[i % 4] for i in range(24)]
    assert tiny_job.DIMS == 13
