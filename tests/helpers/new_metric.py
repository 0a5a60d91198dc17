"""Score random runs, put a metric into a paper's table and audit it: the child process of the test of the recipe."""

import json
import sys
from dataclasses import replace
from pathlib import Path

from helpers.declared import make_report
from helpers.random_runs import make_folds, write_runs
from serflow.audit.cells import cell_steps, recomputed
from serflow.audit.items import all_cells
from serflow.audit.recompute import read_predictions
from serflow.audit.training import training_values
from serflow.cli.score_runs import write_csv
from serflow.metrics.run_files import Folds, read_run
from serflow.metrics.system_scores import SystemScores
from serflow.metrics.training import training_table
from serflow.reporting.layout import table_layout
from serflow.reporting.rows import write_table
from serflow.reporting.table_rows import table_rows


def main(metric, paper="xu2020", table="table_calibration", system="acnn"):
    """Print what the table has of the metric, and what the audit says."""
    report, folds = make_report(), make_folds()
    spec = report.table(paper, table)
    protocol = next(item for item in spec["protocols"] if item["select"] == "best_validation")
    entries = {
        name: write_runs(Path("runs"), folds, name, drawn_by=[number])
        for number, name in enumerate(dict.fromkeys([system, spec["reference"]]))
    }
    read = [read_run(entry, Folds(folds)) for runs in entries.values() for entry in runs.values()]
    scores = SystemScores(read, Folds(folds), permutations=1000)
    Path("scores").mkdir()
    write_csv(scores.scores_table().join(training_table(read), on="system"), Path("scores/scores.csv"))
    write_csv(scores.runs_table(), Path("scores/runs.csv"))
    write_csv(scores.pairs_table([[system, spec["reference"]]]), Path("scores/pairs.csv"))

    (row,) = (row for row in spec["rows"] if row["system"] == system)
    spec |= {"rows": [row | {"scores": {protocol["name"]: "scores"}}], "protocols": [protocol]}
    rows = table_rows(spec)
    path = Path(report.folder) / paper / f"{table}.csv"
    path.parent.mkdir(parents=True)
    write_table(rows, path)
    cell = next(
        cell for cell in all_cells(report) if cell.name == f"{paper}/{table}/{row['id']}/{metric}@{protocol['name']}"
    )
    own = [read_predictions(entry["folder"], fold=key[0], seed=key[1]) for key, entry in entries[system].items()]
    keys = {"speakers": "speaker", "sessions": "session"}
    units = {unit: dict(zip(folds["utterance"], folds[key], strict=True)) for unit, key in keys.items()}
    made = recomputed(own, units, cell.select, cell.column)
    training = training_values(own, [], in_steps=True)
    steps = list(cell_steps(report, replace(cell, scores="scores", reason=None), own, made, training))
    (line,) = (line for line in rows if line["column"] == metric)
    printed = [line for group in table_layout(spec, rows)["rows"] for line in group["lines"]]
    print(json.dumps({"line": line, "steps": [vars(step) for step in steps], "printed": printed}))


if __name__ == "__main__":
    main(*sys.argv[1:])
