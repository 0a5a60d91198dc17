"""Where the yardstick stands, what could differ from it, and what does."""

from helpers.chapters import chapter, line
from serflow.results_page.yardstick import yardstick_text

SVM = line("svm_compare", "strict", "ua", "85.00")
ACNN = line("acnn", "strict", "ua", "61.50", p="0.010000")


def text(*rows):
    return "\n".join(yardstick_text(chapter({"table2": list(rows)})))


def test_the_yardstick_stands_with_those_above_it_and_those_that_differ():
    said = text(SVM, ACNN, line("conv1", "strict", "ua", "86.00", p="0.300000"))
    assert said.startswith(
        "The yardstick `svm_compare` stands at UA 85.0 [40.0, 60.0] under strict. Above it, of 2 systems: "
    )
    assert "`conv1`. Of 2 tests (paired permutation of 10 speakers, of these trained networks; " in said
    assert (
        "p can be as small as 0.002, after Holm's correction 0.0039), those with p < 0.05: `acnn` (p = 0.01, " in said
    )
    assert "Holm 0.02).\n" in said
    assert "none" not in said


def test_that_no_test_can_be_significant_is_said_in_place_of_its_result():
    said = text(*(row | {"speakers": "4", "p": row["p"] and "0.125000"} for row in (SVM, ACNN)))
    assert "No p of 1 test could be below 0.12 (paired permutation of 4 speakers" in said
    assert "none can be significant" in said
    assert "those with p" not in said


def test_that_holms_correction_leaves_none_is_said_before_what_differs():
    """Six speakers: 2 / 2**6 is 0.031, of two tests 0.062."""
    rows = [row | {"speakers": "6"} for row in (SVM, ACNN, line("conv1", "strict", "ua", "86.00", p="0.031250"))]
    said = text(*rows)
    could = "one test alone could be significant (its p is 0.031 at least), none after Holm's correction"
    assert said.index(could) < said.index("those with p < 0.05")


def test_a_test_of_one_seed_is_none():
    said = text(SVM, ACNN | {"test_seeds": "1"})
    assert "None is tested against it: a test of networks of one seed would say nothing of another." in said
    both = text(SVM, ACNN | {"test_seeds": "1"}, line("majority", "strict", "ua", "25.00", p="0.001953", test_seeds=""))
    assert "Of 1 test (" in both and "`majority` (p = 0.002, Holm 0.002)" in both and "`acnn`" not in both
    assert both.endswith("Networks of one seed are not tested: another seed may move them as far.\n")


def test_undertrained_systems_take_no_part():
    said = text(SVM, ACNN | {"undertrained": "yes", "reproduced": "99.00"})
    assert "Above it, of 0 systems (1 undertrained left out): none. None is tested against it.\n" in said


def test_the_yardstick_is_the_one_that_the_lines_are_tested_against_in_each_experiment():
    rows = [SVM, ACNN, line("acnn", "strict", "ua", "33.00", experiment="part", against="acnn2")]
    said = text(*rows, line("acnn2", "strict", "ua", "30.00", experiment="part", against=""))
    assert "The yardstick `svm_compare` (full) stands at UA 85.0" in said
    assert "The yardstick `acnn2` (part) stands at UA 30.0" in said
    assert "Above it, of 1 system: `acnn` (part)." in said


def test_no_sentence_where_nothing_is_tested_under_strict():
    assert text(line("acnn", "as_published", "ua", "70.00")) == ""
