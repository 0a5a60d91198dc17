"""The rows of the page of findings, their order and differences, and the sentences that are made of them."""

from pathlib import Path

import pytest

from helpers.fabricated_findings import PAIRS, SCORES, append
from serflow.errors import UserError
from serflow.reporting.findings import (
    COLUMNS,
    PROTOCOLS,
    SAME,
    findings_rows,
    stars,
    verdict_rows,
)
from serflow.reporting.findings_sentences import caption, letters, sentences
from serflow.reporting.rows import read_table, write_table
from serflow.reporting.verdicts import REASONS, VERDICTS

PUBLISHED = {"name": "as_published", "split": "random5", "select": "best_test", "folds": 5}
RANDOM10 = {"name": "random10", "split": "random10", "select": "best_validation"}
STRICT = {"name": "strict", "split": "speaker", "select": "best_validation", "folds": 10}
EFFECTS = {
    "shared_speakers": {"first": RANDOM10, "second": STRICT},
    "test_choice": {"first": PUBLISHED, "second": RANDOM10},
}
UA = {  # as published, random10, strict, strict at the best test epoch
    "acnn": (0.70, 0.66, 0.60, 0.64),
    "conv": (0.62, 0.61, 0.58, 0.61),
    "svm": (0.64, 0.64, 0.59, 0.59),
    "majority": (0.25, 0.25, 0.25, 0.25),
}
P = {"acnn": 0.001, "conv": 0.03, "svm": 0.04, "majority": 1.0}


