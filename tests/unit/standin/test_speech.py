import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import serflow
from serflow.standin import sound
from serflow.standin.alignment import Segment, frames, segments
from serflow.standin.espeak import Speech
from serflow.standin.ratings import majority
from serflow.standin.voices import SPEAKERS, draw_prosody
from serflow.standin.words import Token, tokens


def synthesise(code):
    """Run code with a synthesiser `s` in a process of its own, as the release does."""
    start = "from serflow.standin.espeak import Synthesiser\nfrom serflow.errors import UserError\n"
    command = [sys.executable, "-c", f"{start}s = Synthesiser(1)\n{code}"]
    environment = {"PYTHONPATH": str(Path(serflow.__file__).parents[1])}
    return subprocess.run(command, capture_output=True, text=True, check=True, env=environment).stdout


@pytest.mark.parametrize("voice", ["en-us+nobody", "en-gb", "nowhere+f1", ""])
def test_an_unknown_voice_is_refused(voice):
    code = (
        f"try: s.say('hello', voice={voice!r}, rate=175, pitch=50, range=50, gap=0)\n"
        "except UserError as error: print(error)"
    )
    assert f"voice {voice!r}" in synthesise(code)


def test_every_speaker_has_a_voice_of_its_own():
    names = [voice.name for voice in SPEAKERS.values()]
    assert len(set(names)) == 10
    say = "s.say('hello', voice=name, rate=175, pitch=50, range=50, gap=0)"
    code = f"for name in {names!r}: print(len({say}.samples))"
    assert all(int(count) > 4000 for count in synthesise(code).split())


def test_words_share_the_time_of_one_event_and_pauses_are_silence():
    # At 22,050 Hz: "of the" is one event from 0 to 0.2 s, a pause to 0.4 s, "sea" to 0.6 s, silence to 0.7 s.
    step = 2205
    speech = Speech(
        np.zeros(7 * step, np.int16),
        words=[(0, 0), (4 * step, 7)],
        phones=[(0, "V"), (step, "D"), (2 * step, "_:"), (4 * step, "s"), (5 * step, "'i:"), (6 * step, "_")],
    )
    spoken = [Token("of", "of", "OF"), Token("the", "the", "THE"), Token("sea", "sea", "SEA")]
    words, phones = segments(speech, spoken, lead=0.1, length=1.0)
    expected = [(0.0, 0.1, "<s>"),
                (0.1, 0.2, "OF"), (0.2, 0.3, "THE"), (0.3, 0.5, "<sil>"), (0.5, 0.7, "SEA"),
                (0.7, 1.0, "</s>")]  # fmt: skip
    assert [(round(a, 6), round(b, 6), entry) for a, b, entry in words] == expected
    assert [entry for _, _, entry in phones] == ["SIL", "AH", "DH", "SIL", "S", "IY", "SIL"]


def test_a_segment_shorter_than_a_frame_still_gets_one():
    parts = [Segment(0.0, 0.031, "A"), Segment(0.031, 0.032, "B"), Segment(0.032, 0.055, "C")]
    assert frames(parts, 0.055) == [(0, 2, "A"), (3, 3, "B"), (4, 4, "C")]


def test_resampling_keeps_a_tone_its_level_and_its_place():
    time = np.arange(22050) / 22050
    tone = 16384 * np.sin(2 * np.pi * 441 * time) * np.hanning(22050)
    out = sound.resample(np.round(tone).astype(np.int16), 22050)
    expected = 0.5 * np.sin(2 * np.pi * 441 * np.arange(16000) / 16000) * np.hanning(16000)
    assert np.abs(out[:16000] - expected).max() < 1e-3


def test_a_recording_is_lead_speech_and_trail():
    rng = np.random.default_rng(0)
    speech = np.full(100, 0.5)
    out = sound.record(rng, speech, lead=10, trail=20, level_db=-20 * np.log10(2), noise_db=-80)
    assert len(out) == 130
    assert np.abs(out[10:110] - 8192).max() < 50
    assert np.abs(out[:10]).max() < 50


def test_a_word_before_a_vowel_takes_its_second_pronunciation():
    assert [token.entry for token in tokens("the end of the day")] == ["THE(2)", "END", "OF", "THE", "DAY"]


def test_tags_and_accents_are_spelt_for_the_aligner():
    assert [token.entry for token in tokens("[LAUGHTER] My fiancé, don't!")] == [
        "++LAUGHTER++",
        "MY",
        "FIANCE",
        "DON'T",
    ]


@pytest.mark.parametrize(
    ("votes", "label"),
    [
        ([["ang"], ["ang"], ["fru"]], "ang"),
        ([["ang"], ["fru", "ang"], ["fru"]], "xxx"),
        ([["ang"], ["sad"], ["fru"]], "xxx"),
        ([["neu", "sad"], ["sad"], ["fru"]], "sad"),
    ],
)
def test_the_majority_is_one_label_of_two_raters(votes, label):
    assert majority(votes) == label


def test_angry_is_on_average_faster_louder_and_higher_than_sad():
    def average(label):
        rng = np.random.default_rng(0)
        drawn = [draw_prosody(rng, session=1, sex="F", label=label) for _ in range(200)]
        return np.mean([(p.rate, p.level_db, p.pitch, p.range) for p in drawn], axis=0)

    assert (average("ang") > average("sad")).all()
