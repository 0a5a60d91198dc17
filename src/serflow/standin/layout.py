"""Where IEMOCAP keeps what, and its text files: evaluations and transcriptions."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from serflow.standin import traps
from serflow.standin.draws import draws
from serflow.standin.lexicon import UNTAGGED
from serflow.standin.published import SEXES
from serflow.standin.ratings import attributes, categories, evaluation_block, rate
from serflow.standin.turns import Turn

_HEADER = "% [START_TIME - END_TIME] TURN_NAME EMOTION [V, A, D]\n\n"


@dataclass(frozen=True)
class Paths:
    """The files of one dialog under its session's folder; folders are made when asked for."""

    session: Path
    name: str

    @property
    def dialog(self) -> Path:
        """The dialog's stereo recording."""
        return self._in("dialog/wav") / f"{self.name}.wav"

    @property
    def transcription(self) -> Path:
        """The dialog's words."""
        return self._in("dialog/transcriptions") / f"{self.name}.txt"

    @property
    def evaluation(self) -> Path:
        """The dialog's labels."""
        return self._in("dialog/EmoEvaluation") / f"{self.name}.txt"

    def rater(self, kind: str, suffix: str) -> Path:
        """Return one rater's file in a subfolder of the evaluations."""
        return self._in(f"dialog/EmoEvaluation/{kind}") / f"{self.name}_{suffix}.txt"

    def sentence(self, turn: str) -> Path:
        """Return the recording of a turn."""
        return self._in(f"sentences/wav/{self.name}") / f"{turn}.wav"

    def alignment(self, turn: str) -> Path:
        """Return the alignment of a turn, without suffix."""
        return self._in(f"sentences/ForcedAlignment/{self.name}") / turn

    def _in(self, folder: str) -> Path:
        path = self.session / folder
        path.mkdir(parents=True, exist_ok=True)
        return path


def schedule(rng: np.random.Generator, turns: list[tuple[str, float]]) -> list[float]:
    """Start (s, in steps of 0.1 ms) of each turn, given as (sex, seconds) grouped by speaker.

    The speakers take turns at random and often fall into each other's words, but never into their own.
    """
    queues = {sex: [index for index, (own, _) in enumerate(turns) if own == sex] for sex in "FM"}
    order = rng.permutation([sex for sex, _ in turns])
    ends = dict.fromkeys("FM", 0.0)
    starts = [0.0] * len(turns)
    now = rng.uniform(0.5, 6.0)
    for sex in order:
        index = queues[sex].pop(0)
        starts[index] = round(max(now + rng.normal(-0.15, 0.5), ends[sex] + 0.05, 0.0), 4)
        ends[sex] = starts[index] + turns[index][1]
        now = max(ends.values())
    return starts


def write_transcription(
    paths: Paths,
    turns: list[Turn],
    times: list[tuple[float, float]],
    texts: list[str],
    rng: np.random.Generator,
) -> None:
    """Write a dialog's words by time, in Latin-1, with some lines that belong to no labelled turn."""
    rows = sorted((*time, turn.name, text) for time, turn, text in zip(times, turns, texts, strict=True))
    lines = [_line(name, start, end, text) for start, end, name, text in rows]
    name = paths.name
    if name in traps.UNNUMBERED or rng.random() < 0.3:
        _, end, _, _ = rows[0]
        lines.insert(1, _line(f"{name}_{rng.choice(['F', 'M'])}XX0", end, end + 0.6, rng.choice(UNTAGGED)))
    if name in traps.UNNUMBERED or rng.random() < 0.3:
        untagged = f"{rng.choice(['F', 'M'])}: {rng.choice(UNTAGGED)}"
        lines.insert(int(rng.integers(1, len(lines) + 1)), untagged)
    paths.transcription.write_bytes(("\n".join(lines) + "\n").encode("latin-1"))


def _line(name: str, start: float, end: float, text: str) -> str:
    return f"{name} [{start:08.4f}-{end:08.4f}]: {text}"


def write_evaluation(paths: Paths, turns: list[Turn], times: list[tuple[float, float]], seed: int) -> None:
    """Write a dialog's labels, grouped by speaker, and a file of each kind of single rater."""
    opinions = [rate(draws(seed, "ratings", turn.name), turn, order) for order, turn in enumerate(turns)]
    rated = list(zip(turns, opinions, strict=True))
    blocks = [evaluation_block(*each, *time) for each, time in zip(rated, times, strict=True)]
    paths.evaluation.write_text(_HEADER + "".join(blocks))
    single = {
        ("Attribute", "e3_atr"): [(turn, attributes(said.values[0])) for turn, said in rated],
        ("Categorical", "e2_cat"): [(turn, categories(said.votes[0])) for turn, said in rated],
    }
    for sex in SEXES:
        own = [(turn, categories(said.own_vote)) for turn, said in rated if turn.sex == sex]
        single["Self-evaluation", f"{sex.lower()}{turns[0].dialog.session}_cat"] = own
    for (kind, suffix), lines in single.items():
        text = "".join(f"{turn.name} :{words} ()\n" for turn, words in lines)
        paths.rater(kind, suffix).write_text(text)
