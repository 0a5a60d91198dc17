"""The resolved spec of every kind of figure: what its module in `serflow.reporting.figures` is told to draw."""

import itertools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from serflow.errors import UserError
from serflow.provenance.run_key import RunKey
from serflow.reporting.wording import full_name, printed_protocols

if TYPE_CHECKING:
    from serflow.plan.report import Report

METRICS = ["wa", "ua"]
# kinds drawn from the rule `attention`
OF_AN_UTTERANCE = ("attention", "attention_energy", "attention_maps", "correlation_matrices", "informativeness")
OF_ALL_UTTERANCES = "energy_correlations"  # the kind drawn from the rule of this name, a job a run
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
        for cell in report.plan.systems[paper].sweeps[declared["sweep"]]
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
    """The cells of a sweep that varies one parameter, utterances a class; null: all that there are."""
    declared = report.workflow.papers[paper]["figures"][item]
    protocol, cells = _as_published(report, paper), report.plan.systems[paper].sweeps[declared["sweep"]]
    varied = sorted({name for cell in cells for name in cell["values"]})
    if len(varied) != 1:
        raise UserError(
            f"workflow/papers/{paper}.yaml: figures.{item}: sweep {declared['sweep']!r} varies {', '.join(varied)}; "
            "expected one parameter, the number of training utterances a class"
        )
    points = [_scored(report, paper, cell, protocol) | {"size": next(iter(cell["values"].values()))} for cell in cells]
    experiment, _ = report.plan.experiment(paper, cells[0]["experiment"])
    split, place = protocol["split"], {"experiment": cells[0]["experiment"]}
    yardsticks = [
        _scored(report, paper, place | {"system": name}, protocol) | {"name": _row_name(report, paper, name)}
        for name in report.workflow.yardsticks
        if (paper, experiment, name, split) in report.plan.wanted
    ]
    runs = report.plan.runs_of(paper, experiment, cells[0]["system"], split)
    return {
        "name": report.workflow.papers[paper]["sweeps"][declared["sweep"]]["system"],
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
    for column in printed_protocols(report.protocols(paper)):
        if column["select"] == "best_test_each":
            continue
        reason = report.plan.left_out(paper, declared["system"], column["name"])
        panels.append(
            {
                "system": declared["system"],
                "name": _row_name(report, paper, declared["system"]),
                "protocol": column,
                "scores": None if reason else report.scores(paper, experiment, column["split"]),
                "missing": reason,
            }
        )
    return {
        "classes": list(report.workflow.papers[paper]["experiments"][experiment]["classes"]),
        "average": declared.get("average"),
        "note": declared.get("note"),
        "panels": panels,
    }


def _training_curves(report: "Report", paper: str, item: str) -> dict[str, Any]:
    declared = report.workflow.papers[paper]["figures"][item]
    experiment, _ = report.plan.experiment(paper, declared["experiment"])
    panels = []
    for column in printed_protocols(report.protocols(paper)):
        if column["select"] == "best_test_each" or report.plan.left_out(paper, declared["system"], column["name"]):
            continue
        runs = report.plan.runs_of(paper, experiment, declared["system"], column["split"])
        panels.append(
            {
                "system": declared["system"],
                "name": _row_name(report, paper, declared["system"]),
                "protocol": column["label"],
                "split": column["split"],
                "rules": ["best_test", "last"] if column["select"] == "best_test" else ["best_test", "best_validation"],
                "scores": report.scores(paper, experiment, column["split"]),
                "runs": [{"fold": run.fold, "seed": run.seed, "folder": run.folder} for run in runs],
            }
        )
    return {"panels": panels}


def _of_an_utterance(report: "Report", paper: str, item: str) -> dict[str, Any]:
    declared = report.workflow.papers[paper]["figures"][item]
    run = runs_drawn(report, paper, item)[0]
    return {
        "attention": f"{run.folder}/attention_{item}.npz",
        "name": _row_name(report, paper, declared["system"]),
        "note": declared.get("note"),
        "fold": run.fold,
        "split": run.split,
        "weights": weights_drawn(report, paper, item),
        "show_text": report.shows_text,
    } | (_taught(report, paper, declared) if "beside" in declared else {})


def _taught(report: "Report", paper: str, declared: dict[str, Any]) -> dict[str, str]:
    """What the teacher of a figure's system is called, and the system beside."""
    transfer = report.plan.systems[paper].declared(declared["system"])["parameters"]["transfer"]
    teacher = report.workflow.papers[paper]["teachers"][transfer["teacher"]]["name"]
    return {"teacher": teacher, "beside": _row_name(report, paper, declared["beside"])}


def _asr_curves(report: "Report", paper: str, item: str) -> dict[str, Any]:
    """The teachers that are trained, and where their curves lie."""
    declared = report.workflow.papers[paper]["figures"][item]
    experiment, _ = report.plan.experiment(paper, declared["experiment"])
    data = report.workflow.papers[paper]
    split, named = data["teacher"]["split"], data["teachers"]
    return {
        "curves": f"{report.recognition(paper, experiment, split)}/curves.csv",
        "split": split,
        "teachers": [{"teacher": name, "name": named[name]["name"]} for name in declared["teachers"]],
        "note": declared.get("note"),
    }


def _energy_correlations(report: "Report", paper: str, item: str) -> dict[str, Any]:
    runs = runs_drawn(report, paper, item)
    return {
        "name": _row_name(report, paper, report.workflow.papers[paper]["figures"][item]["system"]),
        "split": runs[0].split,
        "weights": weights_drawn(report, paper, item),
        "show_text": report.shows_text,
        "runs": [
            {"fold": run.fold, "seed": run.seed, "correlations": f"{run.folder}/energy_correlations_{item}.csv"}
            for run in runs
        ],
    }


def _row_name(report: "Report", paper: str, system: str) -> str:
    """What the paper's tables call a system; its key where no row shows it."""
    tables = report.workflow.papers[paper]["tables"].values()
    rows = itertools.chain.from_iterable(table.get("rows", []) for table in tables)
    named = (full_name({"variant": ""} | row) for row in rows if row.get("system") == system)
    return next(named, system)


def runs_drawn(report: "Report", paper: str, item: str) -> list[RunKey]:
    """The runs whose networks a figure shows: folds x seeds under the first protocol that runs its system."""
    declared = report.workflow.papers[paper]["figures"][item]
    experiment, _ = report.plan.experiment(paper, declared["experiment"])
    return report.plan.runs_of(paper, experiment, declared["system"], _drawn_under(report, paper, item)["split"])


def weights_drawn(report: "Report", paper: str, item: str) -> str:
    """Of which epoch these networks are: "best", where validation chooses the one that counts, else "last".

    Weights of an epoch that the test part chose are not kept.
    """
    return "best" if _drawn_under(report, paper, item)["select"] == "best_validation" else "last"


def _drawn_under(report: "Report", paper: str, item: str) -> dict[str, Any]:
    """The first configured protocol that runs a figure's systems."""
    declared, protocols = report.workflow.papers[paper]["figures"][item], report.workflow.protocols_of(paper)
    return next(protocol for name, protocol in protocols.items() if left_out(report, paper, declared, name) is None)


def left_out(report: "Report", paper: str, declared: dict[str, Any], protocol: str) -> str | None:
    """Why a protocol does not run a figure's system, or the one that stands beside it; None where it runs both."""
    systems = [declared[key] for key in ("system", "beside") if key in declared]
    reasons = (report.plan.left_out(paper, system, protocol) for system in systems)
    return next((reason for reason in reasons if reason), None)


def energies_drawn(report: "Report") -> set[tuple[str, str, str]]:
    """(paper, experiment, feature set) of the energies that this configuration's figures show beside attention."""
    return {
        (paper, report.plan.experiment(paper, figure["experiment"])[0], figure["energy"])
        for paper in report.workflow.papers
        for item in report.figures(paper)
        if "energy" in (figure := report.workflow.papers[paper]["figures"][item])
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
    "asr_curves": _asr_curves,
    OF_ALL_UTTERANCES: _energy_correlations,
    **dict.fromkeys(OF_AN_UTTERANCE, _of_an_utterance),
}
