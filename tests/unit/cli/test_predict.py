import csv
import io
import re
import shutil
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import soundfile

from helpers import ROOT, tiny_job
from helpers.judged_folds import FEMALE, MALE, PEOPLE, train_shared
from helpers.tiny_table import put
from serflow import corpora
from serflow.cli import predict, run
from serflow.config import read_yaml
from serflow.corpora.readers import table
from serflow.features.extract import build, utterance_features
from serflow.features.store import Store, write_store
from serflow.files import file_digest, read_json, write_json
from serflow.inspection.attention import attention_over_time
from serflow.jobs.train import run_job
from serflow.learners.network import Network
from serflow.prediction import open_run

RATE = 16000
FOLD = "random10/fold1"
FEATURES = read_yaml("workflow/features.yaml")["mfcc13"]
NORMAL = tiny_job.changed(tiny_job.SPEC, feature_spec=FEATURES, normalise="standard")
CALLED = ["angry", "sad", "happy", "neutral"]  # the classes, as EmoDB calls them
MAJORITY = {"learner": "majority", "classes": tiny_job.CLASSES, "features": None, "feature_spec": None, "steps": None}
MAJORITY |= {"keep_weights": True, "parameters": {}}


def sound(number, seconds):
    """A voice-like tone of its own pitch for each class, in a little noise."""
    rng = np.random.default_rng(number)
    time = np.arange(int(seconds * RATE)) / RATE
    pitch = 110 * 2 ** (number % 4 / 2)
    tone = sum(np.sin(2 * np.pi * pitch * k * time + rng.uniform(0, 6)) / k for k in range(1, 20))
    return (0.1 * tone + 0.01 * rng.standard_normal(len(time))).astype(np.float32)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """Recordings, and a network and the majority class trained on them in the folders `run` and `majority`."""
    folder = tmp_path_factory.mktemp("predict")
    tiny_job.write_data(folder)
    shutil.rmtree(folder / "store")
    lengths = (1.28, 1.05, 0.4, 0.8, 0.64, 0.5)
    for i in range(24):
        soundfile.write(folder / f"clip{i:03d}.wav", sound(i, lengths[i % 6]), RATE, subtype="FLOAT")
    extractor = build(FEATURES)
    frames = (
        (f"clip{i:03d}", extractor(soundfile.read(folder / f"clip{i:03d}.wav", dtype="float32")[0])) for i in range(24)
    )
    write_store(folder / "store", spec=FEATURES, dims=13, hop_seconds=0.032, versions={}, utterances=frames)
    run_job(tiny_job.make_job(folder, folder, spec=NORMAL, corpus="emodb"))
    job = tiny_job.make_job(folder, folder / "m", spec=MAJORITY, corpus="demo", system="majority")
    run_job(tiny_job.with_data(job, modules=["serflow.learners.majority"], store=None, fingerprint=None))
    shutil.move(folder / "m/run", folder / "majority")
    return folder


@pytest.fixture(scope="module")
def shared(trained, tmp_path_factory):
    """A training that judges two folds, whose validation parts choose different epochs."""
    spec = tiny_job.changed(NORMAL, train__epochs=6, train__optimizer__lr=0.1)
    folder = train_shared(trained, tmp_path_factory.mktemp("shared"), spec, seed=3)
    best = read_json(folder / "model/epochs.json")["best"]
    assert len(set(best.values())) == 2, "they must differ for these tests to tell them apart"
    return folder


def call(capsys, *arguments):
    """Exit status, lines printed, and what was said on the side."""
    capsys.readouterr()
    status = run(lambda: predict.main(list(map(str, arguments))))
    printed = capsys.readouterr()
    return status, printed.out, printed.err


def record_again(folder):
    """Let run.json record the files of model/ as they are now."""
    record = read_json(folder / "run.json")
    record["outputs"] |= {name: file_digest(folder / name) for name in record["outputs"] if name.startswith("model/")}
    write_json(folder / "run.json", record)


def chosen(folder):
    """Folder of the network that validation chose."""
    (found,) = (folder / "model").glob("epoch*/")
    return found


def rows(text):
    return list(csv.DictReader(io.StringIO(text)))


