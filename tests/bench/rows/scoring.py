"""Rule `score_runs` of the (paper, experiment, split) with the most runs under the paper preset: 1,000 resamples an
interval and a test, on fabricated predictions of the real sizes (all systems and sweep points, folds, seeds,
epochs). The reference reads the same files, and does nothing else: one `pandas.read_parquet` a run.
"""

import os
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd

from bench.measure import Row, in_turn
from bench.processes import seconds
from bench.project import paper_report
from bench.runner import Bench
from serflow.features.store import write_store
from serflow.files import canonical_json, file_digest, write_json
from serflow.jobs.training_sample import LARGEST
from serflow.plan.report import Report
from serflow.splits import fingerprint, make_split, split_digest

READ = "import pandas, pathlib\nfor path in pathlib.Path('.').rglob('predictions.parquet'): pandas.read_parquet(path)"
VARIANTS = 3  # different predictions a fold; runs share them


def run(bench: Bench) -> list[Row]:
    """One scoring job."""
    report, folder = paper_report(), bench.folder / "scoring"
    place = _largest(report)
    systems, pairs = report.scoring.systems(*place), report.scoring.pairs(*place)
    if bench.quick:
        kept = {*report.scoring.references(*place), *list(systems)[:2]}
        systems = {name: entry for name, entry in systems.items() if name in kept}
        pairs = [pair for pair in pairs if kept >= set(pair)]
    epochs, utterances = bench.size(50, quick=2), bench.size(2943, quick=60)
    runs = _write_runs(report, place, systems, folder, epochs=epochs, utterances=utterances)
    shared = dict(zip(("paper", "experiment", "split"), place, strict=True)) | _shared(report)
    command = ["--run", canonical_json(shared), "--systems", canonical_json(systems), "--split", "split.json"]
    command += [
        "--view",
        "view.json",
        "--features",
        *(f"{name}.json" for name in _features(systems)),
        "--output",
        "scores",
    ]
    command += ["--store", *(f"{name}/store.json" for name in report.scoring.stores(*place))]
    command += ["--pairs", canonical_json(pairs), "--permutations", bench.size(1000, quick=20)]
    measured = in_turn(
        lambda: seconds("-m", "serflow.cli.score_runs", *command, folder=folder),
        lambda: seconds("-c", READ, folder=folder),
        repetitions=bench.repetitions(2),
    )
    note = f"{'/'.join(place)}: {runs} runs of {len(systems)} systems, {epochs} epochs, {utterances} utterances"
    return [Row("scoring", "s", *measured, note=note)]


def _largest(report: Report) -> tuple[str, str, str]:
    runs = Counter((run.paper, run.experiment, run.split) for run in report.plan.runs)
    return max(runs, key=runs.get)


def _shared(report: Report) -> dict[str, str]:
    return {key: report.plan.workflow.config[key] for key in ("corpus", "preset")}


def _features(systems: dict) -> list[str]:
    return sorted({entry["features"] for entry in systems.values() if entry["features"]})


def _write_runs(report: Report, place: tuple, systems: dict, folder: Path, *, epochs: int, utterances: int) -> int:
    """The split, and run.json and predictions of every run in `folder`; how many runs."""
    folder.mkdir()
    paper, experiment, split = place
    classes = list(report.plan.workflow.papers[paper]["experiments"][experiment]["classes"])
    declared = report.plan.workflow.splits[split]
    view = _view(classes, utterances)
    view.to_parquet(folder / "view.parquet", index=False)
    table = make_split(view, declared)
    table.to_parquet(folder / "split.parquet", index=False)
    write_json(folder / "split.json", fingerprint(table, split, declared))
    for name in _features(systems):
        write_json(folder / f"{name}.json", {"digest": name})
    for name in report.scoring.stores(*place):  # utterances of two segments: all of them are scored once more
        frames = ((utterance, np.zeros((125, 1), np.float32)) for utterance in sorted(set(table["utterance"])))
        write_store(folder / name, spec={}, dims=1, hop_seconds=0.032, versions={}, utterances=frames)
    digest, made, written, runs = split_digest(table), {}, {}, 0
    for run in report.scoring.runs(*place):
        if run.system not in systems:
            continue
        entry, place_of_run = systems[run.system], folder / run.folder
        place_of_run.mkdir(parents=True)
        key = (run.fold, run.seed % VARIANTS)
        if key not in made:
            made[key] = folder / f"{key[0]}_{key[1]}.parquet"
            _predictions(table, run.fold, classes, epochs, seed=run.seed).to_parquet(made[key], index=False)
            written[key] = file_digest(made[key])
        os.link(made[key], place_of_run / "predictions.parquet")
        inputs = {"split": digest, "code": entry["code"], "features": entry["features"]}
        spec = report.plan.systems[paper].spec(run.system, experiment)
        outputs = {"predictions.parquet": written[key]}
        write_json(place_of_run / "run.json", {"run": run.key, "spec": spec, "inputs": inputs, "outputs": outputs})
        runs += 1
    return runs


def _view(classes: list[str], utterances: int) -> pd.DataFrame:
    """Ten speakers in five sessions, classes in turn."""
    number = np.arange(utterances)
    speakers = [f"Ses0{1 + n % 5}{'FM'[n // 5 % 2]}" for n in number]
    view = pd.DataFrame({"utterance": [f"u{n:05d}" for n in number], "speaker": speakers, "wearer": speakers})
    return view.assign(
        **{"class": np.array(classes)[number % len(classes)]},
        session=view["speaker"].str[4],
        duration=4.5,
        sex=view["speaker"].str[5],
        style="improvised",
    )


def _predictions(table: pd.DataFrame, fold: int, classes: list[str], epochs: int, *, seed: int) -> pd.DataFrame:
    """Probabilities of validation, test and the training sample, epoch by epoch, right more often than not."""
    rng = np.random.default_rng((seed, fold))
    rows = table.query("fold == @fold")[["part", "utterance", "class"]]
    trained = rows["part"] == "train"
    scored = pd.concat([rows[~trained], rows[trained].head(LARGEST)])
    rows = pd.concat([scored] * epochs, ignore_index=True)
    scores = rng.standard_normal((len(rows), len(classes)))
    scores[np.arange(len(rows)), pd.Index(classes).get_indexer(rows["class"])] += 1
    shares = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    rows.insert(0, "epoch", np.repeat(np.arange(1, epochs + 1, dtype=np.int16), len(scored)))
    return rows.assign(**{f"p_{name}": shares[:, i].astype(np.float32) for i, name in enumerate(classes)})