class Page:
    """A page of one paper; tests change what is written before it is read."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.ua, self.undertrained, self.seeds, self.pairs = dict(UA), set(), 3, {}
        self.effects, self.protocols, self.interval = dict(EFFECTS), [STRICT, PUBLISHED], True

    @property
    def spec(self):
        row = {
            "yardstick": False,
            "hears": True,
            "epochs": True,
            "given": False,
            "missing": {},
            "contrasts": str(self.folder / "contrasts.csv"),
        }
        row["scores"] = {
            p["name"]: str(self.folder / p["split"]) for p in (PUBLISHED, RANDOM10, STRICT, *self.protocols)
        }
        plain = {"svm": {"yardstick": True, "epochs": False}, "majority": {"yardstick": True, "hears": False}}
        plain["majority"]["epochs"] = False
        rows = [row | {"system": name, "name": name.upper()} | plain.get(name, {}) for name in self.ua]
        paper = {
            "key": "xu2020",
            "published_on": "IEMOCAP",
            "protocols": self.protocols,
            "effects": self.effects,
            "swept": 0,
            "claims": [],
        }
        paper |= {"reference": {"system": "svm", "name": "Yardstick: a linear SVM"}}
        view = {"name": "improvised", "classes": 4, "missing": None, "rows": rows}
        return {"metric": "ua", "papers": [paper | {"experiments": [view]}]}

    def write(self):
        for name, values in self.ua.items():
            keys = [("random5", "best_test"), ("random10", "best_validation"), ("speaker", "best_validation")]
            scored = dict(zip([*keys, ("speaker", "best_test")], values, strict=True))
            for (split, select), value in scored.items():
                line = {"system": name, "select": select, "metric": "ua", "pooled": f"{value:.6f}", "folds": "5"}
                line |= {"seeds": str(self.seeds), "utterances": "500", "speakers": "10"}
                line |= {"low_speakers": f"{value - 0.04:.6f}"} if self.interval else {}
                line |= {"high_speakers": f"{value + 0.04:.6f}"} if self.interval else {}
                line |= {"undertrained": "yes" if name in self.undertrained else "no"}
                append(self.folder / split / "scores.csv", SCORES, line)
            for first, second in ((keys[0], keys[1]), (keys[0], keys[2]), (keys[1], keys[2])):
                line = dict(zip(("from_split", "from_select", "to_split", "to_select"), (*first, *second), strict=True))
                gain = scored[first] - scored[second]
                line |= {"system": name, "metric": "ua", "difference": f"{gain:.6f}", "low": "-0.01", "high": "0.09"}
                line |= {"p": "" if first[1] == "best_test" else str(P[name]), "seeds": str(self.seeds)}
                line |= {"speakers_shared": "yes"} | self.pairs
                append(self.folder / "contrasts.csv", PAIRS, line)

    def rows(self):
        self.write()
        return findings_rows(self.spec)

    def told(self, verdicts=()):
        return sentences(self.spec, self.rows(), list(verdicts))


@pytest.fixture
def page(tmp_path):
    return Page(tmp_path)


def by_system(rows):
    return {row["system"]: row for row in rows}


def test_a_row_has_both_protocols_their_intervals_and_the_difference_of_the_two(page):
    row = by_system(page.rows())["acnn"]
    assert (row["strict"], row["strict_low"], row["strict_high"]) == ("60.00", "56.00", "64.00")
    assert (row["as_published"], row["as_published_folds"], row["chance"]) == ("70.00", "5", "25.00")
    assert (row["difference"], row["difference_low"], row["difference_high"]) == ("10.00", "-1.00", "9.00")
    assert (row["shared_speakers"], row["test_choice"], row["test_choice_own"]) == ("6.00", "4.00", "4.00")


def test_the_best_under_strict_comes_first(page):
    assert [row["system"] for row in page.rows()] == ["acnn", "svm", "conv", "majority"]
    page.folder = page.folder / "other"
    page.ua["conv"] = (0.1, 0.1, 0.9, 0.9)
    assert page.rows()[0]["system"] == "conv"


def test_a_system_that_strict_does_not_run_is_sorted_as_published_and_has_no_difference(page):
    page.write()
    spec = page.spec
    conv = next(row for row in spec["papers"][0]["experiments"][0]["rows"] if row["system"] == "conv")
    conv |= {"scores": conv["scores"] | {"strict": None}, "missing": {"strict": "not run: the preset has no place"}}
    rows = findings_rows(spec)
    assert [row["system"] for row in rows] == ["conv", "acnn", "svm", "majority"]  # 62.0 as published
    assert (rows[0]["strict"], rows[0]["strict_note"]) == ("", "not run: the preset has no place")
    assert (rows[0]["difference"], rows[0]["difference_note"]) == ("", "not run under strict")
    assert letters(rows) == {"not run under strict": "a"}
    assert "–a not run under strict" in caption(spec, rows)


def test_stars_are_of_p_and_of_holms_p_over_the_papers_rows(page):
    """Of 0.001, 0.03, 0.04, three times the first is below 0.05, twice the second is not: 0.06."""
    rows = by_system(page.rows())
    marks = {name: stars(row, "shared_speakers") for name, row in rows.items()}
    assert marks == {"acnn": "**", "conv": "*", "svm": "*", "majority": ""}
    assert rows["conv"]["shared_speakers_p_holm"] == "0.060000"
    page.folder, page.seeds = page.folder / "one", 1
    assert not any(stars(row, "shared_speakers") for row in page.rows())


@pytest.mark.parametrize("contrast", ["difference", "test_choice", "test_choice_own"])
def test_nothing_that_the_test_part_chose_is_starred(page, contrast):
    assert not any(stars(row, contrast) for row in page.rows())


def test_an_undertrained_system_keeps_its_difference_and_loses_its_test(page):
    page.undertrained = {"acnn"}
    row = by_system(page.rows())["acnn"]
    assert row["strict_undertrained"] == row["shared_speakers_undertrained"] == "yes"
    assert row["shared_speakers"] == "6.00"
    assert row["shared_speakers_p"] == stars(row, "shared_speakers") == ""


def test_protocols_that_are_one_have_no_difference(page):
    page.protocols = [STRICT, STRICT | {"name": "as_published"}]
    page.write()
    row = findings_rows(page.spec)[0]
    assert (row["difference"], row["difference_note"]) == ("", SAME)
    assert "= the two protocols are one" in caption(page.spec, [row])


def test_the_rows_are_the_same_when_read_back(page, tmp_path):
    rows = page.rows()
    write_table(rows, tmp_path / "rows.csv", COLUMNS)
    assert read_table(tmp_path / "rows.csv") == rows


def test_a_contrast_that_was_not_made_is_told(page):
    page.write()
    (page.folder / "contrasts.csv").write_text(",".join(PAIRS) + "\n")
    with pytest.raises(UserError, match=r"contrasts.csv: no line for system acnn"):
        findings_rows(page.spec)


# sentences: each with its opposite


def leaders(page):
    return page.told()[0]


def test_the_leader_is_named_with_its_value_and_the_yardsticks_place(page):
    said = leaders(page)
    assert "in xu2020 ACNN with 60.0 % [56.0–64.0], the yardstick 2nd of 4 with 59.0 % [55.0–63.0]." in said
    assert "The yardstick: a linear SVM." in said


def test_a_yardstick_that_leads_is_said_to(page):
    page.ua["svm"] = (0.64, 0.64, 0.61, 0.61)
    assert "in xu2020 the yardstick itself with 61.0 % [57.0–65.0], first of 4." in leaders(page)


def test_systems_that_are_level_lead_together(page):
    page.ua["conv"] = page.ua["acnn"]
    assert "in xu2020 ACNN and CONV with 60.0 %" in leaders(page)


def test_no_undertrained_system_leads_and_they_are_counted(page):
    page.undertrained = {"acnn"}
    said = leaders(page)
    assert "the yardstick itself with 59.0 %" in said
    assert said.endswith("1 undertrained system is left out.")


def test_where_all_are_undertrained_none_leads(page):
    page.undertrained = set(page.ua)
    assert "in xu2020 none: all 4 systems are undertrained." in leaders(page)


def test_without_strict_none_leads(page):
    page.protocols = [PUBLISHED]
    assert "in xu2020 none: nothing is run under strict" in leaders(page)


def choice(page):
    return next(text for text in page.told() if "Choosing" in text or "choosing" in text)


def shared(page):
    return page.told()[-1]


def test_the_choice_on_the_test_part_has_its_median_and_range_and_no_test(page):
    """4 and 1 points; the yardsticks have no epoch to choose."""
    assert choice(page) == (
        "Choosing the epoch on the test part in place of the validation part is worth +2.5 points of UA at the median "
        "of 2 systems, from +1.0 to +4.0 (as published beside random10: xu2020); no test goes with it (the test part "
        "chose)."
    )


def test_the_same_choice_within_strict_is_of_the_same_networks(page):
    said = page.told()[2]
    assert "at the median of 2 systems, from +3.0 to +4.0 (under strict: xu2020)" in said
    page.folder = page.folder / "other"
    page.ua["acnn"] = (0.70, 0.66, 0.60, 0.58)
    assert "from −2.0 to +3.0" in page.told()[2]


def test_where_no_pair_isolates_the_choice_the_reason_is_said(page):
    page.effects["test_choice"] = {"reason": "no protocol chooses the epoch on the test part"}
    assert choice(page) == (
        "What choosing the epoch on the test part in place of the validation part is worth cannot be told here: "
        "xu2020 (no protocol chooses the epoch on the test part)."
    )


def test_shared_speakers_have_their_median_range_and_stars(page):
    """6, 3 and 5 points; the majority class hears no speaker."""
    assert shared(page) == (
        "Speakers whom training and test share are worth +5.0 points of UA at the median of 3 systems, from +3.0 to "
        "+6.0 (random10 beside strict: xu2020); 3 of 3 that are tested differ at p < 0.05, 1 also after Holm's "
        "correction within the paper."
    )


def test_shared_speakers_may_cost(page):
    page.ua |= {"acnn": (0.70, 0.50, 0.60, 0.64), "svm": (0.64, 0.55, 0.59, 0.59), "conv": (0.6, 0.5, 0.55, 0.6)}
    assert "are worth −5.0 points of UA at the median of 3 systems, from −10.0 to −4.0" in shared(page)


def test_one_seed_is_said_in_place_of_a_test(page):
    page.seeds = 1
    assert "no test goes with it (one seed)" in shared(page)
    assert "One seed bears no star." in caption(page.spec, findings_rows(page.spec))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"difference": "", "reason": "they test other utterances: 9 and 8"}, "xu2020 (they test other utterances)"),
        ({"speakers_shared": "no"}, "xu2020 (no speaker is shared)"),
    ],
)
def test_where_speakers_are_not_shared_or_other_utterances_tested_it_says_so(page, change, reason):
    page.pairs = change
    said = shared(page)
    assert said.startswith("What speakers whom training and test share are worth cannot be told here: xu2020")
    assert reason in said


def test_undertrained_systems_are_left_out_of_what_a_protocol_is_worth_and_counted(page):
    page.undertrained = {"acnn"}
    said = shared(page)
    assert "at the median of 2 systems, from +3.0 to +5.0" in said
    assert said.endswith("1 undertrained system is left out.")
    page.folder, page.undertrained = page.folder / "all", set(UA)
    assert "cannot be told here: xu2020 (all are undertrained)" in shared(page)


def claim(verdict, reason="", protocol="strict"):
    return {"protocol": protocol, "verdict": verdict, "reason": reason}


def test_the_claims_are_counted_by_paper_protocol_verdict_and_reason():
    lines = [claim("held"), claim("held"), claim("not judged", "one seed"), claim("contradicted", protocol="random10")]
    strict, random10 = verdict_rows({"xu2020": lines, "huang2016": []})
    assert (strict["paper"], strict["protocol"]) == ("xu2020", "strict")
    assert [strict[word] for word in VERDICTS] == ["2", "0", "0", "1"]
    assert [strict[word] for word in REASONS] == [str(int(word == "one seed")) for word in REASONS]
    assert [random10[word] for word in VERDICTS] == ["0", "0", "1", "0"]


def test_the_claims_have_a_sentence_where_there_are_some(page):
    verdicts = verdict_rows({"xu2020": [claim("held"), claim("not judged", "one seed")]})
    said = page.told(verdicts)[1]
    assert said == (
        "The papers' claims, made on IEMOCAP: of 2 claims under strict 1 held, 0 not shown, 0 contradicted and 1 not "
        "judged (1 one seed)."
    )
    assert not any("claims" in text for text in sentences(page.spec, findings_rows(page.spec), []))


def test_where_no_claim_is_judged_it_says_so_and_why(page):
    lines = [claim("not judged", "undertrained")] * 2 + [claim("not judged", "not run")]
    said = page.told(verdict_rows({"xu2020": lines}))[1]
    told = "of 3 claims under strict none is judged (1 not run, 2 undertrained)"
    assert said == f"The papers' claims, made on IEMOCAP: {told}."


def test_a_protocol_that_is_not_run_is_the_reason_why_nothing_is_told(page):
    page.write()
    spec = page.spec
    for row in spec["papers"][0]["experiments"][0]["rows"]:
        row |= {"scores": row["scores"] | {"random10": None}, "missing": {"random10": "not run: no reason"}}
    said = sentences(spec, findings_rows(spec), [])
    assert said[-1].endswith("cannot be told here: xu2020 (not run under both).")


def test_the_caption_says_what_the_numbers_rest_on(page):
    page.protocols = [STRICT, PUBLISHED]
    said = caption(page.spec, page.rows())
    assert "Strict: 5 of 10 folds × 3 seeds. As published: 5 folds × 3 seeds." in said
    assert "undertrained" not in said
    page.folder, page.undertrained = page.folder / "other", {"conv"}
    assert "Grey and §: undertrained" in caption(page.spec, page.rows())


def test_every_column_of_a_protocol_is_there():
    assert {f"{name}_undertrained" for name in PROTOCOLS} <= set(COLUMNS)
