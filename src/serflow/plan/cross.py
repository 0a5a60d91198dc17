"""Which runs predict which view of another corpus, or why they cannot; and the table of each paper that shows it.

The runs are those of strict. Each of their networks, that of every fold at the epoch that its own validation part
chose, predicts the whole view.
"""

from dataclasses import dataclass
from typing import Any

from serflow.cross_paths import CROSS, CrossPaths
from serflow.plan.others import STRICT, OtherCorpus, cross_protocol
from serflow.plan.scoring import Scoring
from serflow.provenance.run_key import RunKey

__all__ = ["Cross", "CrossView", "cross_columns", "cross_table_spec"]

Spec = dict[str, Any]
SELECT = "best_validation"  # what strict selects
TABLE = f"table_{CROSS}_"  # begins the id of such a table; the other corpus follows
COLUMNS = ["wa", "ua"]


@dataclass(frozen=True)
class CrossView:
    """A view of another corpus that an experiment's runs predict.

    Attributes
    ----------
    paper, declared, experiment : the paper's experiment, and the one that serves it on the corpus that is trained on.
    other : the corpus that is predicted.
    spec : style and classes (class -> canonical labels), those of the experiment that the other corpus has.
    notes : what the other corpus does to it, in clauses.
    reason : why nothing is predicted; None where something is.
    """

    paper: str
    declared: str
    experiment: str | None
    other: str
    spec: Spec
    notes: tuple[str, ...] = ()
    reason: str | None = None


class Cross:
    """Of one plan: what its runs predict of other corpora."""

    def __init__(self, scoring: Scoring):
        self.scoring, self.plan, self.workflow = scoring, scoring.plan, scoring.workflow

    @property
    def split(self) -> str:
        """The split of the runs that predict."""
        return self.workflow.protocols[STRICT]["split"]

    def paths(self, view: CrossView) -> CrossPaths:
        """Where everything of a view is."""
        config = self.workflow.config
        return CrossPaths(config["corpus"], config["preset"], view.paper, view.experiment, view.other, view.declared)

    def view(self, paper: str, declared: str, other: str) -> CrossView:
        """What the runs of a paper's experiment predict of another corpus."""
        made, note = self.plan.experiment(paper, declared)
        wanted, corpus = self.workflow.papers[paper]["experiments"][declared], self.workflow.others[other].declared
        where, title = f"workflow/corpora/{other}.yaml", corpus["title"]
        style, notes = wanted["style"], []
        common = {"paper": paper, "declared": declared, "experiment": made, "other": other, "spec": {}}
        if made is None:
            return CrossView(**common, reason=note)
        if reason := self.plan.no_folds(paper, made, self.split):
            return CrossView(**common, reason=reason)
        if wanted.get("inputs", "acoustic") != "acoustic" and not corpus["transcripts"]:
            return CrossView(**common, reason=f"{title} has no transcripts (`transcripts` in {where})")
        if style != "any" and style not in corpus["styles"]:
            if corpus["missing_styles"][style] == "none":
                return CrossView(**common, reason=f"{title} has no {style} part (`missing_styles.{style}` in {where})")
            notes.append(f"{title} has no {style} part: all its recordings stand in")
            style = corpus["missing_styles"][style]
        classes, standing_in = shared_classes(wanted["classes"], corpus)
        if len(classes) < 2:
            return CrossView(
                **common, reason=f"of its classes {title} has {', '.join(classes) or 'none'} (`labels` in {where})"
            )
        if left := [name for name in wanted["classes"] if name not in classes]:
            notes.append(f"{title} has no {' and no '.join(left)}")
        notes += [f"{title} has no label {label!r}: {other!r} stands in" for label, other in standing_in.items()]
        return CrossView(
            **common | {"spec": {"style": style, "classes": classes, "absent": "left_out"}}, notes=tuple(notes)
        )

    def shown(self, paper: str, other: str) -> list[tuple[CrossView, str]]:
        """(view, system) of every row of a paper's table of another corpus: whatever its tables show under strict."""
        found: dict[tuple[str, str], tuple[CrossView, str]] = {}
        for table in self.workflow.papers[paper]["tables"].values():
            for row in table.get("rows", []):
                declared, system = row.get("experiment", table.get("experiment")), row.get("system")
                if system is None:
                    continue
                made, _ = self.plan.experiment(paper, declared)
                if made and self.plan.skip_reason(paper, system, STRICT) is None:
                    found.setdefault((declared, system), (self.view(paper, declared, other), system))
        order = list(self.workflow.papers[paper]["experiments"])
        return sorted(found.values(), key=lambda row: order.index(row[0].declared))

    def views(self, paper: str, other: str) -> list[CrossView]:
        """The views of another corpus that something predicts, each once."""
        found = {view.declared: view for view, _ in self.shown(paper, other) if view.reason is None}
        return list(found.values())

    def systems(self, view: CrossView) -> list[str]:
        """The systems that predict a view, sorted."""
        return sorted(name for shown, name in self.shown(view.paper, view.other) if shown == view)

    def networks(self, view: CrossView, system: str) -> list[RunKey]:
        """The runs of strict whose networks predict, by seed and fold: those whose training keeps its weights."""
        runs = self.plan.runs_of(view.paper, view.experiment, system, self.split)
        kept = [run for run in runs if self.plan.keeps_weights(self.plan.training(run))]
        return sorted(kept, key=lambda run: (run.seed, run.fold))

    def tables(self, paper: str) -> dict[str, str]:
        """Ids of a paper's tables of other corpora, and these corpora; none where no table shows what strict runs."""
        return {f"{TABLE}{other}": other for other in self.workflow.others if self.shown(paper, other)}

    def pairs(self, view: CrossView) -> list[list[str]]:
        """Of the systems that predict a view, each with what strict tests it against."""
        there = set(self.systems(view))
        wanted = self.scoring.pairs(view.paper, view.experiment, self.split)
        return [pair for pair in wanted if set(pair) <= there]


