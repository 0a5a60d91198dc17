"""The resolved spec of every kind of figure: what its module in `serflow.reporting.figures` is told to draw."""

from collections.abc import Callable
from typing import Any

from serflow.paths import CorpusPaths, ViewPaths
from serflow.plan.runs import OF_ALL_UTTERANCES
from serflow.plan.scoring import Scoring
from serflow.provenance.run_key import RunKey
from serflow.reporting.reading import OF_AN_UTTERANCE
from serflow.reporting.wording import printed_protocols, sentence

METRICS = ["wa", "ua"]
SHOWN = ("kind", "class", "utterance", "block")  # what that rule is told of a figure


def _label_distribution(scoring: Scoring, paper: str, item: str) -> dict[str, Any]:
    groups = scoring.workflow.papers[paper]["figures"][item]["groups"]
    published = scoring.workflow.published
    grouped = {label for labels in groups.values() for label in labels}
    own = [label for label in scoring.workflow.corpus["labels"].values() if label not in grouped]
    return {
        "manifest": CorpusPaths(scoring.workflow.config["corpus"]).manifest,
        "groups": [*map(list, groups.items()), *([label, [label]] for label in own)],  # pairs keep their order in JSON
        "published": published["counts"] if published and "improvised" in published["counts"] else None,
        "published_on": scoring.workflow.counted_on,
    }


def _sweep(scoring: Scoring, paper: str, item: str) -> dict[str, Any]:
    declared = scoring.workflow.papers[paper]["figures"][item]
    protocol = _as_published(scoring, paper)
    points = [
        _scored(scoring, paper, point, protocol)
        | {"x": point["values"][declared["x"]], "panel": point["values"][declared["panel"]]}
        for point in scoring.plan.systems[paper].sweeps[declared["sweep"]]
    ]
    return {
        "x": {"name": declared["x"].split(".")[-1], "log2": declared["log2"]},
        "panel": {"name": declared["panel"].split(".")[-1]},
        "metrics": METRICS,
        "protocol": protocol,
        "points": points,
        "best_reported": {str(panel): x for panel, x in declared["best_reported"].items()},
    }


def _as_published(scoring: Scoring, paper: str) -> dict[str, str]:
    return next(column for column in scoring.protocols(paper) if column["name"] == "as_published")


def _scored(scoring: Scoring, paper: str, point: dict[str, Any], protocol: dict[str, str]) -> dict[str, Any]:
    """A system on a view under a protocol, and its scores or why it has none."""
    experiment, _ = scoring.plan.experiment(paper, point["experiment"])
    reason = scoring.plan.skip_reason(paper, point["system"], protocol["name"], experiment)
    scores = None if reason else scoring.folder(paper, experiment, protocol["split"])
    return {"system": point["system"], "scores": scores, "missing": reason}


def _data_scale(scoring: Scoring, paper: str, item: str) -> dict[str, Any]:
    """The points of a sweep of the number of training utterances a class; null: all that there are."""
    declared = scoring.workflow.papers[paper]["figures"][item]
    protocol, swept = _as_published(scoring, paper), scoring.plan.systems[paper].sweeps[declared["sweep"]]
    points = [
        _scored(scoring, paper, point, protocol) | {"size": next(iter(point["values"].values()))} for point in swept
    ]
    experiment, _ = scoring.plan.experiment(paper, swept[0]["experiment"])
    split, place = protocol["split"], {"experiment": swept[0]["experiment"]}
    yardsticks = [
        _scored(scoring, paper, place | {"system": name}, protocol) | {"name": scoring.row_name(paper, name)}
        for name in scoring.workflow.yardsticks
        if (paper, experiment, name, split) in scoring.plan.required
    ]
    runs = scoring.plan.runs_of(paper, experiment, swept[0]["system"], split)
    return {
        "name": scoring.row_name(paper, scoring.workflow.papers[paper]["sweeps"][declared["sweep"]]["system"]),
        "protocol": protocol,
        "points": points,
        "yardsticks": yardsticks,
        "folds": sorted({run.fold for run in runs}),
        "split_table": ViewPaths(scoring.workflow.config["corpus"], paper, experiment).split(split),
        "reported": declared.get("reported", []),
        "reported_on": declared.get("reported_on"),
    }


def _confusion(scoring: Scoring, paper: str, item: str) -> dict[str, Any]:
    declared = scoring.workflow.papers[paper]["figures"][item]
    experiment, _ = scoring.plan.experiment(paper, declared["experiment"])
    stand_ins = [sentence(text) for text in scoring.plan.stand_ins(paper, experiment)]
    return {
        "classes": list(scoring.workflow.papers[paper]["experiments"][experiment]["classes"]),
        "average": declared.get("average"),
        "note": declared.get("note"),
        "stand_ins": " ".join(stand_ins),
        "panels": _panels(scoring, paper, declared, [declared["system"]]),
    }


