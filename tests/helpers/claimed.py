"""Scores of made-up systems, as far as tables of claims read them."""

import csv
from collections.abc import Iterable
from pathlib import Path
from typing import Any

SCORES = [
    "system", "select", "metric", "pooled", "mean", "folds", "seeds", "utterances", "speakers", "sessions", "ua_train",
    "undertrained",
]  # fmt: skip
PAIRS = [
    "select", "metric", "system", "against", "difference", "low", "high", "p_interval", "seeds", "sd_seeds", "by_seed",
    "utterances", "speakers", "sessions",
]  # fmt: skip


def score(system: str, metric: str = "ua", **changes: str) -> dict[str, str]:
    """A line of scores.csv: a network of ten folds and three seeds that learned its training part."""
    line = {"system": system, "select": "best_validation", "metric": metric, "pooled": "0.600000", "mean": "0.600000"}
    line |= {"folds": "10", "seeds": "3", "utterances": "400", "speakers": "10", "sessions": "5"}
    return line | {"ua_train": "0.900000", "undertrained": "no"} | changes


def pair(system: str, against: str, metric: str = "ua", **changes: str) -> dict[str, str]:
    """A line of pairs.csv: the first is four points ahead, and ten speakers agree."""
    line = {"select": "best_validation", "metric": metric, "system": system, "against": against}
    line |= {"difference": "0.040000", "low": "0.020000", "high": "0.060000", "p_interval": "0.001000", "seeds": "3"}
    line |= {"sd_seeds": "0.010000", "by_seed": "0.030000 0.040000 0.050000"}
    return line | {"utterances": "400", "speakers": "10", "sessions": "5"} | changes


def write_scores(folder: Path, scores: Iterable[dict[str, Any]], pairs: Iterable[dict[str, Any]]) -> None:
    """scores.csv and pairs.csv of these lines."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, columns, lines in (("scores", SCORES, scores), ("pairs", PAIRS, pairs)):
        with open(folder / f"{name}.csv", "w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, columns, lineterminator="\n")
            writer.writeheader()
            writer.writerows(lines)