def probabilities(row):
    """Those of the classes, in their order, whatever they are called."""
    return [float(value) for name, value in row.items() if name.startswith("p_")]


def test_a_class_is_called_what_the_corpus_has_in_its_place(trained, capsys):
    """The class of xu2020 is excited; of EmoDB, happy recordings stand in."""
    _, out, err = call(capsys, trained / "run", trained / "clip020.wav", "--csv")
    assert [name for name in rows(out)[0] if name.startswith("p_")] == [f"p_{name}" for name in CALLED]
    assert "emodb has 'happy' where xu2020 has the class 'excited': it is called happy" in err
    _, out, err = call(capsys, trained / "majority", trained / "clip020.wav")  # on the stand-in, which has both
    assert ("excited" in out, "is called" in err) == (True, False)


@pytest.mark.parametrize("epoch", ["best", "last", FOLD, None])
def test_a_test_recording_gets_the_probabilities_that_the_run_stored(trained, capsys, epoch):
    names = [f"clip{i:03d}" for i in range(20, 24)]
    chosen = ["--epoch", epoch] if epoch else []
    status, out, err = call(capsys, trained / "run", *(trained / f"{name}.wav" for name in names), "--csv", *chosen)
    kept = read_json(trained / "run/model/epochs.json")
    assert kept["best"][FOLD] != kept["last"], "best and last must differ for this test to tell them apart"
    wanted = kept["last"] if epoch == "last" else kept["best"][FOLD]
    assert (status, f"weights of epoch {wanted} " in err) == (0, True)
    stored = pd.read_parquet(trained / "run/predictions.parquet").query("part == 'test' and epoch == @wanted")
    stored = stored.set_index("utterance").loc[names, [f"p_{name}" for name in tiny_job.CLASSES]]
    found = np.array([probabilities(row) for row in rows(out)])
    np.testing.assert_allclose(found, stored.to_numpy(), atol=2e-6)
    labels = [CALLED[i] for i in stored.to_numpy().argmax(axis=1)]
    assert [row["predicted"] for row in rows(out)] == labels


def test_another_rate_and_two_channels_are_converted_and_said(trained, tmp_path, capsys):
    import librosa

    samples = librosa.resample(sound(20, 1.0), orig_sr=RATE, target_sr=44100)
    soundfile.write(tmp_path / "wide.flac", np.stack([samples, samples], 1), 44100)
    soundfile.write(tmp_path / "plain.wav", sound(20, 1.0), RATE)
    status, out, err = call(capsys, trained / "run", tmp_path / "wide.flac", tmp_path / "plain.wav", "--csv")
    assert status == 0
    assert "wide.flac: 2 channels, mixed down" in err
    assert "wide.flac: 44100 Hz, resampled to 16000 Hz" in err
    assert "plain.wav" not in err
    wide, plain = map(probabilities, rows(out))
    np.testing.assert_allclose(wide, plain, atol=0.05)


@pytest.mark.parametrize("rule", ["mean", "first"])
def test_a_wide_file_in_stereo_is_what_extraction_makes_of_it(trained, tmp_path, rule):
    left, right = sound(20, 3.0), sound(21, 3.0)  # as if at 48 kHz: 1 s
    soundfile.write(tmp_path / "wide.wav", np.stack([left, right], axis=1), 3 * RATE, subtype="PCM_24")
    corpus = corpora.load("manifest", root=ROOT) | {"convert": {"channels": rule}}
    put(tmp_path, "path,label,speaker", "wide.wav,sad,x")
    (row,) = table.read(tmp_path, corpus=corpus)[0].to_dict("records")
    opened = replace(open_run(trained / "run"), corpus=corpus)
    prediction = opened.predict(tmp_path / "wide.wav")
    extracted = utterance_features(opened.extractor, tmp_path, row)
    np.testing.assert_array_equal(prediction.examples.frames(0), extracted)
    assert (prediction.recording.seconds, len(prediction.recording.notes)) == (row["duration"], 2)
    write_store(
        tmp_path / "store", spec=FEATURES, dims=13, hop_seconds=0.032, versions={}, utterances=[("wide", extracted)]
    )
    examples = replace(prediction.examples, utterances=["wide"], store=Store.open(tmp_path / "store"))
    np.testing.assert_array_equal(opened.learner.predict(examples)[1][0], prediction.probabilities)


