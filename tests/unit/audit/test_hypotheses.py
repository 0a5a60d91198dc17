"""Error rates counted plainly against those of scoring: two implementations that share no code."""

import random
from pathlib import Path

import pandas as pd
import pytest

from serflow.asr.hypotheses import read_hypotheses
from serflow.asr.lexicon import Lexicon
from serflow.audit.cells import line_steps
from serflow.audit.hypotheses import Recognised, Transcribed, Words, edits, read_lines
from serflow.audit.items import TableCell
from serflow.cli.score_runs import write_csv
from serflow.files import digest, file_digest, write_json
from serflow.metrics.error_rates import scores_table

PRONUNCIATIONS = {
    "a": ("AH",), "see": ("S", "IY"), "sea": ("S", "IY"), "seat": ("S", "IY", "T"), "eat": ("IY", "T"),
    "tea": ("T", "IY"), "teach": ("T", "IY", "CH"), "us": ("AH", "S"), "'us": ("S",),
}  # fmt: skip
WORDS = [*PRONUNCIATIONS, "xyzzy"]  # the dictionary lacks the last
PHONES = ["AH", "S", "IY", "T", "CH", "<unk>"]
IMPROVISED = {f"u{i:02d}" for i in range(0, 60, 3)}
INPUTS = dict.fromkeys(("code", "split", "features", "transcripts", "pronunciations", "alignments"), "d")
SPEC = {"parameters": {"beam": 2}}


@pytest.mark.parametrize(
    ("truth", "written", "number"),
    [("", "", 0), ("abc", "", 3), ("", "ab", 2), ("kitten", "sitting", 3), ("abc", "bcd", 2), ("aa", "bb", 2)],
)
def test_edits_by_hand(truth, written, number):
    assert edits(truth, written) == edits(written, truth) == number


def test_phones_become_the_nearest_word_the_most_said_then_the_first():
    said = {"see": 3, "sea": 3, "seat": 9, "tea": 1}
    words = Words({word: {"said": times, "phones": " ".join(PRONUNCIATIONS[word])} for word, times in said.items()})
    # S IY T is a word; S IY is two, said alike; T IY CH is nearest to T IY; AH is as far from all as can be
    written = ["S", "IY", "T", "|", "S", "IY", "|", "T", "IY", "CH", "|", "|", "AH"]
    assert words.of(written) == ["seat", "sea", "tea", "seat"]
    assert words.of(["|"]) == words.of([]) == []


def test_distances_from_all_words_at_once_are_those_of_each():
    draw = random.Random(1)
    many = {f"w{i}": [draw.choice(PHONES) for _ in range(draw.randint(1, 6))] for i in range(40)}
    words = Words({word: {"said": 1, "phones": " ".join(phones)} for word, phones in many.items()})
    for length in range(8):
        phones = [draw.choice([*PHONES, "ZH"]) for _ in range(length)]
        assert words.distances(phones).tolist() == [edits(many[name], phones) for name in words.names]


