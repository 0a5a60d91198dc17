"""Error rates of teachers, by hand: over folds, in lines that training never saw, epoch by epoch."""

import numpy as np
import pandas as pd
import pytest

from serflow.asr.hypotheses import Hypotheses
from serflow.metrics.error_rates import CURVES, curves_table, pairs_table, scores_table
from serflow.metrics.scoring import PAIRS, SCORES

# words of three utterances; phones stand for themselves
REFERENCE = [["oh", "no"], ["see"], ["me", "see", "oh"]]
HYPOTHESIS = [["oh"], ["see", "me"], ["me", "no", "oh"]]  # a word missing, one too many, one wrong: 3 of 6


def hypotheses(
    *,
    teacher="tcn",
    fold=1,
    reference=REFERENCE,
    hypothesis=HYPOTHESIS,
    greedy=None,
    speakers=("F", "F", "M"),
    unseen=None,
    improvised=None,
):
    def as_phones(lines):
        return [list("".join(words)) for words in lines]

    greedy = [hypothesis] if greedy is None else greedy
    return Hypotheses(
        teacher=teacher,
        fold=fold,
        seed=1,
        speakers=np.array(speakers, dtype=object),
        sessions=np.array(["1"] * len(speakers), dtype=object),
        unseen=np.array([False] * len(reference) if unseen is None else unseen),
        improvised=np.array([False] * len(reference) if improvised is None else improvised),
        reference={"word": reference, "phone": as_phones(reference)},
        hypothesis={"word": hypothesis, "phone": as_phones(hypothesis)},
        greedy={"word": greedy, "phone": [as_phones(one) for one in greedy]},
    )


def scores(*runs, permutations=200):
    return scores_table(runs, permutations=permutations).set_index("metric")


def test_a_rate_is_what_has_to_be_changed_by_what_was_said():
    found = scores(hypotheses())
    assert found.loc["wer", "pooled"] == pytest.approx(3 / 6)
    # ohno -> oh: 2; see -> seeme: 2; meseeoh -> menooh: see -> no, 3; of 4 + 3 + 7
    assert found.loc["per", "pooled"] == pytest.approx(7 / 14)


def test_a_rate_may_be_above_one():
    run = hypotheses(reference=[["no"]], hypothesis=[["oh", "see", "me"]], speakers=["F"])
    assert scores(run).loc["wer", "pooled"] == 3.0


def test_rates_of_folds_are_pooled_by_words_and_averaged_by_folds():
    one = hypotheses(fold=1)
    other = hypotheses(fold=2, reference=[["me"]], hypothesis=[["me"]], speakers=["X"])
    found = scores(one, other).loc["wer"]
    assert found["pooled"] == pytest.approx(3 / 7)
    assert found["mean"] == pytest.approx((3 / 6 + 0) / 2)
    assert found["sd"] == pytest.approx(np.std([0.5, 0.0], ddof=1))
    assert (found["folds"], found["seeds"], found["utterances"]) == (2, 1, 4)


def test_one_fold_has_no_deviation():
    assert np.isnan(scores(hypotheses()).loc["wer", "sd"])


def test_lines_that_training_never_saw_have_rates_of_their_own():
    found = scores(hypotheses(unseen=[False, True, False]))
    assert found.loc["wer_unseen", "pooled"] == 1.0  # of "see" one word, and one too many
    assert found.loc["wer_unseen", "utterances"] == 1
    assert found.loc["wer", "utterances"] == 3


def test_without_an_unseen_line_there_is_no_rate_of_any():
    assert sorted(scores(hypotheses()).index) == ["per", "wer"]


def test_improvised_turns_have_rates_of_their_own():
    found = scores(hypotheses(unseen=[False, True, False], improvised=[True, True, False]))
    assert found.loc["wer_improvised", "pooled"] == pytest.approx(2 / 3)  # of "oh no", "see": one missing, one too many
    assert found.loc["per_improvised", "pooled"] == pytest.approx(4 / 7)
    assert found.loc["wer_improvised", "utterances"] == 2
    assert sorted(scores(hypotheses(unseen=[True] * 3)).index) == ["per", "per_unseen", "wer", "wer_unseen"]


def test_a_fold_without_an_unseen_line_is_none_of_the_folds_mean():
    found = scores(hypotheses(unseen=[True, False, False]), hypotheses(fold=2)).loc["wer_unseen"]
    assert (found["pooled"], found["mean"], found["utterances"]) == (0.5, 0.5, 1)


def test_teachers_are_told_apart_and_stand_in_their_order():
    table = scores_table([hypotheses(teacher="b"), hypotheses(teacher="a")], permutations=50)
    assert list(table.columns) == list(SCORES)
    assert table["system"].tolist() == ["b", "b", "a", "a"]
    assert set(table["select"]) == {"last"}


@pytest.mark.parametrize(("speakers", "told"), [(("F", "M", "M"), False), (("F", "M", "X"), True)])
def test_intervals_over_speakers_are_told_from_three_speakers(speakers, told):
    found = scores(hypotheses(speakers=speakers)).loc["wer"]
    low, high = (found.get(f"{end}_speakers", np.nan) for end in ("low", "high"))
    assert (not np.isnan(low)) == (not np.isnan(high)) == told
    assert found["low_utterances"] <= found["pooled"] <= found["high_utterances"]