def _reliability(scoring: Scoring, paper: str, item: str) -> dict[str, Any]:
    declared = scoring.workflow.papers[paper]["figures"][item]
    return {"panels": _panels(scoring, paper, declared, declared["systems"])}


def _panels(scoring: Scoring, paper: str, declared: dict[str, Any], systems: list[str]) -> list[dict[str, Any]]:
    """Of each printed protocol that scores one epoch, and each system: its scores, or why it has none."""
    return [
        _scored(scoring, paper, {"experiment": declared["experiment"], "system": system}, column)
        | {"name": scoring.row_name(paper, system), "protocol": column}
        for column in printed_protocols(scoring.protocols(paper))
        if column["select"] != "best_test_each"
        for system in systems
    ]


def _training_curves(scoring: Scoring, paper: str, item: str) -> dict[str, Any]:
    declared = scoring.workflow.papers[paper]["figures"][item]
    experiment, _ = scoring.plan.experiment(paper, declared["experiment"])
    panels = []
    for column in printed_protocols(scoring.protocols(paper)):
        reason = scoring.plan.skip_reason(paper, declared["system"], column["name"], experiment)
        if column["select"] == "best_test_each" or reason:
            continue
        runs = scoring.plan.runs_of(paper, experiment, declared["system"], column["split"])
        beside = "last" if column["select"] == "best_test" else "best_validation"
        panels.append(
            {
                "system": declared["system"],
                "name": scoring.row_name(paper, declared["system"]),
                "protocol": column["label"],
                "split": column["split"],
                "selections": ["best_test", beside],
                "scores": scoring.folder(paper, experiment, column["split"]),
                "split_table": ViewPaths(scoring.workflow.config["corpus"], paper, experiment).split(column["split"]),
                "runs": [
                    {"fold": run.fold, "seed": run.seed, "folder": scoring.plan.training(run).folder} for run in runs
                ],
            }
        )
    return {"panels": panels}


def _of_an_utterance(scoring: Scoring, paper: str, item: str) -> dict[str, Any]:
    declared = scoring.workflow.papers[paper]["figures"][item]
    run = runs_drawn(scoring, paper, item)[0]
    return {
        "attention": f"{run.folder}/attention_{item}.npz",
        "name": scoring.row_name(paper, declared["system"]),
        "note": declared.get("note"),
        "fold": run.fold,
        "split": run.split,
        "weights": weights_drawn(scoring, paper, item),
        "show_text": scoring.shows_text,
    } | (_beside(scoring, paper, declared) if "beside" in declared else {})


def _beside(scoring: Scoring, paper: str, declared: dict[str, Any]) -> dict[str, str]:
    """What the teacher of a figure's system is called, and the system beside."""
    transfer = scoring.plan.systems[paper].declared(declared["system"])["parameters"]["transfer"]
    teacher = scoring.workflow.papers[paper]["teachers"][transfer["teacher"]]["name"]
    return {"teacher": teacher, "beside": scoring.row_name(paper, declared["beside"])}


def _asr_curves(scoring: Scoring, paper: str, item: str) -> dict[str, Any]:
    """The teachers that are trained, and where their curves lie."""
    declared = scoring.workflow.papers[paper]["figures"][item]
    experiment, _ = scoring.plan.experiment(paper, declared["experiment"])
    data = scoring.workflow.papers[paper]
    split, named = data["teacher"]["split"], data["teachers"]
    return {
        "curves": f"{scoring.asr_folder(paper, experiment, split)}/curves.csv",
        "split": split,
        "teachers": [{"teacher": name, "name": named[name]["name"]} for name in declared["teachers"]],
        "note": declared.get("note"),
    }


def _energy_correlations(scoring: Scoring, paper: str, item: str) -> dict[str, Any]:
    runs = runs_drawn(scoring, paper, item)
    return {
        "name": scoring.row_name(paper, scoring.workflow.papers[paper]["figures"][item]["system"]),
        "split": runs[0].split,
        "weights": weights_drawn(scoring, paper, item),
        "show_text": scoring.shows_text,
        "runs": [
            {"fold": run.fold, "seed": run.seed, "correlations": f"{run.folder}/energy_correlations_{item}.csv"}
            for run in runs
        ],
    }


def runs_drawn(scoring: Scoring, paper: str, item: str) -> list[RunKey]:
    """The runs whose networks a figure shows: folds x seeds under the first protocol that runs its system."""
    declared = scoring.workflow.papers[paper]["figures"][item]
    experiment, _ = scoring.plan.experiment(paper, declared["experiment"])
    return scoring.plan.runs_of(paper, experiment, declared["system"], _drawn_under(scoring, paper, item)["split"])


def weights_drawn(scoring: Scoring, paper: str, item: str) -> str:
    """Of which epoch these networks are: "best", where validation chooses the one that counts, else "last".

    Weights of an epoch that the test part chose are not kept.
    """
    return "best" if _drawn_under(scoring, paper, item)["select"] == "best_validation" else "last"


