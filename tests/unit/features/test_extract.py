"""From audio to a store, through the command line."""

import json

import numpy as np
import pandas as pd
import pytest
import soundfile
import yaml

from helpers.tiny_table import audio_columns
from serflow.cli import features, run
from serflow.errors import UserError
from serflow.features.extract import build, extract, utterance_features
from serflow.features.extractors.mfcc import Mfcc
from serflow.features.store import Store
from serflow.files import file_digest, write_json


def command(spec, release, manifest, output, *, jobs=1):
    argv = ["--manifest", manifest, "--release", release, "--spec", json.dumps(spec), "--jobs", jobs]
    features.main([str(word) for word in [*argv, "--output", output]])


def change(manifest, row, **values):
    table = pd.read_parquet(manifest)
    for key, value in values.items():
        table.loc[table["utterance"] == row, key] = value
    table.to_parquet(manifest, index=False)


def row_of(path, release, **values):
    info = soundfile.info(path)
    row = {"utterance": path.stem, "path": str(path.relative_to(release))} | audio_columns(info.frames)
    return row | values


@pytest.mark.slow
def test_one_job_and_two_write_the_same_bytes(release, tmp_path, mfcc):
    for jobs in (1, 2):
        command(mfcc, *release, tmp_path / f"jobs{jobs}", jobs=jobs)
    files = sorted(path.name for path in (tmp_path / "jobs1").iterdir())
    assert files == ["frames.npy", "index.parquet", "store.json"]
    for name in files:
        assert (tmp_path / "jobs1" / name).read_bytes() == (tmp_path / "jobs2" / name).read_bytes()
    store, extractor = Store.open(tmp_path / "jobs1"), build(mfcc)
    assert (store.spec, store.dims, store.hop_seconds, len(store)) == (mfcc, 3, 0.008, 20)
    samples, _ = soundfile.read(release[0] / "wav" / "u13.wav", dtype="float32")
    np.testing.assert_allclose(store.frames("u13"), extractor(samples), rtol=1e-5, atol=1e-4)


@pytest.mark.slow
def test_a_broken_file_stops_the_extraction_and_leaves_no_store(release, tmp_path, mfcc):
    folder, manifest = release
    (folder / "wav" / "u11.wav").write_bytes(b"RIFF....")
    with pytest.raises(UserError, match=r"u11\.wav: cannot be read as audio"):
        command(mfcc, folder, manifest, tmp_path / "out" / "store")
    assert list((tmp_path / "out").iterdir()) == []


def test_another_sample_rate_names_file_found_and_expected(release, tmp_path, capsys, mfcc):
    change(release[1], "u04", sample_rate=8000)
    assert run(lambda: command(mfcc, *release, tmp_path / "store")) == 1
    message = capsys.readouterr().err
    assert "wav/u04.wav: sample rate 8000 Hz, the features expect 16000 Hz" in message
    assert not (tmp_path / "store").exists()


def test_an_empty_manifest_is_an_error(release, tmp_path, mfcc):
    folder, manifest = release
    pd.read_parquet(manifest).head(0).to_parquet(manifest, index=False)
    with pytest.raises(UserError, match="manifest is empty"):
        extract(manifest=manifest, release=folder, spec=mfcc, jobs=1, folder=tmp_path / "store")


@pytest.mark.parametrize(
    ("samples", "rate", "claimed", "message"),
    [
        (np.zeros((500, 2)), 16000, 500, r"500 samples at 16000 Hz of 2 channel\(s\) at 16000 Hz; expected .* of 1 ch"),
        (np.zeros(500), 8000, 500, r"1000 samples .* at 8000 Hz; expected 500 of 1 channel\(s\) at 16000 Hz"),
        (np.zeros(400), 16000, 500, "400 samples .* expected 500 "),
        (np.zeros(0), 16000, 0, "no samples in it"),
    ],
)
def test_audio_other_than_the_manifest_says_is_refused(tmp_path, samples, rate, claimed, message, mfcc):
    path = tmp_path / "x.wav"
    soundfile.write(path, samples, rate)
    with pytest.raises(UserError, match=message):
        utterance_features(build(mfcc), tmp_path, row_of(path, tmp_path, **audio_columns(claimed)))


def test_a_missing_file_is_named(tmp_path, mfcc):
    row = {"utterance": "x", "path": "wav/x.wav"} | audio_columns(9)
    with pytest.raises(UserError, match=r"wav/x\.wav: cannot be read"):
        utterance_features(build(mfcc), tmp_path, row)


def test_features_that_are_not_finite_name_the_utterance(tmp_path, mfcc):
    class Broken(Mfcc):
        def __call__(self, samples):
            frames = super().__call__(samples)
            frames[1, 2] = np.nan
            return frames

    path = tmp_path / "x.wav"
    soundfile.write(path, np.zeros(1000), 16000)
    values = {key: value for key, value in mfcc.items() if key != "extractor"}
    with pytest.raises(UserError, match=r"utterance x\): 1 of 3 features are NaN .* column 2"):
        utterance_features(Broken(**values), tmp_path, row_of(path, tmp_path))


@pytest.mark.parametrize("name", ["mffc", "../mfcc", "", "mfcc.Mfcc"])
def test_an_unknown_extractor_is_refused(name, mfcc):
    with pytest.raises(UserError, match="is no file of src/serflow/features/extractors"):
        build(mfcc | {"extractor": name})


def test_a_misspelt_or_missing_value_is_refused_with_the_known_ones(mfcc):
    with pytest.raises(UserError, match="'hop'.*expected exactly .*'hop_length'"):
        build(mfcc | {"hop": 512})
    with pytest.raises(UserError, match="n_mels"):
        build({key: value for key, value in mfcc.items() if key != "n_mels"})


def test_every_declared_feature_set_builds(request):
    text = (request.config.rootpath / "workflow" / "features.yaml").read_text()
    found = {name: build(spec) for name, spec in yaml.safe_load(text).items()}
    hops = {name: (extractor.dims, extractor.hop_seconds) for name, extractor in found.items()}
    expected = {"mfcc13": (13, 0.032), "mfcc26": (26, 0.032), "compare": (6373, None)}
    assert expected.items() <= hops.items()


@pytest.mark.slow
def test_a_recording_of_other_bytes_than_the_manifest_lists_is_refused(release, tmp_path, mfcc):
    folder, manifest = release
    path = folder / "wav" / "u11.wav"
    content = bytearray(path.read_bytes())
    content[-1] ^= 1  # one bit of its last sample: still audio, of the same length
    path.write_bytes(content)
    with pytest.raises(UserError, match=r"u11\.wav: not the recording that the manifest lists"):
        command(mfcc, folder, manifest, tmp_path / "store")
    assert not (tmp_path / "store").exists()


def test_a_manifest_that_is_not_the_accepted_one_is_refused(release, tmp_path, mfcc):
    folder, manifest = release
    write_json(manifest.with_suffix(".json"), {"digest": file_digest(manifest)})
    change(manifest, "u04", path="wav/u05.wav")
    with pytest.raises(
        UserError, match=r"manifest\.parquet: not the table that was written .* delete \S+manifest\.parquet and \S+json"
    ):
        extract(manifest=manifest, release=folder, spec=mfcc, jobs=1, folder=tmp_path / "store")
