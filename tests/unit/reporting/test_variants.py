"""Rows of one name, protocols that are the same, and what a table says of two protocols."""

import pytest

from helpers.fabricated import PROTOCOLS, save, table_spec
from serflow.reporting.captions import contrasts, table_caption
from serflow.reporting.layout import table_layout
from serflow.reporting.rows import COLUMNS
from serflow.reporting.table_rows import table_rows
from serflow.reporting.wording import printed_protocols


def with_variants(world):
    """The table with its rows `acnn` and `conv1` as two variants of one name."""
    spec = table_spec(world)
    rows = {row["id"]: row for row in spec["rows"]}
    pair = [rows[key] | {"name": "ACNN", "variant": f"eq. {k}"} for key, k in (("acnn", 8), ("conv1", 9))]
    return spec | {"rows": [*pair, rows["svm_compare"]]}


def test_variants_of_one_name_are_a_row_with_a_line_each_metric_after_metric(world):
    spec = with_variants(world)
    first, second = table_layout(spec, table_rows(spec))["rows"]
    assert (first["name"], second["name"]) == ("ACNN", "SVM on ComParE functionals")
    assert [line["metric"] for line in first["lines"]] == ["WA, eq. 8", "WA, eq. 9", "UA, eq. 8", "UA, eq. 9"]
    assert [line["reported"] for line in first["lines"]] == ["76.18", "63.94", "60", "60.14"]
    assert [line["metric"] for line in second["lines"]] == ["WA", "UA"]


def test_a_gain_names_the_variant(world):
    spec = with_variants(world) | {"columns": ["wa"]}
    spec["rows"][1]["ablated"] = {"id": "acnn", "system": "acnn"}
    (gain,) = table_layout(spec, table_rows(spec))["ablation"]
    assert (gain["name"], gain["beside"]) == ("ACNN, eq. 9", "ACNN, eq. 8")


def test_variants_stand_in_the_csv_as_rows_of_their_own(world):
    rows = table_rows(with_variants(world))
    assert {(line["row"], line["name"], line["variant"]) for line in rows} == {
        ("acnn", "ACNN", "eq. 8"),
        ("conv1", "ACNN", "eq. 9"),
        ("svm_compare", "SVM on ComParE functionals", ""),
    }


def test_protocols_of_one_split_and_rule_are_one_printed_column():
    same = PROTOCOLS[3] | {"name": "as_published", "label": "as published"}
    printed = printed_protocols([same, PROTOCOLS[2], PROTOCOLS[3]])
    assert [(p["name"], p["label"]) for p in printed] == [
        ("as_published", "as published, strict"),
        ("random10", "random10 + validation"),
    ]
    assert [p["name"] for p in printed_protocols(PROTOCOLS)] == [p["name"] for p in PROTOCOLS]


def test_a_column_that_is_two_protocols_is_printed_once_and_counted_once(world):
    spec = table_spec(world)
    spec["protocols"] = [*PROTOCOLS, PROTOCOLS[2] | {"name": "again", "label": "again"}]
    for row in spec["rows"]:
        if row.get("scores"):
            row["scores"]["again"] = row["scores"]["random10"]
    rows = table_rows(spec)
    layout = table_layout(spec, rows)
    assert [p["label"] for p in layout["protocols"]][2] == "random10 + validation, again"
    assert all(len(line["cells"]) == 4 for row in layout["rows"] for line in row["lines"])
    assert {line["protocol"] for line in rows} >= {"random10", "again"}, "each can be looked up by its name"


WORTH = [{"what": "to peek", "from": "random10", "to": "strict"}]


def of_contrast(row, worth, **change):
    """A line in UA that says what `strict` is worth in place of `random10`."""
    given = dict.fromkeys(COLUMNS, "") | {"row": row, "name": row.upper(), "column": "ua", "protocol": "random10"}
    return given | {"contrast_to": "strict", "contrast": worth} | change


def test_a_contrast_says_in_points_what_its_second_protocol_is_worth_to_each_row_with_its_interval():
    lines = [of_contrast("a", "-2.45", contrast_low="-4.00", contrast_high="-0.90"), of_contrast("b", "1.00")]
    assert contrasts(WORTH, lines) == "To peek is worth −2.5 [−4.0, −0.9] (A) and +1.0 (B) points of UA."


