"""Fabricated results for a page of findings: scores.csv and contrasts.csv for whatever its spec names."""

import csv
import itertools
import random
from pathlib import Path
from typing import Any

from helpers import ROOT
from helpers.declared import make_report
from serflow.reporting.findings_files import make_findings
from serflow.reporting.verdicts import CLAIM_COLUMNS

PAGE = ROOT / "reports/findings.typ"
SCORES = [
    "system", "select", "metric", "pooled", "low_speakers", "high_speakers", "folds", "seeds", "utterances",
    "speakers", "undertrained",
]  # fmt: skip
PAIRS = [
    "system", "from_split", "from_select", "to_split", "to_select", "metric", "difference", "low", "high", "p",
    "seeds", "speakers_shared", "reason",
]  # fmt: skip
SHARES = ("random5", "random10")
CHANCES = [0.0005, 0.01, 0.03, 0.4]


def planned_spec(**change) -> dict[str, Any]:
    """The spec of the page under config.yaml with some keys changed, its folders as the plan names them."""
    return make_report(**change).findings_spec()


def write_results(spec: dict[str, Any], root: Path, *, seeds: int = 3, undertrained: tuple[str, ...] = ()) -> dict:
    """Write what `spec` names below `root`, of drawn numbers; give the spec with its folders there.

    Where speakers are shared UA is 5 points higher, at the best test epoch 3.
    """
    spec = moved(spec, root)
    for paper in spec["papers"]:
        for experiment in paper["experiments"]:
            for row in experiment["rows"]:
                _write(paper, row, seeds=seeds, undertrained=undertrained)
        for path in paper["claims"]:
            write_claims(Path(path), [{"protocol": "strict", "verdict": "held", "reason": ""}])
    return spec


def write_page(folder: Path) -> dict[str, Any]:
    """Write a page of findings of one paper below `folder`, once; its `spec` and `files`, as a report is told of it."""
    spec = planned_spec(papers=["xu2020"])
    spec = moved(spec, folder) if folder.exists() else write_results(spec, folder)
    files = {what: f"{folder}/{what}" for what in ("systems", "claims", "text")}
    files |= {what: f"{folder}/{what}.svg" for what in ("picture", "page")} | {"pdf": f"{folder}/page.pdf"}
    make_findings(spec, template=PAGE, files=files)
    return {"spec": spec, "files": files}


def moved(spec: dict[str, Any], root: Path) -> dict[str, Any]:
    """The spec with every folder below `root`."""

    def below(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: below(entry) for key, entry in value.items()}
        if isinstance(value, list):
            return [below(entry) for entry in value]
        return f"{root}/{value}" if isinstance(value, str) and value.startswith(("results/", "reports/")) else value

    return below(spec)


def _write(paper: dict[str, Any], row: dict[str, Any], *, seeds: int, undertrained: tuple[str, ...]) -> None:
    drawn = random.Random(f"{paper['key']} {row['name']} {row['contrasts'].rsplit('/', 3)[-3]}")
    base, spread = (drawn.uniform(0.45, 0.65), 0.02) if row["hears"] else (0.25, 0)
    protocols = {protocol["name"]: protocol for protocol in paper["protocols"]}
    protocols |= {p["name"]: p for pair in paper["effects"].values() for p in pair.values() if isinstance(p, dict)}
    ua: dict[tuple[str, str], float] = {}
    for name, folder in row["scores"].items():
        split = protocols[name]["split"] if name in protocols else ""
        for select in sorted({protocols[name]["select"], "best_validation", "best_test"}) if folder and split else []:
            if (split, select) not in ua:
                value = base + 0.05 * (split in SHARES) * row["hears"] + drawn.uniform(-spread, spread)
                ua[split, select] = value = value + 0.03 * (select == "best_test") * row["epochs"]
                line = {"system": row["system"], "select": select, "metric": "ua", "pooled": f"{value:.6f}"}
                line |= {"low_speakers": f"{value - 0.05:.6f}", "high_speakers": f"{value + 0.05:.6f}"}
                line |= {"folds": "10", "seeds": str(seeds if row["epochs"] else 1), "utterances": "500"}
                line |= {"speakers": "10", "undertrained": "yes" if row["system"] in undertrained else ""}
                append(Path(folder) / "scores.csv", SCORES, line)
    for first, second in itertools.permutations(ua, 2):
        line = {"system": row["system"], "metric": "ua", "seeds": str(seeds) if row["epochs"] else ""}
        line |= {"from_split": first[0], "from_select": first[1], "to_split": second[0], "to_select": second[1]}
        line |= {"speakers_shared": "yes" if first[0] in SHARES else "no"}
        if "session_parts" in (first[0], second[0]):
            line |= {"reason": "they test other utterances: 250 and 500, of which 250 are the same"}
        else:
            line |= {"difference": f"{ua[first] - ua[second]:.6f}", "low": "-0.010000", "high": "0.080000"}
            line |= {"p": "" if "best_test" in (first[1], second[1]) else f"{drawn.choice(CHANCES):.6f}"}
        append(Path(row["contrasts"]), PAIRS, line)


def append(path: Path, columns: list[str], line: dict[str, str]) -> None:
    """Add a line to a CSV; a new one begins with the columns."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = not path.exists()
    with open(path, "a", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns)
        if new:
            writer.writeheader()
        writer.writerow(line)


def write_claims(path: Path, lines: list[dict[str, str]]) -> str:
    """Write a table of claims, of which each line says what it says of the columns; its path."""
    for line in lines:
        append(path, CLAIM_COLUMNS, line)
    return str(path)
