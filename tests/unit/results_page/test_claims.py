"""The verdicts of a paper's claims, as its table has them."""

import pytest

from helpers.chapters import chapter, claim, line
from serflow.reporting.verdicts import judge
from serflow.results_page.claims import claims_text

ROWS = [
    claim("fusion", "as_published", "not judged", reason="chosen on test", select="best_test"),
    claim("fusion", "strict", "held"),
    claim("depth", "strict", "contradicted", gain="-4.00", gain_low="-7.00", gain_high="-1.00"),
    claim("depth", "as_published", "not judged", reason="chosen on test", select="best_test"),
]


def text(rows):
    return "\n".join(claims_text(chapter({"table_claims": rows}, kinds={"table_claims": "claims"})))


def test_each_claim_has_its_verdict_under_each_protocol_with_the_difference():
    said = text(ROWS)
    assert "| claim | where | metric | as published | strict |" in said
    held = "held: +4.0 [+1.0, +7.0], p = 0.01, Holm 0.01"
    assert f"| fusion is better | section 4 | UA | not judged: chosen on test | {held} |" in said
    assert "contradicted: -4.0 [-7.0, -1.0]" in said
    assert "as published, 2 not judged; strict, 1 held, 1 contradicted." in said


def test_a_p_that_six_decimals_do_not_hold_is_not_called_nothing():
    assert "held: +4.0 [+1.0, +7.0], p < 1e-06, Holm < 1e-06" in text([claim("fusion", "strict", "held", p="0.000000")])


def test_the_rule_stands_below_the_verdicts():
    assert "a claim is held where" in text(ROWS)


@pytest.mark.parametrize(("direction", "verdict"), [("above", "held"), ("below", "contradicted")])
def test_a_claim_that_is_edited_to_the_opposite_sign_has_the_opposite_verdict(direction, verdict):
    row = claim("fusion", "strict", "", folds="10", gain_seeds="3", direction=direction)
    assert f"| {verdict}: +4.0 [+1.0, +7.0], p = 0.01, Holm 0.01 |" in text(judge([row]))


def test_protocols_of_one_split_and_selection_are_one_column():
    place = {"split": "speaker", "select": "best_validation"}
    rows = [claim("fusion", name, "held", **place) for name in ("as_published", "strict")]
    assert "| claim | where | metric | as published, strict |" in text(rows)


def test_a_paper_without_claims_says_nothing():
    assert claims_text(chapter({"table2": [line("acnn", "strict", "ua", "61.50")]})) == []
