"""Tables of accuracies: cells, runs by protocol, training beside test, marks."""

from helpers.chapters import chapter, line, training
from serflow.results_page.systems import error_rates, systems_text

ROWS = [
    line("acnn", "as_published", "ua", "70.00"), line("acnn", "strict", "ua", "61.50", p="0.010000"),
    line("svm_compare", "as_published", "ua", "90.00"), line("svm_compare", "strict", "ua", "85.00"),
]  # fmt: skip


def text(rows, **other):
    return "\n".join(systems_text(chapter({"table2": rows}, **other)))


def test_a_number_stands_with_its_interval_its_spread_over_seeds_and_the_best_comes_first():
    said = text([row | {"sd_seeds": "" if row["system"] == "svm_compare" else "1.55"} for row in ROWS])
    published, strict = said.split("Strict: ")
    assert "| system | UA | UA ± seeds | UA in training | optimiser steps | at the initial rate |" in published
    svm, acnn = "| `svm_compare` | 90.0 [40.0, 60.0] | – |", "| `acnn` | 70.0 [40.0, 60.0] | 1.6 |"
    assert svm in published and acnn in published
    assert published.index(svm) < published.index(acnn)
    assert "| `acnn` | 61.5 [40.0, 60.0] | 1.6 |" in strict
    assert "the 95 % interval, a jackknife over speakers" in said


def test_each_protocol_has_its_own_folds_seeds_and_utterances():
    """Of the clauses sorted as texts, strict's (10 folds) would stand first."""
    rows = [row | {"utterances": "132" if row["protocol"] == "strict" else "136"} for row in ROWS]
    said = text(rows)
    assert (
        "As published: 5 folds x 3 seeds, n = 136; the epoch with the best UA on the test part itself is scored" in said
    )
    assert "Strict: 10 folds x 3 seeds, n = 132; the epoch with the best UA on the validation part is scored." in said
    assert said.index("n = 136") < said.index("n = 132")


def test_a_system_of_other_seeds_or_utterances_is_named_in_the_clause():
    rows = [*ROWS, line("conv1", "as_published", "ua", "50.00", seeds="1", utterances="263")]
    rows.append(line("conv2", "as_published", "ua", "51.00"))
    assert "As published: 5 folds x 3 seeds, n = 339; 5 folds x 1 seed, n = 263 of `conv1`; " in text(rows)


def test_best_epochs_of_each_metric_have_no_column():
    best = line("acnn", "as_published", "ua", "77.70", select="best_test_each", statistic="mean")
    assert "77.7" not in text([*ROWS, best | {"protocol": "as_published_best"}])


def test_protocols_of_one_split_and_selection_are_one_table():
    same = [row | {"split": "speaker", "select": "best_validation", "reproduced": "61.50"} for row in ROWS]
    said = text([row | {"folds": "10"} for row in same])
    assert "As published, strict: 10 folds x 3 seeds, n = 339; " in said
    assert said.count("| `acnn` |") == 1


def test_utterances_of_a_whole_segment_and_probabilities_have_tables_of_their_own():
    rows = [line("acnn", "strict", "ua", "70.00"), line("acnn", "strict", "ua_whole", "73.00")]
    rows.append(line("acnn", "strict", "nll", "0.7123", low="0.6000", high="0.8000"))
    first, whole = text(rows).split("Over the test utterances that hold a whole segment:")
    whole, errors = whole.split("How far probabilities lie from what happens")
    assert "| system | UA |" in first and "73.0" not in first
    assert "| system | strict UA, whole segment |" in whole and "| `acnn` | 73.0 [40.0, 60.0] |" in whole
    assert "| `acnn` | 0.712 [0.600, 0.800] |" in errors and "NLL is not in per cent." in errors


def test_probabilities_of_tables_of_groups_are_shown_and_their_accuracies_are_not():
    rows = [line("conv9", "strict", "ua", "70.00"), line("conv9", "strict", "nll", "0.7123")]
    both = chapter({"table2": ROWS, "table_groups": rows}, kinds={"table_groups": "groups"})
    accuracies, errors = "\n".join(systems_text(both)).split("How far probabilities lie")
    assert "conv9" not in accuracies
    assert "| `conv9` | 0.712 " in errors


