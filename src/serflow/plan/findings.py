"""Spec of the page of findings: all systems of all tables, and which pairs of protocols isolate what."""

import itertools
from typing import Any

from serflow.plan.scoring import Scoring, protocol_columns
from serflow.reporting.wording import label_in_text, listing

__all__ = ["findings_spec"]

Spec = dict[str, Any]
SHOWN = ("strict", "as_published")  # protocols that the page draws
BY_SPEAKER = ("speaker", "session", "session_parts")  # kinds of splits that train no speaker whom they test


def findings_spec(scoring: Scoring, folder: str) -> Spec:
    """The papers of the page, each as `serflow.reporting.findings.findings_rows` takes it; `folder`: of the report."""
    return {"metric": "ua", "papers": [_paper(scoring, paper, folder) for paper in scoring.workflow.papers]}


def _paper(scoring: Scoring, paper: str, folder: str) -> Spec:
    workflow = scoring.workflow
    protocols = {column["name"]: column for column in protocol_columns(workflow.protocols_of(paper))}
    claims = [item for item, table in workflow.papers[paper]["tables"].items() if table.get("kind") == "claims"]
    reference = scoring.yardstick
    return {
        "key": paper,
        "published_on": workflow.published_on(paper),
        "protocols": [
            protocols[name] | {"folds": workflow.splits[protocols[name]["split"]]["folds"]}
            for name in SHOWN
            if name in protocols
        ],
        "reference": {"system": reference, "name": scoring.row_name(paper, reference)},
        "effects": _effects(workflow.splits, list(protocols.values())),
        "experiments": _experiments(scoring, paper, protocols),
        "swept": len(scoring.plan.systems[paper].sweep_points),
        "claims": [f"{folder}/{paper}/{item}.csv" for item in claims],
    }


def _experiments(scoring: Scoring, paper: str, protocols: dict[str, Spec]) -> list[Spec]:
    """Views that tables show systems of, that of the first table first, each with its systems in the tables' order."""
    found: dict[str, dict[str, None]] = {}
    unmade: dict[str, str] = {}
    for table in scoring.workflow.papers[paper]["tables"].values():
        for row in table.get("rows", []) if table.get("kind", "scores") == "scores" else []:
            if "system" in row:
                declared = row.get("experiment", table["experiment"])
                made, reason = scoring.plan.experiment(paper, declared)
                if made is None:
                    unmade[declared] = reason
                else:
                    found.setdefault(made, {})[row["system"]] = None
    made = [
        {
            "name": experiment,
            "classes": len(scoring.workflow.papers[paper]["experiments"][experiment]["classes"]),
            "missing": None,
            "rows": [
                *(_row(scoring, paper, experiment, system, protocols) for system in systems),
                *_given_rows(scoring, paper, experiment, protocols),
            ],
        }
        for experiment, systems in found.items()
    ]
    return made + [{"name": name, "missing": reason, "rows": []} for name, reason in unmade.items()]


def _row(scoring: Scoring, paper: str, experiment: str, system: str, protocols: dict[str, Spec]) -> Spec:
    spec = scoring.plan.systems[paper].spec(system, experiment)
    names = [name for name in protocols if not name.endswith("_best")]
    reasons = {name: scoring.plan.skip_reason(paper, system, name, experiment) for name in names}
    scores = {
        name: None if reason else scoring.folder(paper, experiment, protocols[name]["split"])
        for name, reason in reasons.items()
    }
    return {
        "system": system,
        "name": scoring.row_name(paper, system),
        "yardstick": system in scoring.workflow.yardsticks,
        "hears": bool(spec["features"]) or "text" in spec["parameters"],  # the majority class does not
        "epochs": "train" in spec["parameters"],
        "scores": scores,
        "missing": {name: reason for name, reason in reasons.items() if reason},
        "contrasts": _contrasts(scoring, paper, experiment),
        "given": False,
    }


def _contrasts(scoring: Scoring, paper: str, experiment: str) -> str | None:
    return scoring.contrasts_file(paper, experiment) if scoring.contrasts(paper, experiment) else None


def _given_rows(scoring: Scoring, paper: str, experiment: str, protocols: dict[str, Spec]) -> list[Spec]:
    """Systems that were trained elsewhere and given for one of the page's protocols."""
    columns = [column for name, column in protocols.items() if not name.endswith("_best")]
    shown = [column for column in columns if column["name"] in SHOWN]
    same = {"yardstick": False, "hears": True, "epochs": False, "given": True}
    same["contrasts"] = _contrasts(scoring, paper, experiment)
    names = scoring.given.names(paper, experiment, shown)
    return [scoring.given_row(paper, experiment, name, columns) | same for name in names]


def _effects(splits: dict[str, Spec], protocols: list[Spec]) -> dict[str, Spec]:
    """What pairs of a paper's protocols isolate: `first` and `second` protocol, or the `reason` why none does.

    `shared_speakers`: the same selection, once over utterances and once by speaker. `test_choice`: two splits over
    utterances, of which the first is chosen on its test part and the second on its validation part.
    """
    kinds = {protocol["name"]: splits[protocol["split"]]["kind"] for protocol in protocols}
    # a paper's own comes last: one that keeps speakers apart, too, may test fewer of them than strict
    ordered = sorted(protocols, key=lambda protocol: protocol["name"].startswith("as_published"))
    pairs = list(itertools.permutations(ordered, 2))
    shared = [
        (first, second)
        for first, second in pairs
        if kinds[first["name"]] == "random"
        and kinds[second["name"]] in BY_SPEAKER
        and first["select"] == second["select"] == "best_validation"
    ]
    chosen = [
        (first, second)
        for first, second in pairs
        if kinds[first["name"]] == kinds[second["name"]] == "random"
        and (first["select"], second["select"]) == ("best_test", "best_validation")
    ]
    return {
        "shared_speakers": _pair(shared) or {"reason": _shares_none(protocols, kinds)},
        "test_choice": _pair(chosen) or {"reason": _chooses_none(protocols)},
    }


def _pair(pairs: list[tuple[Spec, Spec]]) -> Spec:
    return {"first": pairs[0][0], "second": pairs[0][1]} if pairs else {}


def _shares_none(protocols: list[Spec], kinds: dict[str, str]) -> str:
    sharing = [label_in_text(p) for p in protocols if kinds[p["name"]] == "random" and p["select"] != "best_test_each"]
    if not sharing:
        return "no protocol that is run divides utterances at random"
    if all(kind not in BY_SPEAKER for kind in kinds.values()):
        return "no protocol that is run keeps speakers apart"
    return f"{listing(sharing)} and the protocols that keep speakers apart choose the epoch in different ways"


def _chooses_none(protocols: list[Spec]) -> str:
    choosing = [label_in_text(p) for p in protocols if p["select"] == "best_test"]
    if not choosing:
        return "no protocol chooses the epoch on the test part"
    return f"beside {listing(choosing)} no split alike is run whose validation part chooses the epoch"
