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

FINAL, BASELINE, OTHER = "greedy_dropout_att_mlp_eq9", "baseline", "att_eq9"
PROTOCOLS = [
    {"name": "as_published", "label": "as published", "split": "speaker", "select": "best_validation"},
    {"name": "random10", "label": "random10", "split": "random10", "select": "best_validation"},
    {"name": "strict", "label": "strict", "split": "speaker", "select": "best_validation"},
]


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


def claim(name, system=FINAL, against=BASELINE, **changes):
    """A claim as the plan resolves it: one sentence of UA, both systems scored under every protocol."""
    entry = {"id": name, "text": f"What {name} says", "source": "section 4", "system": system, "against": against}
    entry |= {"metric": "ua", "direction": "above", "size": 1.5, "experiment": "full", "missing": {}, "note": None}
    return entry | changes


def table(folder, *claims, protocols=PROTOCOLS):
    """The spec of a table of these claims, whose scores lie in folders of the splits."""
    scores = {protocol["name"]: str(folder / protocol["split"]) for protocol in protocols}
    rows = [{"scores": scores | dict.fromkeys(entry["missing"])} | entry for entry in claims]
    head = {"id": "x/table_claims", "kind": "claims", "title": "Claims", "source": "Text", "published_on": "IEMOCAP"}
    return head | {"protocols": protocols, "rows": rows}


def claims_spec(folder: Path) -> dict[str, Any]:
    """A table of claims with every verdict: held on two metrics, contradicted, not shown, and not run anywhere."""
    lines = [score(system, metric) for system in (FINAL, BASELINE, OTHER) for metric in ("ua", "wa_whole")]
    ahead = [pair(FINAL, BASELINE, metric) for metric in ("ua", "wa_whole")]
    unclear = pair(OTHER, BASELINE, difference="0.010000", low="-0.020000", high="0.040000", p_interval="0.470000")
    for split in ("speaker", "random10"):
        write_scores(folder / split, lines, [*ahead, unclear, pair(FINAL, OTHER)])
    both = {"text": "The final system is better than the average", "source": "abstract; section 4, paragraph 3"}
    return table(
        folder,
        claim("final_ua", **both),
        claim("final_wa", **both, metric="wa_whole", size=None),
        claim("worse", against=OTHER, direction="below"),
        claim("unclear", OTHER),
        claim("unheard", missing=dict.fromkeys(("as_published", "random10", "strict"), "not run: no teacher")),
    )
