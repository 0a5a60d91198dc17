"""What Li et al. print at ICASSP and IJCAI 2019, typed anew from the papers' text, against their YAML."""

import math
import re

import pytest

from helpers.declared import ROOT, iemocap, make_plan
from serflow.config import read_yaml

PAPERS = ["li2019icassp", "li2019ijcai"]
YAML = {paper: read_yaml(ROOT / f"workflow/papers/{paper}.yaml") for paper in PAPERS}
SUFFIX = {"A": "", "A+L": "_al", "RID": "_rid"}  # of the YAML's table, for each group of columns of the printed one

# UA in per cent and F1 as a share, as printed. Input: A acoustic, A+L acoustic and lexical; RID: the other corpus, A.
PRINTED = {
    ("li2019icassp", "table1", "A"): {
        "xia2017": (60.3, 0.599),
        "poria2016": (60.5, 0.602),
        "poria2017": (56.8, 0.571),
        "mirsamadi2017": (59.7, 0.589),
        "proposed": (67.4, 0.671),
    },
    ("li2019icassp", "table2", "A"): {
        "baseline": (60.3, 0.599),
        "s1": (61.8, 0.621),
        "s2": (63.1, 0.637),
        "s3": (66.9, 0.670),
        "s4": (67.4, 0.671),
    },
    ("li2019ijcai", "table1", "A"): {
        "xia2017": (60.4, 0.597),
        "poria2016": (60.7, 0.608),
        "poria2017": (55.8, 0.563),
        "mirsamadi2017": (59.6, 0.594),
        "proposed": (69.4, 0.693),
    },
    ("li2019ijcai", "table1", "A+L"): {
        "xia2017": (72.8, 0.731),
        "poria2016": (69.7, 0.702),
        "poria2017": (73.9, 0.740),
        "mirsamadi2017": (74.3, 0.745),
        "proposed": (79.2, 0.791),
    },
    ("li2019ijcai", "table1", "RID"): {
        "xia2017": (68.7, 0.691),
        "poria2016": (71.2, 0.719),
        "poria2017": (62.1, 0.620),
        "mirsamadi2017": (69.1, 0.687),
        "proposed": (90.2, 0.901),
    },
    ("li2019ijcai", "table2", "A"): {
        "baseline": (56.4, 0.565),
        "s1": (61.8, 0.621),
        "s2": (66.1, 0.667),
        "s3": (69.4, 0.693),
    },
    ("li2019ijcai", "table2", "A+L"): {
        "baseline": (72.9, 0.731),
        "s1": (74.3, 0.745),
        "s2": (77.1, 0.770),
        "s3": (79.2, 0.791),
    },
    ("li2019ijcai", "table2", "RID"): {
        "baseline": (62.1, 0.620),
        "s1": (74.6, 0.744),
        "s2": (85.3, 0.849),
        "s3": (90.2, 0.901),
    },
}
# the column "Reported UA": UA in per cent as the systems' own papers have it; a dash is left out
OWN = {
    ("li2019icassp", "table1", "A"): {"xia2017": 60.1, "poria2016": 61.3, "poria2017": 57.1, "mirsamadi2017": 58.8},
    ("li2019ijcai", "table1", "A"): {"xia2017": 60.1, "poria2016": 61.3, "poria2017": 57.1, "mirsamadi2017": 58.8},
    ("li2019ijcai", "table1", "A+L"): {"poria2016": 65.1, "poria2017": 74.5},
}
# Table 2's baseline is said to be a system of Table 1, whose numbers are others: both are shown
REPEATED = {
    ("li2019icassp", "table2", "A"): "poria2016",
    ("li2019ijcai", "table2", "A"): "poria2017",
    ("li2019ijcai", "table2", "A+L"): "poria2017",
}
# in per cent: what one system gains over another, as the text has it, all cut off to a digit
GAINS = {
    ("li2019icassp", "table1", "A"): {
        ("xia2017", "proposed"): 11.7,
        ("poria2016", "proposed"): 11.4,
        ("poria2017", "proposed"): 18.6,
        ("mirsamadi2017", "proposed"): 12.9,
    },
    ("li2019icassp", "table2", "A"): {
        ("baseline", "s1"): 2.5,
        ("s1", "s2"): 2.1,
        ("s2", "s3"): 6.0,
        ("s3", "s4"): 0.7,
    },
    ("li2019ijcai", "table1", "A"): {
        ("xia2017", "proposed"): 14.9,
        ("poria2016", "proposed"): 14.3,
        ("poria2017", "proposed"): 24.3,
        ("mirsamadi2017", "proposed"): 16.4,
    },
    ("li2019ijcai", "table1", "A+L"): {("mirsamadi2017", "proposed"): 6.6, ("poria2016", "proposed"): 13.6},
    ("li2019ijcai", "table1", "RID"): {("poria2016", "proposed"): 26.7, ("poria2017", "proposed"): 45.2},
    ("li2019ijcai", "table2", "A"): {("baseline", "s1"): 9.6, ("s1", "s2"): 6.9, ("s2", "s3"): 5.0},
}
# what the name of a system's row begins with
NAMES = {
    "xia2017": r"\[Xia\b.*, 2017\]",
    "poria2016": r"\[Poria\b.*, 2016\]",
    "poria2017": r"\[Poria\b.*, 2017\]",
    "mirsamadi2017": r"\[Mirsamadi\b.*, 2017\]",
    "proposed": "Proposed: (DRN|RLC)",
    "baseline": "Baseline(?!.*Table 1)",
    "s1": r"S1\b",
    "s2": r"S2\b",
    "s3": r"S3\b",
    "s4": r"S4\b",
}
AS_IN_TABLE_1 = "Baseline.*Table 1"
# Table 1 of the ICASSP paper and Table 2 of the IJCAI paper, in millions
PARAMETERS = {
    "li2019icassp": {"xia2017": 9.5, "poria2016": 9.3, "poria2017": 9.4, "mirsamadi2017": 9.6, "drn_mhsa": 9.9},
    "li2019ijcai": {"poria2017": 9.27, "s1": 9.15, "s2": 9.07, "rlc": 9.11},
}
PLACES = pytest.mark.parametrize("place", PRINTED, ids=" ".join)


