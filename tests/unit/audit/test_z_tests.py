"""The z-test made anew: the same as scoring's, which shares no code with it, and an edited one is found."""

from dataclasses import replace

import pandas as pd
import pytest

from helpers.random_runs import make_folds, write_runs
from serflow.audit.cells import z_step
from serflow.audit.items import TableCell
from serflow.audit.recompute import Predictions, read_predictions
from serflow.audit.z_tests import z_test
from serflow.cli.score_runs import write_csv
from serflow.metrics.run_files import Folds, read_run
from serflow.metrics.system_scores import SystemScores

PLACE = {"paper": "p", "table": "t", "row": "r", "protocol": "as_published", "split": "speaker", "experiment": "e"}


class Report:
    folder = "reports/demo-demo"


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """Predictions by system, and pairs.csv: "one" has a seed alone, "two" and "three" have two."""
    folds, own, read = Folds(make_folds()), {}, []
    for number, (system, seeds) in enumerate({"one": [1], "two": [1, 2], "three": [1, 2]}.items()):
        folder = tmp_path_factory.mktemp(system)
        entries = write_runs(folder, make_folds(), system, seeds, drawn_by=[number])
        own[system] = [read_predictions(entry["folder"], fold=key[0], seed=key[1]) for key, entry in entries.items()]
        read += [read_run(entry, folds) for entry in entries.values()]
    pairs = [["two", "one"], ["one", "two"], ["two", "three"]]
    return own, SystemScores(read, folds, permutations=10).pairs_table(pairs)


@pytest.fixture
def files(written, tmp_path, monkeypatch):
    """pairs.csv and the table's, of "two" against "one"."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "reports/demo-demo/p").mkdir(parents=True)
    write_csv(written[1], tmp_path / "pairs.csv")
    line = pd.read_csv("pairs.csv", dtype=str).query(
        "system == 'two' and against == 'one' and select == 'best_validation'"
    )
    lines = line[["metric", "p_z"]].assign(item="p/t/r/" + line["metric"], protocol="as_published")
    lines.to_csv("reports/demo-demo/p/t.csv", index=False)
    return written[0]


def cell(column="ua", select="best_validation"):
    more = {"system": "two", "against": "one", "scores": ".", "reason": None}
    return TableCell(**PLACE, **more, column=column, select=select)


def edit(path, **change):
    table = pd.read_csv(path, dtype=str)
    table.assign(**change).to_csv(path, index=False)


@pytest.mark.parametrize("pair", [("two", "one"), ("one", "two"), ("two", "three")])
@pytest.mark.parametrize("select", ["last", "best_validation", "best_test"])
@pytest.mark.parametrize("metric", ["ua", "wa"])
def test_z_and_p_come_out_as_in_pairs_csv(written, pair, select, metric):
    own, pairs = written
    (line,) = pairs.query(
        "system == @pair[0] and against == @pair[1] and select == @select and metric == @metric"
    ).itertuples()
    z, p = z_test(own[pair[0]], own[pair[1]], select, metric)
    if select == "best_test":
        assert z is None and p is None and pd.isna(line.z) and pd.isna(line.p_z)
    else:
        assert (z, p) == (pytest.approx(line.z), pytest.approx(line.p_z))


def test_z_of_wa_by_hand():
    def system(right, of):
        guesses = ["a"] * right + ["b"] * (of - right)
        rows = {"epoch": 1, "part": "test", "utterance": [f"u{i}" for i in range(of)], "class": "a", "guess": guesses}
        return Predictions(1, 1, pd.DataFrame(rows), ["a", "b"])

    # 60 and 40 of 100: together one half, so that the variance is 0.25 (1/100 + 1/100)
    z, p = z_test([system(60, 100)], [system(40, 100)], "last", "wa")
    assert z == pytest.approx(0.2 / 0.005**0.5)
    assert p == pytest.approx(0.0023389, abs=1e-7)
    assert z_test([system(100, 100)], [system(100, 100)], "last", "wa") == (None, None)


@pytest.mark.parametrize("column", ["ua", "wa"])
def test_an_untouched_z_agrees(files, column):
    step = z_step(Report, cell(column), files["two"], files["one"])
    assert step.ok, step


@pytest.mark.parametrize(
    ("path", "change"),
    [
        ("pairs.csv", {"z": "2.576000"}),
        ("pairs.csv", {"p_z": "0.005000"}),
        ("pairs.csv", {"z": ""}),
        ("reports/demo-demo/p/t.csv", {"p_z": "0.005000"}),
        ("reports/demo-demo/p/t.csv", {"p_z": ""}),
    ],
)
def test_an_edited_z_is_a_mismatch(files, path, change):
    edit(path, **change)
    step = z_step(Report, cell(), files["two"], files["one"])
    assert step.ok is False
    assert step.said.startswith(path if "reports" in path else "./pairs.csv")
    assert step.expected.endswith("from the predictions")


def test_a_line_that_is_gone_is_a_mismatch(files):
    assert z_step(Report, replace(cell(), against="nobody"), files["two"], files["one"]).ok is False