def shared_classes(classes: dict[str, list[str]], corpus: Spec) -> tuple[dict[str, list[str]], dict[str, str]]:
    """The classes that a corpus has by its labels, and the labels that stand in for others in them.

    A label that is one class's own stands in for no other class.
    """
    has, missing = set(corpus["labels"].values()), corpus["missing_labels"]
    found, standing_in = {}, {}
    for name, labels in classes.items():
        others = {label for other, theirs in classes.items() if other != name for label in theirs}
        stands = {label: missing[label] for label in labels if missing.get(label) in has - others}
        if stands or has & set(labels):
            found[name] = labels
            standing_in |= stands
    return found, standing_in


def cross_columns(other: OtherCorpus) -> dict[str, str]:
    """The column of another corpus in such a table."""
    name = cross_protocol(other.name)
    return {"name": name, "label": f"cross: {other.declared['title']}", "split": name, "select": SELECT}


def cross_table_spec(cross: Cross, paper: str, item: str) -> Spec:
    """Spec of a paper's table of another corpus (`serflow.reporting.table_rows`), beside the corpus's own strict."""
    workflow, scoring = cross.workflow, cross.scoring
    other = workflow.others[cross.tables(paper)[item]]
    own, column = workflow.protocol(paper, STRICT), cross_columns(other)
    corpus = workflow.corpus
    shown = cross.shown(paper, other.name)
    several = len({view.declared for view, _ in shown}) > 1
    rows = []
    for view, system in shown:
        name = scoring.row_name(paper, system)
        no_folds = cross.plan.no_folds(paper, view.experiment, own["split"])
        reasons = {STRICT: no_folds, column["name"]: view.reason}
        folders = {STRICT: scoring.folder(paper, view.experiment, own["split"])}
        folders[column["name"]] = cross.paths(view).scores
        rows.append(
            {
                "id": f"{view.declared}_{system}",
                "name": f"{name}, {view.declared.replace('_', ' ')}" if several else name,
                "variant": None,
                "reported": None,
                "system": system,
                "seeded": cross.plan.systems[paper].seeded(system),
                "experiment": view.experiment,
                "declared": view.declared,
                "scores": {name: None if reasons[name] else folder for name, folder in folders.items()},
                "missing": {name: reason for name, reason in reasons.items() if reason},
                "note": "; ".join(_notes(cross, view)) or None,
                "ablated": None,
                "contrasts": None,
            }
        )
    views = cross.views(paper, other.name)
    return {
        "id": f"{paper}/{item}",
        "kind": "cross",
        "title": f"Trained on {corpus['title']}, tested on {other.declared['title']}",
        "source": "Beyond the paper",
        "published_on": "",
        "columns": COLUMNS,
        "protocols": [{"name": STRICT, "label": STRICT, **{key: own[key] for key in ("split", "select")}}, column],
        "contrasts": [],
        "comparable": False,
        "reference": scoring.yardstick,
        "reference_name": scoring.row_name(paper, scoring.yardstick),
        "z_test": None,
        "trained": corpus["title"],
        "tested": other.declared["title"],
        "speech": {corpus["title"]: corpus["speech"], other.declared["title"]: other.declared["speech"]},
        "given": _given(cross, paper, shown, own["split"]),
        "first_seed": workflow.config["keep_weights"] == "first_seed",
        "views": {view.declared: cross.paths(view).view.fingerprint for view in views},
        "rows": rows,
    }


def _given(cross: Cross, paper: str, shown: list[tuple[CrossView, str]], split: str) -> list[str]:
    """Titles of the systems from elsewhere that strict has beside these, sorted."""
    places = dict.fromkeys((paper, view.experiment, split) for view, _ in shown)
    titles = (given.title for place in places for given in cross.scoring.given_together(*place).values())
    return sorted(set(titles))


def _notes(cross: Cross, view: CrossView) -> list[str]:
    """What either corpus does to an experiment, in clauses."""
    _, note = cross.plan.experiment(view.paper, view.declared)
    own = cross.plan.stand_ins(view.paper, view.experiment)
    return list(dict.fromkeys([*([note] if note else []), *own, *view.notes]))