def published_rows(place):
    """Rows with a published number in what the YAML makes of a printed table's columns (paper, table, input)."""
    paper, table, kind = place
    return [row for row in YAML[paper]["tables"][table + SUFFIX[kind]]["rows"] if "reported" in row]


def numbers(place, beginning, *, own=False):
    """What is reported in all rows of that place whose name begins so: of this paper, or of the systems' `own`."""
    found = [row for row in published_rows(place) if re.match(beginning, row["name"])]
    return [row["reported"] for row in found if ("own paper" in row["name"]) is own]


def in_per_cent(printed):
    return {"ua": printed[0], "f1_macro": pytest.approx(100 * printed[1])}


@PLACES
def test_every_published_number_stands_once_in_a_row_that_names_its_system(place):
    found = {system: numbers(place, NAMES[system]) for system in PRINTED[place]}
    assert found == {system: [in_per_cent(printed)] for system, printed in PRINTED[place].items()}


@PLACES
def test_what_the_systems_own_papers_have_stands_once_beside_them(place):
    found = {system: numbers(place, NAMES[system], own=True) for system in PRINTED[place]}
    own = OWN.get(place, {})
    assert found == {system: [{"ua": own[system]}] if system in own else [] for system in PRINTED[place]}


@PLACES
def test_a_baseline_that_table_1_has_otherwise_is_shown_with_those_numbers_too(place):
    repeated = [in_per_cent(PRINTED[place[0], "table1", place[2]][REPEATED[place]])] if place in REPEATED else []
    assert numbers(place, AS_IN_TABLE_1) == repeated


@pytest.mark.parametrize("paper", PAPERS)
def test_no_number_is_there_that_the_paper_does_not_print(paper):
    printed = sum(len(found[key]) for found in (PRINTED, OWN) for key in found if key[0] == paper)
    printed += sum(key[0] == paper for key in REPEATED)
    assert (
        sum("reported" in row for table in YAML[paper]["tables"].values() for row in table.get("rows", [])) == printed
    )


@pytest.mark.parametrize("place", GAINS, ids=" ".join)
def test_what_is_typed_here_gives_the_gains_that_the_text_names(place):
    """Guards against a slip in this file; the papers cut off or round, hence a tenth either way."""
    for (lower, higher), gain in GAINS[place].items():
        a, b = PRINTED[place][lower][0], PRINTED[place][higher][0]
        assert 100 * (b / a - 1) == pytest.approx(gain, abs=0.1), f"{lower} to {higher}"


