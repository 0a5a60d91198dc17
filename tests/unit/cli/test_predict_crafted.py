"""Runs that somebody crafted: `serflow predict` names what is wrong in a line, and runs and reads nothing of theirs."""

import json
import os
import shutil

import numpy as np
import pytest
import soundfile

from helpers import tiny_job
from serflow.cli import predict, run
from serflow.config import read_yaml
from serflow.features.extract import build
from serflow.features.store import write_store
from serflow.files import file_digest, read_json
from serflow.jobs.train import run_job

RATE = 16000
FEATURES = read_yaml("workflow/features.yaml")["mfcc13"]
SPEC = tiny_job.changed(tiny_job.SPEC, feature_spec=FEATURES, normalise="standard")


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A recording, and a network trained on 24 like it."""
    folder = tmp_path_factory.mktemp("crafted")
    tiny_job.write_data(folder)
    shutil.rmtree(folder / "store")
    rng = np.random.default_rng(1)
    extractor = build(FEATURES)
    sounds = [(0.1 * rng.standard_normal(RATE)).astype(np.float32) for _ in range(24)]
    soundfile.write(folder / "clip.wav", sounds[0], RATE)
    frames = ((f"clip{i:03d}", extractor(sound)) for i, sound in enumerate(sounds))
    write_store(folder / "store", spec=FEATURES, dims=13, hop_seconds=0.032, versions={}, utterances=frames)
    run_job(tiny_job.make_job(folder, folder, spec=SPEC, corpus="demo"))
    return folder


@pytest.fixture
def crafted(trained, tmp_path, capsys, monkeypatch):
    """Change the JSON of a copy's file, have it recorded, predict; status, and what was said of it."""
    monkeypatch.delenv("SERFLOW_DEBUG", raising=False)
    folder = tmp_path / "run"
    shutil.copytree(trained / "run", folder)

    def said(file, change, *, name="clip.wav", plot=False, both=False):
        path = folder / file
        path.write_text(json.dumps(change(read_json(path))))
        if both:  # the same forgery of the spec in run.json
            record = change(read_json(folder / "run.json"))
            (folder / "run.json").write_text(json.dumps(record))
        if file != "run.json":
            record = read_json(folder / "run.json")
            record["outputs"] |= {one: file_digest(folder / one) for one in record["outputs"] if "model" in one}
            (folder / "run.json").write_text(json.dumps(record))
        sound = tmp_path / name
        shutil.copy(trained / "clip.wav", sound)
        capsys.readouterr()
        arguments = [str(folder), str(sound), "--epoch", "last", *(["--plot", str(tmp_path / "plots")] if plot else [])]
        status = run(lambda: predict.main(arguments))
        return status, capsys.readouterr().err

    return said


class at:  # noqa: N801 (reads as what it does)
    """Sets a value deep within a mapping."""

    def __init__(self, *keys, value):
        self.keys, self.value = keys, value

    def __call__(self, content):
        inner = content
        for key in self.keys[:-1]:
            inner = inner[key]
        inner[self.keys[-1]] = self.value
        return content


MODEL = "model/last/model.json"
DEEP = [[]]
for _ in range(200):
    DEEP = [DEEP]
