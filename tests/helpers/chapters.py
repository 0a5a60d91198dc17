"""Chapters of a page of results with chosen numbers, in place of scores of trained runs."""

import csv
from pathlib import Path

from serflow.reporting.rows import COLUMNS
from serflow.reporting.verdicts import CLAIM_COLUMNS
from serflow.results_page.chapters import Chapter, Planned

SPLITS = {"as_published": "random5", "strict": "speaker", "random10": "random10"}
FOLDS = {"random5": 5, "random10": 10, "speaker": 10, "session_parts": 5}
CONTRAST = {
    "from_split": "random5", "from_select": "best_test", "to_split": "speaker", "to_select": "best_validation",
    "metric": "ua", "difference": "0.085000", "low": "0.021000", "high": "0.149000", "p": "", "p_interval": "",
    "p_sessions": "", "low_sessions": "", "high_sessions": "", "p_utterances": "", "seeds": "3",
    "sd_seeds": "0.010000", "by_seed": "0.075000 0.085000 0.095000", "utterances": "339", "speakers": "10",
    "sessions": "5", "speakers_shared": "yes", "reason": "",
}  # fmt: skip


def line(system, protocol, metric, reproduced, p="", experiment="full", **other):
    """A row of a table of scores: three seeds, all folds, 339 utterances of ten speakers."""
    split = other.pop("split", SPLITS[protocol])
    given = {
        "item": f"x/table2/{system}/{metric}", "row": system, "name": system, "column": metric, "system": system,
        "experiment": experiment, "protocol": protocol, "split": split,
        "select": "best_test" if protocol == "as_published" else "best_validation",
        "reproduced": reproduced, "statistic": "pooled", "low": "40.00", "high": "60.00", "sd_seeds": "1.50",
        "folds": str(FOLDS[split]), "seeds": "3", "utterances": "339", "speakers": "10", "sessions": "5", "p": p,
        "against": "svm_compare" if system != "svm_compare" else "", "test_seeds": "3",
    }  # fmt: skip
    return dict.fromkeys(COLUMNS, "") | given | other


def claim(name, protocol, verdict, gain="4.00", p="0.010000", **other):
    """A row of a table of claims."""
    given = {
        "item": f"x/table_claims/{name}", "claim": name, "text": f"{name} is better", "source": "section 4",
        "column": "ua", "direction": "above", "protocol": protocol, "split": SPLITS[protocol],
        "select": "best_validation", "gain": gain, "gain_low": "1.00", "gain_high": "7.00", "p_interval": p,
        "p_holm": p, "verdict": verdict,
    }  # fmt: skip
    return dict.fromkeys(CLAIM_COLUMNS, "") | given | other


def training(system="acnn", experiment="full", split="random5", fold=1, steps=None, **counts):
    """The record of a training of half an hour."""
    return {
        "run": {"experiment": experiment, "system": system, "split": split, "fold": fold},
        "best_epochs": {f"{split}/fold{fold}": 3},
        "counts": counts,
        "seconds": 1800,
        "device": "cpu",
        "versions": {"torch": "2", "python": "3"},
        "training": steps and {"steps": steps, "steps_at_initial_rate": steps - 100},
    }


def chapter(tables, *, paper="x", preset="paper", kinds=None, specs=None, records=None, **other):
    """A finished chapter of these tables (id -> rows), of kind scores unless `kinds` says otherwise."""
    given = {name: {"kind": (kinds or {}).get(name, "scores")} | (specs or {}).get(name, {}) for name in tables}
    settings = {
        "text": "as stated", "notes": ["The budget is 1,200 steps."], "planned": Planned(3, FOLDS),
        "yardsticks": frozenset({"svm_compare", "majority"}),
        "done": 9, "wanted": 9, "stale": "", "given": [], "records": [training()] if records is None else records,
    }  # fmt: skip
    return Chapter("emodb", paper, preset, specs=given, tables=tables, **settings | other)


def write_contrasts(*lines, paper="x", experiment="full", preset="paper"):
    """Write contrasts.csv of an experiment into the working folder; a line: system, and what is not as in CONTRAST."""
    path = Path(f"results/emodb/{preset}/{paper}/{experiment}/scores/contrasts.csv")
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, ["system", *CONTRAST])
        writer.writeheader()
        writer.writerows({"system": system} | CONTRAST | change for system, change in lines)
