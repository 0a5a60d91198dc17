"""Rule `score_runs`: scores, runs, confusions, paired tests, groups and bins of one (paper, experiment, split)."""

import argparse
import itertools
import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from serflow.cli import run
from serflow.cli.inputs import add_inputs, only, table_of
from serflow.errors import MAKE, UserError, remade
from serflow.features.store import Store
from serflow.files import atomic_path, read_json
from serflow.lexical.word_files import read_transcripts
from serflow.metrics.given import given_runs, restricted
from serflow.metrics.groups import groups_table, read_groups
from serflow.metrics.names import DEVELOPMENT, UNSHARED, WHOLE
from serflow.metrics.reliability import reliability_table
from serflow.metrics.run_files import Folds, read_run, reduced, stored_run
from serflow.metrics.scored_run import ScoredRun
from serflow.metrics.selected import write_selected
from serflow.metrics.shared_text import without_shared
from serflow.metrics.system_scores import SystemScores
from serflow.metrics.training import training_table
from serflow.metrics.whole_segments import holds_a_segment
from serflow.parquet import intact
from serflow.provenance.closure import closure_digest
from serflow.provenance.encoders import encoder_digest
from serflow.provenance.libraries import write_libraries
from serflow.provenance.made_from import write_made_from
from serflow.provenance.run_key import RunKey
from serflow.split_kinds import session_of
from serflow.splits import read_folds


def main(argv: list[str] | None = None) -> None:
    """Score stored predictions under every selection."""
    parser = argparse.ArgumentParser(prog="python -m serflow.cli.score_runs", description=main.__doc__)
    parser.add_argument("--run", required=True, type=json.loads, help="JSON: what the runs share of their key")
    parser.add_argument("--systems", required=True, type=json.loads, help="JSON: system -> digest_spec, folds, seeds")
    add_inputs(parser, "split", "view", optional=("networks", "features", "store", "transcripts", "vectors", "maps"))
    parser.add_argument("--given", type=Path, nargs="*", default=[], help="given.json of systems trained elsewhere")
    parser.add_argument("--of-given", type=json.loads, default={}, help="JSON: such a system -> folds, segment, seeded")
    parser.add_argument("--pairs", required=True, type=json.loads, help="JSON: [[system, what it is tested against]]")
    parser.add_argument("--development", action="store_true", help="score the validation part, too")
    parser.add_argument("--permutations", required=True, type=int, help="swaps of a test that are drawn")
    parser.add_argument("--output", required=True, help="the folder to write")
    args = parser.parse_args(argv)
    folds = Folds(read_folds(table_of(args.split)))
    # One run at a time: what is kept of it is small, whatever its number of epochs.
    runs, whole, kept = [], [], _holding_a_segment(folds, args)
    entries = list(_entries(args))
    for entry in entries:
        stored = stored_run(entry, folds)
        runs.append(reduced(stored))
        if entry["run"]["system"] in kept:
            whole.append(reduced(stored, kept=kept[entry["run"]["system"]]))
    given = given_runs(args.given, folds, {system: expected["folds"] for system, expected in args.of_given.items()})
    whole += [restricted(run, kept[run.system], folds) for run in given.runs if run.system in kept]
    trained, runs = training_table(runs), runs + given.runs
    settings = _settings(args) | {"classes_only": given.classes_only}
    scores = SystemScores(runs, folds, **settings)
    pairs = [pair for pair in args.pairs if not given.unscored.keys() & set(pair)]
    whole_scores, whole_pairs = _of_whole_segments(whole, folds, pairs, settings)
    more = [*_of_new_text(runs, folds, args.transcripts, settings), *_of_development(folds, args, settings)]
    lines = pd.concat([scores.scores_table(), *more, *whole_scores], ignore_index=True)
    tables = {
        "scores": lines.join(trained, on="system"),
        "runs": scores.runs_table(),
        "confusion": scores.confusion_table(),
        "pairs": pd.concat([scores.pairs_table(pairs), *whole_pairs], ignore_index=True),
        "groups": groups_table(scores, read_groups(intact(table_of(args.view)), folds.utterances)),
        "reliability": reliability_table(scores),
        "unscored": pd.DataFrame(given.unscored.items(), columns=["system", "reason"]),
    }
    with atomic_path(args.output) as folder:
        folder.mkdir()
        for name, table in tables.items():
            write_csv(table, folder / f"{name}.csv")
        write_selected(scores, folds, folder / "selected.parquet")
        write_libraries(folder / "libraries.json", (RunKey(**entry["training"]) for entry in entries))
        write_made_from(folder, _asked(args), _read(args, entries))


def _asked(args: argparse.Namespace) -> dict[str, Any]:
    """What the plan asks of these scores, as of `serflow.plan.scoring.Scoring.asked`."""
    names = ("run", "systems", "of_given", "pairs", "development")
    return {name: getattr(args, name) for name in names} | {"code": closure_digest("serflow.cli.score_runs")}


def _read(args: argparse.Namespace, entries: list[dict[str, Any]]) -> list[Path]:
    """Fingerprints of what the scores were made from, and run.json of the trainings."""
    trainings = {Path(entry["folder"]) / "run.json" for entry in entries}
    others = (args.features, args.transcripts, args.vectors, args.maps, args.networks)
    return [args.split, args.view, *itertools.chain(*others), *sorted(trainings)]


def _settings(args: argparse.Namespace) -> dict[str, Any]:
    """How tests are made, and which systems no seed changes."""
    unseeded = {system for system, expected in (args.systems | args.of_given).items() if not expected["seeded"]}
    return {"permutations": args.permutations, "unseeded": unseeded}


