"""What the report asks for: each table, figure and the PDF as a resolved spec, and the files that they rest on."""

import itertools
from functools import cached_property
from pathlib import PurePath
from typing import Any

from serflow.config import nearest
from serflow.errors import UserError
from serflow.files import digest, file_digest, read_json
from serflow.paths import CorpusPaths, ViewPaths, report_folder
from serflow.plan import figures, tables
from serflow.plan.cross import Cross, cross_columns, cross_table_spec
from serflow.plan.findings import findings_spec
from serflow.plan.runs import Plan
from serflow.plan.scoring import Scoring, protocol_columns, scores_folders
from serflow.plan.teachers import planned_teachers
from serflow.plan.workflow import published_counts
from serflow.provenance.run_key import RunKey
from serflow.reporting.wording import count, printed_protocols

PLACES = ("release", "releases", "lexical")  # of files, whose content has digests of its own
# by kind and, where the kind has it, what the session's other person does
SPLIT_TEXTS = {
    ("random", None): "random over utterances: speakers and dialogs stand on both sides",
    ("speaker", "validates"): "one true speaker tests, the session's other one validates, the other sessions train",
    ("speaker", "trains"): "one true speaker tests, one of the next session validates, all others train",
    ("session", None): "one session tests, the others train",
    ("session_parts", None): "a session is left out; one of its speakers validates, the other tests",
    ("session_parts_random", None): "a session is left out; half of it, at random, validates, the rest tests",
    ("given", None): "as the corpus's own table gives them",
    ("marker", "validates"): "the wearer of the markers is taken for the speaker: people who are tested also validate",
    ("marker", "trains"): "the wearer of the markers is taken for the speaker: people who are tested also train",
}


def _split_text(split: dict[str, Any]) -> str:
    """What a split does, in a clause."""
    if not split["folds"]:
        return "the corpus gives no folds of its own"
    return f"{count(split['folds'], 'fold')}; {SPLIT_TEXTS[split['kind'], split.get('mate')]}"


def _style(style: str) -> str | None:
    return None if style == "all" else style


def _within(title: str) -> str:
    """A title within a sentence: its first letter is small, unless an acronym begins with it."""
    return title if title[1:2].isupper() else title[:1].lower() + title[1:]