@pytest.mark.parametrize("paper", PAPERS)
def test_the_published_numbers_of_parameters_are_those_of_the_systems_named(paper):
    found = {
        name: system["published_parameters"]["value"] / 1e6
        for name, system in YAML[paper]["systems"].items()
        if "published_parameters" in system
    }
    # which reading of a system it is may follow its name: poria2016_cnn
    by_system = {key: [value for name, value in found.items() if name.startswith(key)] for key in PARAMETERS[paper]}
    assert by_system == {key: [pytest.approx(value)] for key, value in PARAMETERS[paper].items()}
    assert len(found) == len(PARAMETERS[paper])


@pytest.mark.parametrize("paper", PAPERS)
def test_what_the_papers_measured_themselves_is_compared_and_what_they_quote_is_of_no_system(paper):
    """Both implemented the comparison systems; with a star stands what these have in their own papers."""
    rows = [row for table in YAML[paper]["tables"].values() for row in table.get("rows", [])]
    assert not any("comparable" in row for row in rows)
    quoted = [row for row in rows if row["id"].endswith("_original") and "reported" in row]
    assert quoted and not any("system" in row for row in quoted)


@pytest.fixture(scope="module")
def plan():
    return make_plan(papers=PAPERS, **iemocap())


@pytest.fixture(scope="module")
def spec(plan):
    """The resolved spec of a paper's system with acoustic input, under the paper preset."""
    return lambda paper, system: plan.systems[paper].spec(system, "acoustic")


@pytest.fixture(scope="module")
def model(spec):
    """The network behind a row of Table 2."""

    def of_row(paper, beginning):
        table = YAML[paper]["tables"]["table2"]
        (system,) = [
            row["system"]
            for row in table["rows"]
            if re.match(NAMES[beginning], row["name"]) and "reported" in row and "system" in row
        ]
        return spec(paper, system)["parameters"]["model"]

    return of_row


def own_systems(plan, paper):
    return [name for name in plan.systems[paper].named if name not in plan.workflow.yardsticks]


def test_table_2_of_the_icassp_paper_adds_shortcuts_dilation_and_heads(model):
    found = {row: model("li2019icassp", row) for row in ("baseline", "s1", "s2", "s3", "s4")}
    groups = {row: m["groups"] for row, m in found.items()}
    assert {row: (m["residual"], max(m["dilations"]) > 1, m["heads"]) for row, m in groups.items()} == {
        "baseline": (False, False, 0),
        "s1": (True, False, 0),
        "s2": (True, True, 0),
        "s3": (True, True, 1),
        "s4": (True, True, 4),
    }


def test_table_2_of_the_ijcai_paper_adds_residual_cnn_attention_and_gca_lstm(model):
    found = {row: model("li2019ijcai", row) for row in ("baseline", "s1", "s2", "s3")}
    groups = {row: m.get("groups", {"residual": False, "heads": 0}) for row, m in found.items()}
    assert {row: (groups[row]["residual"], groups[row]["heads"], "gate_width" in m) for row, m in found.items()} == {
        "baseline": (False, 0, False),
        "s1": (True, 0, False),
        "s2": (True, 4, False),
        "s3": (True, 4, True),
    }
    assert {row: m.get("layers") for row, m in found.items()} == {"baseline": 2, "s1": 2, "s2": 2, "s3": None}


@pytest.mark.parametrize("paper, system, step", [("li2019icassp", "drn_mhsa", 40), ("li2019ijcai", "rlc", 160)])
def test_a_suprasegmental_step_is_as_long_as_the_text_says(spec, paper, system, step):
    given = spec(paper, system)
    hop = 1000 * given["feature_spec"]["hop_seconds"]
    assert math.prod(given["parameters"]["model"]["groups"]["strides"]) * hop == pytest.approx(step)


def test_the_conventional_cnn_of_the_icassp_paper_has_steps_of_160_ms(model):
    assert 10 * math.prod(model("li2019icassp", "baseline")["groups"]["strides"]) == 160


