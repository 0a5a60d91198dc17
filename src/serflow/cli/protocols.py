"""Rule `protocols`: which splits of a paper's views cannot be had, said once, and what is odd about the others."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import pandas as pd

from serflow.cli import run
from serflow.files import read_json, write_json

SIDES = ("validation", "test")


def main(argv: list[str] | None = None) -> None:
    """Gather what the fingerprints of fold tables say, and print it a line a split."""
    parser = argparse.ArgumentParser(prog="python -m serflow.cli.protocols", description=main.__doc__)
    parser.add_argument("--paper", required=True, help="whose splits these are")
    parser.add_argument("--splits", nargs="*", type=Path, default=[], help="fingerprints of its fold tables")
    parser.add_argument("--pieces", type=json.loads, default={}, help="JSON: view -> lengths of training pieces (s)")
    parser.add_argument("--output", required=True, help="the JSON file to write")
    args = parser.parse_args(argv)
    told = {f"{path.parts[-3]}/{path.stem}": read_json(path) for path in args.splits}
    unavailable = {place: split["unavailable"] for place, split in told.items() if "unavailable" in split}
    for line, places in _lines(told).items():
        print(f"{args.paper}: {', '.join(places)}: {line}")
    views = {path.parts[-3]: path.parents[1] / "view.parquet" for path in args.splits}
    short = {view: found for view, file in views.items() if (found := _short(file, args.pieces.get(view, [])))}
    for view, counts in short.items():
        for seconds, (fewer, every) in counts.items():
            print(f"{args.paper}: {view}: {fewer:,} of {every:,} utterances are shorter than a piece of {seconds} s")
    shared = {place: people for place, split in told.items() if (people := _shared(split))}
    write_json(args.output, {"unavailable": unavailable, "short": short} | ({"shared": shared} if shared else {}))


def _shared(split: dict[str, Any]) -> dict[str, int]:
    """Of the corpus's own folds, those that test speakers who train or validate too, and how many."""
    own = split["split"]["kind"] == "given" and "unavailable" not in split
    return {fold: people for fold, people in split["speakers_shared"].items() if people} if own else {}


def _short(view: Path, pieces: list[float]) -> dict[str, tuple[int, int]]:
    """Length of a piece (s) -> how many utterances of a view are shorter, so that no training uses them, and of all."""
    if not pieces:
        return {}
    durations = pd.read_parquet(view, columns=["duration"])["duration"]
    counts = {f"{seconds:g}": int((durations < seconds).sum()) for seconds in pieces}
    return {seconds: (fewer, len(durations)) for seconds, fewer in counts.items() if fewer}


def _lines(told: dict[str, dict[str, Any]]) -> dict[str, list[str]]:
    """What is worth a line, and of which splits it is true."""
    lines: dict[str, list[str]] = {}
    for place, split in told.items():
        for line in _of(split):
            lines.setdefault(line, []).append(place)
    return lines


def _of(split: dict[str, Any]) -> list[str]:
    if reason := split.get("unavailable"):
        return [f"not run: {reason}"]
    found = []
    if groups := split.get("groups"):
        found.append(
            f"{sum(map(len, groups.values()))} speakers in {len(groups) // 2} pairs of groups, listed in *_groups.csv "
            "beside the fold table"
        )
    if shared := _shared(split):
        people = f"up to {max(shared.values())} of its test speakers train or validate too"
        found.append(f"the corpus's own division: in {_folds([*shared])} {people}")
    classes = sorted({name for parts in split["folds"].values() for counts in parts.values() for name in counts})
    for part in SIDES:
        lacking = {
            name: [fold for fold, parts in split["folds"].items() if parts[part] and name not in parts[part]]
            for name in classes
        }
        places = [f"{name} in {_folds(folds)}" for name, folds in lacking.items() if folds]
        if places:
            found.append(f"no {part} utterance of {', '.join(places)}")
    return found


def _folds(numbers: list[str]) -> str:
    return f"fold{'s' if len(numbers) > 1 else ''} {' '.join(sorted(numbers, key=int))}"


if __name__ == "__main__":
    sys.exit(run(main))
