"""The resolved spec of every kind of table: scores, by group too, class counts, error rates of teachers, claims."""

from collections.abc import Callable
from typing import Any

from serflow.metrics.names import UNSHARED
from serflow.paths import ViewPaths
from serflow.plan.given import NOTE, ROW
from serflow.plan.limits import limits
from serflow.plan.scoring import Scoring, compared_rows, protocol_columns

__all__ = ["ablated", "table_spec"]

Spec = dict[str, Any]

GROUPED = ["ua", "brier", "nll", "ece"]  # the metrics of a table of groups, of which UA is told by group, too


def ablated(table: Spec, made_by: str = "system") -> dict[str, dict[str, str]]:
    """Id of a row -> `id` and `system` of the row with one component fewer; `made_by`: the key of what makes a row."""
    return {more["id"]: {"id": fewer["id"], "system": fewer[made_by]} for fewer, more in compared_rows(table)}


def _counts(scoring: Scoring, paper: str, declared: Spec) -> Spec:
    """Utterances of a view by session and class, and the published counts of the same view, if there are any."""
    made, note = scoring.plan.experiment(paper, declared["experiment"])
    view = scoring.workflow.papers[paper]["experiments"][made or declared["experiment"]]
    notes = [note, *(scoring.plan.stand_ins(paper, made) if made else [])]
    corpus = scoring.workflow.config["corpus"]
    return {
        "experiment": made,
        "view": ViewPaths(corpus, paper, made).utterances if made else None,
        "classes": list(view["classes"]),
        "published": _published(scoring.workflow.published, view),
        "published_on": scoring.workflow.counted_on,
        "comparable": scoring.workflow.papers[paper]["corpus"] == corpus,
        "note": "; ".join(text for text in notes if text) or None,
    }


def _published(counts: Spec | None, view: Spec) -> Spec | None:
    """Of published counts those of the very same style and classes: source, session -> class -> count, and in all."""
    style = {"any": "all"}.get(view["style"], view["style"])
    for stated in (counts or {}).get("views", []):
        if stated["style"] == style and _sorted(stated["classes"]) == _sorted(view["classes"]):
            return {"source": stated["source"], "session": stated.get("session", {}), "all": stated["expected"]}
    return None


def _sorted(classes: dict[str, list[str]]) -> dict[str, list[str]]:
    return {name: sorted(labels) for name, labels in classes.items()}


def _error_rates(scoring: Scoring, paper: str, declared: Spec) -> Spec:
    """Error rates of the teachers of a paper: as rows of scores, under one protocol, of the last epoch."""
    split = scoring.workflow.papers[paper]["teacher"]["split"]
    protocol = {"name": "as_published", "label": "as published", "split": split, "select": "last"}
    fewer = ablated(declared, "teacher")
    return {
        "columns": declared["columns"],
        "protocols": [protocol],
        "comparable": False,  # the reported rate is of other turns
        "beam": scoring.plan.systems[paper].teacher_base["parameters"]["beam"],
        "rows": [
            _teacher_row(scoring, paper, row, declared["experiment"], split) | {"ablated": fewer.get(row["id"])}
            for row in declared["rows"]
        ],
    }


def _teacher_row(scoring: Scoring, paper: str, row: Spec, experiment: str, split: str) -> Spec:
    entry = {key: row.get(key) for key in ("id", "name", "variant", "reported")} | {"system": row.get("teacher")}
    if entry["system"] is None:
        return entry | {"scores": {}, "missing": {}, "note": None, "experiment": None}
    made, note = scoring.plan.experiment(paper, row.get("experiment", experiment))
    reason = scoring.plan.skip_reason_of_teachers(paper) if made else note
    folder = None if reason else scoring.asr_folder(paper, made, split)
    return entry | {
        "scores": {"as_published": folder},
        "missing": {"as_published": reason} if reason else {},
        "note": note if made else None,
        "experiment": made,
    }


