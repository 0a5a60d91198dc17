"""One dialog of the stand-in release, in a process of its own: `python -m serflow.standin.worker` < job.

The process exists for two reasons: eSpeak NG (GPL-3.0-or-later) is loaded here and nowhere else, and a fresh
process with a fixed order of calls makes the speech repeatable.
"""

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import NamedTuple

import numpy as np

from serflow.standin import alignment, layout, sound
from serflow.standin.dialogs import Dialog
from serflow.standin.draws import draws
from serflow.standin.espeak import RATE_HZ, Speech, Synthesiser
from serflow.standin.turns import Turn
from serflow.standin.voices import draw_prosody
from serflow.standin.words import LineLength, Token, tokens, turn_text


class Take(NamedTuple):
    """A spoken turn: what is said, the synthesiser's speech, its delay (s) and the recorded samples."""

    turn: Turn
    words: list[Token]
    speech: Speech
    lead: float
    samples: np.ndarray

    @property
    def seconds(self) -> float:
        """Length of the recording."""
        return len(self.samples) / sound.SAMPLE_RATE


def write_dialog(folder: Path, turns: list[Turn], *, seed: int, unaligned: list[str], length: LineLength) -> None:
    """Write all files of one dialog into the release under `folder`."""
    dialog = turns[0].dialog
    rng = draws(seed, "dialog", dialog.name)
    synthesiser = Synthesiser(int(rng.integers(2**31)))
    noise_db = rng.uniform(-56, -46)
    takes = [record(synthesiser, turn, seed=seed, noise_db=noise_db, length=length) for turn in turns]
    starts = layout.schedule(rng, [(take.turn.sex, take.seconds) for take in takes])
    paths = layout.Paths(folder / f"Session{dialog.session}", dialog.name)
    for take in takes:
        sound.write_wav(paths.sentence(take.turn.name), take.samples)
        if take.turn.name not in unaligned:
            _write_alignment(paths, take, draws(seed, "scores", take.turn.name))
    spoken = [(start, take.turn.sex, take.samples) for start, take in zip(starts, takes, strict=True)]
    sound.write_wav(paths.dialog, sound.mix_dialog(spoken))
    times = [(start, start + take.seconds) for start, take in zip(starts, takes, strict=True)]
    texts = [" ".join(word.written for word in take.words) for take in takes]
    layout.write_transcription(paths, turns, times, texts, rng)
    layout.write_evaluation(paths, turns, times, seed)


def record(synthesiser: Synthesiser, turn: Turn, *, seed: int, noise_db: float, length: LineLength) -> Take:
    """Speak and record one turn."""
    part = {"scene": turn.dialog.script, "sex": turn.sex, "rank": turn.rank, "label": turn.label}
    words = tokens(turn_text(seed, turn.name, **part, length=length))
    rng = draws(seed, "turn", turn.name)
    manner = asdict(draw_prosody(rng, session=turn.dialog.session, sex=turn.sex, label=turn.label))
    level_db = manner.pop("level_db")
    speech = synthesiser.say(" ".join(word.spoken for word in words), **manner)
    lead, trail = (int(rng.uniform(0.05, 0.35) * sound.SAMPLE_RATE) for _ in range(2))
    samples = sound.record(rng, sound.resample(speech.samples, RATE_HZ), lead=lead, trail=trail,
                           level_db=level_db, noise_db=noise_db)  # fmt: skip
    return Take(turn, words, speech, lead / sound.SAMPLE_RATE, samples)


def _write_alignment(paths: layout.Paths, take: Take, rng: np.random.Generator) -> None:
    words, phones = alignment.segments(take.speech, take.words, lead=take.lead, length=take.seconds)
    stem = paths.alignment(take.turn.name)
    stem.with_suffix(".wdseg").write_text(alignment.wdseg(rng, words, take.seconds))
    stem.with_suffix(".phseg").write_text(alignment.phseg(rng, phones, take.seconds))


def main() -> None:
    """Read the job, a JSON object, from standard input and write its dialog."""
    job = json.load(sys.stdin)
    dialog = Dialog(*job["dialog"])
    turns = [Turn(dialog, sex, rank, label) for sex, rank, label in job["turns"]]
    length = LineLength(*job["length"])
    write_dialog(Path(job["folder"]), turns, seed=job["seed"], unaligned=job["unaligned"], length=length)


if __name__ == "__main__":
    main()