def test_the_networks_have_the_sizes_that_the_text_names(spec):
    drn = spec("li2019icassp", "drn_mhsa")["parameters"]["model"]
    groups = drn["groups"]
    assert (len(groups["filters"]), groups["strides"][3:], groups["dilations"][3:]) == (5, [1, 1], [2, 4])
    assert groups["heads"] == 4
    rlc = spec("li2019ijcai", "rlc")["parameters"]["model"]
    groups = rlc["groups"]
    assert (len(groups["filters"]), groups["strides"], groups["heads"]) == (5, [2] * 5, 4)
    assert (rlc["units"], rlc["iterations"], rlc["classifier"]) == (256, 3, [256, 256, 256])


def test_the_lexical_branch_reads_300_values_a_word_with_256_units(plan):
    parameters = plan.systems["li2019ijcai"].spec("rlc", "acoustic_lexical")["parameters"]
    assert (parameters["text"]["dims"], parameters["model"]["units"]) == (300, 256)


@pytest.mark.parametrize("paper, rate", [("li2019icassp", 1e-4), ("li2019ijcai", 1e-3)])
def test_all_networks_are_trained_by_adam_at_the_papers_rate(plan, spec, paper, rate):
    given = [spec(paper, name) for name in own_systems(plan, paper)]
    optimizers = [one["parameters"]["train"]["optimizer"] for one in given if one["learner"] == "network"]
    assert optimizers == [{"name": "adam", "lr": rate}] * len(optimizers)
    assert len(optimizers) >= 4


@pytest.mark.parametrize("paper", PAPERS)
def test_gradients_are_clipped_and_the_rate_is_halved_as_in_the_code_of_the_ijcai_paper(plan, spec, paper):
    """hparams.py: gradients_limit 1, warm_up_step 5e3, decay_step 1e4."""
    given = [spec(paper, name) for name in own_systems(plan, paper)]
    trained = [one["parameters"]["train"] for one in given if one["learner"] == "network"]
    assert {one["clip"] for one in trained} == {1.0}
    halving = {"name": "halving", "after": 5_000, "every": 10_000}
    assert [one["schedule"] for one in trained] == [halving] * len(trained)


def test_the_ijcai_paper_names_the_batch(plan, spec):
    given = [spec("li2019ijcai", name) for name in own_systems(plan, "li2019ijcai")]
    assert {one["parameters"]["train"]["batch_size"] for one in given if one["learner"] == "network"} == {128}


@pytest.mark.parametrize("paper, window, shift", [("li2019icassp", 40, 10), ("li2019ijcai", 25, 5)])
def test_the_17_descriptors_have_the_papers_window_and_shift(plan, spec, paper, window, shift):
    proposed = spec(paper, {"li2019icassp": "drn_mhsa", "li2019ijcai": "rlc"}[paper])
    assert proposed["feature_spec"]["extractor"] == "lld17"
    all_features = [spec(paper, system)["feature_spec"] for system in own_systems(plan, paper)]
    frames = [one for one in all_features if one and one["extractor"].startswith("lld17")]
    assert [1000 * one["window_seconds"] for one in frames] == [pytest.approx(window)] * len(frames)
    assert [1000 * one["hop_seconds"] for one in frames] == [pytest.approx(shift)] * len(frames)


def test_the_ijcai_paper_divides_at_random_into_8_1_1_and_the_other_into_ten(plan):
    assert [YAML[paper]["as_published"]["split"] for paper in PAPERS] == ["random10", "random10"]
    split = plan.workflow.splits["random10"]
    assert (split["kind"], split["folds"], split["validation"]) == ("random", 10, True)


def test_an_epoch_is_chosen_where_the_paper_names_a_validation_part_and_only_there():
    assert [YAML[paper]["as_published"]["select"] for paper in PAPERS] == ["last", "best_validation"]


@pytest.mark.parametrize("paper", PAPERS)
def test_excitement_counts_as_happiness_and_both_styles_are_in(paper):
    view = YAML[paper]["experiments"]["acoustic"]
    assert {name: sorted(labels) for name, labels in view["classes"].items()} == {
        "happy": ["excited", "happy"],
        "angry": ["angry"],
        "sad": ["sad"],
        "neutral": ["neutral"],
    }
    assert view["style"] == "any"


def test_rid_has_the_five_classes_of_the_text():
    classes = YAML["li2019ijcai"]["experiments"]["rid"]["classes"]
    assert sorted(classes) == ["angry", "happy", "neutral", "sad", "surprise"]
    assert classes["surprise"] == ["surprised"]