NO_NAMES = [
    "os",
    "os.system",
    "../../tmp/evil",
    "/tmp/evil",
    "__init__",
    "parts.loading",
    "",
    "a\n",
    3,
    None,
    ["network"],
    {},
]
ODD_EPOCHS = {"last": "../../x", "best": {}, "kept": True}
CRAFTED = [
    *[("run.json", lambda _, value=value: value) for value in ([], {}, 3, "run", None, [{}], DEEP)],
    *[("run.json", at(key, value=value)) for key in ("run", "spec", "inputs", "outputs") for value in ([], 3, None)],
    *[("run.json", at("run", "corpus", value=value)) for value in ("../../etc", "a\n", "", 3, None, ["demo"])],
    *[("run.json", at("run", "paper", value=value)) for value in ("../xu2020", None)],
    *[("run.json", at("run", "fold", value=value)) for value in ("1", -1, 1.5, [])],
    *[("run.json", at("outputs", name, value="0" * 64)) for name in ("../../x", "/etc/passwd", "a/../../x", "a\0b")],
    *[("run.json", at("spec", "classes", value=value)) for value in ("angry", [], [1, 2], None)],
    *[("run.json", at("spec", "parameters", value=value)) for value in ([], None)],
    *[("run.json", at("spec", "feature_spec", "extractor", value=value)) for value in NO_NAMES],
    *[("run.json", at("spec", "feature_spec", "n_fft", value=value)) for value in (2**40, 0, -1, "x", None, [])],
    *[("run.json", at("spec", "feature_spec", "hop_length", value=value)) for value in (0, 2**40)],
    *[("run.json", at("spec", "feature_spec", "more", value=1))],
    *[("run.json", at("spec", "feature_spec", "sample_rate", value=value)) for value in (8000, 2**40)],
    *[("model/epochs.json", lambda _, value=value: value) for value in ([], {}, 3, ODD_EPOCHS)],
    *[(MODEL, lambda _, value=value: value) for value in ([], {}, 3, [{}], {"spec": []})],
    *[(MODEL, at("spec", "learner", value=value)) for value in NO_NAMES],
    *[(MODEL, at("spec", "parameters", "model", "name", value=value)) for value in NO_NAMES],
    *[(MODEL, at("spec", "parameters", "model", "n_size", value=value)) for value in (-1, 2**60, "x", None, [])],
    *[(MODEL, at("spec", "parameters", "model", "channels", value=value)) for value in ("ab", [], [2**40] * 4, 3)],
    *[(MODEL, at("spec", "parameters", value=value)) for value in ([], None, {})],
    *[(MODEL, at("spec", "parameters", "train", value=value)) for value in ([], None, {})],
    *[(MODEL, at("spec", "encoder", value=value)) for value in ({"spec": 1}, "x")],
    *[(MODEL, at("classes", value=value)) for value in ("ab", [], None, 3)],
]  # fmt: skip


@pytest.mark.parametrize(("file", "change"), CRAFTED)
def test_a_crafted_run_is_named_in_a_message(crafted, file, change):
    status, said = crafted(file, change, both=isinstance(change, at) and file == MODEL and change.keys[0] == "spec")
    assert status == 1
    assert "serflow: error: " in said
    assert "This is not expected" not in said
    assert "run" in said
    assert len(said) < 5_000


def test_an_encoder_that_links_to_itself_is_refused(crafted, trained, tmp_path):
    (tmp_path / "run/model/last/encoder").symlink_to(".")
    status, said = crafted(MODEL, at("spec", "encoder", value={"system": "acnn", "weights": "last"}), both=True)
    assert status == 1
    assert "Too many levels of symbolic links" in said or "the weights cannot be loaded" in said


@pytest.mark.parametrize(
    "data", [b"", b"\xff" * 8, (2**62).to_bytes(8, "little") + b"{}", b"\x80\x04cos\nsystem\n(S'x'\ntR."]
)
def test_weights_that_are_none_are_named_and_unpickled_by_nobody(crafted, tmp_path, data):
    (tmp_path / "run/model/last/weights.safetensors").write_bytes(data)
    status, said = crafted(MODEL, lambda content: content)
    assert status == 1
    assert "the weights cannot be loaded" in said


def test_a_pipe_in_the_place_of_weights_is_not_waited_for(crafted, tmp_path):
    weights = tmp_path / "run/model/last/weights.safetensors"
    weights.unlink()
    os.mkfifo(weights)
    record = read_json(tmp_path / "run/run.json")
    record["outputs"].pop("model/last/weights.safetensors")
    (tmp_path / "run/run.json").write_text(json.dumps(record))
    status, said = crafted(MODEL, lambda content: content)
    assert status == 1
    assert "weights" in said


@pytest.mark.parametrize(
    "name", ["$\\frac{a$.wav", "$x^$.wav", "a\x1b[31m.wav", "-x.wav", "a\nb.wav", os.fsdecode(b"\xff.wav")]
)
def test_a_recording_of_any_name_is_predicted_and_drawn(crafted, name):
    status, said = crafted(MODEL, lambda content: content, name=name, plot=True)
    assert status == 0, said
    assert "attention drawn in" in said
    assert "\x1b" not in said
