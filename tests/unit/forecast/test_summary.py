"""What is dear, and what is out of reach of a CPU."""

from types import SimpleNamespace

import pytest

from helpers.declared import make_report
from serflow.forecast.estimate import Cost
from serflow.forecast.progress import Progress
from serflow.forecast.summary import DAY, MOST_DAYS, Dear, by_protocol, dearest
from serflow.provenance.run_key import RunKey


def run(system, fold=1, seed=1):
    return RunKey("demo", "demo", "xu2020", "full", system, "random5", fold, seed)


def costing(seconds):
    """Estimates by system."""
    return SimpleNamespace(of=lambda run: Cost(seconds[run.system], 0.0, "C", None, None, None, None))


def test_the_dearest_is_what_takes_longest_in_all():
    runs = [run("long"), *(run("often", fold) for fold in (1, 2, 3)), run("unknown")]
    found = dearest(runs, costing({"long": 50.0, "often": 20.0, "unknown": None}))
    assert found == [
        Dear("xu2020", "full", "often", 3, 20.0, 60.0),
        Dear("xu2020", "full", "long", 1, 50.0, 50.0),
    ]


@pytest.mark.parametrize(
    ("longest", "together", "far"),
    [(DAY, DAY, False), (DAY + 1, DAY + 1, True), (9.0, MOST_DAYS * DAY, False), (9.0, MOST_DAYS * DAY + 1, True)],
)
def test_out_of_reach_is_more_than_a_day_a_training_or_a_month_in_all(longest, together, far):
    assert Dear("p", "e", "s", 1, longest, together).out_of_reach is far


def test_a_training_stands_with_the_first_protocol_that_it_is_for():
    report = make_report(papers=["huang2016"], preset="paper", corpus="iemocap", release="some/folder")
    lines = by_protocol(report, Progress())
    assert sum(len(line.runs) for line in lines) == len(report.plan.trainings)
    marker = next(line for line in lines if line.name == "marker")
    assert len(marker.judged) == 2 * len(marker.runs)  # two folds a session
    assert marker.reason == "its networks, or some, are those of as_published"
