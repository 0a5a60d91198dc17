"""The runner of the benchmarks: what it computes, what it writes, what it keeps. No time is asserted."""

import json
import os
import subprocess
import sys
import time
from types import SimpleNamespace

import pytest

from bench import runner
from bench.measure import Budget, Row, in_turn
from bench.page import Circumstances, Result, read_results, render, write_page
from bench.processes import Side, peak_private
from helpers.counting import counter
from serflow.errors import UserError

MADE = Circumstances(
    date="2026-01-02 03:04 UTC",
    commit="abc1234",
    command="make bench",
    machine="a processor, 2 cores",
    cores=2,
    load=0.1,
    versions={"Python": "3.11.7"},
)


def result(name="one", *rows, made=MADE):
    return Result(name, f"About {name}.", list(rows) or [Row("what", "s", [2.0, 1.0, 4.0], [8.0, 6.0, 4.0])], made)


def lines_of(page, start):
    return [line for line in page.splitlines() if line.startswith(start)]


def test_the_ratio_is_that_of_the_medians_and_the_spread_that_of_the_pairs():
    row = Row("what", "s", [2.0, 1.0, 4.0], [8.0, 6.0, 4.0])
    assert row.ratio == 3.0
    assert row.ratios == [4.0, 6.0, 1.0]


@pytest.mark.parametrize(
    "budget, met",
    [
        (Budget(ratio=3), True),
        (Budget(ratio=3.1), False),
        (Budget(ours=2), True),
        (Budget(ours=1.9), False),
        (None, None),
    ],
)
def test_a_budget_is_held_against_the_medians(budget, met):
    assert Row("what", "s", [2.0, 1.0, 4.0], [8.0, 6.0, 4.0], budget).met is met


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: Row("what", "s", []),
        lambda: Row("what", "s", [1.0, 2.0], [1.0]),
        lambda: Row("what", "s", [1.0], budget=Budget(ratio=2)),
        lambda: Budget(),
        lambda: Budget(ratio=2, ours=2),
    ],
)
def test_a_row_that_cannot_be_shown_is_refused(wrong):
    with pytest.raises(ValueError):
        wrong()


def test_both_sides_are_taken_in_turn():
    order = []
    ours, reference = in_turn(
        lambda: order.append("A") or len(order), lambda: order.append("B") or len(order), repetitions=3
    )
    assert "".join(order) == "ABABAB"
    assert (ours, reference) == ([1, 3, 5], [2, 4, 6])


def test_the_table_shows_medians_spread_ratio_budget_and_verdict():
    rows = [Row("a", "s", [2.0, 1.0, 4.0], [8.0, 6.0, 4.0], Budget(ratio=4)), Row("b | c", "MB", [1234.5])]
    a, b = lines_of(render({"one": result("one", *rows)}), "| [one]")
    link = "| [one](#one) |"
    assert a == f"{link} a | 2 s (1 to 4) | 6 s (4 to 8) | 3.00 (1.00 to 6.00) | ratio >= 4.00 | **no** | 3 | 1 |"
    assert b == f"{link} b / c | 1,234 MB (1,234 to 1,234) | - | - | - | - | 1 | 1 |"


def test_a_page_is_read_as_it_was_written(tmp_path):
    rows = [Row("a --> b", "s", [2.0], [8.0], Budget(ours=4), 'a "note" <!-- --> ünd mehr'), Row("b", "MB", [1.0])]
    results = {"one": result("one", *rows), "two": result("two", made=MADE)}
    write_page(results, tmp_path / "page.md")
    assert read_results(tmp_path / "page.md") == results
    assert (tmp_path / "page.md").read_text() == render(results)
    assert [one["benchmark"] for one in json.loads((tmp_path / "page.json").read_text())] == ["one", "two"]
    assert read_results(tmp_path / "no page.md") == {}


def test_cells_stand_in_a_table_of_the_benchmarks_own():
    rows = [Row(name, "s a step", [seconds], cells={"steps": "1,000", "UA": ua}) for name, seconds, ua in
            (("rlc", 1.5, "97.0"), ("s2", 2.0, "-"))]  # fmt: skip
    page = render({"one": result("one", *rows)})
    assert lines_of(page, "|  | steps")[0] == "|  | steps | UA | s a step |"
    assert lines_of(page, "| rlc")[0] == "| rlc | 1,000 | 97.0 | 1.5 |"


def test_a_run_names_its_circumstances_and_a_busy_machine():
    calm, busy = result("calm"), result("busy", made=Circumstances(**{**vars(MADE), "date": "2026-02-01", "load": 1.0}))
    page = render({"calm": calm, "busy": busy, "calm2": result("calm2")})
    first, second = lines_of(page, "- **Run ")
    assert first.startswith("- **Run 1**: 2026-01-02") and "busy" not in first
    assert second.startswith("- **Run 2**: 2026-02-01") and "was busy" in second
    assert [line.split(" | ")[0][2:7] + line[-4:] for line in lines_of(page, "| [")] == [
        "[busy 2 |",
        "[calm 1 |",
        "[calm 1 |",
    ]


