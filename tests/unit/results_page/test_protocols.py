"""As published beside strict: paired, and only where it is a difference of protocols."""

import pytest

from helpers.chapters import chapter, line, write_contrasts
from serflow.errors import UserError
from serflow.results_page.protocols import contrasts_text, protocols_text

ROWS = [
    line("acnn", "as_published", "ua", "70.00"), line("acnn", "strict", "ua", "61.50"),
    line("svm_compare", "as_published", "ua", "90.00"), line("svm_compare", "strict", "ua", "85.00"),
]  # fmt: skip
LAST = {"from_select": "last", "p": "0.020000"}


def text(rows=ROWS):
    return "\n".join(protocols_text(chapter({"table2": rows})))


def test_the_difference_is_the_paired_one_with_its_interval_the_largest_first():
    write_contrasts(("svm_compare", {"difference": "0.052000", "by_seed": "0.052000"}), ("acnn", {}))
    said = text()
    acnn = "- `acnn`: +8.5 [+2.1, +14.9]; by seed +7.5, +8.5, +9.5 (70.0 [40.0, 60.0] as published, 61.5 [40.0, 60.0]"
    svm = "- `svm_compare`: +5.2 [+2.1, +14.9] (90.0"
    assert acnn in said and svm in said and said.index(acnn) < said.index(svm)
    assert "Paired on the same 339 utterances of 10 speakers" in said


def test_no_p_is_told_where_the_test_part_chose_and_the_reason_is_said():
    write_contrasts(("acnn", {}), ("svm_compare", {}))
    said = text()
    assert "As published chooses the epoch on the test part, so that no p is to be had." in said
    assert "p = " not in said


def test_where_a_p_is_allowed_holms_correction_over_the_list_stands_beside_it():
    rows = [row | {"select": "last"} if row["protocol"] == "as_published" else row for row in ROWS]
    write_contrasts(("acnn", LAST), ("svm_compare", LAST | {"p": "0.500000", "seeds": ""}))
    said = text(rows)
    assert "- `acnn`: +8.5 [+2.1, +14.9], p = 0.02, Holm 0.04; by seed" in said
    assert "p = 0.5, Holm 0.5" in said
    assert "on the test part" not in said


def test_one_seed_is_told_without_a_p_and_is_none_to_correct_for():
    rows = [row | {"select": "last"} if row["protocol"] == "as_published" else row for row in ROWS]
    write_contrasts(("acnn", LAST | {"seeds": "1", "by_seed": "0.085000"}), ("svm_compare", LAST | {"seeds": ""}))
    said = text(rows)
    assert "- `acnn`: +8.5 [+2.1, +14.9] (70.0" in said
    assert "- `svm_compare`: +8.5 [+2.1, +14.9], p = 0.02, Holm 0.02" in said
    assert "Of one seed no p is told" in said


def test_other_utterances_have_no_list_but_one_sentence():
    """Ten speakers as published, four of them under strict: a difference of people."""
    rows = [row | {"utterances": "132" if row["protocol"] == "strict" else "136"} for row in ROWS]
    reason = "they test other utterances: 136 and 132, of which 53 are the same"
    write_contrasts(*((name, {"difference": "", "low": "", "reason": reason}) for name in ("acnn", "svm_compare")))
    said = text(rows)
    assert said == (
        "As published is not set beside strict: the two test other utterances (136 and 132), so that their difference "
        "would be one of people.\n"
    )


def test_a_protocol_that_shares_no_speakers_has_no_list_but_one_sentence():
    rows = [row | {"split": "session_parts"} if row["protocol"] == "as_published" else row for row in ROWS]
    change = {"from_split": "session_parts", "speakers_shared": "no"}
    write_contrasts(("acnn", change), ("svm_compare", change))
    said = text(rows)
    assert said.startswith(
        "As published is not set beside strict: as published keeps the tested speakers out of training"
    )
    assert said.count("\n") == 1


def test_one_and_the_same_protocol_and_one_protocol_alone_say_nothing():
    same = [row | {"split": "speaker", "select": "best_validation"} for row in ROWS]
    assert text(same) == ""
    assert text(ROWS[1:2]) == ""


def test_a_system_without_a_difference_beside_others_is_named_with_the_reason():
    write_contrasts(("acnn", {}), ("svm_compare", {"difference": "", "reason": "they test other utterances: 3 and 4"}))
    said = text()
    assert "- `acnn`: +8.5" in said
    assert "- `svm_compare`: none, they test other utterances: 3 and 4\n" in said


def test_a_contrast_that_was_not_made_is_an_error_that_names_the_file():
    with pytest.raises(UserError, match=r"full/scores/contrasts.csv"):
        text()
    write_contrasts(("acnn", {}))
    with pytest.raises(UserError, match=r"contrasts.csv: no line of svm_compare"):
        text()


def test_an_undertrained_system_has_its_mark_and_no_test():
    rows = [row | {"select": "last"} if row["protocol"] == "as_published" else row for row in ROWS]
    rows[1] = rows[1] | {"undertrained": "yes"}
    write_contrasts(("acnn", LAST), ("svm_compare", LAST))
    said = text(rows)
    assert "- `acnn`: +8.5§ [+2.1, +14.9]; by seed" in said
    assert "61.5§ [40.0, 60.0] strict" in said
    assert "p = 0.02, Holm 0.02" in said


DECLARED = {"contrasts": [{"what": "taking the wearer for the speaker", "from": "strict", "to": "random10"}]}
CHANGE = {"contrast_to": "random10", "contrast": "4.00", "contrast_low": "1.00", "contrast_high": "7.00"}
CHANGE |= {"contrast_p": "0.030000", "contrast_p_holm": "0.060000", "contrast_seeds": "3"}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({}, "- acnn: +4.0 [+1.0, +7.0], p = 0.03, Holm 0.06\n"),
        ({"contrast_seeds": "1"}, "- acnn: +4.0 [+1.0, +7.0]\n"),
        ({"undertrained": "yes"}, "- acnn: +4.0§\n"),
    ],
)
def test_declared_contrasts_are_told_of_each_row(change, said):
    rows = [line("acnn", "strict", "ua", "61.50", **CHANGE | change), line("acnn", "random10", "ua", "65.50")]
    heading, lines = contrasts_text(chapter({"table2": rows}, specs={"table2": DECLARED}))
    assert heading == "Taking the wearer for the speaker is worth, in points of UA, of these networks:\n"
    assert lines == said
