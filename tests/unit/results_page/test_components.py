"""What components are worth, and the order of a paper's numbers."""

import pytest

from helpers.chapters import chapter, line
from serflow.results_page.components import components_text, orders_text

LADDER = [
    line("plain", "strict", "ua", "50.00", reported="60.3", name="Baseline: CNN"),
    line("res", "strict", "ua", "54.00", reported="61.8", name="S1: residual", ablated="plain", gain="4.00",
         gain_low="-1.00", gain_high="9.00", gain_p="0.030000", gain_seeds="3", gain_by_seed="3.00 4.00 5.00"),
    line("dil", "strict", "ua", "53.00", reported="63.1", name="S2: dilated", ablated="res", gain="-1.00",
         gain_low="-4.00", gain_high="2.00", gain_p="0.500000", gain_seeds="3"),
    line("svm_compare", "strict", "ua", "85.00"),
]  # fmt: skip
LADDER = [row | {"reported_on": "IEMOCAP"} for row in LADDER]


def components(rows, kind="scores"):
    return "\n".join(components_text(chapter({"table9": rows}, kinds={"table9": kind})))


def test_what_each_component_is_worth_stands_beside_what_the_paper_has_with_both_p_and_each_seed():
    said = components(LADDER)
    first = '- S1: residual, over "Baseline: CNN": +4.0 ([-1.0, +9.0]; p = 0.03, Holm 0.06; by seed +3.0, +4.0, +5.0) '
    assert f"{first}strict; +1.5 in the paper, on IEMOCAP\n" in said
    second = '- S2: dilated, over "S1: residual": -1.0 ([-4.0, +2.0]; p = 0.5, Holm 0.5) '
    assert f"{second}strict; +1.3 in the paper, on IEMOCAP\n" in said
    assert said.count("What each component adds in `table9` (UA, points):") == 1


def test_a_gain_of_one_seed_has_no_p_and_is_none_to_correct_for():
    said = components([row | ({"gain_seeds": "1"} if row["system"] == "dil" else {}) for row in LADDER])
    assert "p = 0.03, Holm 0.03" in said
    assert ": -1.0 ([-4.0, +2.0]) strict" in said


@pytest.mark.parametrize("beside", ["undertrained", "ablated_undertrained"])
def test_a_gain_of_an_undertrained_row_or_over_one_has_the_mark_in_place_of_its_test(beside):
    said = components([row | {beside: "yes"} if row["system"] == "res" else row for row in LADDER])
    assert '- S1: residual, over "Baseline: CNN": +4.0§ strict; +1.5 in the paper, on IEMOCAP\n' in said


def test_the_correction_is_over_the_tests_of_one_protocol():
    other = [row | {"protocol": "random10", "split": "random10"} for row in LADDER[1:2]]
    assert "p = 0.03, Holm 0.06; by seed +3.0, +4.0, +5.0) strict" in components([*LADDER, *other])
    assert "p = 0.03, Holm 0.03; by seed +3.0, +4.0, +5.0) random10" in components([*LADDER, *other])


def test_what_a_teacher_makes_fewer_errors_by_is_said_of_every_rate():
    rows = [line("wrong", "as_published", "per", "90.00", name="Wrong transcripts")]
    change = {"ablated": "wrong", "gain": "-10.00", "gain_p": "0.0625"}
    said = components([*rows, line("tcn", "as_published", "per", "80.00", name="TCN", **change)], kind="asr")
    assert "How far each row lies from the other in `table9` (PER, points):" in said
    assert '- TCN, minus "Wrong transcripts": -10.0 (p = 0.062, Holm 0.062) as published\n' in said


def orders(rows):
    return "".join(orders_text(chapter({"table9": rows})))


def test_how_many_pairs_stand_in_the_papers_order_is_counted_beside_what_chance_gives():
    said = orders(LADDER)
    assert "in the paper's order, on IEMOCAP, of those that it puts apart (by chance, half):\n" in said
    assert "- `table9`, UA: 2 of 3 strict.\n" in said
    assert orders([row | {"reported": ""} for row in LADDER]) == ""


def test_undertrained_systems_are_in_no_order():
    rows = [row | {"undertrained": "yes"} if row["system"] == "res" else row for row in LADDER]
    assert "1 of 1 strict, undertrained ones left out." in orders(rows)


def test_systems_are_put_in_order_within_an_experiment():
    rows = [line(name, "strict", "ua", made, reported=said, experiment=experiment)
            for experiment, name, said, made in (("full", "a", "70", "50"), ("full", "b", "60", "60"),
                                                 ("part", "a", "10", "90"), ("part", "b", "5", "80"))]  # fmt: skip
    assert "1 of 2 strict." in orders(rows)


def test_a_system_that_two_rows_show_counts_once():
    rows = [*LADDER, line("res", "strict", "ua", "54.00", reported="10.0", row="again")]
    assert "2 of 3 strict." in orders(rows)
