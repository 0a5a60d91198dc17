"""Audio of any rate, channels and format: what the manifest has of it, and what is found."""

import numpy as np
import pytest
import soundfile

from helpers.tiny_release import seen
from helpers.tiny_table import fatal, put, read
from serflow.corpora import audio, manifest
from serflow.corpora.findings import Findings
from serflow.features.extract import utterance_samples

RATE = 16000
MEAN, FIRST = {"channels": "mean"}, {"channels": "first"}
LOSSLESS = {
    "pcm16.wav": ("WAV", "PCM_16"),
    "pcm24.wav": ("WAV", "PCM_24"),
    "extensible.wav": ("WAVEX", "PCM_32"),
    "float.wav": ("WAV", "FLOAT"),
    "double.wav": ("WAV", "DOUBLE"),
    "flac.wav": ("FLAC", "PCM_16"),  # of another name than its content
    "flac24.flac": ("FLAC", "PCM_24"),
    "aiff.aiff": ("AIFF", "PCM_16"),
}
LOSSY = {"ogg.ogg": ("OGG", "VORBIS"), "mp3.mp3": ("MP3", "MPEG_LAYER_III"), "law.wav": ("WAV", "ALAW")}


def tone(seconds=0.5, rate=RATE, frequency=300):
    """A tone as 16-bit integers, which every lossless encoding keeps."""
    return np.round(8000 * np.sin(2 * np.pi * frequency * np.arange(round(seconds * rate)) / rate)).astype(np.int16)


def inspected(path, convert=MEAN):
    findings = Findings()
    found = audio.inspect(path, file=path.name, utterance="u", findings=findings, convert=convert)
    return found, findings


@pytest.fixture
def corpus(corpus):
    """The table's declaration, which watches every file."""
    return corpus | {"reads": ["*"]}


def test_every_lossless_encoding_of_the_same_samples_is_the_same_recording(tmp_path):
    for name, (form, subtype) in LOSSLESS.items():
        wide = tone() if subtype == "PCM_16" else tone().astype(np.int32) << 16
        soundfile.write(
            tmp_path / name, wide if "PCM" in subtype else tone() / 32768, RATE, format=form, subtype=subtype
        )
    found = {name: inspected(tmp_path / name) for name in LOSSLESS}
    assert {name: one.format for name, (one, _) in found.items()} == {
        name: " ".join(form) for name, form in LOSSLESS.items()
    }
    assert len({one.sha256 for one, _ in found.values()}) == len(LOSSLESS)
    assert {one.samples_sha256 for one, _ in found.values()} == {found["pcm16.wav"][0].samples_sha256}
    assert all(not findings.items for _, findings in found.values())


def test_both_channels_alike_are_one_channel_and_the_rule_says_which_counts(tmp_path):
    soundfile.write(tmp_path / "one.wav", tone(), RATE)
    soundfile.write(tmp_path / "alike.wav", np.stack([tone(), tone()], axis=1), RATE)
    soundfile.write(tmp_path / "left.wav", np.stack([tone(), 0 * tone()], axis=1), RATE)
    one, alike, left = (inspected(tmp_path / f"{name}.wav")[0] for name in ("one", "alike", "left"))
    assert one.samples_sha256 == alike.samples_sha256 != left.samples_sha256
    assert (one.mixdown, alike.mixdown, alike.channels) == ("", "mean", 2)
    first, _ = inspected(tmp_path / "left.wav", FIRST)
    assert (first.mixdown, first.samples_sha256) == ("first", one.samples_sha256)
    assert left.peak == pytest.approx(first.peak / 2)


def test_what_is_converted_is_one_finding_that_counts_the_forms(tmp_path, corpus):
    forms = [(48000, 2)] * 3 + [(44100, 1), (8000, 1), (16000, 2), (16000, 1)]
    for number, (rate, channels) in enumerate(forms):
        sound = np.stack([tone(rate=rate, frequency=200 + 50 * number)] * channels, axis=1)
        soundfile.write(tmp_path / f"{number}.wav", sound, rate)
    put(tmp_path, "path,label,speaker", *(f"{number}.wav,sad,x" for number in range(len(forms))))
    frame, findings = read(tmp_path, corpus)
    assert seen(findings) == [("audio_converted", "odd")]
    assert findings.items[0].file == "."
    assert findings.items[0].message.split("; ") == [
        "3 files: 48000 Hz, 2 channels: mean of the channels, resampled to 16000 Hz",
        "1 file: 8000 Hz, one channel: resampled to 16000 Hz, nothing is in them above 4000 Hz",
        "1 file: 16000 Hz, 2 channels: mean of the channels",
        "1 file: 44100 Hz, one channel: resampled to 16000 Hz",
    ]
    columns = ["file_rate", "file_channels", "file_format", "mixdown", "sample_rate", "samples"]
    assert frame[columns].to_numpy().tolist() == [
        [rate, channels, "WAV PCM_16", "mean" if channels > 1 else "", 16000, 8000] for rate, channels in forms
    ]
    manifest.write(frame, tmp_path / "m.parquet")
    assert manifest.load(tmp_path / "m.parquet")[columns].equals(frame[columns])