def test_a_contrast_has_the_stars_of_its_test():
    tested = {"contrast_p": "0.01", "contrast_p_holm": "0.02", "contrast_seeds": "3"}
    assert "+1.0** (A)" in contrasts(WORTH, [of_contrast("a", "1.00", **tested)])
    assert "+1.0* (A)" in contrasts(WORTH, [of_contrast("a", "1.00", **tested | {"contrast_p_holm": "0.06"})])
    assert "+1.0 (A)" in contrasts(WORTH, [of_contrast("a", "1.00", **tested | {"contrast_seeds": "1"})])


def test_a_contrast_tells_variants_of_one_name_apart():
    lines = [
        of_contrast(row, worth, name="Att.", variant=f"eq. {eq}") for row, worth, eq in (("a", "1", 8), ("b", "2", 9))
    ]
    assert "worth +1.0 (Att., eq. 8) and +2.0 (Att., eq. 9) points" in contrasts(WORTH, lines)


def test_a_row_without_a_number_is_named_with_the_reason():
    lines = [of_contrast("a", "1.00"), of_contrast("b", "", contrast_reason="they test other utterances")]
    assert contrasts(WORTH, lines) == (
        "To peek is worth +1.0 (A) points of UA. "
        "What it is worth to peek is not said of B (they test other utterances)."
    )


def test_a_contrast_that_was_not_made_or_not_declared_is_left_out():
    assert contrasts(WORTH, [of_contrast("a", "", contrast_to="")]) == ""
    assert contrasts([], [of_contrast("a", "1.00")]) == ""
    assert contrasts(WORTH, [of_contrast("a", "1.00", protocol="strict")]) == ""


CONTRASTS = (
    "system from_split from_select to_split to_select metric difference low high p p_interval p_sessions low_sessions "
    "high_sessions p_utterances seeds sd_seeds by_seed utterances speakers sessions speakers_shared reason"
)


@pytest.fixture
def contrasted(world, tmp_path):
    """The table with a contrast of random10 and strict, of which contrasts.csv has the ACNN's."""
    places = ["random10", "best_validation", "speaker", "best_validation"]
    tested = [0.02, 0.03, 0.0625, -0.1, 0.3, 0.01, 2, 0.014, "0.080000 0.120000", 108, 10, 5, "yes", ""]
    rows = [["acnn", *places, metric, worth, 0.01, 0.19, *tested] for metric, worth in (("wa", 0.1), ("ua", 0.125))]
    save(rows, CONTRASTS, tmp_path / "contrasts.csv")
    spec = table_spec(world) | {"contrasts": [{"what": "to keep speakers apart", "from": "random10", "to": "strict"}]}
    for row in spec["rows"]:
        row["contrasts"] = str(tmp_path / "contrasts.csv") if row["id"] == "acnn" else None
    return spec


def test_a_contrast_is_the_second_protocol_minus_the_first_which_the_file_has_the_other_way_round(contrasted):
    lines = {(line["row"], line["column"], line["protocol"]): line for line in table_rows(contrasted)}
    line = lines["acnn", "ua", "random10"]
    keys = ("contrast_to", "contrast", "contrast_low", "contrast_high", "contrast_sd_seeds", "contrast_by_seed")
    assert [line[key] for key in keys] == ["strict", "-12.50", "-19.00", "-1.00", "1.40", "-8.00 -12.00"]
    keys = ("contrast_p", "contrast_p_holm", "contrast_p_sessions", "contrast_seeds", "contrast_undertrained")
    assert [line[key] for key in keys] == ["0.02", "0.020000", "0.0625", "2", "no"]
    others = [line for key, line in lines.items() if key[0] != "acnn" or key[2] != "random10"]
    assert {line["contrast_to"] for line in others} == {""}


def test_a_contrast_stands_in_the_caption(contrasted):
    caption = table_layout(contrasted, table_rows(contrasted))["caption"]
    name = "ACNN, head fusion (this paper)"
    assert f"To keep speakers apart is worth −12.5** [−19.0, −1.0] ({name}) points of UA." in caption


def test_a_table_of_which_nothing_is_reported_has_no_column_for_it(world):
    spec = table_spec(world)
    assert table_layout(spec, table_rows(spec))["reported"]
    spec["rows"] = [row | {"reported": None} for row in spec["rows"] if row["system"]]
    rows = table_rows(spec)
    assert not table_layout(spec, rows)["reported"]
    assert "Italic" not in table_caption(spec, rows)