BAD = {
    "missing.wav": (None, "no such file; expected an audio file"),
    "empty.wav": (b"", "empty .0 bytes.; expected speech"),
    "text.wav": (b"no audio at all", "not an audio file that can be decoded .*expected WAV, FLAC"),
    "silent.wav": (np.zeros(RATE, np.float32), "silent .*; expected speech"),
    "short.wav": (sound(1, 0.05), "0.050 s long; expected at least 0.1 s"),
    "none.wav": (np.zeros(0, np.float32), "holds no samples"),
    "nan.wav": (np.full(RATE, np.nan, np.float32), "NaN or infinite"),
}


def test_bad_files_are_named_and_the_others_predicted(trained, tmp_path, capsys):
    for name, (content, _) in BAD.items():
        if isinstance(content, bytes):
            (tmp_path / name).write_bytes(content)
        elif content is not None:
            soundfile.write(tmp_path / name, content, RATE, subtype="FLOAT")
    good = trained / "clip020.wav"
    status, out, err = call(capsys, trained / "run", good, *(tmp_path / name for name in BAD), good)
    assert status == 1
    assert len(out.splitlines()) == 2
    for name, (_, message) in BAD.items():
        assert re.search(f"error: {re.escape(str(tmp_path / name))}: .*{message}", err), err
    assert f"{len(BAD)} of {len(BAD) + 2} files" in err


def test_a_system_that_drops_short_utterances_says_so(trained, tmp_path, capsys):
    shutil.copytree(trained / "run", tmp_path / "run")
    for path in [tmp_path / "run/run.json", *(tmp_path / "run/model").glob("*/model.json")]:
        content = read_json(path)
        content["spec"]["parameters"]["segments"]["short_test"] = "drop"
        write_json(path, content)
    record_again(tmp_path / "run")
    status, _, err = call(capsys, tmp_path / "run", trained / "clip002.wav")
    assert status == 1
    assert "0.40 s long; this system leaves out what is shorter than a segment of 0.5 s" in err


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda folder: (folder / "run.json").unlink(), "no run.json in it; expected the folder of a finished run"),
        (lambda folder: shutil.rmtree(chosen(folder)), "this file is missing"),
        (
            lambda folder: (chosen(folder) / "weights.safetensors").unlink(),
            "weights.safetensors: this file is missing",
        ),
        (
            lambda folder: shutil.copy(folder / "model/last/weights.safetensors", chosen(folder)),
            "weights.safetensors: changed after the run wrote it",
        ),
        (
            lambda folder: (
                write_json(folder / "model/epochs.json", {"last": 4, "best": {FOLD: 2}, "kept": False}),
                record_again(folder),
            ),
            "kept no weights",
        ),
        (
            lambda folder: write_json(folder / "model/epochs.json", {"last": 4, "best": {FOLD: 4}, "kept": True}),
            "epochs.json: changed after the run wrote it",
        ),
        (
            lambda folder: write_json(
                folder / "run.json", {k: v for k, v in read_json(folder / "run.json").items() if k != "outputs"}
            ),
            "no `run`, `spec`, `inputs` or `outputs` in it",
        ),
    ],
)
def test_a_run_that_cannot_be_used_is_named(trained, tmp_path, capsys, damage, said):
    shutil.copytree(trained / "run", tmp_path / "run")
    damage(tmp_path / "run")
    status, out, err = call(capsys, tmp_path / "run", trained / "clip020.wav")
    assert (status, out) == (1, "")
    assert said in err
    assert str(tmp_path / "run") in err


