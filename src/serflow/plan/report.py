"""What the report asks for: each table, figure and the PDF as a resolved spec, and the files that they rest on."""

import itertools
from typing import Any

from serflow.config import nearest
from serflow.errors import UserError
from serflow.files import digest
from serflow.metrics.names import DEVELOPMENT, UNSHARED
from serflow.plan import figures, tables
from serflow.plan.runs import Plan
from serflow.plan.teachers import teachers_shown
from serflow.provenance.closure import closure_digest
from serflow.provenance.run_key import RunKey
from serflow.reporting.wording import printed_protocols

# by kind and, where the kind has it, what the session's other person does
SPLIT_TEXTS = {
    ("random", None): "random over utterances: speakers and dialogs stand on both sides",
    ("speaker", "validates"): "one true speaker tests, the session's other one validates, the other sessions train",
    ("speaker", "trains"): "one true speaker tests, one of the next session validates, all others train",
    ("session_parts", None): "a session is left out; one of its speakers validates, the other tests",
    ("session_parts_random", None): "a session is left out; half of it, at random, validates, the rest tests",
    ("marker", "validates"): "the wearer of the markers is taken for the speaker: people who are tested also validate",
    ("marker", "trains"): "the wearer of the markers is taken for the speaker: people who are tested also train",
}


def _split_text(split: dict[str, Any]) -> str:
    """What a split does, in a clause."""
    return f"{split['folds']} folds; {SPLIT_TEXTS[split['kind'], split.get('mate')]}"


def _style(style: str) -> str | None:
    return None if style == "all" else style


def _z_tested(table: dict[str, Any]) -> list[tuple[str, str]]:
    """Pairs of systems of a table: each with the one that its z-test is against, where it declares one."""
    against = table.get("z_test", {}).get("against")
    systems = [row["system"] for row in table.get("rows", []) if "system" in row]
    return [(system, against) for system in systems if against and system != against]


def _named(encoder: dict[str, Any] | None) -> dict[str, str] | None:
    """Which run of a system lends its network; its spec is that run's own to be held to."""
    return encoder and {key: encoder[key] for key in ("system", "weights")}