def test_what_one_name_of_a_shared_column_has_alone_stands_in_it():
    """Strict is as published, and the table of groups asks for strict alone."""
    same = [row | {"split": "speaker", "select": "best_validation"} for row in ROWS]
    rows = [line("acnn", "strict", "nll", "0.7123")]
    both = chapter({"table2": same, "table_groups": rows}, kinds={"table_groups": "groups"})
    _, errors = "\n".join(systems_text(both)).split("How far probabilities lie")
    assert "| system | as published, strict NLL |" in errors
    assert "| `acnn` | 0.712 " in errors


def test_a_system_of_two_experiments_stands_twice():
    rows = [*ROWS, line("acnn", "strict", "ua", "33.00", experiment="improvised")]
    said = text(rows)
    assert "| `acnn` (full) | 61.5 [40.0, 60.0] |" in said
    assert "| `acnn` (improvised) | 33.0 [40.0, 60.0] |" in said
    assert "10 folds x 3 seeds, n = 339 (full); 10 folds x 3 seeds, n = 339 (improvised); the epoch" in said


FITTED = [
    line("acnn", "as_published", "ua", "70.00", ua_train="91.25", undertrained="no"),
    line("acnn", "strict", "ua", "61.50", p="0.010000", ua_train="40.04", undertrained="yes"),
    line("svm_compare", "as_published", "ua", "90.00", ua_train="100.00"),
    line("svm_compare", "strict", "ua", "55.00", ua_train="100.00"),
]


def test_training_ua_stands_beside_test_ua_with_the_steps_of_the_protocols_trainings():
    judged = training(steps=1300, split="session_out") | {"best_epochs": {"speaker/fold1": 2, "session_parts/fold1": 4}}
    records = [training(steps=1500), training(steps=1500, fold=2), training(steps=1499, fold=3), judged]
    said = text(FITTED, records=[*records, training("svm_compare")])
    published, strict = said.split("Strict: ")
    assert "| `acnn` | 70.0 [40.0, 60.0] | 1.5 | 91.2 | 1,499 to 1,500 | 1,399 to 1,400 |" in published
    assert "| `acnn` | 61.5§ [40.0, 60.0] | 1.5 | 40.0§ | 1,300 | 1,200 |" in strict
    assert "| `svm_compare` | 90.0 [40.0, 60.0] | 1.5 | 100.0 | – | – |" in published


def test_an_undertrained_system_comes_last_whatever_it_reached_and_the_mark_is_explained():
    _, strict = text(FITTED).split("Strict: ")
    assert strict.index("| `svm_compare` |") < strict.index("| `acnn` |")
    assert strict.count("§: undertrained, that is, after its last epoch") == 1
    assert "§" not in text(ROWS)


def test_what_teachers_recognise_stands_in_a_table_of_its_own():
    rows = [line("tcn", "as_published", "per", "41.00")]
    both = chapter({"table2": ROWS, "asr": rows}, kinds={"asr": "asr"})
    assert "tcn" not in "".join(systems_text(both))
    (said,) = error_rates(both)
    assert said.startswith("Error rates of the teachers:")
    assert "| `tcn` | 41.0 [40.0, 60.0] |" in said
    assert error_rates(chapter({"table2": ROWS})) == []


def test_probabilities_of_systems_that_only_the_table_of_groups_shows_are_in_the_table():
    grouped = [line("acnn", "strict", "ua_style_improvised", "66.00"), line("acnn", "strict", "brier", "0.4321")]
    tables = {"table2": [line("acnn", "strict", "ua", "70.00")], "table_groups": grouped}
    said = "\n".join(systems_text(chapter(tables, kinds={"table_groups": "groups"})))
    accuracies, errors = said.split("How far probabilities lie from what happens")
    assert "0.432" in errors
    assert "66.0" not in said and "70.0" in accuracies
