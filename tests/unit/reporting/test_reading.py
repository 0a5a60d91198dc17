"""How to read the tables: each printed sign is explained once, and no other is."""

import pytest

from helpers.fabricated import counts_spec, table_spec, with_components, with_z_test
from helpers.fabricated_teachers import recognition_spec
from serflow.reporting.reading import how_to_read
from serflow.reporting.table_rows import table_rows


def recognition_with_a_gain(world):
    """Two teachers of one seed, one held against the other."""
    spec = recognition_spec(world)
    spec["rows"][1]["ablated"] = {"id": "tcn_self", "system": "tcn_self"}
    spec["rows"][0]["ablated"] = {"id": "tcn_self_shuffled", "system": "tcn_self_shuffled"}
    return spec


def signs(*specs, kinds=(), **change):
    """What the block explains of tables whose rows are changed: sign -> text."""
    tables = [(spec, [row | change for row in table_rows(spec)]) for spec in specs]
    return {entry["sign"]: entry["text"] for entry in how_to_read(tables, list(kinds))}


def test_the_block_explains_a_number_a_deviation_a_reported_one_and_an_empty_cell(world):
    said = signs(table_spec(world))
    number = next(sign for sign in said if "[" in sign)
    assert number == "62.5 ±0.8 [56.2–68.8]"
    assert "after ± the standard deviation of the pooled number over the seeds" in said[number]
    assert "in brackets the 95 % interval over speakers, where three or more are tested" in said[number]
    assert any(" ± " in sign for sign in said)
    assert said["76.18"] == "reported in the literature, of the corpus above the column; not produced by this run"
    assert said["– with a letter"] == "no number, for the reason below the table"


def test_reported_numbers_are_shown_as_they_are_printed(world):
    spec = table_spec(world)
    styles = {entry["sign"]: entry["style"] for entry in how_to_read([(spec, table_rows(spec))], [])}
    assert styles["76.18"] == "italic" and styles["WA"] == ""


def test_a_metric_is_explained_once_with_its_direction(world):
    said = signs(table_spec(world), recognition_spec(world), table_spec(world))
    assert said["UA"] == "unweighted accuracy: mean of the per-class recalls"
    assert said["PER"].endswith("; the lower the better")


@pytest.mark.parametrize(
    ("sign", "made", "change"),
    [
        ("*", table_spec, {"p": "0.2", "gain_p": ""}),
        ("**", table_spec, {"p_holm": "0.2"}),
        ("a test's p", table_spec, {"p": "", "gain_p": ""}),
        ("one seed", recognition_with_a_gain, {"gain_seeds": "2"}),
        ("†", with_z_test, {"p_z": "0.2"}),
        ("beneath a table", with_components, {"ablated": ""}),
        ("76.18", table_spec, {"reported": ""}),
    ],
)
def test_a_sign_that_is_not_printed_is_not_explained(world, sign, made, change):
    assert sign in signs(made(world))
    assert sign not in signs(made(world), **change)


def test_a_difference_is_explained_where_one_is_printed(world):
    assert "Δ" in signs(table_spec(world, comparable=True))
    assert "Δ" not in signs(table_spec(world))


def test_figures_of_a_kind_that_recurs_are_explained_once(world):
    kinds = ["confusion", "attention", "training_curves", "confusion", "informativeness"]
    assert list(signs(kinds=kinds)) == ["Confusions", "Training curves", "An utterance"]
    assert signs(counts_spec(world)) == {}


def test_what_a_p_is_about_is_said_once_and_what_it_can_be_of_so_few_sessions(world):
    said = signs(table_spec(world), with_components(world))["a test's p"]
    assert "with these trained networks" in said and "one network judges both of its speakers" in said
    assert said.endswith("of 5, cannot be below 0.062")


def test_neither_the_dagger_nor_the_star_is_said_to_be_more_than_it_is(world):
    said = signs(with_z_test(world))
    assert "one-tailed z-test, uncorrected" in said["†"]
    assert "two-sided, uncorrected" in said["*"] and "Holm" in said["**"]


def test_nothing_is_called_a_bootstrap(world):
    assert "bootstrap" not in " ".join(signs(with_z_test(world), recognition_spec(world)).values())
