"""What tables compare, and the resolved spec of those that show no scores of systems: class counts, recognition."""

import itertools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from serflow.plan.report import Report

__all__ = ["SPECS", "component_rows", "ablated"]

Spec = dict[str, Any]


def component_rows(table: Spec) -> list[tuple[Spec, Spec]]:
    """Pairs of rows of a table: the one with a component fewer, and the one with it."""
    rows = {row["id"]: row for row in table.get("rows", [])}
    steps = itertools.chain.from_iterable(map(itertools.pairwise, table.get("ablation", [])))
    return [(rows[fewer], rows[more]) for fewer, more in steps]


def ablated(table: Spec, made_by: str = "system") -> dict[str, dict[str, str]]:
    """Id of a row -> `id` and `system` of the row with one component fewer; `made_by`: the key of what makes a row."""
    return {more["id"]: {"id": fewer["id"], "system": fewer[made_by]} for fewer, more in component_rows(table)}


def _counts(report: "Report", paper: str, declared: Spec) -> Spec:
    """Utterances of a view by session and class, and the published counts of the same view, if there are any."""
    made, note = report.plan.experiment(paper, declared["experiment"])
    view = report.workflow.papers[paper]["experiments"][made or declared["experiment"]]
    notes = [note, *(report.plan.stand_ins(paper, made) if made else [])]
    corpus = report.workflow.config["corpus"]
    return {
        "experiment": made,
        "view": f"data/{corpus}/{paper}/{made}/view.parquet" if made else None,
        "classes": list(view["classes"]),
        "published": _published(report.workflow.published, view),
        "comparable": report.workflow.papers[paper]["corpus"] == corpus,
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


def _recognition(report: "Report", paper: str, declared: Spec) -> Spec:
    """What the teachers of a paper recognise: as rows of scores, under one protocol, of the last epoch."""
    split = report.workflow.papers[paper]["teacher"]["split"]
    protocol = {"name": "as_published", "label": "as published", "split": split, "select": "last"}
    fewer = ablated(declared, "teacher")
    return {
        "columns": declared["columns"],
        "protocols": [protocol],
        "comparable": False,  # the reported rate is of other turns
        "beam": report.plan.systems[paper].taught["parameters"]["beam"],
        "rows": [
            _teacher_row(report, paper, row, declared["experiment"], split) | {"ablated": fewer.get(row["id"])}
            for row in declared["rows"]
        ],
    }


def _teacher_row(report: "Report", paper: str, row: Spec, experiment: str, split: str) -> Spec:
    entry = {key: row.get(key) for key in ("id", "name", "variant", "reported")} | {"system": row.get("teacher")}
    if entry["system"] is None:
        return entry | {"scores": {}, "missing": {}, "note": None, "experiment": None}
    made, note = report.plan.experiment(paper, row.get("experiment", experiment))
    reason = report.plan.no_teacher(paper) if made else note
    folder = None if reason else report.recognition(paper, made, split)
    return entry | {
        "scores": {"as_published": folder},
        "missing": {"as_published": reason} if reason else {},
        "note": note if made else None,
        "experiment": made,
    }


SPECS: dict[str, Callable[["Report", str, Spec], Spec]] = {"counts": _counts, "asr": _recognition}
