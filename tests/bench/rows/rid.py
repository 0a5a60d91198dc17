"""A corpus in the form of RID (li2019ijcai, section 4.1: 358,024 utterances of five classes, a file each), from its
table to what a training job starts from: rules `manifest`, `view` and `split` (random10), `serflow plan`, and the index
of a feature store with one frame an utterance, written, then opened and every utterance touched. The recordings are
tones of 0.1 s, the shortest that count as utterances. Each in a process of its own: seconds, and highest anonymous
memory (RssAnon of the process and all below it, sampled every 10 ms). Minutes, and 1.5 GB of disk: run by `make bench
BENCH=rid` alone, and once. Budget: 4 GiB each.
"""

import csv
import shutil
from pathlib import Path

import numpy as np
import soundfile

from bench.measure import Budget, Row
from bench.processes import ROOT, watched
from bench.project import paper_plan
from bench.runner import Bench
from serflow import corpora
from serflow.corpora.audio import SAMPLE_RATE
from serflow.files import canonical_json, read_json

ONLY_BY_NAME = True
PUBLISHED = {"angry": 82952, "neutral": 61629, "happy": 67499, "sad": 82125, "surprise": 63819}  # section 4.1
PAPER, EXPERIMENT, SPLIT = "li2019ijcai", "rid", "random10"
SECONDS, SPEAKERS, SESSIONS, A_FOLDER = 0.1, 10_000, 10, 1000


def run(bench: Bench) -> list[Row]:
    """Two rows a step: seconds, memory."""
    total = bench.size(sum(PUBLISHED.values()), quick=500)
    counts = {label: count * total // sum(PUBLISHED.values()) for label, count in PUBLISHED.items()}
    project = _project(bench.folder / "rid")
    write_release(project / "release", counts)
    rows = []
    for what, command in _commands().items():
        seconds, megabytes = watched(*command, folder=project)
        rows.append(Row(what, "s", [seconds], note="" if rows else f"{sum(counts.values()):,} utterances"))
        rows.append(Row(f"{what}, memory", "GiB", [megabytes * 1e6 / 2**30], budget=Budget(ours=4)))
    left = read_json(project / f"data/rid/{PAPER}/{EXPERIMENT}/view.json")["utterances"]
    if left != sum(counts.values()):
        raise RuntimeError(f"{left} utterances in the view of {sum(counts.values())} in the table")
    return rows


def write_release(folder: Path, counts: dict[str, int]) -> None:
    """As many recordings of each label, no two alike, and table.csv."""
    folder.mkdir(parents=True)
    tone = (3000 * np.sin(np.arange(round(SECONDS * SAMPLE_RATE)) / 5)).astype("<i2")
    soundfile.write(folder / "tone.wav", tone, SAMPLE_RATE)
    header = (folder / "tone.wav").read_bytes().removesuffix(tone.tobytes())
    (folder / "tone.wav").unlink()
    labels = np.repeat(list(counts), list(counts.values()))
    np.random.default_rng(1).shuffle(labels)
    with open(folder / "table.csv", "w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["path", "label", "speaker", "session"])
        for number, label in enumerate(labels):
            path = f"{number // A_FOLDER:03d}/{number:06d}.wav"
            if number % A_FOLDER == 0:
                (folder / path).parent.mkdir()
            tone[:2] = divmod(number, 2**15)
            (folder / path).write_bytes(header + tone.tobytes())
            speaker = number % SPEAKERS
            table.writerow([path, label, f"user{speaker:05d}", speaker % SESSIONS])


def _project(folder: Path) -> Path:
    """A folder that the commands run in as in the project's own."""
    folder.mkdir()
    shutil.copy(ROOT / "config.yaml", folder)
    (folder / "workflow").symlink_to(ROOT / "workflow")
    return folder


def _commands() -> dict[str, list[str]]:
    """What is measured, in its order: the step, the command that does it."""
    workflow = paper_plan(PAPER).workflow
    declared = canonical_json(corpora.load("rid", root=ROOT))
    experiment = canonical_json(workflow.papers[PAPER]["experiments"][EXPERIMENT])
    manifest, view = "data/rid/manifest.parquet", f"data/rid/{PAPER}/{EXPERIMENT}/view.parquet"
    splits = f"data/rid/{PAPER}/{EXPERIMENT}/splits"
    table = ["--table", f"{splits}/{SPLIT}.parquet", "--fingerprint", f"{splits}/{SPLIT}.json"]
    read = ["--manifest", manifest, "--findings", "data/rid/findings.json", "--release", "release", "--corpus", "rid"]
    planned = ["release=release", "protocols=[as_published]", "device=cpu"]
    return {
        "manifest": ["-m", "serflow.cli.manifest", *read, "--corpus-spec", declared],
        "view": [
            *("-m", "serflow.cli.view", "--manifest", manifest, "--view", view),
            *("--experiment", experiment, "--corpus-spec", declared),
        ],
        "folds": [
            *("-m", "serflow.cli.split", "--view", view, "--name", SPLIT),
            *("--split", canonical_json(workflow.splits[SPLIT]), *table),
        ],
        "plan": [
            *("-m", "serflow.cli.plan", "--corpus", "rid", "--paper", PAPER, "--preset", "paper"),
            *("--config", *planned),
        ],
        "index, written": ["-m", "bench.rid_store", "write", manifest, "store"],
        "index, opened": ["-m", "bench.rid_store", "open", manifest, "store"],
    }
