"""What the benchmarks measure against, and on: references that compute the same, data of the stated form."""

import json
import sys

import numpy as np
import pytest
import torch

from bench import agreement, longest_step, rid_store
from bench.processes import watched
from bench.recurrences import equations, gca_lstm, stacked_lstm
from bench.rows import rid
from bench.rows.longest_turn import longest_batch
from bench.sides import _random_passes, plain_network
from serflow import corpora
from serflow.corpora import manifest
from serflow.corpora.readers import table
from serflow.errors import UserError
from serflow.features.store import Store, write_store
from serflow.models import build

MODEL = {
    "name": "drn",
    "groups": {
        "filters": [8, 8, 16, 16, 16],
        "kernels": [10, 5, 5, 3, 3],
        "convolutions": [1, 4, 4, 4, 4],
        "strides": [1, 2, 2, 1, 1],
        "dilations": [1, 1, 1, 2, 4],
        "residual": True,
        "heads": 4,
        "attention_ratio": 0.75,
        "dropout": 0.1,
        "attention_dropout": 0.1,
    },
    "dropout": 0.1,
    "units": 8,
    "layers": 1,
    "classifier": [8],
    "width_multiplier": 1,
}
SPEC = {"classes": ["a", "b", "c"], "parameters": {"model": MODEL}}
SIZES = {"inputs": 3, "units": 4, "width": 5, "iterations": 2}


def draw(*lengths, dims=5):
    rng = np.random.default_rng(1)
    return [rng.standard_normal((length, dims)).astype(np.float32) for length in lengths]


def test_the_plain_network_of_whole_utterances_has_the_same_gradients_on_a_padded_batch():
    assert agreement.same_step(SPEC, draw(41, 17, 30), [0, 2, 1]) < 1e-10


def test_a_plain_network_that_computes_something_else_is_no_reference(monkeypatch):
    def other(model, **sizes):
        return plain_network(model | {"groups": model["groups"] | {"dilations": [1, 1, 1, 1, 1]}}, **sizes)

    monkeypatch.setattr(agreement, "plain_network", other)
    with pytest.raises(RuntimeError, match="no reference: its gradients differ by"):
        agreement.same_step(SPEC, draw(41, 17, 30), [0, 2, 1])


def test_the_plain_network_scores_an_utterance_alone_as_ours_scores_it_in_a_batch():
    torch.manual_seed(0)
    ours = build(MODEL, dims=5, classes=3).double().eval()
    plain = plain_network(MODEL, dims=5, classes=3).double().eval()
    plain.load_state_dict(ours.state_dict())
    frames = [torch.from_numpy(one).double() for one in draw(41, 17)]
    padded = torch.nn.utils.rnn.pad_sequence(frames, batch_first=True)
    with torch.no_grad():
        together = ours(padded, torch.tensor([41, 17]))
        alone = torch.cat([plain(one[None]) for one in frames])
    torch.testing.assert_close(together, alone, rtol=0, atol=1e-10)
    assert (alone[0] - alone[1]).abs().max() > 1e-3, "nothing to tell apart"


def test_the_plain_loop_takes_every_utterance_once_a_pass_in_another_order_each_time():
    passes = _random_passes(10, {"parameters": {"train": {"batch_size": 4}}})
    first, second = next(passes), next(passes)
    assert [len(batch) for batch in first] == [4, 4, 2]
    orders = [[index for batch in one for index in batch] for one in (first, second)]
    assert [sorted(order) for order in orders] == [list(range(10))] * 2
    assert orders[0] != orders[1] != list(range(10))


def test_both_gca_lstms_give_the_same_and_the_library_has_as_many_units():
    given = {"sizes": SIZES, "steps": 6, "batch": 2}
    ours, plain, library = (make(**given)() for make in (gca_lstm, equations, stacked_lstm))
    for key in ("result", "gradient"):
        np.testing.assert_allclose(ours[key], plain[key], rtol=0, atol=1e-5)
        assert np.abs(plain[key]).max() > 1e-4, "nothing to tell apart"
    assert library["result"].shape == ours["result"].shape == (2, 4)
    assert library["gradient"].shape == ours["gradient"].shape == (2, 3, 6)