def _drawn_under(scoring: Scoring, paper: str, item: str) -> dict[str, Any]:
    """The first configured protocol that runs a figure's systems."""
    declared, protocols = scoring.workflow.papers[paper]["figures"][item], scoring.workflow.protocols_of(paper)
    runs = (name for name in protocols if _skip_reason_under(scoring, paper, declared, name) is None)
    return protocols[next(runs)]


def made_figures(scoring: Scoring, paper: str) -> list[str]:
    """Ids of a paper's figures that this configuration makes, in its order."""
    declared = scoring.workflow.papers[paper]["figures"]
    return [name for name, figure in declared.items() if skip_reason(scoring, paper, figure) is None]


def skip_reason(scoring: Scoring, paper: str, figure: dict[str, Any]) -> str | None:
    """Why this configuration does not make a figure that the YAML declares; None where it does."""
    if figure["kind"] == "label_distribution":
        return None
    plan, config = scoring.plan, scoring.workflow.config
    if "sweep" in figure:
        if not config["sweeps"]:
            return "`sweeps` in config.yaml is false"
        experiment = scoring.workflow.papers[paper]["sweeps"][figure["sweep"]]["experiment"]
        points, made = plan.systems[paper].sweeps[figure["sweep"]], plan.experiment(paper, experiment)[0]
        reasons = [plan.skip_reason(paper, point["system"], "as_published", made) for point in points]
        reasons = [] if None in reasons else reasons
        if "as_published" not in config["protocols"]:
            reasons = ["`protocols` in config.yaml has no as_published"]
    else:
        experiment, protocols = figure["experiment"], scoring.workflow.protocols_of(paper)
        if "teachers" in figure:
            reasons = [plan.skip_reason_of_teachers(paper)]
        elif "systems" in figure:  # one of them is enough
            systems, made = figure["systems"], plan.experiment(paper, experiment)[0]
            reasons = [plan.skip_reason(paper, system, name, made) for name in protocols for system in systems]
        else:
            reasons = [_skip_reason_under(scoring, paper, figure, name) for name in protocols]
        reasons = [] if None in reasons else reasons
    made, note = plan.experiment(paper, experiment)
    return note if made is None else next(iter(reasons), None)


def _skip_reason_under(scoring: Scoring, paper: str, declared: dict[str, Any], protocol: str) -> str | None:
    """Why a protocol does not run a figure's system, or the one that stands beside it; None where it runs both."""
    systems = [declared[key] for key in ("system", "beside") if key in declared]
    made, _ = scoring.plan.experiment(paper, declared["experiment"])
    reasons = (scoring.plan.skip_reason(paper, system, protocol, made) for system in systems)
    return next((reason for reason in reasons if reason), None)


def energies_drawn(scoring: Scoring) -> set[tuple[str, str, str]]:
    """(paper, experiment, feature set) of the energies that this configuration's figures show beside attention."""
    return {
        (paper, scoring.plan.experiment(paper, figure["experiment"])[0], figure["energy"])
        for paper in scoring.workflow.papers
        for item in made_figures(scoring, paper)
        if "energy" in (figure := scoring.workflow.papers[paper]["figures"][item])
    }


def attention_settings(declared: dict[str, Any]) -> dict[str, Any]:
    """What the rule `attention` is told of a figure that the YAML declares."""
    return {key: declared[key] for key in SHOWN if key in declared}


def figure_spec(scoring: Scoring, paper: str, item: str) -> dict[str, Any]:
    """Spec of a declared figure (its module in `serflow.reporting.figures` says what is in it)."""
    declared = scoring.workflow.papers[paper]["figures"][item]
    workflow = scoring.workflow
    common = {"id": f"{paper}/{item}", "kind": declared["kind"], "title": declared["title"]}
    common["published_on"] = workflow.published_on(paper, declared.get("experiment"))
    if "experiment" in declared:
        made, _ = scoring.plan.experiment(paper, declared["experiment"])
        common["class_names"] = scoring.plan.class_names(paper, made)
    spec = common | SPECS[declared["kind"]](scoring, paper, item)
    if spec.get("note") and workflow.papers[paper]["corpus"] != workflow.config["corpus"]:
        spec["note"] += f" That is on {spec['published_on']}."
    return spec


SPECS: dict[str, Callable[[Scoring, str, str], dict[str, Any]]] = {
    "label_distribution": _label_distribution,
    "sweep": _sweep,
    "confusion": _confusion,
    "reliability": _reliability,
    "training_curves": _training_curves,
    "data_scale": _data_scale,
    "asr_curves": _asr_curves,
    OF_ALL_UTTERANCES: _energy_correlations,
    **dict.fromkeys(OF_AN_UTTERANCE, _of_an_utterance),
}
