"""What all chapters say together."""

from helpers.chapters import chapter, claim, line, write_contrasts
from serflow.results_page.summary import leading_sentence, summary_text

SVM = line("svm_compare", "strict", "ua", "85.00", low="80.00", high="88.00")
ACNN = line("acnn", "strict", "ua", "61.50", p="0.010000")
PUBLISHED = line("acnn", "as_published", "ua", "70.00")


def made(*rows, claims=(), **other):
    return chapter({"table2": list(rows), "table_claims": list(claims)}, kinds={"table_claims": "claims"}, **other)


def summary(*chapters):
    return "\n".join(summary_text(list(chapters)))


def test_the_yardstick_that_leads_is_followed_by_the_best_system_and_its_test():
    said = summary(made(SVM, ACNN))
    start = "- x, preset paper: of 2 systems the yardstick `svm_compare` leads with UA 85.0 [80.0, 88.0], "
    assert f"{start}`acnn` follows with UA 61.5 [40.0, 60.0] (against it p = 0.01, Holm 0.01).\n" in said


def test_the_system_that_leads_is_followed_by_the_yardsticks_place():
    best = line("conv1", "strict", "ua", "90.00", p="0.300000")
    said = summary(made(SVM, ACNN, best, line("conv2", "strict", "ua", "86.00")))
    assert "of 4 systems `conv1` leads with UA 90.0 [40.0, 60.0] (against it p = 0.3, Holm 0.3)" in said
    assert "the yardstick `svm_compare` is number 3 with UA 85.0 [80.0, 88.0]" in said


def test_the_best_system_is_one_of_the_papers_own():
    majority = line("majority", "strict", "ua", "70.00", test_seeds="")
    assert "leads with UA 85.0 [80.0, 88.0], `acnn` follows" in summary(made(SVM, ACNN, majority))
    assert "the best of the papers' systems is `acnn`" in leading_sentence([made(SVM, ACNN, majority)])
    alone = made(SVM, majority, ACNN | {"undertrained": "yes"})
    assert "stands beside none of the paper's systems (1 undertrained, left out)" in summary(alone)
    assert "all systems of the papers are undertrained" in leading_sentence([alone])


def test_undertrained_systems_do_not_lead():
    said = summary(made(SVM, ACNN, line("conv1", "strict", "ua", "99.00", undertrained="yes")))
    assert "of 2 systems (1 undertrained, left out) the yardstick `svm_compare` leads" in said


def test_what_the_protocol_is_worth_and_the_claims_are_summed_up():
    write_contrasts(("acnn", {}))
    claims = [claim("a", "strict", "held"), claim("b", "strict", "not shown"), claim("a", "as_published", "held")]
    said = summary(made(SVM, ACNN, PUBLISHED, claims=claims))
    assert "as published minus strict is +8.5 points of UA, in 1 of 1 with an interval without 0" in said
    assert "claims under strict: 1 held, 1 not shown.\n" in said


def test_an_unfinished_chapter_is_told_with_its_number_of_trainings_and_no_result():
    said = summary(made(SVM, ACNN), chapter({}, paper="y", done=3, wanted=115, records=[]))
    assert "- y, preset paper: not finished, 3 of 115 trainings.\n" in said
    assert "Systems of two papers" not in said


def test_the_leading_sentence_has_the_yardstick_the_best_system_the_protocol_and_the_claims():
    write_contrasts(("acnn", {}), ("conv1", {"difference": "-0.010000"}))
    conv = [line("conv1", "strict", "ua", "77.00"), line("conv1", "as_published", "ua", "76.00")]
    first = made(SVM, ACNN, PUBLISHED, *conv, claims=[claim("a", "strict", "held")])
    second = made(SVM, line("rlc", "strict", "ua", "90.00"), paper="y", claims=[claim("b", "strict", "not shown")])
    unfinished = chapter({}, paper="z", done=3, wanted=115, records=[])
    assert leading_sentence([first, second, unfinished]) == (
        "Under *strict*, the yardstick `svm_compare` stands at UA 85.0 [80.0, 88.0] and leads in 1 of 2 chapters; the "
        "best of the papers' systems is `rlc` of y with UA 90.0 [40.0, 60.0]; as published minus strict is -1.0 to "
        "+8.5 points of UA for 2 systems of x; of 2 claims 1 held, 1 not shown (1 of 3 chapters is not finished)."
    )


def test_nothing_finished_is_said():
    assert leading_sentence([chapter({}, done=0, wanted=9, records=[])]) == "Of 1 chapter of results none is finished."


def test_what_the_protocol_is_worth_is_told_of_the_papers_own_systems_that_learned():
    rows = [SVM, ACNN, PUBLISHED, line("svm_compare", "as_published", "ua", "90.00")]
    rows += [line("conv1", "strict", "ua", "30.00", undertrained="yes"), line("conv1", "as_published", "ua", "60.00")]
    worth = {"acnn": "0.085000", "svm_compare": "0.002000", "conv1": "0.300000"}
    write_contrasts(*((name, {"difference": points}) for name, points in worth.items()))
    assert "as published minus strict is +8.5 points of UA, in 1 of 1" in summary(made(*rows))
    assert "as published minus strict is +8.5 points of UA for 1 system of x" in leading_sentence([made(*rows)])


def test_that_the_best_system_was_trained_with_one_seed_is_said():
    assert "`acnn` of x with UA 61.5 [40.0, 60.0] from one seed" in leading_sentence([made(SVM, ACNN | {"seeds": "1"})])
    assert "one seed" not in leading_sentence([made(SVM, ACNN)])
