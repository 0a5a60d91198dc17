import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import tiny_job

from serflow.cli import attention
from serflow.errors import UserError
from serflow.learners.network import Network
from serflow.training.job import run_job

WORDS = [
    {"word": "HELLO", "start": 0.1, "end": 0.3},
    {"word": "THERE", "start": 0.4, "end": 0.9},  # goes on beyond the piece of 0.5 s
    {"word": "LATER", "start": 1.0, "end": 1.2},
]


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    folder = tmp_path_factory.mktemp("attention")
    tiny_job.write_data(folder)
    run_job(tiny_job.make_job(folder, folder))
    names = [f"clip{i:03d}" for i in range(24)]
    pq.write_table(pa.table({"utterance": names, "words": [WORDS] * 24}), folder / "manifest.parquet")
    return folder


def call(folder, wanted):
    arguments = ["--run", folder / "run/run.json", "--split", folder / "split.json", "--fold", 1]
    arguments += ["--store", folder / "store/store.json", "--manifest", folder / "manifest.json"]
    attention.main([str(part) for part in [*arguments, "--class", wanted, "--output", folder / "map.npz"]])
    with np.load(folder / "map.npz") as arrays:
        return {name: arrays[name] for name in arrays.files}


def test_the_utterance_is_a_test_utterance_of_the_class_with_the_map_of_its_first_piece(trained):
    shown = call(trained, "sad")
    assert str(shown["utterance"]) == "clip021"  # the only sad one that the fold tests
    assert shown["mfcc"].shape == (16, 13)
    store_frames = tiny_job.Store.open(trained / "store").frames("clip021")
    np.testing.assert_array_equal(shown["mfcc"], store_frames[:16])
    network = Network.load(trained / "run/model/last", device="cpu").network.eval()
    import torch

    expected = network.attention_map(torch.from_numpy(shown["mfcc"][None]), torch.tensor([16]))[0]
    np.testing.assert_allclose(shown["map"], expected.numpy(), rtol=1e-5)
    assert float(shown["map_seconds"]) == pytest.approx(16 * tiny_job.HOP)


def test_words_are_those_that_begin_in_the_piece_cut_at_its_end(trained):
    words = json.loads(str(call(trained, "sad")["words"]))
    assert [word["word"] for word in words] == ["HELLO", "THERE"]
    assert words[1]["end"] == pytest.approx(16 * tiny_job.HOP)


def test_a_class_that_the_fold_does_not_test_is_an_error(trained):
    with pytest.raises(UserError, match="fold 1 tests no 'happy'"):
        call(trained, "happy")
