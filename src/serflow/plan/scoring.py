"""What is scored together, what it is compared with and under which protocols: tables and figures rest on it."""

import itertools
from collections import defaultdict
from dataclasses import replace
from functools import cached_property
from pathlib import PurePath
from typing import Any

from serflow import paths
from serflow.files import digest
from serflow.given.stored import Given
from serflow.metrics.names import DEVELOPMENT, WHOLE
from serflow.plan.given import GivenSystems
from serflow.plan.runs import Plan, SystemSplit
from serflow.plan.teachers import planned_teachers, teachers_shown
from serflow.provenance.closure import closure_digest
from serflow.provenance.run_key import RunKey
from serflow.reporting.wording import full_name

__all__ = ["Scoring", "compared_rows", "protocol_columns", "scores_folders"]

SplitSelection = tuple[str, str]


def compared_rows(table: dict[str, Any]) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Pairs of rows of a table: the one with a component fewer, and the one with it."""
    rows = {row["id"]: row for row in table.get("rows", [])}
    steps = itertools.chain.from_iterable(map(itertools.pairwise, table.get("ablation", [])))
    return [(rows[fewer], rows[more]) for fewer, more in steps]


def protocol_columns(protocols: dict[str, dict[str, Any]]) -> list[dict[str, str]]:
    """Columns of a table: protocols, and "best of each" beside a protocol that has it."""
    columns = []
    for name, protocol in protocols.items():
        column = {"name": name, "label": protocol.get("label", name.replace("_", " "))}
        columns.append(column | {"split": protocol["split"], "select": protocol["select"]})
        if protocol.get("best_of_each"):
            best = {"name": f"{name}_best", "label": "best of each"}
            columns.append(best | {"split": protocol["split"], "select": "best_test_each"})
    return columns


def scores_folders(spec: dict[str, Any]) -> list[str]:
    """Folders of scores that a table's or figure's spec names."""
    found = set()
    for entry in spec.get("rows", []) + spec.get("points", []) + spec.get("panels", []):
        scores = entry.get("scores")
        found |= set(scores.values()) if isinstance(scores, dict) else {scores}
    return sorted(folder for folder in found if folder)


def _has(table: dict[str, Any], ending: str) -> bool:
    """Whether a table has a column whose name ends so."""
    return any(column.endswith(ending) for column in table.get("columns", []))


class Scoring:
    """Of one plan: what each scoring job reads and compares; a job is one (paper, experiment, split)."""

    def __init__(self, plan: Plan):
        self.plan, self.workflow = plan, plan.workflow
        config = self.workflow.config
        self._place = config["corpus"], config["preset"]

    def folder(self, paper: str, experiment: str, split: str) -> str:
        """Folder of the scores of systems."""
        return paths.scores_folder(*self._place, paper, experiment, split)

    def asr_folder(self, paper: str, experiment: str, split: str) -> str:
        """Folder of the error rates of teachers."""
        return paths.asr_folder(*self._place, paper, experiment, split)

    @cached_property
    def jobs(self) -> dict[tuple[str, str, str], list[SystemSplit]]:
        """(paper, experiment, split) -> the systems that are scored together, sorted."""
        together = defaultdict(list)
        for item in self.plan.required:
            together[item.paper, item.experiment, item.split].append(item)
        return dict(sorted(together.items()))

    @cached_property
    def given(self) -> GivenSystems:
        """Predictions of systems that were trained elsewhere."""
        return GivenSystems(self.plan)

    def given_together(self, paper: str, experiment: str, split: str) -> dict[str, Given]:
        """Of these, what is scored with the systems of one scoring job, by name."""
        return self.given.scored(paper, experiment, split) if (paper, experiment, split) in self.jobs else {}

    def given_row(self, paper: str, experiment: str, name: str, protocols: list[dict[str, str]]) -> dict[str, Any]:
        """What tables say of such a system: its name, and its scores under each protocol or why there are none."""
        folders = {
            column["name"]: self.folder(paper, experiment, column["split"])
            if (paper, experiment, column["split"]) in self.jobs
            else None
            for column in protocols
        }
        row = self.given.row(paper, experiment, name, protocols, folders)
        splits = [column["split"] for column in protocols if row["scores"][column["name"]]]
        given = [self.given_together(paper, experiment, split)[name] for split in splits]
        return row | {"experiment": experiment, "seeded": any(one.seeded for one in given)}

    def of_given(self, paper: str, experiment: str, split: str) -> dict[str, dict[str, Any]]:
        """What the scoring job is told of each of them: its folds, its whole segments, and whether it has seeds."""
        return {
            name: {
                "folds": list(self.plan.folds_of(paper, split)),
                "segment": self.segment_of_given(paper, experiment),
                "seeded": given.seeded,
            }
            for name, given in self.given_together(paper, experiment, split).items()
        }

    def segment_of_given(self, paper: str, experiment: str) -> dict[str, Any] | None:
        """What a whole segment is of a system from elsewhere, where a table of the paper has such columns."""
        data = self.workflow.papers[paper]
        shown = any(_has(table, WHOLE) for table in data["tables"].values())
        return self._cut(paper, experiment, next(iter(data["systems"]))) if shown else None

    def systems(self, paper: str, experiment: str, split: str) -> dict[str, dict[str, Any]]:
        """System -> digest of its spec, its folds and seeds: what the scoring job is told."""
        systems = {}
        for item in self.jobs.get((paper, experiment, split), []):
            runs, spec = self.plan.runs_of(*item), self.plan.systems[paper].spec(item.system, experiment)
            modules = self.plan.systems[paper].modules(item.system, experiment)
            systems[item.system] = {
                "digest_spec": digest(spec),
                "code": closure_digest("serflow.cli.train", *modules),
                "features": spec["features"],
                "segment": self.segment(paper, experiment, item.system),
                "text": "text" in spec["parameters"],
                "learns": spec["parameters"].get("transfer"),
                "encoder": self._encoder(runs[0]),
                "folds": sorted({run.fold for run in runs}),
                "networks": self._by_networks(runs[0]),
                "seeds": sorted({run.seed for run in runs}),
                "seeded": self.plan.systems[paper].seeded(item.system),
            }
        return systems

    def _by_networks(self, run: RunKey) -> bool:
        """Whether the networks of another split judge a run."""
        return self.plan.training(run).split != run.split

    def _encoder(self, run: RunKey) -> dict[str, Any] | None:
        """Which network a run starts from; its spec is that training's own to be held to."""
        encoder = self.plan.spec(run)["encoder"]
        if not encoder:
            return None
        shared = self._by_networks(replace(run, system=encoder["system"]))
        return {"system": encoder["system"], "weights": encoder["weights"], "networks": shared}

    def asked(self, paper: str, experiment: str, split: str) -> dict[str, Any]:
        """What is asked of the scores of a job: they are of the present configuration where they were made for this."""
        place = paper, experiment, split
        corpus, preset = self._place
        return {
            "run": {"corpus": corpus, "preset": preset, "paper": paper, "experiment": experiment, "split": split},
            "systems": self.systems(*place),
            "of_given": self.of_given(*place),
            "pairs": self.pairs(*place),
            "development": self.shows_development(paper),
            "code": closure_digest("serflow.cli.score_runs"),
        }

    def asked_of_teachers(self, paper: str) -> dict[str, Any]:
        """The same of the error rates of a paper's teachers."""
        teachers, pairs = self.teachers(paper), self.teacher_pairs(paper)
        return {"teachers": teachers, "pairs": pairs, "code": closure_digest("serflow.cli.score_asr")}

    @cached_property
    def asked_of(self) -> dict[str, str]:
        """Folder of scores -> digest of what is asked of them."""
        teachers = {(run.paper, run.experiment, run.split) for run in planned_teachers(self.plan)}
        scores = {self.folder(*place): digest(self.asked(*place)) for place in self.jobs}
        return scores | {self.asr_folder(*place): digest(self.asked_of_teachers(place[0])) for place in teachers}

    def runs(self, paper: str, experiment: str, split: str) -> list[RunKey]:
        """The runs that a scoring job reads."""
        return [run for item in self.jobs.get((paper, experiment, split), []) for run in self.plan.runs_of(*item)]

    def features(self, paper: str, experiment: str, split: str) -> list[str]:
        """Feature sets that the scored systems read."""
        read = {system["features"] for system in self.systems(paper, experiment, split).values()}
        return sorted(name for name in read if name)

    def segment(self, paper: str, experiment: str, system: str) -> dict[str, Any] | None:
        """What a whole segment is for the columns of `WHOLE`: `features`, whose frames are counted, and `seconds`.

        A system that cuts no segments is measured by those of the paper's first system; None of a system that no table
        with such a column shows, and no claim by one names.
        """
        data = self.workflow.papers[paper]
        shown = {row.get("system") for table in data["tables"].values() if _has(table, WHOLE) for row in table["rows"]}
        for claim in data.get("claims", []):
            shown |= {claim["system"], claim["against"]} if claim["metric"].endswith(WHOLE) else set()
        if system not in shown:
            return None
        first = next(iter(self.workflow.papers[paper]["systems"]))
        return self._cut(paper, experiment, system) or self._cut(paper, experiment, first)

    def _cut(self, paper: str, experiment: str, system: str) -> dict[str, Any] | None:
        """The segments that a system cuts; None where it cuts none."""
        spec = self.plan.systems[paper].spec(system, experiment)
        segments = spec["parameters"].get("segments")
        return {"features": spec["features"], "seconds": segments["seconds"]} if segments else None

    def stores(self, paper: str, experiment: str, split: str) -> list[str]:
        """Feature sets whose frames are counted for the columns of `WHOLE`."""
        together = (self.systems(paper, experiment, split), self.of_given(paper, experiment, split))
        found = [system["segment"] for systems in together for system in systems.values()]
        return sorted({segment["features"] for segment in found if segment})

    def references(self, paper: str, experiment: str, split: str) -> list[str]:
        """Of the systems that are scored together, those that the others are tested against."""
        scored = {item.system for item in self.jobs.get((paper, experiment, split), [])}
        first = next(iter(self.workflow.papers[paper]["systems"]))
        return [system for system in (first, self.yardstick) if system in scored]

    def pairs(self, paper: str, experiment: str, split: str) -> list[list[str]]:
        """Of the systems that are scored together, each with what it is tested against, once.

        That is every reference, where a table adds components one by one, the system with a component fewer, where
        it declares a z-test, the system that it is against, and what the paper claims it to be better or worse than.
        """
        scored = {item.system: None for item in self.jobs.get((paper, experiment, split), [])}
        given = dict.fromkeys(self.given_together(paper, experiment, split))
        scored |= given
        references = self.references(paper, experiment, split)
        found = [(system, other) for system in scored for other in references if other != system]
        for table in self.workflow.papers[paper]["tables"].values():
            if "experiment" in table and self.plan.experiment(paper, table["experiment"])[0] == experiment:
                steps = compared_rows(table)
                found += [(more["system"], fewer["system"]) for fewer, more in steps if "system" in more]
                found += _z_tested(table, list(given))
        for claim in self.workflow.papers[paper].get("claims", []):
            if self.plan.experiment(paper, claim["experiment"])[0] == experiment:
                found.append((claim["system"], claim["against"]))
        return [list(pair) for pair in dict.fromkeys(found) if scored.keys() >= set(pair)]

    def contrasts_file(self, paper: str, experiment: str) -> str:
        """File of the systems of an experiment under one protocol against themselves under another."""
        return f"{PurePath(self.folder(paper, experiment, 'any')).parent}/contrasts.csv"

    @property
    def contrasts_files(self) -> list[str]:
        """All of these files that have something to compare."""
        views = dict.fromkeys((paper, experiment) for paper, experiment, _ in self.jobs)
        return [self.contrasts_file(*view) for view in views if self.contrasts(*view)]

    def contrasts(self, paper: str, experiment: str) -> list[tuple[SplitSelection, SplitSelection]]:
        """Pairs of the paper's protocols that are compared, each once; those of one split and selection are one."""
        shown = self.workflow.protocols_shown(paper).values()
        places = dict.fromkeys((protocol["split"], protocol["select"]) for protocol in shown)
        scored = [place for place in places if (paper, experiment, place[0]) in self.jobs]
        return list(itertools.combinations(scored, 2))

    def unseeded(self, paper: str, experiment: str) -> list[str]:
        """Of the systems that are scored, those that no seed changes, sorted."""
        scored = {
            item.system for (*view, _), items in self.jobs.items() for item in items if view == [paper, experiment]
        }
        unseeded = {system for system in scored if not self.plan.systems[paper].seeded(system)}
        given = self._given_of(paper, experiment)
        return sorted(unseeded | ({one.name for one in given} - {one.name for one in given if one.seeded}))

    def classes_only(self, paper: str, experiment: str) -> list[str]:
        """Of the given systems that are scored, those without probabilities under some split, sorted."""
        return sorted({given.name for given in self._given_of(paper, experiment) if not given.probabilities})

    def _given_of(self, paper: str, experiment: str) -> list[Given]:
        places = [place for place in self.jobs if place[:2] == (paper, experiment)]
        return [given for place in places for given in self.given_together(*place).values()]

    def teachers(self, paper: str) -> list[dict[str, Any]]:
        """Run, digest of the spec and code of each teacher that tables and figures of error rates show."""
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

    def teacher_pairs(self, paper: str) -> list[list[str]]:
        """Pairs of teachers: that of a row, and that of the row which a table of error rates compares it with."""
        declared = self.workflow.papers[paper]["tables"].values()
        rows = itertools.chain.from_iterable(map(compared_rows, declared))
        found = [(more["teacher"], fewer["teacher"]) for fewer, more in rows if "teacher" in more]
        return [list(pair) for pair in dict.fromkeys(found)]

    def protocols(self, paper: str) -> list[dict[str, str]]:
        """Columns of a table that names no protocols: the configured ones."""
        return protocol_columns(self.workflow.protocols_of(paper))

    def reads_text(self, paper: str) -> bool:
        """Whether this configuration makes a view of the paper that is read as text."""
        views = self.workflow.papers[paper]["experiments"]
        reading = [name for name, view in views.items() if view.get("inputs", "acoustic") != "acoustic"]
        return any(self.plan.experiment(paper, name)[0] for name in reading)

    def shows_development(self, paper: str) -> bool:
        """Whether a table of the paper has a column of the validation part."""
        return any(_has(table, DEVELOPMENT) for table in self.workflow.papers[paper]["tables"].values())

    @property
    def yardstick(self) -> str:
        """The system that all others are measured against."""
        return next(name for name, system in self.workflow.yardsticks.items() if system["reference"])

    def row_name(self, paper: str, system: str) -> str:
        """What the paper's tables call a system; its key where no row shows it."""
        declared = self.workflow.papers[paper]["tables"].values()
        rows = itertools.chain.from_iterable(table.get("rows", []) for table in declared)
        named = (full_name({"variant": ""} | row) for row in rows if row.get("system") == system)
        return next(named, system)

    @property
    def as_stated(self) -> bool:
        """Whether sizes, epochs, folds, seeds and corpus are those that the papers state."""
        config = self.workflow.config
        presets = [self.workflow.preset_of(paper) for paper in self.workflow.papers]
        stated = config["preset"] == "paper" or all(preset.get("as_stated") for preset in presets)
        return stated and not (config["folds"] not in (None, "all") or config["seeds"] or config["skip_broken"])

    @property
    def shows_text(self) -> bool:
        """Whether the report may name utterances."""
        return self.workflow.corpus["show_text"] or self.workflow.config["private"]


def _z_tested(table: dict[str, Any], given: list[str]) -> list[tuple[str, str]]:
    """Pairs of systems, of a table and `given`: each with the one that the table's z-test is against, if it has one."""
    against = table.get("z_test", {}).get("against")
    systems = [row["system"] for row in table.get("rows", []) if "system" in row]
    return [(system, against) for system in systems + given if against and system != against]