@pytest.fixture
def teacher_runs(tmp_path):
    """Two folds of a teacher that writes at random, on disk; fold table and words."""
    draw, rows, said, runs = random.Random(2), [], {}, []
    for i in range(60):
        said[f"u{i:02d}"] = [draw.choice(WORDS) for _ in range(draw.randint(1, 5))]
    said["u00"] = said["u59"]  # a line that is trained on
    for fold in (1, 2):
        for i, name in enumerate(said):
            part = "test" if fold == i // 20 + 1 else "train"
            people = {"speaker": f"s{i // 7}", "session": str(i // 14)}
            rows.append({"utterance": name, **people, "fold": fold, "part": part})
    table = pd.DataFrame(rows)
    for fold in (1, 2):
        folder, mine = tmp_path / f"fold{fold}", table[table["fold"] == fold]
        tested, trained = (mine.loc[mine["part"] == part, "utterance"] for part in ("test", "train"))
        (folder / "model/last").mkdir(parents=True)
        Lexicon.of([said[name] for name in trained], PRONUNCIATIONS).save(folder / "model/last/lexicon.json")
        written = [
            {
                "epoch": 1,
                "beam": beam,
                "utterance": name,
                "tokens": draw.choices([*PHONES, "|", "|"], k=draw.randint(0, 9)),
            }
            for beam in (1, 2)
            for name in tested
        ]
        pd.DataFrame(written).to_parquet(folder / "hypotheses.parquet", index=False)
        names = ("hypotheses.parquet", "model/last/lexicon.json")
        record = {"run": {"system": "t", "fold": fold, "seed": 3}, "spec": SPEC, "inputs": INPUTS, "epochs": 1}
        record["outputs"] = {name: file_digest(folder / name) for name in names}
        write_json(folder / "run.json", record)
        runs.append((folder, record))
    return runs, table, said


def scores_of(runs, table, said):
    told = {"inputs": INPUTS, "digest_spec": digest(SPEC)}
    entries = [told | {"folder": folder, "run": record["run"]} for folder, record in runs]
    return scores_table(
        [read_hypotheses(e, table, said, PRONUNCIATIONS, IMPROVISED) for e in entries], permutations=1000
    )


def units_of(table):
    keys = {"speakers": "speaker", "sessions": "session"}
    return {unit: dict(zip(table["utterance"], table[key], strict=True)) for unit, key in keys.items()}


def own_lines(runs, table, said):
    rows = [table[table["fold"] == fold] for fold in (1, 2)]
    return [
        (i, 3, read_lines(*run, rows[i - 1], said, PRONUNCIATIONS, IMPROVISED)) for i, run in enumerate(runs, start=1)
    ]


@pytest.mark.parametrize("metric", ["per", "wer", "per_unseen", "wer_unseen", "per_improvised", "wer_improvised"])
def test_every_value_of_scores_csv_comes_out_the_same(teacher_runs, metric):
    scored = scores_of(*teacher_runs)
    expected = scored[scored["metric"] == metric].iloc[0]
    row = Recognised(own_lines(*teacher_runs), units_of(teacher_runs[1]), metric).row()
    assert set(row) == set(expected.index) - {"system", "select", "metric"}
    assert row.pop("sd_seeds") is None and pd.isna(expected["sd_seeds"])  # of one seed
    assert row == pytest.approx({name: expected[name] for name in row}, abs=1e-9)
    assert (row["utterances"] < 40) == (metric not in ("per", "wer"))


@pytest.fixture
def shown(teacher_runs, tmp_path, monkeypatch):
    """scores.csv and the table's, of a cell; and how to check it: names of the steps that do not agree."""
    monkeypatch.chdir(tmp_path)
    write_csv(scores_of(*teacher_runs), Path("scores.csv"))
    rate = 100 * scores_of(*teacher_runs).set_index("metric").loc["wer", "pooled"]
    line = {"item": "p/t/r/wer", "protocol": "as_published", "reproduced": f"{rate:.2f}"}
    Path("reports/p").mkdir(parents=True)
    pd.DataFrame([line]).to_csv("reports/p/t.csv", index=False)
    place = {"paper": "p", "table": "t", "row": "r", "column": "wer", "protocol": "as_published", "experiment": "e"}
    cell = TableCell(**place, split="s", select="last", system="t", scores=".", reason=None, kind="asr")

    def check():
        steps = line_steps(Report, cell, Recognised(own_lines(*teacher_runs), units_of(teacher_runs[1]), "wer").row())
        return [step.name for step in steps if step.ok is False]

    return check


class Report:
    folder = "reports"


def test_an_untouched_rate_agrees(shown):
    assert shown() == []


def test_a_transcription_that_was_edited(shown, teacher_runs):
    path = teacher_runs[0][1][0] / "hypotheses.parquet"
    table = pd.read_parquet(path)
    table.at[len(table) - 1, "tokens"] = ["S", "|"] * 30
    table.to_parquet(path, index=False)
    wrong = shown()
    assert wrong[0] == "table" and set(wrong[1:]) == {"scores"}


@pytest.mark.parametrize("column", ["pooled", "sd", "low_speakers", "high_utterances", "utterances"])
def test_a_score_that_was_edited(shown, column):
    pd.read_csv("scores.csv", dtype=str).assign(**{column: "7"}).to_csv("scores.csv", index=False)
    assert shown() == ["scores"]


def test_a_rate_that_was_edited_in_the_table(shown):
    pd.read_csv("reports/p/t.csv", dtype=str).assign(reproduced="1.00").to_csv("reports/p/t.csv", index=False)
    assert shown() == ["table"]


def test_without_such_a_line_there_is_no_rate_of_them():
    runs = [(1, 1, [Transcribed("u", False, False, {"phone": (1, 4), "word": (1, 2)})])]
    units = {"speakers": {"u": "s"}, "sessions": {"u": "1"}}
    assert Recognised(runs, units, "wer_unseen").row() is Recognised(runs, units, "wer_improvised").row() is None
    row = Recognised(runs, units, "per").row()
    assert (row["pooled"], row["sd"], row["low_speakers"], row["low_utterances"]) == (0.25, None, None, None)