def test_attention_is_the_mean_of_the_maps_of_all_segments_that_cover_a_frame(trained):
    opened = open_run(trained / "run")
    prediction = opened.predict(trained / "clip018.wav")  # 41 frames: segments of 16, 3.125 apart
    found = opened.attention(prediction)
    frames = (prediction.examples.frames(0) - opened.learner.mean_std[0]) / opened.learner.mean_std[1]
    import torch

    sums, times = np.zeros_like(found), np.zeros(len(found))
    for start in (0, 3, 6, 9, 13, 16, 19, 22, 25):
        segment = torch.from_numpy(frames[None, start : start + 16].astype(np.float32))
        one = opened.learner.network.attention_map(segment, torch.tensor([16]))[0].numpy()
        for step, values in enumerate(one):
            sums[start + 4 * step : start + 4 * step + 4] += values
            times[start + 4 * step : start + 4 * step + 4] += 1
    np.testing.assert_allclose(found, sums / times[:, None], rtol=1e-4)


def test_the_end_that_no_segment_covers_has_no_attention(tmp_path):
    data = tiny_job.make_examples(tmp_path / "store", count=4, frames=(21,))
    learner = Network(spec=tiny_job.SPEC, classes=tiny_job.CLASSES, device="cpu", seed=1)
    next(learner.fit(data))
    one = tiny_job.examples_of(data.store, ["clip000"])
    found = attention_over_time(learner, one)  # segments of 16 from 0 and 3: the last two frames are left
    assert np.isfinite(found[:19]).all()
    assert np.isnan(found[19:]).all()


@pytest.mark.parametrize(("suffix", "start"), [("png", b"\x89PNG"), ("svg", b"<?xml"), ("pdf", b"%PDF")])
def test_a_plot_a_file_none_over_another(trained, tmp_path, capsys, suffix, start):
    (tmp_path / "other").mkdir()
    shutil.copy(trained / "clip021.wav", tmp_path / "other/clip020.wav")
    files = [trained / "clip020.wav", tmp_path / "other/clip020.wav"]
    status, _, err = call(capsys, trained / "run", *files, "--plot", tmp_path / "plots", "--format", suffix)
    assert status == 0
    plots = sorted((tmp_path / "plots").iterdir())
    assert [path.name for path in plots] == [f"clip020.{suffix}", f"clip020_2.{suffix}"]
    assert all(path.read_bytes().startswith(start) for path in plots)
    assert plots[0].read_bytes() != plots[1].read_bytes()


@pytest.mark.parametrize(
    ("device", "said"),
    [
        ("foo", "--device 'foo': expected auto, cpu, cuda"),
        ("cuda:99", "--device cuda:99: usable CUDA devices here: "),
    ],
)
def test_a_device_that_is_none_is_named_and_no_run_blamed(trained, capsys, device, said):
    status, out, err = call(capsys, trained / "run", trained / "clip020.wav", "--device", device)
    assert (status, out) == (1, "")
    assert said in err
    assert "delete" not in err
    assert "config.yaml" not in err


def test_a_plot_folder_that_is_a_file_is_named_before_anything_is_predicted(trained, tmp_path, capsys):
    (tmp_path / "plots").touch()
    status, out, err = call(capsys, trained / "run", trained / "clip020.wav", "--plot", tmp_path / "plots")
    assert (status, out) == (1, "")
    assert f"--plot {tmp_path / 'plots'}: cannot be made (File exists)" in err


def test_a_system_without_attention_predicts_and_says_why_there_is_no_plot(trained, tmp_path, capsys):
    status, out, err = call(
        capsys, trained / "majority", trained / "clip020.wav", "--plot", tmp_path / "plots", "--csv"
    )
    assert status == 0
    assert "no plots: majority offers no attention map" in err
    assert not (tmp_path / "plots").exists()
    assert [rows(out)[0][f"p_{name}"] for name in tiny_job.CLASSES] == ["0.250000"] * 4