def write_csv(table: pd.DataFrame, path: Path) -> None:
    """Write a table with six decimals, empty where unknown, and never -0.000000 (hence the zero added)."""
    numbers = table.select_dtypes("float").columns
    rounded = table.assign(**{name: table[name].round(6) + 0.0 for name in numbers})
    rounded.to_csv(path, index=False, float_format="%.6f", lineterminator="\n")


def _of_new_text(
    runs: list[ScoredRun], folds: Folds, transcripts: list[Path], settings: dict[str, Any]
) -> Iterator[pd.DataFrame]:
    """Scores of the test utterances whose words were not trained on, under the metrics' names with `UNSHARED`."""
    for path in transcripts:
        left = without_shared(runs, folds, read_transcripts(table_of(path)))
        if left:
            table = SystemScores(left, folds, **settings).scores_table()
            table = table[~table["metric"].str.startswith("recall_")]
            yield table.assign(metric=table["metric"] + UNSHARED)


def _holding_a_segment(folds: Folds, args: argparse.Namespace) -> dict[str, np.ndarray]:
    """Of each system that is shown by these alone too, which utterances (U,) hold a whole segment."""
    stores = {path.parent.name: Store.open(path.parent) for path in args.store}
    return {
        system: holds_a_segment(folds.utterances, stores[segment["features"]], segment["seconds"])
        for system, expected in (args.systems | args.of_given).items()
        if (segment := expected["segment"])
    }


def _of_whole_segments(
    runs: list[ScoredRun], folds: Folds, pairs: list[list[str]], settings: dict[str, Any]
) -> tuple[list[pd.DataFrame], list[pd.DataFrame]]:
    """Scores and pairs of the test utterances that hold a whole segment, under the metrics' names with `WHOLE`."""
    left = [run for run in runs if len(run.tested)]
    if not left:
        return [], []
    scores = SystemScores(left, folds, **settings)
    pairs = [pair for pair in pairs if scores.by_system.keys() >= set(pair)]
    tables = scores.scores_table(), scores.pairs_table(pairs)
    of_scores, of_pairs = ([table.assign(metric=table["metric"] + WHOLE)] for table in tables)
    return of_scores, of_pairs


def _of_development(folds: Folds, args: argparse.Namespace, settings: dict[str, Any]) -> Iterator[pd.DataFrame]:
    """Scores of the validation part where they are asked for, under the metrics' names with `DEVELOPMENT`.

    The runs are read once more, so that the scoring that asks for none holds none in memory.
    """
    if args.development and folds.validates:
        runs = [read_run(entry, folds, part="validation") for entry in _entries(args)]
        table = SystemScores(runs, folds, **settings).scores_table()
        yield table.assign(metric=table["metric"] + DEVELOPMENT)


def _entries(args: argparse.Namespace) -> Iterator[dict[str, Any]]:
    """Folder and key of every run, and digests of the spec and the inputs that it must have been trained with."""
    digests = {path.stem: read_json(path)["digest"] for path in args.features} | {None: None}
    maps = [read_json(path) | {"path": path} for path in args.maps]
    table = read_folds(table_of(args.split))[["speaker", "fold", "part"]]
    split = read_json(args.split)["split"]
    text = {name: read_json(path)["digest"] for name in ("transcripts", "vectors") for path in getattr(args, name)}
    for system, expected in args.systems.items():
        inputs = {"code": expected["code"], "features": digests[expected["features"]]}
        inputs |= {name: text.get(name) if expected["text"] else None for name in ("transcripts", "vectors")}
        if expected["networks"]:
            inputs["split"] = read_json(only(args.networks))["digest"]
        for fold, seed in itertools.product(expected["folds"], expected["seeds"]):
            run = RunKey(**args.run, system=system, fold=fold, seed=seed)
            other = replace(run, split=split["networks"], fold=session_of(split, fold)) if "networks" in split else run
            encoder = None
            if expected["encoder"]:
                shared = expected["encoder"]["networks"]
                start = replace(other if shared else run, system=expected["encoder"]["system"])
                weights = expected["encoder"]["weights"]
                encoder = encoder_digest(Path(start.folder) / "run.json", weights, run.fold_name)
            learned = expected["learns"] and learned_maps(expected["learns"], maps, table[table["fold"] == fold])
            training = other if expected["networks"] else run
            yield {
                "folder": training.folder,
                "run": run.key,
                "training": training.key,
                "digest_spec": expected["digest_spec"],
                "inputs": inputs | {"encoder": encoder, "maps": learned},
            }


def learned_maps(transfer: dict[str, Any], stores: list[dict[str, Any]], fold: pd.DataFrame) -> str:
    """Digest of the maps that a run must have learned: the named teacher's that was trained on who trains in its fold.

    `transfer`: the teacher and `p`, as the system declares them; `stores`: what the maps' store.json say, and their
    `path`; `fold`: speaker and part of the fold's utterances.

    Raises
    ------
    UserError
        If no maps are that teacher's, or they are of another training of it than the one beside them.
    """
    teacher, training = transfer["teacher"], set(fold.loc[fold["part"] == "train", "speaker"])
    scored = set(fold["speaker"]) - training
    for store in stores:
        spec, known = store["spec"], set(store["spec"]["train_speakers"])
        alike = (spec["teacher"]["system"], spec["p"]) == (teacher, transfer["p"])
        if alike and training <= known and not scored & known:
            trained = read_json(store["path"].parents[2] / "run.json")["digest"]
            if trained != spec["digest"]:
                raise UserError(
                    f"{store['path']}: maps of another training of {teacher} than that in {store['path'].parents[2]}; "
                    f"{remade(store['path'].parent)}"
                )
            return store["digest"]
    raise UserError(f"maps: none are of teacher {teacher!r} and of this fold's training speakers; {MAKE}")


if __name__ == "__main__":
    sys.exit(run(main))