def test_the_batch_with_the_longest_turn_ends_with_its_34_14_seconds():
    frames = longest_batch({"window_seconds": 0.025, "hop_seconds": 0.005}, size=128)
    assert len(frames) == 128
    assert frames == sorted(frames)
    assert frames[-1] == 1 + (round(34.14 * 16000) - 400) // 80 == 6824
    assert frames[0] > 2000, "of a corpus of this size the others are long, too"


def one_step(tmp_path, monkeypatch, capsys, *, batch_size):
    train = {"epochs": 1, "batch_size": batch_size, "frames_at_once": 100, "schedule": None}
    train |= {"optimizer": {"name": "adam", "lr": 1e-3}}
    settings = {"normalise": "standard", "segments": None, "model": MODEL, "train": train}
    spec = SPEC | {"features": "noise", "steps": None, "parameters": settings}
    pairs = zip("abcd", draw(20, 25, 30, 35), strict=True)
    write_store(tmp_path / "store", spec={}, dims=5, hop_seconds=0.01, versions={}, utterances=pairs)
    monkeypatch.setattr(sys, "argv", ["longest_step", str(tmp_path / "store"), json.dumps(spec)])
    longest_step.main()
    return json.loads(capsys.readouterr().out)


def test_the_memory_of_one_step_is_told(tmp_path, monkeypatch, capsys):
    told = one_step(tmp_path, monkeypatch, capsys, batch_size=4)
    assert 0 < told["before"] <= told["peak"] + 2**20  # the kernel counts in batches of pages


def test_a_batch_that_is_not_the_whole_store_is_refused(tmp_path, monkeypatch, capsys):
    with pytest.raises(RuntimeError, match="2 steps were trained, expected one"):
        one_step(tmp_path, monkeypatch, capsys, batch_size=2)


def test_the_corpus_in_the_form_of_rid_is_read_without_a_finding(tmp_path, monkeypatch):
    monkeypatch.setattr(rid, "A_FOLDER", 4)
    rid.write_release(tmp_path / "release", {"angry": 3, "surprise": 4, "sad": 2})
    frame, findings = table.read(tmp_path / "release", corpus=corpora.load("rid", root=rid.ROOT))
    assert findings.items == []
    assert frame["label"].value_counts().to_dict() == {"surprised": 4, "angry": 3, "sad": 2}
    assert frame["speaker"].nunique() == 9
    assert frame["duration"].tolist() == [0.1] * 9
    assert sum(rid.PUBLISHED.values()) == 358_024


def test_the_store_of_a_manifest_is_written_and_every_utterance_found(tmp_path, monkeypatch):
    rid.write_release(tmp_path / "release", {"angry": 3})
    frame, _ = table.read(tmp_path / "release", corpus=corpora.load("rid", root=rid.ROOT))
    manifest.write(frame, tmp_path / "m.parquet")
    for what in ("write", "open"):
        monkeypatch.setattr(sys, "argv", ["rid_store", what, str(tmp_path / "m.parquet"), str(tmp_path / "store")])
        rid_store.main()
    assert list(Store.open(tmp_path / "store").digests) == frame["utterance"].tolist()
    manifest.write(frame.assign(utterance=["x", "y", "z"]), tmp_path / "m.parquet")
    with pytest.raises(UserError, match="no features of utterance x"):
        rid_store.main()


def test_time_and_memory_are_taken_of_one_and_the_same_process(tmp_path):
    code = "import time; held = b'x' * 60_000_000; time.sleep(0.4)"
    seconds, megabytes = watched("-c", code, folder=tmp_path)
    assert seconds >= 0.4
    assert 60 < megabytes < 100
