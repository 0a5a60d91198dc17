"""The resolved spec of every kind of figure: what its module in `serflow.reporting.figures` is told to draw."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from serflow.plan.report import Report

METRICS = ["wa", "ua"]


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
    protocol = next(column for column in report.protocols(paper) if column["name"] == "as_published")
    points = []
    for cell in report.plan.systems[paper].grids[declared["grid"]]:
        experiment, _ = report.plan.experiment(paper, cell["experiment"])
        reason = report.plan.left_out(paper, cell["system"], "as_published")
        points.append(
            {
                "system": cell["system"],
                "x": cell["values"][declared["x"]],
                "panel": cell["values"][declared["panel"]],
                "scores": None if reason else report.scores(paper, experiment, protocol["split"]),
                "missing": reason,
            }
        )
    return {
        "x": {"name": declared["x"].split(".")[-1], "log2": declared["log2"]},
        "panel": {"name": declared["panel"].split(".")[-1]},
        "metrics": METRICS,
        "protocol": protocol,
        "points": points,
        "best_reported": {str(panel): x for panel, x in declared["best_reported"].items()},
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


def _attention(report: "Report", paper: str, item: str) -> dict[str, Any]:
    declared = report.workflow.papers[paper]["figures"][item]
    config, corpus = report.workflow.config, report.workflow.corpus
    return {
        "attention": f"{report.attention_run(paper, item).folder}/attention_{item}.npz",
        "name": declared["system"],
        "show_text": corpus["show_text"] or config["private"],
    }


SPECS: dict[str, Callable[["Report", str, str], dict[str, Any]]] = {
    "label_distribution": _label_distribution,
    "sweep": _sweep,
    "confusion": _confusion,
    "training_curves": _training_curves,
    "attention": _attention,
}
