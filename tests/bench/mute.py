"""A release of IEMOCAP's full size that takes seconds to write: its names, labels and words, and no speech."""

from pathlib import Path

import numpy as np
import soundfile

from serflow.corpora.audio import SAMPLE_RATE, SHORTEST
from serflow.standin import layout
from serflow.standin.draws import draws
from serflow.standin.plan import plan_release, unaligned
from serflow.standin.turns import Turn
from serflow.standin.words import SHORT_LINES, turn_text

__all__ = ["write_mute_release"]

SEED = 1
ALIGNMENT = "SFrm\tEFrm\tSegAScr\tWord\n0\t4\t-5\tYES\n5\t9\t-5\t</s>\nTotal score:  -10\n"


def write_mute_release(folder: Path, *, turns: int) -> None:
    """Write `turns` labelled turns of the stand-in (225 or more), each a tone of 0.1 s, no two alike."""
    tone = (3000 * np.sin(np.arange(round(SHORTEST * SAMPLE_RATE)) / 5)).astype("<i2")
    planned = plan_release(turns, seed=SEED, floor=4)
    missing, number = unaligned(planned), 0
    for dialog, spoken in planned.items():
        paths = layout.Paths(folder / f"Session{dialog.session}", dialog.name)
        for turn in spoken:
            number += 1
            tone[:2] = divmod(number, 2**15)
            soundfile.write(paths.sentence(turn.name), tone, SAMPLE_RATE, subtype="PCM_16")
            if turn.name not in missing:
                paths.alignment(turn.name).with_suffix(".wdseg").write_text(ALIGNMENT)
        times = [(float(start), start + SHORTEST) for start in range(len(spoken))]
        texts = [_text(turn) for turn in spoken]
        layout.write_transcription(paths, spoken, times, texts, draws(SEED, "dialog", dialog.name))
        layout.write_evaluation(paths, spoken, times, SEED)


def _text(turn: Turn) -> str:
    part = {"scene": turn.dialog.script, "sex": turn.sex, "rank": turn.rank, "label": turn.label}
    return turn_text(SEED, turn.name, **part, length=SHORT_LINES)