def _scores(scoring: Scoring, paper: str, declared: Spec) -> Spec:
    """Scores of systems under each protocol, beside the reported ones."""
    workflow = scoring.workflow
    protocols, fewer = protocol_columns(workflow.protocols_of_table(paper, declared)), ablated(declared)
    reads_text = scoring.reads_text(paper)
    rows = _with_given(
        [_row(scoring, paper, row, declared["experiment"], protocols) for row in declared["rows"]],
        _given_rows(scoring, paper, declared, protocols),
    )
    return {
        "columns": [column for column in declared["columns"] if reads_text or not column.endswith(UNSHARED)],
        "protocols": protocols,
        "contrasts": declared.get("contrasts", []),
        "limits": limits(scoring.plan, paper, scoring.plan.experiment(paper, declared["experiment"])[0], protocols),
        "comparable": workflow.papers[paper]["corpus"] == workflow.config["corpus"] and scoring.as_stated,
        "reference": scoring.yardstick,
        "reference_name": scoring.row_name(paper, scoring.yardstick),
        "z_test": declared.get("z_test"),
        "guessing": _guessing(scoring, paper, declared),
        "classes": _classes(scoring, paper, declared["experiment"]),
        "rows": [
            row | {"ablated": fewer.get(row["id"]), "contrasts": _contrasts(scoring, paper, row, declared)}
            for row in rows
        ],
    }


def _with_given(rows: list[Spec], given: list[Spec]) -> list[Spec]:
    """The rows of a table with given ones below the last system, above what is only quoted."""
    last = max((place for place, row in enumerate(rows, start=1) if row["system"]), default=0)
    return [*rows[:last], *given, *rows[last:]] if last else rows


def _given_rows(scoring: Scoring, paper: str, declared: Spec, protocols: list[dict[str, str]]) -> list[Spec]:
    """Rows of systems that were trained elsewhere: of each view that the table shows our systems on."""
    shown = [row.get("experiment", declared["experiment"]) for row in declared.get("rows", []) if "system" in row]
    views = (scoring.plan.experiment(paper, name) for name in dict.fromkeys([declared["experiment"], *shown]))
    made = list(dict.fromkeys(experiment for experiment, _ in views if experiment))
    return [
        _given_row(scoring, paper, experiment, name, protocols, view=experiment if experiment != made[0] else "")
        for experiment in made
        for name in scoring.given.names(paper, experiment, protocols)
    ]


def _given_row(
    scoring: Scoring, paper: str, experiment: str, name: str, protocols: list[dict[str, str]], *, view: str = ""
) -> Spec:
    """Such a row; `view`: its experiment, where that is not the table's own."""
    row = scoring.given_row(paper, experiment, name, protocols)
    row |= {
        "id": f"{ROW}{name}_{view}" if view else f"{ROW}{name}",
        "name": ", ".join(filter(None, (row["name"], view))),
    }
    return row | dict.fromkeys(("variant", "reported")) | {"comparable": True, "note": NOTE, "given": True}


def _guessing(scoring: Scoring, paper: str, declared: Spec) -> list[str]:
    """The systems of a table that hear nothing and always say one class."""
    shown = dict.fromkeys(row["system"] for row in declared["rows"] if "system" in row)
    return [system for system in shown if scoring.plan.systems[paper].declared(system)["learner"] == "majority"]


def _classes(scoring: Scoring, paper: str, experiment: str) -> int:
    return len(scoring.workflow.papers[paper]["experiments"][experiment]["classes"])


def _contrasts(scoring: Scoring, paper: str, row: Spec, declared: Spec) -> str | None:
    """The file of differences between protocols, where a row is made under both protocols of one of the table's."""
    pairs = ([row["scores"].get(contrast[end]) for end in ("from", "to")] for contrast in declared.get("contrasts", []))
    return scoring.contrasts_file(paper, row["experiment"]) if any(map(all, pairs)) else None


def _row(scoring: Scoring, paper: str, row: Spec, experiment: str, protocols: list[dict[str, str]]) -> Spec:
    entry = {key: row.get(key) for key in ("id", "name", "variant", "reported", "system")}
    if entry["system"] is None:
        return entry | {"scores": {}, "missing": {}, "note": None, "experiment": None}
    made = _made(scoring, paper, row.get("experiment", experiment), [row["system"]], protocols)
    view = scoring.workflow.papers[paper]["experiments"].get(made["experiment"], {})
    reads = view.get("inputs", "acoustic") != "acoustic"
    # numbers made with pretrained word vectors say nothing about those that a fold's transcripts give
    comparable = row.get("comparable", True) and (not reads or scoring.workflow.vectors is not None)
    return entry | {"comparable": comparable, "seeded": scoring.plan.systems[paper].seeded(row["system"])} | made


