"""A report's tables and figures, of every kind, written from fabricated results."""

import json
from pathlib import Path

import pandas as pd

from helpers.claimed import claims_spec
from helpers.fabricated import (
    counts_spec,
    figure_specs,
    quoted_spec,
    report_spec,
    table_spec,
    with_components,
    with_z_test,
    write_scores,
)
from helpers.fabricated_groups import groups_spec
from helpers.fabricated_teachers import recognition_spec
from serflow.cli import figure, table

LONG = [f"System number {number}" for number in range(12)]


def long_spec(world):
    """Twelve rows of four lines each, more than a page holds: also over the utterances that hold a whole segment."""
    folder = world / "long/random5"
    write_scores(folder, "random5", {"acnn": 0.625})
    scores = pd.read_csv(folder / "scores.csv")
    pd.concat([scores, scores.assign(metric=scores["metric"] + "_whole")]).to_csv(folder / "scores.csv", index=False)
    spec = table_spec(world)
    row = spec["rows"][0] | {"scores": dict.fromkeys(("as_published", "best_of_each"), str(folder))}
    rows = [row | {"id": f"row{number}", "name": name} for number, name in enumerate(LONG)]
    columns = ["wa", "ua", "wa_whole", "ua_whole"]
    return spec | {"rows": rows, "columns": columns, "protocols": spec["protocols"][:2]}


def wide_spec(world):
    """Four protocols, differences, and names of metrics that take much of a line."""
    for split in ("random5", "random10", "speaker"):
        folder = world / "wide" / split
        write_scores(folder, split, {"acnn": 0.625, "acnn_1conv": 0.5, "svm_compare": 0.5625})
        scores = pd.read_csv(folder / "scores.csv")
        pd.concat([scores, scores.assign(metric=scores["metric"] + "_whole")]).to_csv(
            folder / "scores.csv", index=False
        )
    spec = table_spec(world, comparable=True) | {"columns": ["wa", "wa_whole"]}
    scores = {item["name"]: str(world / "wide" / item["split"]) for item in spec["protocols"]}
    rows = [row | ({"scores": scores, "missing": {}} if row["system"] else {}) for row in spec["rows"]]
    return spec | {"rows": rows}


MADE = {
    "table2": table_spec,
    "table3": with_components,
    "table_long": long_spec,
    "table_wide": wide_spec,
    "table2_rid": quoted_spec,
    "table_z": with_z_test,
    "table1": counts_spec,
    "table_asr": recognition_spec,
    "table_groups": lambda world: groups_spec(world / "grouped"),
    "table_claims": lambda world: claims_spec(world / "claimed"),
}


def write_items(world: Path, folder: Path) -> dict:
    """Write them into a folder; gives the resolved report, for `serflow.reporting.document`."""
    figures = []
    for kind, spec in figure_specs(world).items():
        base = folder / kind
        paths = [f"--{name}={base}.{name}" for name in ("svg", "pdf", "csv")]
        figure.main(["--spec", json.dumps(spec | {"asked": {}}), *paths, f"--caption={base}.txt"])
        named = {key: spec[key] for key in ("id", "kind", "title", "source")}
        files = {"svg": f"{base}.svg", "caption": f"{base}.txt", "csv": f"{base}.csv"}
        figures.append(files | named)
    tables = []
    for name, made in MADE.items():
        spec = made(world) | {"id": f"xu2020/{name}"}
        tables.append({"csv": str(folder / f"{name}.csv"), "spec": spec})
        table.main(["--spec", json.dumps(spec | {"asked": {}}), "--output", tables[-1]["csv"]])
    return report_spec(world, tables, figures)
