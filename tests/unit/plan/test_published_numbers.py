"""The numbers that the paper prints, typed anew from its text, against workflow/papers/xu2020.yaml."""

import re

import pytest

from helpers.declared import PAPERS, ROOT
from serflow.config import read_yaml

PAPER = read_yaml(ROOT / "workflow/papers/xu2020.yaml")

# Tables II, III and IV of Xu & Zhang 2020: WA, UA; None where the paper has a dash
PRINTED = {
    "table2": {
        "acnn": (76.18, 76.36),
        "li2018": (71.75, 68.06),
        "tarantino2019": (70.17, 70.85),
        "zhao2019": (67, 69),
        "ramet2018": (68.8, 63.7),
        "neumann2017": (62.11, None),
    },
    "table3": {
        "acnn_improvised": (76.18, 76.36),
        "acnn_scripted": (65.9, 63.92),
        "acnn_full": (67.28, 67.94),
        "tarantino_improvised": (70.17, 70.85),
        "tarantino_scripted": (64.59, 50.12),
        "tarantino_full": (68.1, 63.8),
    },
    "table4": {
        "conv1": (63.94, 60.14),
        "conv2": (73.94, 74.36),
        "conv3": (74.68, 74.66),
        "conv4": (76.18, 76.36),
        "no_attention": (68.7, 66.9),
    },
}


@pytest.mark.parametrize("table", PRINTED)
def test_reported_numbers_are_the_papers(table):
    reported = {
        # of systems that are run here, the paper's numbers are of the utterances that hold a whole segment
        row["id"]: tuple(row["reported"].get(name + "_whole" * ("system" in row)) for name in ("wa", "ua"))
        for row in PAPER["tables"][table]["rows"]
        if "reported" in row
    }
    assert reported == PRINTED[table]


def test_the_papers_three_result_tables_are_there_and_two_beyond_them():
    assert {name: table["source"] for name, table in PAPER["tables"].items()} == {
        "table2": "Table II",
        "table3": "Table III",
        "table4": "Table IV",
        "table_calibration": "Beyond the paper",
        "table_claims": "Text",
        "table_groups": "Beyond the paper",
    }


def test_rows_name_the_systems_that_the_table_is_about():
    rows = {row["id"]: row.get("system") for row in PAPER["tables"]["table4"]["rows"]}
    own = {key: PAPER["systems"][rows[key]] for key in PRINTED["table4"]}
    depths = {key: change.get("parameters", {}).get("model", {}).get("depth", 4) for key, change in own.items()}
    assert depths == {"conv1": 1, "conv2": 2, "conv3": 3, "conv4": 4, "no_attention": 4}
    assert own["no_attention"] == {"parameters": {"model": {"attention": False}}}


def test_the_experiments_of_table_3_are_the_parts_it_names():
    rows = {row["id"]: row for row in PAPER["tables"]["table3"]["rows"]}
    for part in ("improvised", "scripted", "full"):
        assert rows[f"acnn_{part}"].get("experiment", PAPER["tables"]["table3"]["experiment"]) == part
    styles = {name: view["style"] for name, view in PAPER["experiments"].items()}
    assert styles == {"improvised": "improvised", "scripted": "scripted", "full": "any"}


def test_the_best_values_of_figures_5_and_6_are_the_texts():
    assert PAPER["figures"]["fig5"]["best_reported"] == {32: 4, 64: 4, 128: 3}
    assert PAPER["figures"]["fig6"]["best_reported"] == {2: 16, 4: 64, 8: 32}


def test_the_figures_ranges_hold_the_reported_best_values():
    sweeps = PAPER["presets"]["paper"]["sweeps"]
    for name, sweep in (("fig5", "heads"), ("fig6", "sizes")):
        figure = PAPER["figures"][name]
        assert set(figure["best_reported"]) == set(sweeps[sweep][figure["panel"]])
        assert set(figure["best_reported"].values()) <= set(sweeps[sweep][figure["x"]])


@pytest.mark.parametrize("paper", PAPERS)
def test_every_published_number_has_a_source_in_the_paper(paper):
    data = read_yaml(ROOT / f"workflow/papers/{paper}.yaml")
    tables = [t for t in data["tables"].values() if any("reported" in row for row in t.get("rows", []))]
    figures = [figure for figure in data["figures"].values() if figure.get("best_reported")]
    assert tables
    for entry in tables + figures:
        assert re.fullmatch(r"(Table|Fig\.|Section) [0-9IVX]+(\.?[A-Z0-9])*", entry["source"]), entry["source"]


@pytest.mark.parametrize("paper", PAPERS)
def test_every_row_of_a_table_has_an_id_of_its_own_and_numbers_in_its_columns(paper):
    for table in read_yaml(ROOT / f"workflow/papers/{paper}.yaml")["tables"].values():
        rows = table.get("rows", [])
        ids = [row["id"] for row in rows]
        assert len(set(ids)) == len(ids)
        for row in rows:
            assert set(row.get("reported", {})) <= set(table["columns"])
            assert {"system", "teacher", "reported"} & set(row), f"{row['id']} shows nothing"


@pytest.mark.parametrize("paper", PAPERS)
@pytest.mark.parametrize("block", ["system:", "as_published:", "teacher:"])
def test_every_value_of_the_shared_system_says_where_it_is_from(paper, block):
    """Each line with a value has a comment, or its mapping has."""
    text = (ROOT / f"workflow/papers/{paper}.yaml").read_text(encoding="utf-8")
    found = re.search(rf"^{block}.*\n((?:[ ].*\n)+)", text, re.MULTILINE)
    assert found or block == "teacher:"
    body = found[1] if found else ""
    silent = [line.strip() for line in body.splitlines() if re.search(r": *[^ #]", line) and "#" not in line]
    known = {"learner", "seeded", "name", "attention", "title", "parameters", "experiment"}
    assert {line.split(":")[0] for line in silent} <= known
