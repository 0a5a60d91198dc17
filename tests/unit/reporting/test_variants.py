"""Rows of one name, protocols that are the same, and what a table says of two protocols."""

from helpers.fabricated import PROTOCOLS, table_spec
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


def lines_of(values, **change):
    """Lines in UA: (row, protocol) -> value."""
    given = dict.fromkeys(COLUMNS, "") | {"column": "ua", "utterances": "108"}
    return [
        given | {"row": row, "name": row.upper(), "protocol": protocol, "reproduced": value} | change
        for (row, protocol), value in values.items()
    ]


def test_a_contrast_says_in_points_what_its_second_protocol_is_worth_to_each_row():
    values = {
        ("a", "random10"): "60.00",
        ("a", "strict"): "57.55",
        ("b", "random10"): "50.00",
        ("b", "strict"): "51.00",
    }
    assert contrasts(WORTH, lines_of(values)) == (
        "To peek is worth −2.5 (A) and +1.0 (B) points of UA. The utterances are the same; no interval of these "
        "differences is made."
    )


def test_a_contrast_tells_variants_of_one_name_apart():
    lines = lines_of({("a", "random10"): "60.00", ("a", "strict"): "61.00"}, name="Att.", variant="eq. 8")
    lines += lines_of({("b", "random10"): "60.00", ("b", "strict"): "62.00"}, name="Att.", variant="eq. 9")
    assert "worth +1.0 (Att., eq. 8) and +2.0 (Att., eq. 9) points" in contrasts(WORTH, lines)


def test_a_contrast_of_what_was_not_run_or_of_other_utterances_is_left_out():
    lines = lines_of({("a", "random10"): "60.00", ("a", "strict"): "", ("b", "random10"): "60.00"})
    assert contrasts(WORTH, lines) == ""
    lines = lines_of({("a", "random10"): "60.00"}) + lines_of({("a", "strict"): "62.00"}, utterances="107")
    assert contrasts(WORTH, lines) == ""
    assert contrasts([], lines) == ""


def test_a_contrast_stands_in_the_caption_also_where_its_protocols_are_printed_in_one_column(world):
    spec = table_spec(world)
    spec["protocols"] = [PROTOCOLS[0], PROTOCOLS[2] | {"name": "again", "label": "again"}, *PROTOCOLS[2:]]
    for row in spec["rows"]:
        if row.get("scores"):
            row["scores"]["again"] = row["scores"]["random10"]
    spec["contrasts"] = [{"what": "nothing", "from": "again", "to": "random10"}]
    caption = table_layout(spec, table_rows(spec))["caption"]
    assert "Nothing is worth +0.0 (ACNN, head fusion (this paper))" in caption


def test_a_table_of_which_nothing_is_reported_has_no_column_for_it(world):
    spec = table_spec(world)
    assert table_layout(spec, table_rows(spec))["reported"]
    spec["rows"] = [row | {"reported": None} for row in spec["rows"] if row["system"]]
    rows = table_rows(spec)
    assert not table_layout(spec, rows)["reported"]
    assert "Italic" not in table_caption(spec, rows)
