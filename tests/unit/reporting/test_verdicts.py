"""The rule by which a claim is held, not shown, contradicted or not judged."""

import pytest

from serflow.reporting.verdicts import LEVEL, REASONS, RULE, VERDICTS, judge

RUN = {
    "direction": "above", "select": "best_validation", "gain": "4.00", "p_interval": "0.001000", "gain_seeds": "3",
    "folds": "10", "undertrained": "no", "against_undertrained": "",
}  # fmt: skip


def claims(*changes):
    return [RUN | change for change in changes]


def verdicts(*changes):
    return [line["verdict"] for line in judge(claims(*changes))]


def test_a_claim_of_the_difference_that_is_found_is_held_and_its_opposite_is_contradicted():
    assert verdicts({}, {"direction": "below"}) == ["held", "contradicted"]
    assert verdicts({"gain": "-4.00"}, {"gain": "-4.00", "direction": "below"}) == ["contradicted", "held"]


@pytest.mark.parametrize("direction", ["above", "below"])
def test_a_difference_that_speakers_do_not_agree_on_shows_nothing_either_way(direction):
    assert verdicts({"direction": direction, "p_interval": "0.300000"}) == ["not shown"]


def test_the_level_itself_still_counts_and_a_difference_of_nothing_has_no_sign():
    assert verdicts({"p_interval": f"{LEVEL}"}) == ["held"]
    assert verdicts({"gain": "0.00"}) == ["not shown"]


def test_holm_turns_held_into_not_shown():
    """Of p 0.03 alone: held. Of four claims with p 0.03, 0.9, 0.9, 0.9: 4 x 0.03."""
    assert verdicts({"p_interval": "0.030000"}) == ["held"]
    lines = judge(claims({"p_interval": "0.030000"}, *[{"p_interval": "0.900000"}] * 3))
    assert [line["verdict"] for line in lines] == ["not shown"] * 4
    assert [line["p_holm"] for line in lines] == ["0.120000", *["1.000000"] * 3]


def test_claims_that_are_not_judged_are_none_that_is_corrected_for():
    lines = judge(claims({"p_interval": "0.030000"}, *[{"gain_seeds": "1"}] * 3))
    assert [line["verdict"] for line in lines] == ["held", *["not judged"] * 3]
    assert [line["p_holm"] for line in lines] == ["0.030000", "", "", ""]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"folds": "", "gain": "", "p_interval": "", "gain_seeds": ""}, "not run"),
        ({"select": "best_test", "p_interval": ""}, "chosen on test"),
        ({"undertrained": "yes"}, "undertrained"),
        ({"against_undertrained": "encoder"}, "undertrained"),
        ({"gain_seeds": "1"}, "one seed"),
        ({"p_interval": ""}, "no interval"),
    ],
)
def test_what_is_not_judged_says_why(change, reason):
    (line,) = judge(claims(change))
    assert (line["verdict"], line["reason"], line["p_holm"]) == ("not judged", reason, "")
    assert reason in REASONS


def test_the_first_reason_that_applies_is_the_one_told():
    everything = {"select": "best_test", "undertrained": "yes", "gain_seeds": "1", "p_interval": ""}
    assert [line["reason"] for line in judge(claims(everything, everything | {"folds": ""}))] == [
        "chosen on test",
        "not run",
    ]


def test_two_systems_without_a_seed_are_judged():
    """An SVM against class frequencies: nothing depends on a seed, so that none is missing."""
    assert verdicts({"gain_seeds": ""}) == ["held"]


def test_the_rule_in_a_sentence_has_the_words_and_the_level():
    assert all(word in RULE for word in VERDICTS[:3])
    assert f"p ≤ {LEVEL}" in RULE
