"""Columns of the validation part in a table: beside the test part's, or a reason where there are none."""

import pandas as pd
import pytest

from helpers.fabricated import PROTOCOLS, table_spec, write_scores
from serflow.errors import UserError
from serflow.reporting.captions import table_caption
from serflow.reporting.layout import table_layout
from serflow.reporting.table_rows import table_rows
from serflow.reporting.wording import metric_formula, metric_name

RANDOM10, AS_PUBLISHED = PROTOCOLS[2], PROTOCOLS[0]


@pytest.fixture
def spec(world, tmp_path):
    """A table of one row, under random10 with validation (development: 70, of 95 utterances) and random5 without."""
    write_scores(tmp_path / "random10", "random10", {"acnn": 0.625})
    scores = pd.read_csv(tmp_path / "random10/scores.csv")
    added = scores[scores["metric"] == "wa"].assign(metric="wa_development", pooled=0.7, utterances=95)
    pd.concat([scores, added]).to_csv(tmp_path / "random10/scores.csv", index=False)
    made = table_spec(world)
    row = made["rows"][0] | {"reported": {"wa": 65.0, "wa_development": 68.6}}
    row["scores"] = {"random10": str(tmp_path / "random10"), "as_published": str(world / "scores/random5")}
    return made | {"columns": ["wa", "wa_development"], "protocols": [RANDOM10], "rows": [row]}


def test_a_development_column_is_a_line_of_its_own_with_its_own_reported_number(spec):
    lines = table_layout(spec, table_rows(spec))["rows"][0]["lines"]
    assert [(line["metric"], line["reported"], line["cells"][0]["text"]) for line in lines] == [
        ("WA", "65.0", "62.5"), ("WA, development", "68.6", "70.0"),
    ]  # fmt: skip


def test_the_caption_counts_the_two_parts_apart_and_says_that_one_flatters(spec):
    said = table_caption(spec, table_rows(spec))
    assert "2 folds × 2 seeds. Utterances tested: 108 random10 + validation. Development: 95 utterances of the" in said
    assert "where this part chooses the epoch, its own numbers flatter." in said


def test_a_split_without_a_validation_part_says_so_in_place_of_a_number(spec):
    spec["protocols"] = [AS_PUBLISHED | {"select": "last"}]
    (line,) = [row for row in table_rows(spec) if row["column"] == "wa_development"]
    assert (line["reproduced"], line["note"]) == ("", "this split has no validation part")


def test_where_the_test_part_chooses_the_epoch_the_validation_part_is_not_scored(spec, tmp_path):
    scores = pd.read_csv(tmp_path / "random10/scores.csv")
    more = scores[scores["select"] == "last"].assign(select="best_test")
    pd.concat([scores, more[more["metric"] == "wa"]]).to_csv(tmp_path / "random10/scores.csv", index=False)
    spec["protocols"] = [RANDOM10 | {"select": "best_test"}]
    (line,) = [row for row in table_rows(spec) if row["column"] == "wa_development"]
    assert "not scored where the test part chooses the epoch" in line["note"]


def test_scores_that_were_made_without_the_validation_part_are_an_error(spec, world):
    spec["rows"][0]["scores"]["random10"] = str(world / "scores/random10")
    with pytest.raises(UserError, match="select best_validation, metric wa_development; delete .* and run snakemake"):
        table_rows(spec)


def test_the_names_of_development_columns_are_made_of_those_of_the_test_part():
    names = ["wa_development", "f1_macro_development", "recall_sad_development"]
    assert [metric_name(name) for name in names] == ["WA, development", "F1, development", "recall sad, development"]
    assert metric_formula("ua_development") == "UA of the validation part at the same epoch"
    with pytest.raises(UserError, match="column bleu: no such metric"):
        metric_name("bleu_development")
