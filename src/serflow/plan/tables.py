"""The resolved spec of tables that show no scores of systems: class counts, and what the teachers recognise."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from serflow.plan.report import Report

__all__ = ["SPECS"]

Spec = dict[str, Any]


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


SPECS: dict[str, Callable[["Report", str, Spec], Spec]] = {"counts": _counts}