class Report:
    """Tables and figures of the configured papers, resolved for their jobs."""

    def __init__(self, plan: Plan):
        self.plan, self.workflow = plan, plan.workflow
        config = self.workflow.config
        self.folder = f"reports/{config['corpus']}-{config['preset']}"

    def tables(self, paper: str) -> list[str]:
        """Ids of a paper's tables, in its order."""
        return list(self.workflow.papers[paper]["tables"])

    def figures(self, paper: str) -> list[str]:
        """Ids of a paper's figures that this configuration makes, in its order."""
        declared = self.workflow.papers[paper]["figures"]
        return [name for name, figure in declared.items() if self._not_made(paper, figure) is None]

    def scores(self, paper: str, experiment: str, split: str) -> str:
        """Folder of the scores of one (paper, experiment, split)."""
        config = self.workflow.config
        return f"results/{config['corpus']}/{config['preset']}/{paper}/{experiment}/scores/{split}"

    def recognition(self, paper: str, experiment: str, split: str) -> str:
        """Folder of what the teachers of one (paper, experiment, split) recognise."""
        config = self.workflow.config
        return f"results/{config['corpus']}/{config['preset']}/{paper}/{experiment}/asr/{split}"

    def scored(self, paper: str, experiment: str, split: str) -> dict[str, dict[str, Any]]:
        """System -> digest of its spec, its folds and seeds: what the scoring job reads."""
        systems = {}
        for key in self.plan.wanted:
            if (key[0], key[1], key[3]) == (paper, experiment, split):
                runs, spec = self.plan.runs_of(*key), self.plan.systems[paper].spec(key[2], experiment)
                systems[key[2]] = {
                    "digest_spec": digest(spec),
                    "code": closure_digest("serflow.cli.train", *self.plan.systems[paper].modules(key[2], experiment)),
                    "features": spec["features"],
                    "text": "text" in spec["parameters"],
                    "learns": spec["parameters"].get("transfer"),
                    "encoder": _named(spec["encoder"]),
                    "folds": sorted({run.fold for run in runs}),
                    "seeds": sorted({run.seed for run in runs}),
                }
        return systems

    def runs_scored(self, paper: str, experiment: str, split: str) -> list[RunKey]:
        """The runs that a scoring job reads."""
        keys = [key for key in self.plan.wanted if (key[0], key[1], key[3]) == (paper, experiment, split)]
        return [run for key in keys for run in self.plan.runs_of(*key)]

    def teachers_scored(self, paper: str) -> list[dict[str, Any]]:
        """Run, digest of the spec and code of each teacher that tables and figures of recognition show."""
        data, systems = self.workflow.papers[paper], self.plan.systems[paper]
        folds = self.plan.folds_of(paper, data["teacher"]["split"])
        return [
            {
                "run": self.plan.teacher_run(paper, name, fold).key,
                "digest_spec": digest(systems.teacher_spec(name)),
                "code": closure_digest("serflow.cli.train_teacher", *systems.teacher_modules(name)),
            }
            for name in teachers_shown(data)
            for fold in folds
        ]

    def teachers_compared(self, paper: str) -> list[list[str]]:
        """Pairs of teachers: that of a row, and that of the row which a table of recognition compares it with."""
        declared = self.workflow.papers[paper]["tables"].values()
        rows = itertools.chain.from_iterable(map(tables.component_rows, declared))
        found = [(more["teacher"], fewer["teacher"]) for fewer, more in rows if "teacher" in more]
        return [list(pair) for pair in dict.fromkeys(found)]

    def features_scored(self, paper: str, experiment: str, split: str) -> list[str]:
        """Feature sets that the scored systems read."""
        found = {system["features"] for system in self.scored(paper, experiment, split).values()}
        return sorted(name for name in found if name)

    def references(self, paper: str, experiment: str, split: str) -> list[str]:
        """Of the systems that are scored together, those that the others are tested against."""
        scored = self.scored(paper, experiment, split)
        first = next(iter(self.workflow.papers[paper]["systems"]))
        return [system for system in (first, self.yardstick) if system in scored]

    def pairs(self, paper: str, experiment: str, split: str) -> list[list[str]]:
        """Of the systems that are scored together, each with what it is tested against, once.

        That is every reference, where a table adds components one by one, the system with a component fewer, and
        where it declares a z-test, the system that it is against.
        """
        scored, references = self.scored(paper, experiment, split), self.references(paper, experiment, split)
        found = [(system, other) for system in scored for other in references if other != system]
        for table in self.workflow.papers[paper]["tables"].values():
            if self.plan.experiment(paper, table["experiment"])[0] == experiment:
                steps = tables.component_rows(table)
                found += [(more["system"], fewer["system"]) for fewer, more in steps if "system" in more]
                found += _z_tested(table)
        return [list(pair) for pair in dict.fromkeys(found) if scored.keys() >= set(pair)]

    def reads_text(self, paper: str) -> bool:
        """Whether this configuration makes a view of the paper that is read as text."""
        views = self.workflow.papers[paper]["experiments"]
        reading = [name for name, view in views.items() if view.get("inputs", "acoustic") != "acoustic"]
        return any(self.plan.experiment(paper, name)[0] for name in reading)

    def shows_development(self, paper: str) -> bool:
        """Whether a table of the paper has a column of the validation part."""
        declared = self.workflow.papers[paper]["tables"].values()
        return any(column.endswith(DEVELOPMENT) for table in declared for column in table.get("columns", []))

    @property
    def yardstick(self) -> str:
        """The system that all others are measured against."""
        return next(name for name, system in self.workflow.yardsticks.items() if system["reference"])

    @property
    def as_stated(self) -> bool:
        """Whether sizes, epochs, folds, seeds and corpus are those that the papers state."""
        config = self.workflow.config
        presets = [self.workflow.preset_of(paper) for paper in self.workflow.papers]
        stated = config["preset"] == "paper" or all(preset.get("as_stated") for preset in presets)
        return stated and not (config["folds"] or config["seeds"] or config["skip_broken"])

    def table(self, paper: str, item: str) -> dict[str, Any]:
        """Spec of a table (`serflow.reporting.table_rows.table_rows`)."""
        declared = self._item("tables", paper, item)
        kind = declared.get("kind", "scores")
        if kind in tables.SPECS:
            common = {"id": f"{paper}/{item}", "kind": kind} | {key: declared[key] for key in ("title", "source")}
            return common | tables.SPECS[kind](self, paper, declared)
        protocols = self._columns(self.workflow.protocols_of_table(paper, declared))
        ablated = tables.ablated(declared)
        return {
            "id": f"{paper}/{item}",
            "title": declared["title"],
            "source": declared["source"],
            "columns": [
                column for column in declared["columns"] if self.reads_text(paper) or not column.endswith(UNSHARED)
            ],
            "protocols": protocols,
            "contrasts": declared.get("contrasts", []),
            "comparable": self.workflow.papers[paper]["corpus"] == self.workflow.config["corpus"] and self.as_stated,
            "reference": self.yardstick,
            "z_test": declared.get("z_test"),
            "rows": [
                self._row(paper, row, declared["experiment"], protocols) | {"ablated": ablated.get(row["id"])}
                for row in declared["rows"]
            ],
        }

    def figure(self, paper: str, item: str) -> dict[str, Any]:
        """Spec of a figure (its module in `serflow.reporting.figures` says what is in it)."""
        declared = self._item("figures", paper, item)
        common = {"id": f"{paper}/{item}", "kind": declared["kind"], "title": declared["title"]}
        return common | figures.SPECS[declared["kind"]](self, paper, item)

    def _item(self, kind: str, paper: str, item: str) -> dict[str, Any]:
        """What the paper's YAML says of one of its tables or figures."""
        declared = self.workflow.papers[paper][kind]
        if item not in declared:
            raise UserError(
                f"workflow/papers/{paper}.yaml: {kind}: {item!r} is not declared{nearest(item, list(declared))}"
            )
        return declared[item]

    def scores_of(self, spec: dict[str, Any]) -> list[str]:
        """Scores folders that a table's or figure's spec names."""
        found = set()
        for entry in spec.get("rows", []) + spec.get("points", []) + spec.get("panels", []):
            scores = entry.get("scores")
            found |= set(scores.values()) if isinstance(scores, dict) else {scores}
        return sorted(folder for folder in found if folder)

    def table_files(self, paper: str, item: str) -> list[str]:
        """What a table is made of: scores and tests, or the digest of the view that it counts."""
        spec = self.table(paper, item)
        if spec.get("kind") == "counts":
            return [spec["view"].replace(".parquet", ".json")] if spec["view"] else []
        return [f"{folder}/{name}.csv" for folder in self.scores_of(spec) for name in ("scores", "pairs")]

    def attention_run(self, paper: str, item: str) -> RunKey:
        """The run whose attention a figure of one utterance shows: the first fold's, with the first seed."""
        return figures.runs_drawn(self, paper, item)[0]

    @property
    def shows_text(self) -> bool:
        """Whether the report may name utterances."""
        return self.workflow.corpus["show_text"] or self.workflow.config["private"]

    @property
    def audit(self) -> str:
        """File of the audit of the release."""
        return f"{self.folder}/release_check.json"

    def release_check(self) -> dict[str, Any]:
        """Spec of the audit of the release (`serflow.reporting.release_check.release_check`)."""
        config, corpus = self.workflow.config, self.workflow.corpus
        return {
            "corpus": {"id": config["corpus"], "title": corpus["title"]},
            "show_text": self.shows_text,
            "published": self.workflow.published,
            "compared": corpus["reference_counts"] is not None,
            "checks": self._all_checks(),
            "manifest": f"data/{config['corpus']}/manifest.parquet",
            "findings": f"data/{config['corpus']}/findings.json",
        }

    def document(self, version: str) -> dict[str, Any]:
        """Spec of the PDF (`serflow.reporting.document.document`), but for the date of the data."""
        config, corpus = self.workflow.config, self.workflow.corpus
        return {
            "title": "Attention for speech emotion recognition",
            "version": version,
            "corpus": {"id": config["corpus"]} | {key: corpus[key] for key in ("title", "speech", "licence")},
            "preset": {
                "id": config["preset"],
                "text": self._preset_text(),
                "reduced": not self.as_stated,
            },
            "protocols": self._all_protocols(),
            "audit": self.audit,
            "papers": [self._paper(paper) for paper in self.workflow.papers],
        }

    def _paper(self, paper: str) -> dict[str, Any]:
        data, folder = self.workflow.papers[paper], f"{self.folder}/{paper}"
        figures = [
            {
                "id": f"{paper}/{item}",
                "kind": data["figures"][item]["kind"],
                "title": data["figures"][item]["title"],
                "source": data["figures"][item]["source"],
                "svg": f"{folder}/{item}.svg",
                "caption": f"{folder}/{item}.txt",
            }
            for item in self.figures(paper)
        ]
        return {
            "key": paper,
            "title": data["title"],
            "citation": f"{data['authors']}, {data['venue']}, doi {data['doi']}",
            "tables": [{"csv": f"{folder}/{item}.csv", "spec": self.table(paper, item)} for item in self.tables(paper)],
            "figures": figures,
            "notes": self._notes(paper),
        }

    def _notes(self, paper: str) -> list[str]:
        """What this corpus or configuration does to the paper, in sentences."""
        data = self.workflow.papers[paper]
        notes = []
        heard = [] if self.plan.no_teacher(paper) is None else self.workflow.heard
        for experiment in (name for name in data["experiments"] if name not in heard):
            notes += [f"{note}." for note in [self.plan.experiment(paper, experiment)[1]] if note]
            notes += [f"{note}." for note in self.plan.stand_ins(paper, experiment)]
        if self.reads_text(paper):
            source = "trained by word2vec on each fold's training transcripts, where the paper has them from elsewhere"
            if self.workflow.vectors is not None:
                source = f"those of {self.workflow.vectors.name}"
            notes.append(
                f"Word vectors: {source}; words without one are left out, and counted in each run.json (counts.text)."
            )
        schedule = self.workflow.corpus["schedule"]
        if schedule:
            notes.append(
                "The paper counts its schedule in epochs of IEMOCAP's size. On this corpus every schedule is a "
                f"budget of {schedule['segments']:,} training segments, which its epochs share: decay points and the "
                "epochs to choose from keep their proportion."
            )
        for figure in data["figures"].values():
            reason = self._not_made(paper, figure)
            if reason:
                notes.append(f"{figure['source']}, {figure['title'].lower()}: not made ({reason}).")
        return list(dict.fromkeys(notes))

    def _preset_text(self) -> str:
        texts = dict.fromkeys(self.workflow.preset_of(paper)["text"] for paper in self.workflow.papers)
        config = self.workflow.config
        changed = [name for name in ("folds", "seeds", "skip_broken") if config[name]]
        return "; ".join([*texts, *([f"{', '.join(changed)} as configured"] if changed else [])])

    def protocols(self, paper: str) -> list[dict[str, str]]:
        """Columns of a table: the configured protocols, and the paper's own "best of each" where it has one."""
        return self._columns(self.workflow.protocols_of(paper))

    def _columns(self, protocols: dict[str, dict[str, Any]]) -> list[dict[str, str]]:
        columns = []
        for name, protocol in protocols.items():
            label = name.replace("_", " ")
            columns.append({"name": name, "label": label, "split": protocol["split"], "select": protocol["select"]})
            if protocol.get("best_of_each"):
                column = {
                    "name": f"{name}_best",
                    "label": "best of each",
                    "split": protocol["split"],
                    "select": "best_test_each",
                }
                columns.append(column)
        return columns

    def _all_protocols(self) -> list[dict[str, str]]:
        rows = {}
        for paper, data in self.workflow.papers.items():
            for column in self._columns(self.workflow.protocols_shown(paper)):
                own = column["name"].startswith("as_published") or column["name"] in data.get("protocols", {})
                key = (paper if own else None, column["name"])
                label = f"{column['label']} ({paper})" if own else column["label"]
                text = _split_text(self.workflow.splits[column["split"]])
                rows[key] = column | {"label": label, "split_text": text}
        return printed_protocols(list(rows.values()))

    def _row(self, paper: str, row: dict[str, Any], experiment: str, protocols: list[dict[str, str]]) -> dict[str, Any]:
        entry = {
            "id": row["id"],
            "name": row["name"],
            "variant": row.get("variant"),
            "reported": row.get("reported"),
            "system": row.get("system"),
        }
        if entry["system"] is None:
            return entry | {"scores": {}, "missing": {}, "note": None, "experiment": None}
        made, note = self.plan.experiment(paper, row.get("experiment", experiment))
        scores, missing = {}, {}
        for column in protocols:
            reason = self.plan.left_out(paper, row["system"], column["name"].removesuffix("_best"))
            reason = note if made is None else reason
            scores[column["name"]] = None if reason else self.scores(paper, made, column["split"])
            if reason:
                missing[column["name"]] = reason
        notes = ([note] if note and made else []) + (self.plan.stand_ins(paper, made) if made else [])
        reads = made and self.workflow.papers[paper]["experiments"][made].get("inputs", "acoustic") != "acoustic"
        return entry | {
            # numbers made with pretrained word vectors say nothing about those that a fold's transcripts give
            "comparable": not reads or self.workflow.vectors is not None,
            "scores": scores,
            "missing": missing,
            "note": "; ".join(notes) or None,
            "experiment": made,
        }

    def _not_made(self, paper: str, figure: dict[str, Any]) -> str | None:
        """Why this configuration does not make a figure; None where it does."""
        if figure["kind"] == "label_distribution":
            return None
        if "sweep" in figure:
            if not self.workflow.config["sweeps"]:
                return "sweeps: false"
            experiment = self.workflow.papers[paper]["sweeps"][figure["sweep"]]["experiment"]
            reasons = [] if "as_published" in self.workflow.config["protocols"] else ["sweeps run as published only"]
        else:
            experiment = figure["experiment"]
            if "teachers" in figure:
                reasons = [self.plan.no_teacher(paper)]
            else:
                protocols = self.workflow.protocols_of(paper)
                reasons = [figures.left_out(self, paper, figure, name) for name in protocols]
            reasons = [] if None in reasons else reasons
        made, note = self.plan.experiment(paper, experiment)
        return note if made is None else next(iter(reasons), None)

    def _all_checks(self) -> list[dict[str, Any]]:
        """The checks of all papers; those that count the same classes are one, and its name names them all."""
        checks: dict[str, dict[str, Any]] = {}
        for check in itertools.chain.from_iterable(map(self._checks, self.workflow.papers)):
            same = checks.setdefault(digest([check["style"], check["classes"]]), check)
            if same is not check:
                same["name"] += f"; {check['name']}"
        return list(checks.values())

    def _checks(self, paper: str) -> list[dict[str, Any]]:
        published = self.workflow.published
        checks: list[dict[str, Any]] = []
        for name, view in self.workflow.papers[paper]["experiments"].items():
            style = "all" if view["style"] == "any" else view["style"]
            if not published or style not in published["counts"] or self.plan.experiment(paper, name)[0] != name:
                continue
            if any(check["classes"] == view["classes"] and check["style"] == _style(style) for check in checks):
                continue  # the same utterances, read in another way
            expected = {
                title: sum(published["counts"][style].get(label, 0) for label in labels)
                for title, labels in view["classes"].items()
            }
            checks.append(
                {
                    "name": f"{paper}, {name}",
                    "style": _style(style),
                    "classes": view["classes"],
                    "expected": expected,
                }
            )
        return checks