def _made(scoring: Scoring, paper: str, experiment: str, systems: list[str], protocols: list[dict[str, str]]) -> Spec:
    """Where the scores of systems are under each protocol, or why there are none of them, and of which experiment."""
    plan = scoring.plan
    made, note = plan.experiment(paper, experiment)
    scores, missing = {}, {}
    for column in protocols:
        protocol = column["name"].removesuffix("_best")
        reasons = [note] if made is None else [plan.skip_reason(paper, system, protocol, made) for system in systems]
        reason = next(filter(None, reasons), None)
        scores[column["name"]] = None if reason else scoring.folder(paper, made, column["split"])
        if reason:
            missing[column["name"]] = reason
    notes = ([note] if note and made else []) + (plan.stand_ins(paper, made) if made else [])
    return {"scores": scores, "missing": missing, "note": "; ".join(notes) or None, "experiment": made}


def _claims(scoring: Scoring, paper: str, declared: Spec) -> Spec:
    """The paper's claims, and the scores of the two systems of each under every configured protocol.

    A column in which each metric has its own best epoch on test has no pairs, and could judge nothing.
    """
    workflow = scoring.workflow
    columns = protocol_columns(workflow.protocols_of(paper))
    protocols = [column for column in columns if column["select"] != "best_test_each"]
    rows = []
    for claim in workflow.papers[paper]["claims"]:
        entry = {key: claim.get(key) for key in ("id", "text", "source", "system", "against", "metric")}
        entry |= {"direction": claim["direction"], "size": claim.get("size")}
        rows.append(entry | _made(scoring, paper, claim["experiment"], [claim["system"], claim["against"]], protocols))
    return {"protocols": protocols, "rows": rows}


def _groups(scoring: Scoring, paper: str, declared: Spec) -> Spec:
    """UA by group of the systems of an experiment, under *strict*, else *as published*, else what is configured."""
    configured, experiment = scoring.workflow.protocols_of(paper), declared["experiment"]
    name = next(name for name in ("strict", "as_published", *configured) if name in configured)
    protocols = [column for column in protocol_columns(configured) if column["name"] == name]
    made, _ = scoring.plan.experiment(paper, experiment)
    return {
        "columns": GROUPED,
        "protocols": protocols,
        "comparable": False,
        "strict": "strict" in configured,
        "classes": list(scoring.workflow.papers[paper]["experiments"][made or experiment]["classes"]),
        "rows": _with_given(
            [_row(scoring, paper, row, experiment, protocols) for row in _systems(scoring, paper, experiment)],
            _given_rows(scoring, paper, {"experiment": experiment}, protocols),
        ),
    }


def _systems(scoring: Scoring, paper: str, experiment: str) -> list[Spec]:
    """The systems that a paper's tables show of an experiment, each once, as the first row that shows it is called."""
    rows: dict[str, Spec] = {}
    for table in scoring.workflow.papers[paper]["tables"].values():
        for row in table.get("rows", []):
            if "system" in row and row.get("experiment", table["experiment"]) == experiment:
                shown = {"id": row["system"], "system": row["system"], "name": row["name"]}
                rows.setdefault(row["system"], shown | {"variant": row.get("variant")})
    return list(rows.values())


def table_spec(scoring: Scoring, paper: str, item: str) -> Spec:
    """Spec of a declared table (`serflow.reporting.table_rows`)."""
    declared = scoring.workflow.papers[paper]["tables"][item]
    kind = declared.get("kind", "scores")
    common = {"id": f"{paper}/{item}", "kind": kind} | {key: declared[key] for key in ("title", "source")}
    common |= {"note": declared["note"]} if "note" in declared else {}
    experiment = declared.get("experiment")
    common["published_on"] = scoring.workflow.published_on(paper, experiment)
    if experiment:
        common["class_names"] = scoring.plan.class_names(paper, scoring.plan.experiment(paper, experiment)[0])
    return common | SPECS[kind](scoring, paper, declared)


SPECS: dict[str, Callable[[Scoring, str, Spec], Spec]] = {
    "scores": _scores,
    "counts": _counts,
    "groups": _groups,
    "asr": _error_rates,
    "claims": _claims,
}
