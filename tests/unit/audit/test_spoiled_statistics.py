"""Tests, claims and figures in files, held against numbers made anew: whatever was edited is told."""

import csv
import math
from dataclasses import replace

import numpy as np
import pytest

from serflow.audit.claims import verdict_steps
from serflow.audit.comparison import Compared
from serflow.audit.corrections import holm_steps
from serflow.audit.figure_files import compared_lines
from serflow.audit.items import TableCell
from serflow.audit.statistics import Swaps
from serflow.audit.table_tests import claim_steps, contrast_steps, gain_steps, reference_steps

TABLE, PAIRS, CONTRASTS = "table.csv", "scores/pairs.csv", "scores/contrasts.csv"
CELL = TableCell(
    paper="p", table="t", row="r", column="wa", protocol="strict", split="speaker", select="last", experiment="e",
    system="a", scores="scores", reason=None, reference="b", ablated="b", against="b", contrast=("random5", "last"),
    direction="above",
)  # fmt: skip
# share of ten utterances that each of six speakers' networks get right, seed after seed
FIRST = ((9, 8, 9, 7, 8, 9), (8, 8, 9, 8, 8, 9))
SECOND = ((6, 7, 5, 6, 6, 7), (6, 6, 5, 7, 6, 6))


class Side:
    """Two seeds of a system that is right so often; a metric is the share that is right."""

    def __init__(self, right):
        self.seeds = list(range(1, len(right) + 1))
        names = [f"s{speaker}u{turn}" for speaker in range(6) for turn in range(10)]
        speakers = {name: name[:2] for name in names}
        self.units = {"speakers": speakers, "sessions": {name: str(int(name[1]) // 2) for name in names}}
        hits = np.array([[turn < seed[speaker] for speaker in range(6) for turn in range(10)] for seed in right], float)
        self.by_utterance = names, np.stack([hits.T, np.ones_like(hits.T)], axis=-1)

    def of_sums(self, sums, metric):
        return (sums[..., 0] / sums[..., 1]).mean(-1)


@pytest.fixture
def compared():
    return Compared(Side(FIRST), Side(SECOND), tested=True)


def text(value):
    if isinstance(value, tuple):
        return " ".join(map(text, value))
    value = value.p if isinstance(value, Swaps) else value
    return "" if value is None else f"{value:.6f}" if isinstance(value, float) else str(value)


def in_points(value):
    return " ".join(f"{100 * one:.2f}" for one in (value if isinstance(value, tuple) else (value,)))


def write(path, *rows):
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


@pytest.fixture
def files(tmp_path, monkeypatch, compared):
    """pairs.csv, contrasts.csv and the table, as they should be; gives their one line each."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "scores").mkdir()
    row = compared.row("wa")
    written = {key: text(value) for key, value in row.items()}
    pair = {"system": "a", "against": "b", "select": "last", "metric": "wa"} | written
    sides = {"from_split": "random5", "from_select": "last", "to_split": "speaker", "to_select": "last"}
    contrast = {"system": "a", "metric": "wa"} | sides | written | {"speakers_shared": "yes", "reason": ""}
    line = {"item": CELL.item, "protocol": "strict", "against": "b", "test_seeds": "2", "contrast_reason": ""}
    line |= {key: written[key] for key in ("p", "p_sessions", "p_utterances", "p_interval", "utterances", "speakers")}
    line |= {"sessions": "3", "undertrained": "no", "against_undertrained": "no"}
    for what in ("gain", "contrast"):
        keys = {what: "difference"} | {f"{what}_{key}": key for key in ("low", "high", "sd_seeds", "by_seed")}
        line |= {name: in_points(row[key]) for name, key in keys.items()}
        line |= {f"{what}_{key}": written[key] for key in ("seeds", "p", "p_sessions")}
    found = {PAIRS: pair, CONTRASTS: contrast, TABLE: line}
    for path, content in found.items():
        write(path, content)
    return found


def steps(kind, compared):
    """What the audit says of one kind of test."""
    calls = {
        "reference": lambda: reference_steps(TABLE, CELL, compared),
        "gain": lambda: gain_steps(TABLE, CELL, compared),
        "claim": lambda: claim_steps(TABLE, CELL, compared, ["no", "no"]),
        "contrast": lambda: contrast_steps(TABLE, CELL, CONTRASTS, compared, lambda split: split == "random5"),
    }
    return list(calls[kind]())


def amiss(found):
    return [step.said for step in found if step.ok is False]


@pytest.mark.parametrize("kind", ["reference", "gain", "claim", "contrast"])
def test_what_is_as_made_anew_agrees(files, compared, kind):
    found = steps(kind, compared)
    assert found and all(step.ok for step in found)


def changed(value):
    """A value that says something else: another first number, or another word."""
    first, *rest = value.split()
    try:
        return " ".join([f"{float(first) + 0.5:.6f}", *rest])
    except ValueError:
        return "other"


@pytest.mark.parametrize(
    ("kind", "path", "column"),
    [
        *(("gain", PAIRS, key) for key in ("difference", "low", "high", "p", "p_interval", "p_sessions", "by_seed")),
        *(("gain", PAIRS, key) for key in ("low_sessions", "p_utterances", "seeds", "sd_seeds", "utterances")),
        *(("gain", TABLE, key) for key in ("gain", "gain_low", "gain_p", "gain_by_seed", "gain_seeds")),
        *(("reference", TABLE, key) for key in ("p", "p_sessions", "against", "test_seeds")),
        *(("claim", TABLE, key) for key in ("gain", "gain_high", "p_interval", "speakers", "undertrained")),
        *(("contrast", CONTRASTS, key) for key in ("difference", "high", "p", "by_seed", "speakers_shared")),
        *(("contrast", TABLE, key) for key in ("contrast", "contrast_low", "contrast_p")),
    ],
)
def test_a_value_that_was_edited_is_told_with_its_column(files, compared, kind, path, column):
    write(path, files[path] | {column: changed(files[path][column])})
    told = amiss(steps(kind, compared))
    assert told
    assert any(path in said and f"{column} is" in said for said in told)


@pytest.mark.parametrize(("kind", "column"), [("reference", "p"), ("gain", "gain_p")])
def test_a_p_that_was_edited_alike_in_the_tests_and_in_the_table_is_told(files, compared, kind, column):
    write(PAIRS, files[PAIRS] | {"p": "0.000100"})
    write(TABLE, files[TABLE] | {column: "0.000100"})
    told = amiss(steps(kind, compared))
    assert any(PAIRS in said and "p is 0.000100" in said for said in told)


def test_a_reason_in_place_of_a_contrast_that_could_be_made_is_told(files, compared):
    write(CONTRASTS, files[CONTRASTS] | {"reason": "they test other utterances"})
    assert any("reason is they test" in said for said in amiss(steps("contrast", compared)))


def test_a_line_that_is_gone_is_told(files, compared):
    write(PAIRS, files[PAIRS] | {"against": "c"})
    assert any("there are 0 lines" in said for said in amiss(steps("gain", compared)))


LINES = [{"column": "wa", "protocol": "strict", "p": p, "p_holm": q} for p, q in (("0.01", "0.03"), ("0.04", "0.08"))]
LINES += [{"column": "wa", "protocol": "strict", "p": "0.5", "p_holm": "0.5"}]
LINES += [{"column": "ua", "protocol": "strict", "p": "0.2", "p_holm": "0.2"}]


def test_holms_p_as_it_should_be():
    assert [step.ok for step in holm_steps("t.csv", LINES)] == [True]


@pytest.mark.parametrize("place", range(4))
def test_holms_p_that_was_edited_is_told_with_its_line(place):
    lines = [line | {"p_holm": "0.011"} if number == place else line for number, line in enumerate(LINES)]
    assert amiss(holm_steps("t.csv", lines)) == [f"t.csv, line {place + 2}: p_holm is 0.011"]


def test_holms_p_of_no_test_is_told():
    assert amiss(holm_steps("t.csv", [LINES[0] | {"p": ""}])) == ["t.csv, line 2: p_holm is 0.03"]


# claim -> difference and p of its t test; corrected 0.003, 0.003 (never falling: 2 x 0.001 first) and 0.5
CLAIMS = {"up": (0.1, 0.001), "down": (-0.1, 0.001), "flat": (0.01, 0.5)}
JUDGED = {"up": ("held", "0.003000"), "down": ("contradicted", "0.003000"), "flat": ("not shown", "0.500000")}


@pytest.fixture
def claims(tmp_path, monkeypatch):
    """A table of claims as it should be: cells, measured, and its lines by claim."""
    monkeypatch.chdir(tmp_path)
    cells = [replace(CELL, row=name, kind="claims") for name in CLAIMS]
    lines = {
        cell.row: {"item": cell.item, "protocol": "strict", "reason": ""}
        | dict(zip(("verdict", "p_holm"), JUDGED[cell.row], strict=True))
        for cell in cells
    }

    def measured(cell, **change):
        difference, p = CLAIMS[cell.row]
        row = {"difference": difference, "p_interval": p, "seeds": 3}
        about = {"direction": cell.direction, "per_cent": True, "select": "last", "undertrained": ["no", "no"]}
        return about | {"row": row} | change

    write(TABLE, *lines.values())
    return cells, measured, lines


def test_verdicts_as_they_should_be(claims):
    cells, measured, _ = claims
    assert [step.ok for step in verdict_steps(TABLE, cells, measured)] == [True]


@pytest.mark.parametrize("claim", CLAIMS)
@pytest.mark.parametrize(
    ("column", "value"), [("verdict", "not judged"), ("reason", "one seed"), ("p_holm", "0.040000"), ("p_holm", "")]
)
def test_a_verdict_its_reason_or_its_p_that_was_edited_is_told(claims, claim, column, value):
    cells, measured, lines = claims
    write(TABLE, *(lines | {claim: lines[claim] | {column: value}}).values())
    told = amiss(verdict_steps(TABLE, cells, measured))
    assert told == [f"{TABLE}: p/t/{claim}/wa@strict: {column} is {value or 'empty'}"]


def test_a_claim_edited_to_the_opposite_direction_has_the_opposite_verdict(claims):
    cells, measured, _ = claims
    turned = [replace(cell, direction="below") for cell in cells]
    told = amiss(verdict_steps(TABLE, turned, measured))
    assert told == [
        f"{TABLE}: p/t/up/wa@strict: verdict is held",
        f"{TABLE}: p/t/down/wa@strict: verdict is contradicted",
    ]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"select": "best_test"}, "chosen on test"),
        ({"undertrained": ["no", "encoder"]}, "undertrained"),
        ({"row": {"difference": 0.1, "p_interval": 0.001, "seeds": 1}}, "one seed"),
        ({"row": {"difference": 0.1, "p_interval": None, "seeds": 3}}, "no interval"),
    ],
)
def test_a_claim_that_may_not_be_judged_but_was_is_told(claims, change, reason):
    cells, measured, lines = claims
    found = [*verdict_steps(TABLE, cells[:1], lambda cell: measured(cell, **change))]
    assert (amiss(found)[0], found[0].expected) == (f"{TABLE}: p/t/up/wa@strict: verdict is held", "not judged")
    assert found[1].expected == reason


MADE = [{"name": "a", "value": 61.25, "low": math.nan}, {"name": "b", "value": 7.5, "low": 3.0}]


@pytest.mark.parametrize(
    ("place", "column", "value"), [(0, "value", "61.35"), (0, "low", "1"), (1, "name", "c"), (1, "low", "")]
)
def test_a_number_of_a_figures_data_that_was_edited_is_told_with_its_line(tmp_path, place, column, value):
    path, lines = str(tmp_path / "fig_data.csv"), [{"name": "a", "value": "61.25", "low": ""}]
    lines.append({"name": "b", "value": "7.5", "low": "3"})
    write(path, *lines)
    assert [step.ok for step in compared_lines(path, MADE, said="made")] == [True]
    lines[place] = lines[place] | {column: value}
    write(path, *lines)
    assert amiss(compared_lines(path, MADE, said="made")) == [
        f"{path}, line {place + 2}: {column} is {value or 'empty'}"
    ]


def test_a_line_too_few_of_a_figures_data_is_told(tmp_path):
    path = str(tmp_path / "fig_data.csv")
    write(path, {"name": "a", "value": "61.25", "low": ""})
    assert amiss(compared_lines(path, MADE, said="made"))[0] == f"{path} has 1 lines below its head"