def test_an_interval_is_of_the_rates_of_speakers_and_may_exceed_1():
    """Of three speakers, one with a rate of 1 and two with 0, of one word each: mean 1/3, standard error 1/3."""
    run = hypotheses(reference=[["no"], ["oh"], ["me"]], hypothesis=[["oh"], ["oh"], ["me"]], speakers=["F", "M", "X"])
    found = scores(run).loc["wer"]
    assert (found["low_speakers"], found["high_speakers"]) == pytest.approx((0, 1 / 3 + 4.302653 / 3))


def test_speakers_who_are_always_wrong_have_no_width():
    run = hypotheses(hypothesis=[[], [], []], speakers=["F", "M", "X"])
    found = scores(run).loc["wer"]
    assert (found["low_speakers"], found["pooled"], found["high_speakers"]) == (1.0, 1.0, 1.0)


def test_curves_count_each_kind_of_error_after_every_epoch():
    run = hypotheses(greedy=[[[], [], []], HYPOTHESIS], unseen=[False, True, True])
    table = curves_table([run])
    assert list(table.columns) == CURVES
    words = table[table["unit"] == "word"].set_index(["lines", "epoch"])
    counts = ["substitutions", "deletions", "insertions", "reference"]
    assert words.loc[("all", 1), counts].tolist() == [0, 6, 0, 6]
    assert words.loc[("all", 2), counts].tolist() == [1, 1, 1, 6]
    assert words.loc[("unseen", 2), counts].tolist() == [1, 0, 1, 4]
    assert set(table["part"]) == {"test"}
    assert len(table) == 2 * 3 * 2  # epochs, lines, units


def test_curves_of_runs_follow_one_another():
    table = curves_table([hypotheses(), hypotheses(fold=2)])
    assert table["fold"].tolist() == [1] * 6 + [2] * 6
    assert isinstance(table, pd.DataFrame)


def pairs(*runs, first="tcn", second="control"):
    return pairs_table(runs, [(first, second)], permutations=500).set_index("metric")


SPEAKERS = ("F", "M", "X")
WRONG = [[], [], []]


def test_two_teachers_differ_by_their_rates_on_the_same_lines():
    found = pairs(hypotheses(), hypotheses(teacher="control", hypothesis=WRONG))
    assert found.loc["wer", "difference"] == pytest.approx(3 / 6 - 1)
    assert found.loc["per", "difference"] == pytest.approx(7 / 14 - 1)


def test_lines_that_training_never_saw_are_compared_on_their_own():
    one = hypotheses(unseen=[False, True, False])
    other = hypotheses(teacher="control", hypothesis=WRONG, unseen=[False, True, False])
    assert pairs(one, other).loc["wer_unseen", "difference"] == pytest.approx(1 - 1)
    assert sorted(pairs(hypotheses(), hypotheses(teacher="control")).index) == ["per", "wer"]


def test_a_difference_has_an_interval_and_a_p_over_three_speakers():
    """Each of them is written better by the first: of the eight swaps, none and all differ by as much."""
    one = hypotheses(hypothesis=REFERENCE, speakers=SPEAKERS)
    other = hypotheses(teacher="control", hypothesis=WRONG, speakers=SPEAKERS)
    found = pairs(one, other).loc["wer"]
    assert (found["low"], found["difference"], found["high"], found["p"]) == (-1.0, -1.0, -1.0, 2 / 8)
    assert list(pairs_table([one, other], [("tcn", "control")], permutations=50).columns) == list(PAIRS)


def test_over_two_speakers_there_is_neither():
    found = pairs(hypotheses(hypothesis=REFERENCE), hypotheses(teacher="control", hypothesis=WRONG)).loc["wer"]
    assert np.isnan([found["low"], found["high"], found["p"]]).all()
    assert (found["difference"], found["p_utterances"]) == (-1.0, 2 / 8)


def test_a_teacher_beside_itself_differs_by_nothing():
    found = pairs(*(hypotheses(teacher=name, speakers=SPEAKERS) for name in ("tcn", "control"))).loc["per"]
    assert (found["low"], found["difference"], found["high"], found["p"]) == (0, 0, 0, 1)


def test_folds_are_matched_in_whatever_order_they_come():
    second = {"fold": 2, "reference": [["me"]], "speakers": ["X"]}
    one = [hypotheses(), hypotheses(hypothesis=[["me"]], **second)]
    other = [hypotheses(teacher="control", hypothesis=[["oh"]], **second), hypotheses(teacher="control")]
    assert pairs(*one, *other).loc["wer", "difference"] == pytest.approx(-1 / 7)


def test_teachers_of_other_utterances_are_not_compared():
    with pytest.raises(ValueError, match="compared on the same folds, seeds and utterances"):
        pairs(hypotheses(), hypotheses(teacher="control", reference=REFERENCE[::-1]))
    with pytest.raises(ValueError, match="are not the same"):
        pairs(hypotheses(), hypotheses(teacher="control", unseen=[True, False, False]))
    with pytest.raises(ValueError, match="are not the same"):
        pairs(hypotheses(), hypotheses(teacher="control", improvised=[True, False, False]))
