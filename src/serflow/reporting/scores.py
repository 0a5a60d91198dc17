"""Reading the score files that figures draw from."""

from functools import lru_cache
from pathlib import Path

import pandas as pd

from serflow.errors import UserError

NUMBERS = ("value", "low", "high", "folds", "seeds", "utterances")  # of a point that is drawn


def read_scores(folder: Path, *, system: str, select: str, metric: str) -> pd.Series:
    """Read the line of scores.csv for a system, selection rule and metric (fractions in 0..1)."""
    scores = _read(folder / "scores.csv")
    chosen = (scores["system"] == system) & (scores["select"] == select) & (scores["metric"] == metric)
    return _filled(scores[chosen], folder / "scores.csv", system, select).iloc[0]


def read_percent(folder: Path, *, system: str, select: str, metric: str) -> dict[str, float]:
    """Read `NUMBERS` of a system, selection rule and metric: pooled value, its interval over speakers, in per cent."""
    score = read_scores(folder, system=system, select=select, metric=metric)
    scaled = {"value": "pooled", "low": "low_speakers", "high": "high_speakers"}
    values = {name: 100 * score[column] for name, column in scaled.items()}
    return values | {key: score[key] for key in ("folds", "seeds", "utterances")}


def read_confusion(folder: Path, *, system: str, select: str) -> pd.DataFrame:
    """Read the lines truth, predicted, count, fold_share of confusion.csv for a system and selection rule."""
    counts = _read(folder / "confusion.csv")
    chosen = (counts["system"] == system) & (counts["select"] == select)
    return _filled(counts[chosen], folder / "confusion.csv", system, select)


def read_runs(folder: Path, *, system: str, select: str) -> pd.DataFrame:
    """Read the lines fold, seed, epoch and metrics of runs.csv for a system and selection rule."""
    runs = _read(folder / "runs.csv")
    chosen = (runs["system"] == system) & (runs["select"] == select)
    return _filled(runs[chosen], folder / "runs.csv", system, select)


@lru_cache(maxsize=64)
def _read(path: Path) -> pd.DataFrame:
    if not path.is_file():
        raise UserError(f"{path}: this file is missing; run snakemake again to make it")
    return pd.read_csv(path)


def _filled(lines: pd.DataFrame, path: Path, system: str, select: str) -> pd.DataFrame:
    if lines.empty:
        raise UserError(f"{path}: no line for system {system}, rule {select}; run snakemake again to score it")
    return lines
