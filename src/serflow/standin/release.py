"""The stand-in release: a folder laid out like IEMOCAP, spoken by a synthesiser."""

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tqdm import tqdm

import serflow
from serflow.errors import UserError
from serflow.files import atomic_path
from serflow.standin import traps
from serflow.standin.dialogs import Dialog
from serflow.standin.plan import plan_release, unaligned
from serflow.standin.published import TURNS
from serflow.standin.turns import Turn
from serflow.standin.words import PUBLISHED_LINES, SHORT_LINES, LineLength

_README = """\
This is not IEMOCAP. It is a synthesised stand-in in the layout of the IEMOCAP release, made by

    serflow demo-release DIR --turns {turns} --seed {seed}{floor}

The voices are those of eSpeak NG (https://github.com/espeak-ng/espeak-ng), the words come from small lists,
and the labels were drawn in proportion to the corpus's published counts. Rate, pitch and level lean to the
labels, so that a classifier finds something; that is not emotion, and no result on this folder says anything
about emotion or about IEMOCAP. The files in dialog/wav hold the first ten seconds of each dialog only. The
irregularities (files starting with `._`, turns without number, missing alignments, odd ratings) are
deliberate: the corpus has them too.
"""


def write_release(folder: Path, *, turns: int, seed: int, jobs: int, floor: int = 4) -> None:
    """Write a stand-in release of `turns` labelled turns into `folder`, which must be absent or empty.

    Parameters
    ----------
    folder
        The release's root, with `Session1` to `Session5` in it afterwards.
    turns
        Labelled turns, at least 225 with a floor of 4, 75 with 1. 10,039 give the published counts and about
        the published hours; with fewer, lines are shorter too.
    seed
        Non-negative; the same seed gives the same bytes, whatever `jobs` is.
    jobs
        Dialogs made at a time, each in a process of its own.
    floor
        Least number of turns of each main class by each speaker.

    Raises
    ------
    UserError
        Where the folder holds something, or a number is too small.
    """
    folder = Path(folder).resolve()
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UserError(f"{folder}: expected no such folder, or an empty one; name another or remove it")
    for name, value, least in (("seed", seed, 0), ("jobs", jobs, 1)):
        if value < least:
            raise UserError(f"{name} {value}: expected a whole number of at least {least}")
    planned = plan_release(turns, seed=seed, floor=floor)
    with atomic_path(folder, synced=False) as temporary:
        temporary.mkdir()
        length = PUBLISHED_LINES if turns >= TURNS else SHORT_LINES
        _speak(temporary, planned, seed=seed, jobs=jobs, length=length)
        _scatter(temporary)
        shown = "" if floor == 4 else f" --floor {floor}"
        (temporary / "README.txt").write_text(_README.format(turns=turns, seed=seed, floor=shown))


def _speak(folder: Path, planned: dict[Dialog, list[Turn]], *, seed: int, jobs: int, length: LineLength) -> None:
    """Make every dialog; the first failure ends the rest."""
    missing = sorted(unaligned(planned))
    work = [{"folder": str(folder), "seed": seed, "unaligned": missing, "length": length,
             "dialog": dialog,
             "turns": [(turn.sex, turn.rank, turn.label) for turn in turns]}
            for dialog, turns in planned.items()]  # fmt: skip
    with ThreadPoolExecutor(jobs) as pool:
        try:
            done = pool.map(_run_worker, work)
            for _ in tqdm(done, total=len(work), desc="dialogs", disable=not sys.stderr.isatty()):
                pass
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def _run_worker(job: dict) -> None:
    source = str(Path(serflow.__file__).parents[1])
    path = os.pathsep.join(filter(None, (source, os.environ.get("PYTHONPATH"))))
    environment = {**os.environ, "PYTHONPATH": path, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run([sys.executable, "-m", "serflow.standin.worker"], input=json.dumps(job), text=True,
                          capture_output=True, env=environment, check=False)  # fmt: skip
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or [f"exit status {done.returncode}"])[-1]
        raise UserError(f"{Dialog(*job['dialog']).name}: the synthesiser's process failed ({last})")


def _scatter(folder: Path) -> None:
    """Leave macOS's companion files where copying the corpus leaves them."""
    for session in sorted(folder.iterdir()):
        places = [session / "dialog" / name for name in ("EmoEvaluation", "transcriptions", "wav")]
        places += [min((session / "sentences" / name).iterdir()) for name in ("wav", "ForcedAlignment")]
        for place in places:
            first = min(path for path in place.iterdir() if path.is_file())
            first.with_name(f"._{first.name}").write_bytes(traps.APPLE_DOUBLE)