def test_a_support_vector_machine_gives_a_test_recording_what_the_run_stored(trained, tmp_path, capsys):
    features = {"extractor": "functionals", "sample_rate": RATE, "feature_set": "eGeMAPSv02"}
    extractor = build(features)
    wavs = [trained / f"clip{i:03d}.wav" for i in range(24)]
    vectors = ((wav.stem, extractor(soundfile.read(wav, dtype="float32")[0])) for wav in wavs)
    write_store(tmp_path / "store", spec={}, dims=extractor.dims, hop_seconds=None, versions={}, utterances=vectors)
    parameters = {"kernel": "linear", "C": 0.1, "class_weight": "balanced"}
    spec = MAJORITY | {"learner": "svm", "features": "egemaps", "feature_spec": features, "parameters": parameters}
    job = tiny_job.make_job(trained, tmp_path, spec=spec, corpus="emodb", system="svm")
    run_job(tiny_job.with_data(job, modules=["serflow.learners.svm"], store=tmp_path / "store"))
    status, out, err = call(capsys, tmp_path / "run", wavs[21], "--csv", "--plot", tmp_path / "plots")
    assert (status, "no plots: svm offers no attention map" in err) == (0, True)
    stored = pd.read_parquet(tmp_path / "run/predictions.parquet").query("utterance == 'clip021'").iloc[0]
    wanted = [stored[f"p_{name}"] for name in tiny_job.CLASSES]
    assert probabilities(rows(out)[0]) == pytest.approx(wanted, abs=2e-6)


def test_a_model_of_synthesised_speech_warns_in_one_line(trained, capsys):
    said = [
        line
        for line in call(capsys, trained / "majority", trained / "clip020.wav")[2].splitlines()
        if "warning" in line
    ]
    assert said == ["serflow: warning: trained on synthesised speech (demo): this says nothing about real emotions"]
    assert "warning" not in call(capsys, trained / "run", trained / "clip020.wav")[2]


def test_best_is_refused_where_the_run_did_not_validate(trained, tmp_path, capsys):
    shutil.copytree(trained / "run", tmp_path / "run")
    write_json(tmp_path / "run/model/epochs.json", {"last": 4, "best": {}, "kept": True})
    record_again(tmp_path / "run")
    assert call(capsys, tmp_path / "run", trained / "clip020.wav")[0] == 0
    status, out, err = call(capsys, tmp_path / "run", trained / "clip020.wav", "--epoch", "best")
    assert (status, out) == (1, "")
    assert "has no validation part" in err


@pytest.mark.parametrize("fold", [FEMALE, MALE])
def test_of_a_training_that_judges_several_folds_one_is_named_for_its_best_epoch(trained, shared, capsys, fold):
    epoch = read_json(shared / "run.json")["best_epochs"][fold]
    files = [trained / f"{name}.wav" for name in PEOPLE]
    status, out, err = call(capsys, shared, *files, "--csv", "--epoch", fold)
    assert (status, f"weights of epoch {epoch} (best on validation of {fold})" in err) == (0, True)
    stored = pd.read_parquet(shared / "predictions.parquet").query("part == 'test' and epoch == @epoch")
    stored = stored.set_index("utterance").loc[list(PEOPLE), [f"p_{name}" for name in tiny_job.CLASSES]]
    found = np.array([probabilities(row) for row in rows(out)])
    np.testing.assert_allclose(found, stored.to_numpy(), atol=2e-6)


def test_where_the_folds_chose_different_epochs_the_last_is_taken_unless_one_is_named(trained, shared, capsys):
    wav, best = trained / "clip020.wav", read_json(shared / "run.json")["best_epochs"]
    for chosen in ([], ["--epoch", "last"]):
        status, _, err = call(capsys, shared, wav, *chosen)
        assert (status, "weights of epoch 6 (the last)" in err) == (0, True)
    for unknown in ("best", "speaker/fold9", "Last"):
        status, out, err = call(capsys, shared, wav, "--epoch", unknown)
        assert (status, out) == (1, "")
        named = ", ".join(f"{fold} (epoch {best[fold]})" for fold in (FEMALE, MALE))
        assert f"--epoch {unknown}: expected last, or one of the folds that this run judges: {named}" in err


def test_where_all_folds_chose_one_epoch_it_is_the_best(trained, shared, tmp_path, capsys):
    folder = shutil.copytree(shared, tmp_path / "run")
    epoch = read_json(folder / "run.json")["best_epochs"][FEMALE]
    write_json(folder / "model/epochs.json", {"last": 6, "best": {FEMALE: epoch, MALE: epoch}, "kept": True})
    record_again(folder)
    for chosen in ([], ["--epoch", "best"], ["--epoch", MALE]):
        status, _, err = call(capsys, folder, trained / "clip020.wav", *chosen)
        assert (status, f"weights of epoch {epoch} (best on validation" in err) == (0, True)