class Report:
    """Tables and figures of the configured papers, resolved for their jobs."""

    def __init__(self, plan: Plan):
        self.plan, self.scoring, self.workflow = plan, Scoring(plan), plan.workflow
        self.cross = Cross(self.scoring)
        config = self.workflow.config
        self.folder = report_folder(config["corpus"], config["preset"])

    def learn(self) -> None:
        """Look anew which folds cannot be had; where that has changed, all that follows from it is found anew."""
        if not self.plan.learn():
            return
        for part in (self.plan, self.scoring, self):
            for name in [name for name in vars(part) if isinstance(getattr(type(part), name, None), cached_property)]:
                del vars(part)[name]

    def tables(self, paper: str) -> list[str]:
        """Ids of a paper's tables, in its order, and of those of other corpora."""
        return [*self.workflow.papers[paper]["tables"], *self.cross.tables(paper)]

    def figures(self, paper: str) -> list[str]:
        """Ids of a paper's figures that this configuration makes, in its order."""
        return figures.made_figures(self.scoring, paper)

    @cached_property
    def teachers(self) -> list[RunKey]:
        """The speech recognisers that systems learn from and that tables and figures show, sorted, each once."""
        return planned_teachers(self.plan)

    @property
    def trainings(self) -> list[RunKey]:
        """Everything that is trained, each once: teachers, then systems."""
        return [*self.teachers, *self.plan.trainings]

    @property
    def jobs(self) -> list[list[RunKey]]:
        """The trainings by job."""
        return [*([teacher] for teacher in self.teachers), *self.plan.jobs]

    def table(self, paper: str, item: str) -> dict[str, Any]:
        """Spec of a table (`serflow.reporting.table_rows`)."""
        if item in self.cross.tables(paper):
            return self._asking(cross_table_spec(self.cross, paper, item))
        self._check("tables", paper, item)
        return self._asking(tables.table_spec(self.scoring, paper, item))

    def figure(self, paper: str, item: str) -> dict[str, Any]:
        """Spec of a figure (its module in `serflow.reporting.figures` says what is in it)."""
        self._check("figures", paper, item)
        return self._asking(figures.figure_spec(self.scoring, paper, item))

    def _asking(self, spec: dict[str, Any]) -> dict[str, Any]:
        """A spec with what is asked of the scores that it shows: folder -> digest."""
        asked, folders = self.scoring.asked_of, scores_folders(spec)
        if "curves" in spec:  # error rates, epoch by epoch
            folders.append(PurePath(spec["curves"]).parent.as_posix())
        return spec | {"asked": {folder: asked[folder] for folder in folders if folder in asked}}

    def _check(self, kind: str, paper: str, item: str) -> None:
        """Raise a `UserError` where the paper's YAML declares no such table or figure."""
        declared = self.workflow.papers[paper][kind]
        if item not in declared:
            raise UserError(
                f"workflow/papers/{paper}.yaml: {kind}: {item!r} is not declared{nearest(item, list(declared))}"
            )

    @property
    def release_check(self) -> str:
        """File of the check of the release."""
        return self.release_check_of("")

    def release_check_of(self, other: str) -> str:
        """File of the check of another corpus's release; of "" the corpus's own."""
        return f"{self.folder}/release_check{f'_{other}' if other else ''}.json"

    @property
    def other_checks(self) -> dict[str, str]:
        """These files, by the title of the other corpus."""
        others = self.workflow.others.values()
        return {other.declared["title"]: self.release_check_of(other.name) for other in others}

    @property
    def digests(self) -> str:
        """File of the digests of all that an export holds but for the PDF, which prints their own."""
        return f"{self.folder}/digests.txt"

    @property
    def libraries(self) -> list[str]:
        """Files that say by which versions of libraries the runs were trained (`serflow.provenance.libraries`)."""
        folders = [self.scoring.folder(*place) for place in self.scoring.jobs]
        asr = sorted({(run.paper, run.experiment, run.split) for run in self.teachers})
        return [f"{folder}/libraries.json" for folder in (*folders, *(self.scoring.asr_folder(*one) for one in asr))]

    @property
    def _features(self) -> list[str]:
        """Feature sets that trainings read."""
        return sorted({self.plan.spec(run)["features"] for run in self.trainings} - {None})

    def release_check_spec(self, other: str | None = None) -> dict[str, Any]:
        """Spec of the check of a release, another corpus's too (`serflow.reporting.release_check.release_check`)."""
        workflow = self.workflow
        name, corpus = other or workflow.config["corpus"], workflow.others[other].declared if other else workflow.corpus
        return {
            "corpus": {"id": name, "title": corpus["title"]},
            "show_text": corpus["show_text"] or workflow.config["private"],
            "published": published_counts(corpus, workflow.root),
            "compared": corpus["reference_counts"] is not None,
            "checks": [] if other else self._all_checks(),
            "manifest": CorpusPaths(name).manifest,
            "findings": CorpusPaths(name).findings,
        }

    def document(self, version: str) -> dict[str, Any]:
        """Spec of the PDF (`serflow.reporting.document.document`), but for the date of the data."""
        return self._identity() | {
            "version": version,
            "protocols": self._all_protocols(),
            "release_check": self.release_check,
            "other_checks": self.other_checks,
            "libraries": self.libraries,
            "stores": [
                f"{CorpusPaths(self.workflow.config['corpus']).store(name)}/store.json" for name in self._features
            ],
            "groups": self._groups(),
            "findings": {"spec": self.findings_spec(), "files": self.findings},
            "papers": [self._paper(paper) for paper in self.workflow.papers],
        }

    def printed(self, made_by: dict[str, str]) -> dict[str, Any]:
        """The same with what stands on disk: the date of the data, and digests of all that the report is made of.

        `made_by`: of `serflow.provenance.version.made_by`.
        """
        release = read_json(CorpusPaths(self.workflow.config["corpus"]).release_fingerprint)
        made_of = {"source": made_by["source"], "release": release["digest"], "configuration": self.configuration}
        return self.document(made_by["version"]) | {
            "date": release["date"],
            "root": file_digest(self.digests),
            "made_of": made_of,
        }

    @property
    def configuration(self) -> str:
        """SHA-256 of the configuration as it is resolved: config.yaml but for places of files, and every spec."""
        config = {key: value for key, value in self.workflow.config.items() if key not in PLACES}
        names = {(run.paper, run.experiment, run.system): run for run in self.trainings}
        return digest({"config": config, "specs": {"/".join(name): self.plan.spec(run) for name, run in names.items()}})

    def _groups(self) -> list[dict[str, Any]]:
        """Of every view, where who is in which group of speakers stands, if its splits made such."""
        files: dict[str, list[str]] = {}
        for paper, experiment, split in self.plan.folds:
            if self.workflow.splits[split]["kind"] != "random":
                folder = PurePath(ViewPaths(self.workflow.config["corpus"], paper, experiment).split(split)).parent
                files.setdefault(f"{paper} {experiment}", []).append(f"{folder}/{split}_groups.csv")
        return [{"view": view, "files": listed} for view, listed in files.items()]

    @property
    def findings(self) -> dict[str, str]:
        """Files of the page of findings, by what they are."""
        names = {"page": ".svg", "pdf": ".pdf", "systems": ".csv", "claims": "_claims.csv", "text": ".txt"}
        return {what: f"{self.folder}/findings{end}" for what, end in (names | {"picture": "_picture.svg"}).items()}

    def findings_spec(self) -> dict[str, Any]:
        """Spec of the page of findings (`serflow.reporting.findings_page.make_findings`)."""
        asked = {"asked": self.scoring.asked_of}
        return self._identity() | findings_spec(self.scoring, self.folder) | asked

    def _identity(self) -> dict[str, Any]:
        """What the report is of."""
        config, corpus = self.workflow.config, self.workflow.corpus
        return {
            "title": "Attention for speech emotion recognition",
            "corpus": {"id": config["corpus"]} | {key: corpus[key] for key in ("title", "speech", "licence")},
            "preset": {
                "id": config["preset"],
                "text": self._preset_text(),
                "reduced": not self.scoring.as_stated,
            },
        }

    def _paper(self, paper: str) -> dict[str, Any]:
        data, folder = self.workflow.papers[paper], f"{self.folder}/{paper}"
        drawn = [
            {
                "id": f"{paper}/{item}",
                "kind": data["figures"][item]["kind"],
                "title": data["figures"][item]["title"],
                "source": data["figures"][item]["source"],
                "svg": f"{folder}/{item}.svg",
                "caption": f"{folder}/{item}.txt",
                "csv": f"{folder}/{item}_data.csv",
            }
            for item in self.figures(paper)
        ]
        return {
            "key": paper,
            "title": data["title"],
            "citation": f"{data['authors']}, {data['venue']}, doi {data['doi']}",
            "tables": [{"csv": f"{folder}/{item}.csv", "spec": self.table(paper, item)} for item in self.tables(paper)],
            "figures": drawn,
            "notes": self._notes(paper),
        }

    def _notes(self, paper: str) -> list[str]:
        """What this corpus or configuration does to the paper, in sentences; the last ones, of its figures."""
        notes = self.corpus_notes(paper)
        for figure in self.workflow.papers[paper]["figures"].values():
            reason = figures.skip_reason(self.scoring, paper, figure)
            if reason:
                notes.append(f"{figure['source']}, {_within(figure['title'])}: not made ({reason}).")
        return list(dict.fromkeys(notes))

    def corpus_notes(self, paper: str) -> list[str]:
        """What this corpus does to a paper's data and training, in sentences."""
        data = self.workflow.papers[paper]
        notes: list[str] = []
        unmade = [] if self.plan.skip_reason_of_teachers(paper) is None else self.workflow.teacher_experiments
        for experiment in (name for name in data["experiments"] if name not in unmade):
            notes += [f"{note[0].upper()}{note[1:]}." for note in [self.plan.experiment(paper, experiment)[1]] if note]
            notes += [f"{note}." for note in self.plan.stand_ins(paper, experiment)]
        if self.scoring.reads_text(paper):
            source = "trained by word2vec on each fold's training transcripts, where the paper has them from elsewhere"
            if self.workflow.vectors is not None:
                source = f"those of {self.workflow.vectors.name}"
            notes.append(
                f"Word vectors: {source}; words without one are left out, and counted in each run.json (counts.text)."
            )
        if budget := self.workflow.corpus["budget"]:
            cut = budget["schedule"]
            notes.append(
                f"The paper counts in epochs of IEMOCAP's size. On this corpus its epochs share {budget['steps']:,} "
                f"optimiser steps, and the learning rate is constant for {100 * cut['after']:g} % of them, then "
                f"times {cut['factor']:g}."
            )
        return list(dict.fromkeys(notes))

    def _preset_text(self) -> str:
        texts = dict.fromkeys(self.workflow.preset_of(paper)["text"] for paper in self.workflow.papers)
        config = self.workflow.config
        changed = [name for name in ("folds", "seeds", "skip_broken") if config[name]]
        return "; ".join([*texts, *([f"{', '.join(changed)} as configured"] if changed else [])])

    def _all_protocols(self) -> list[dict[str, str]]:
        rows = {}
        for paper, data in self.workflow.papers.items():
            for column in protocol_columns(self.workflow.protocols_shown(paper)):
                own = column["name"].startswith("as_published") or column["name"] in data.get("protocols", {})
                key = (paper if own else None, column["name"])
                label = f"{column['label']} ({paper})" if own else column["label"]
                text = _split_text(self.workflow.splits[column["split"]])
                rows[key] = column | {"label": label, "split_text": text}
        for name, other in self.workflow.others.items():
            text = f"every network of strict tests all of {other.declared['title']}"
            rows[None, name] = cross_columns(other) | {"split_text": text}
        return printed_protocols(list(rows.values()))

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