def test_compression_with_loss_is_said_and_the_files_are_used(tmp_path, corpus):
    for name, (form, subtype) in LOSSY.items():
        soundfile.write(tmp_path / name, tone(), RATE, format=form, subtype=subtype)
    put(tmp_path, "path,label,speaker", *(f"{name},sad,x" for name in LOSSY))
    frame, findings = read(tmp_path, corpus)
    assert len(frame) == len(LOSSY)
    assert seen(findings) == [("audio_lossy", "odd")]
    assert all(f"1 file: {form} {subtype}" in findings.items[0].message for form, subtype in LOSSY.values())


def test_the_same_samples_in_another_encoding_are_a_copy(tmp_path, corpus):
    soundfile.write(tmp_path / "a.wav", tone(), RATE)
    soundfile.write(tmp_path / "b.flac", tone().astype(np.int32) << 16, RATE, subtype="PCM_24")
    soundfile.write(tmp_path / "c.wav", tone(frequency=301), RATE)
    put(tmp_path, "path,label,speaker", "a.wav,sad,x", "b.flac,sad,y", "c.wav,sad,y")
    _, findings = read(tmp_path, corpus)
    assert [(item.code, item.file, item.quote) for item in findings.items] == [
        ("duplicate_audio", "a.wav", "b.flac"),
        ("duplicate_audio", "b.flac", "a.wav"),
    ]


@pytest.mark.parametrize(
    "samples",
    [np.zeros(8000), np.full(8000, 0.3), np.tile([1, -1], 4000) / 32768, np.full(8000, -1.0)],
    ids=["zeros", "constant", "one bit", "full scale"],
)
def test_silence_and_constants_are_odd(tmp_path, samples):
    soundfile.write(tmp_path / "a.wav", samples, RATE, subtype="FLOAT")
    assert seen(inspected(tmp_path / "a.wav")[1]) == [("audio_silent", "odd")]


def test_channels_that_cancel_each_other_are_silence(tmp_path):
    soundfile.write(tmp_path / "a.wav", np.stack([tone(), -tone()], axis=1), RATE)
    assert seen(inspected(tmp_path / "a.wav")[1]) == [("audio_silent", "odd")]
    assert seen(inspected(tmp_path / "a.wav", FIRST)[1]) == []


def test_floats_in_another_unit_are_odd(tmp_path):
    soundfile.write(tmp_path / "a.wav", tone().astype(np.float32), RATE, subtype="FLOAT")
    (finding,) = inspected(tmp_path / "a.wav")[1].items
    assert finding.code == "audio_level"
    assert "up to 8000)" in finding.message


def test_a_file_of_another_form_names_all_that_differs_where_nothing_is_converted(tmp_path):
    soundfile.write(tmp_path / "a.wav", np.stack([tone(rate=48000)] * 2, axis=1), 48000)
    found, findings = inspected(tmp_path / "a.wav", None)
    assert found is None
    assert [(item.code, item.message) for item in findings.items] == [
        ("audio_channels", "2 channels; expected one; sample rate 48000 Hz; expected 16000: use the file as published")
    ]


@pytest.mark.parametrize("rate", [8000, 44100, 48000])
def test_a_part_is_cut_in_the_files_own_samples_and_then_converted(tmp_path, corpus, rate):
    sound = np.concatenate([0 * tone(1, rate), tone(1, rate), 0 * tone(1, rate)])  # a click at an edge would ring
    soundfile.write(tmp_path / "long.wav", sound, rate)
    soundfile.write(tmp_path / "cut.wav", sound[rate : 2 * rate], rate)
    rows = ["long.wav,sad,x,1,2", "long.wav,sad,x,2,", "cut.wav,sad,y,,"]
    put(tmp_path, "path,label,speaker,start,end", *rows)
    frame, _ = read(tmp_path, corpus)
    samples = {row["utterance"]: utterance_samples(tmp_path, row) for row in frame.to_dict("records")}
    assert frame.set_index("utterance")["offset"].to_dict() == {
        "cut": 0,
        "long_00001000": 16000,
        "long_00002000": 32000,
    }
    assert {name: len(found) for name, found in samples.items()} == dict.fromkeys(samples, 16000)
    np.testing.assert_array_equal(samples["long_00001000"], samples["cut"])
    assert not samples["long_00002000"].any()


def test_parts_that_meet_share_no_sample_at_any_rate(tmp_path, corpus):
    soundfile.write(tmp_path / "long.wav", tone(2, 44100), 44100)
    times = [0, 0.33333, 0.70001, 1.2345, 2]
    rows = [f"long.wav,sad,x,{start},{end}" for start, end in zip(times, times[1:], strict=False)]
    put(tmp_path, "path,label,speaker,start,end", *rows)
    frame, findings = read(tmp_path, corpus)
    assert [item.code for item in findings.items] == ["audio_converted"]
    assert frame["samples"].sum() == frame["file_samples"].iloc[0] == 32000


def test_a_sample_or_two_at_a_high_rate_are_too_short(tmp_path, corpus):
    soundfile.write(tmp_path / "a.wav", [0.1], 48000)
    put(tmp_path, "path,label,speaker", "a.wav,sad,x")
    assert [item.code for item in fatal(tmp_path, corpus).fatal] == ["table_row_short"]