@pytest.mark.parametrize(
    "change", [{"load": 1.0}, {"command": "python -m bench --quick"}, {"command": "python -m bench one --cpu"}]
)
def test_no_budget_is_judged_by_a_run_that_cannot(change):
    row = Row("a", "s", [2.0], [8.0], Budget(ratio=2))
    page = render(
        {"one": result("one", row), "two": result("two", row, made=Circumstances(**{**vars(MADE), **change}))}
    )
    assert [line.split(" | ")[6] for line in lines_of(page, "| [")] == ["yes", "not judged"]


@pytest.fixture
def two(monkeypatch):
    """Two benchmarks in place of the real ones, a third that runs only by name."""
    modules = {
        name: SimpleNamespace(__doc__=f"About {name}.", run=lambda bench, name=name: [Row(name, "s", [1.0])])
        for name in ("one", "two", "late")
    }
    modules["late"].ONLY_BY_NAME = True
    monkeypatch.setattr(runner, "names", lambda: sorted(modules))
    monkeypatch.setattr(runner, "_module", modules.get)
    monkeypatch.setattr(runner, "prepare_environment", lambda cpu: None)
    monkeypatch.setattr(runner, "circumstances", lambda command: Circumstances(**{**vars(MADE), "command": command}))
    return modules


def test_a_run_of_some_keeps_the_rows_of_the_others(two, tmp_path):
    page = tmp_path / "page.md"
    runner.run_benchmarks([], page=page)
    two["one"].run = lambda bench: [Row("anew", "s", [float(bench.repetitions(7))])]
    runner.run_benchmarks(["one"], page=page, repetitions=2)
    found = read_results(page)
    assert {name: (one.rows[0].what, one.made.command) for name, one in found.items()} == {
        "one": ("anew", "python -m bench one --repetitions 2"),
        "two": ("two", "make bench"),
    }
    assert found["one"].rows[0].ours == [2.0]


def test_rows_of_a_benchmark_that_is_gone_go_too(two, tmp_path):
    runner.run_benchmarks([], page=tmp_path / "page.md")
    del two["two"]
    runner.run_benchmarks(["one"], page=tmp_path / "page.md")
    assert list(read_results(tmp_path / "page.md")) == ["one"]


def test_a_failure_keeps_the_old_rows_and_is_told_after_the_others_ran(two, tmp_path, capsys):
    page = tmp_path / "page.md"
    runner.run_benchmarks([], page=page)
    two["one"].run = lambda bench: 1 / 0
    two["two"].run = lambda bench: [Row("anew", "s", [1.0])]
    with pytest.raises(UserError, match="^one: failed"):
        runner.run_benchmarks([], page=page)
    assert "ZeroDivisionError" in capsys.readouterr().err
    assert {name: one.rows[0].what for name, one in read_results(page).items()} == {"one": "one", "two": "anew"}


def test_what_takes_long_runs_only_by_name_and_a_misspelt_name_is_refused(two):
    assert runner.chosen([]) == ["one", "two"]
    assert runner.chosen(["late"]) == ["late"]
    with pytest.raises(UserError, match="did you mean 'late'"):
        runner.chosen(["lat"])


@pytest.mark.parametrize("name", runner.names())
def test_every_benchmark_explains_itself_and_is_callable(name):
    module = runner._module(name)
    assert module.__doc__.strip() and callable(module.run)


def test_a_side_repeats_in_one_process_and_hands_its_failure_over():
    with Side(counter) as side:
        assert [side(), side()] == [1, 2]
        with pytest.raises(RuntimeError, match="the third time"):
            side()


def test_memory_is_that_of_the_process_and_its_children_without_mapped_files(tmp_path):
    (tmp_path / "large").write_bytes(bytes(100_000_000))
    child = "import time; held = b'x' * 60_000_000; time.sleep(0.5)"
    mapped = "import mmap; f = open('large', 'rb'); m = mmap.mmap(f.fileno(), 0, prot=1); sum(m[::4096])"
    both = (
        f"import subprocess, sys; {mapped}; held = b'x' * 30_000_000; subprocess.run([sys.executable, '-c', {child!r}])"
    )
    before = time.monotonic()
    peak = peak_private("-c", both, folder=tmp_path)
    assert time.monotonic() - before >= 0.5
    assert 90 < peak < 150


@pytest.mark.parametrize("name", ["start", "step"])
@pytest.mark.slow
def test_what_reaches_into_the_training_loop_still_finds_it(name, tmp_path):
    """As `python -m bench --quick NAME`, in a process of its own: a benchmark sets the process's environment."""
    command = [
        sys.executable,
        "-m",
        "bench",
        "--quick",
        "--repetitions",
        "1",
        "--page",
        str(tmp_path / "page.md"),
        name,
    ]
    done = subprocess.run(command, capture_output=True, text=True, env=os.environ | {"PYTHONPATH": "src:tests"})
    assert done.returncode == 0, done.stderr
    assert list(read_results(tmp_path / "page.md")) == [name]
