"""The resolved spec of every kind of figure: what its module in `serflow.reporting.figures` is told to draw."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from serflow.errors import UserError

if TYPE_CHECKING:
    from serflow.plan.report import Report

METRICS = ["wa", "ua"]
OF_AN_UTTERANCE = ("attention", "correlation_matrices", "informativeness")  # kinds drawn from the rule `attention`
SHOWN = ("kind", "class", "utterance", "block")  # what that rule is told of a figure


def _label_distribution(report: "Report", paper: str, item: str) -> dict[str, Any]:
    declared = report.workflow.papers[paper]["figures"][item]
    published = report.workflow.published
    return {
        "manifest": f"data/{report.workflow.config['corpus']}/manifest.parquet",
        "groups": declared["groups"],
        "published": published["counts"] if published and "improvised" in published["counts"] else None,
    }


def _sweep(report: "Report", paper: str, item: str) -> dict[str, Any]:
    declared = report.workflow.papers[paper]["figures"][item]
    protocol = _as_published(report, paper)
    points = [
        _scored(report, paper, cell, protocol)
        | {"x": cell["values"][declared["x"]], "panel": cell["values"][declared["panel"]]}
        for cell in report.plan.systems[paper].grids[declared["grid"]]
    ]
    return {
        "x": {"name": declared["x"].split(".")[-1], "log2": declared["log2"]},
        "panel": {"name": declared["panel"].split(".")[-1]},
        "metrics": METRICS,
        "protocol": protocol,
        "points": points,
        "best_reported": {str(panel): x for panel, x in declared["best_reported"].items()},
    }


def _as_published(report: "Report", paper: str) -> dict[str, str]:
    return next(column for column in report.protocols(paper) if column["name"] == "as_published")


def _scored(report: "Report", paper: str, cell: dict[str, Any], protocol: dict[str, str]) -> dict[str, Any]:
    """A cell's system, and its scores or why it has none."""
    experiment, _ = report.plan.experiment(paper, cell["experiment"])
    reason = report.plan.left_out(paper, cell["system"], protocol["name"])
    scores = None if reason else report.scores(paper, experiment, protocol["split"])
    return {"system": cell["system"], "scores": scores, "missing": reason}


def _data_scale(report: "Report", paper: str, item: str) -> dict[str, Any]:
    """The cells of a grid that varies one parameter, utterances a class; null: all that there are."""
    declared = report.workflow.papers[paper]["figures"][item]
    protocol, cells = _as_published(report, paper), report.plan.systems[paper].grids[declared["grid"]]
    varied = sorted({name for cell in cells for name in cell["values"]})
    if len(varied) != 1:
        raise UserError(
            f"workflow/papers/{paper}.yaml: figures.{item}: grid {declared['grid']!r} varies {', '.join(varied)}; "
            "expected one parameter, the number of training utterances a class"
        )
    points = [_scored(report, paper, cell, protocol) | {"size": next(iter(cell["values"].values()))} for cell in cells]
    experiment, _ = report.plan.experiment(paper, cells[0]["experiment"])
    split, place = protocol["split"], {"experiment": cells[0]["experiment"]}
    yardsticks = [
        _scored(report, paper, place | {"system": name}, protocol)
        for name in report.workflow.yardsticks
        if (paper, experiment, name, split) in report.plan.wanted
    ]
    runs = report.plan.runs_of(paper, experiment, cells[0]["system"], split)
    return {
        "name": report.workflow.papers[paper]["grids"][declared["grid"]]["system"],
        "protocol": protocol,
        "points": points,
        "yardsticks": yardsticks,
        "folds": sorted({run.fold for run in runs}),
        "split_table": f"data/{report.workflow.config['corpus']}/{paper}/{experiment}/splits/{split}.json",
        "reported": declared.get("reported", []),
        "reported_on": declared.get("reported_on"),
    }


def _confusion(report: "Report", paper: str, item: str) -> dict[str, Any]:
    declared = report.workflow.papers[paper]["figures"][item]
    experiment, _ = report.plan.experiment(paper, declared["experiment"])
    panels = []
    for column in report.protocols(paper):
        if column["rule"] == "test_each":
            continue
        reason = report.plan.left_out(paper, declared["system"], column["name"])
        panels.append(
            {
                "system": declared["system"],
                "name": declared["system"],
                "protocol": column,
                "scores": None if reason else report.scores(paper, experiment, column["split"]),
                "missing": reason,
            }
        )
    return {
        "classes": list(report.workflow.papers[paper]["experiments"][experiment]["classes"]),
        "panels": panels,
    }


def _training_curves(report: "Report", paper: str, item: str) -> dict[str, Any]:
    declared = report.workflow.papers[paper]["figures"][item]
    experiment, _ = report.plan.experiment(paper, declared["experiment"])
    panels = []
    for column in report.protocols(paper):
        if column["rule"] == "test_each" or report.plan.left_out(paper, declared["system"], column["name"]):
            continue
        runs = report.plan.runs_of(paper, experiment, declared["system"], column["split"])
        panels.append(
            {
                "system": declared["system"],
                "name": declared["system"],
                "split": column["split"],
                "rules": ["test", "last"] if column["rule"] == "test" else ["test", "validation"],
                "scores": report.scores(paper, experiment, column["split"]),
                "runs": [{"fold": run.fold, "seed": run.seed, "folder": run.folder} for run in runs],
            }
        )
    return {"panels": panels}


def _of_an_utterance(report: "Report", paper: str, item: str) -> dict[str, Any]:
    declared = report.workflow.papers[paper]["figures"][item]
    run = report.attention_run(paper, item)
    return {
        "attention": f"{run.folder}/attention_{item}.npz",
        "name": declared["system"],
        "fold": run.fold,
        "split": run.split,
        "show_text": report.shows_text,
    }


def shown(declared: dict[str, Any]) -> dict[str, Any]:
    """What the rule `attention` is told of a figure that the YAML declares."""
    return {key: declared[key] for key in SHOWN if key in declared}


SPECS: dict[str, Callable[["Report", str, str], dict[str, Any]]] = {
    "label_distribution": _label_distribution,
    "sweep": _sweep,
    "confusion": _confusion,
    "training_curves": _training_curves,
    "data_scale": _data_scale,
    **dict.fromkeys(OF_AN_UTTERANCE, _of_an_utterance),
}
