"""The run table: every training job that the configuration asks for, and what it leaves out and why."""

import itertools
from dataclasses import replace
from functools import cached_property
from typing import Any

from serflow.plan.systems import Systems
from serflow.plan.teachers import folds_a_session, maps_wanted, teachers_shown
from serflow.plan.workflow import Workflow
from serflow.provenance.run_key import RunKey


class Plan:
    """Runs of the configured papers, by paper, experiment, system, split, fold and seed."""

    def __init__(self, workflow: Workflow):
        self.workflow = workflow
        self.systems = {paper: Systems(workflow, paper) for paper in workflow.papers}

    @cached_property
    def runs(self) -> list[RunKey]:
        """All runs, sorted, each once."""
        return sorted({run for item in self.wanted for run in self.runs_of(*item)})

    @cached_property
    def teachers(self) -> list[RunKey]:
        """The speech recognisers that systems learn from and that tables and figures show, sorted, each once."""
        shown = [
            self.teacher_run(paper, name, fold)
            for paper, data in self.workflow.papers.items()
            if self.no_teacher(paper) is None
            for name in teachers_shown(data)
            for fold in self.folds_of(paper, data["teacher"]["split"])
        ]
        return sorted({*shown, *(teacher for teacher, _, _ in maps_wanted(self))})

    @property
    def trainings(self) -> list[RunKey]:
        """Everything that is trained: teachers, then runs."""
        return [*self.teachers, *self.runs]

    def spec(self, run: RunKey) -> dict[str, Any]:
        """The resolved spec of a run, or of a teacher's job."""
        systems = self.systems[run.paper]
        if run.experiment in self.workflow.heard:
            return systems.teacher_spec(run.system)
        return systems.spec(run.system, run.experiment)

    def modules(self, run: RunKey) -> list[str]:
        """The modules that a run's job, or a teacher's, picks by name."""
        systems = self.systems[run.paper]
        if run.experiment in self.workflow.heard:
            return systems.teacher_modules(run.system)
        return systems.modules(run.system, run.experiment)

    @cached_property
    def wanted(self) -> list[tuple[str, str, str, str]]:
        """(paper, experiment, system, split) of everything that tables and figures show, sorted, each once."""
        found = set()
        for paper in self.workflow.papers:
            for experiment, system, protocol in self._shown(paper):
                made, _ = self.experiment(paper, experiment)
                if made and self.left_out(paper, system, protocol) is None:
                    split = self.workflow.protocol(paper, protocol)["split"]
                    found.add((paper, made, system, split))
                    encoder = self.systems[paper].spec(system, made)["encoder"]
                    if encoder:
                        found.add((paper, made, encoder["system"], split))
        return sorted(found)

    def runs_of(self, paper: str, experiment: str, system: str, split: str) -> list[RunKey]:
        """Folds x seeds of one system on one split."""
        config, preset = self.workflow.config, self.workflow.preset_of(paper)
        seeds = config["seeds"] or preset["seeds"]
        if not self.systems[paper].seeded(system):
            seeds = seeds[:1]
        key = (config["corpus"], config["preset"], paper, experiment, system, split)
        return [RunKey(*key, fold, seed) for fold in self.folds_of(paper, split) for seed in seeds]

    def folds_of(self, paper: str, split: str) -> range:
        """The folds of a split that the configuration asks for."""
        folds = self.workflow.splits[split]["folds"]
        wanted = self.workflow.config["folds"] or self.workflow.preset_of(paper)["folds"] or folds
        return range(1, min(folds, wanted) + 1)

    def encoder(self, run: RunKey) -> RunKey | None:
        """The run whose trained network `run` starts from, of the same view, fold and seed; None where of none."""
        encoder = self.systems[run.paper].spec(run.system, run.experiment)["encoder"]
        return replace(run, system=encoder["system"]) if encoder else None

    def teacher_run(self, paper: str, teacher: str, fold: int) -> RunKey:
        """The job of a teacher on one of its folds: one for all seeds of the systems that learn from it."""
        config, declared = self.workflow.config, self.workflow.papers[paper]["teacher"]
        key = (config["corpus"], config["preset"], paper, declared["experiment"], teacher, declared["split"])
        return RunKey(*key, fold, declared["seed"])

    def no_teacher(self, paper: str) -> str | None:
        """Why this corpus teaches no speech recogniser; None where it does."""
        corpus = self.workflow.corpus
        return None if corpus["transcripts"] else f"{corpus['title']} has no transcripts to train a teacher with"

    def experiment(self, paper: str, experiment: str) -> tuple[str | None, str | None]:
        """The experiment that serves `experiment` on this corpus (None: none can), and a note where it is another.

        A corpus without styles says in its YAML what becomes of a view that wants one.
        """
        corpus, experiments = self.workflow.corpus, self.workflow.papers[paper]["experiments"]
        wanted = experiments[experiment]
        if reason := self._of_another_corpus(paper, wanted):
            return None, reason
        if wanted.get("inputs", "acoustic") != "acoustic" and not corpus["transcripts"]:
            return None, f"{corpus['title']} has no transcripts"
        if wanted["style"] == "any" or wanted["style"] in corpus["styles"]:
            return experiment, None
        style = corpus["missing_styles"][wanted["style"]]
        if style == "none":
            return None, f"{corpus['title']} has no {wanted['style']} part"
        for other, view in experiments.items():
            if view == wanted | {"style": style}:
                return other, f"{corpus['title']} has no {wanted['style']} part: all its recordings stand in"
        return (
            None,
            f"{corpus['title']} has no {wanted['style']} part, and the paper has no view of the whole corpus",
        )

    def _of_another_corpus(self, paper: str, view: dict[str, Any]) -> str | None:
        """Why a view is not for this corpus; None where it is.

        A view that names a corpus is for that one and for those that extend it, and these leave out the views that
        name none.
        """
        own = self.workflow.lineage
        views = self.workflow.papers[paper]["experiments"].values()
        if "corpus" not in view:
            found = sorted({other["corpus"] for other in views if "corpus" in other} & set(own))
            return f"made on the paper's first corpus; this is one like its {found[0]}" if found else None
        if view["corpus"] in own:
            return None
        return f"made on a corpus like {view['corpus']} only (workflow/corpora/{view['corpus']}.yaml)"

    def stand_ins(self, paper: str, experiment: str) -> list[str]:
        """A sentence for every class for which another label of the corpus stands in."""
        corpus = self.workflow.corpus
        return [
            f"{corpus['title']} has no label {label!r}: {corpus['missing_labels'][label]!r} stands in"
            for labels in self.workflow.papers[paper]["experiments"][experiment]["classes"].values()
            for label in labels
            if label in corpus["missing_labels"]
        ]

    def left_out(self, paper: str, system: str, protocol: str) -> str | None:
        """Why the preset does not run `system` under `protocol`; None where it does."""
        # a paper's own further protocols go with the one that it is published under
        own = protocol in self.workflow.papers[paper].get("protocols", {})
        if (asked := "as_published" if own else protocol) not in self.workflow.config["protocols"]:
            return f"not run: {asked} is not among the configured protocols"
        unknown = f"{self.workflow.corpus['title']} does not say who wore markers"
        if self._wants_wearers(paper, protocol):
            return unknown
        if own and any(self._wants_wearers(paper, other) for other in self._contrasted(paper, protocol)):
            return f"not run, for want of what to hold it against: {unknown}"
        if reason := self._no_lesson(paper, system, protocol):
            return reason
        preset = self.workflow.config["preset"]
        if system in self.systems[paper].sweep_points:
            return None if protocol == "as_published" else "sweep cells run as published only"
        systems = self.workflow.preset_of(paper)["runs"].get(protocol, [])
        if systems == "all" or system in systems:
            return None
        return f"not run: preset {preset} leaves {protocol} out for this system"

    def _no_lesson(self, paper: str, system: str, protocol: str) -> str | None:
        """Why a system that learns from a teacher cannot; None where it can, or learns from none."""
        if "transfer" not in self.systems[paper].declared(system)["parameters"]:
            return None
        split = self.workflow.protocol(paper, protocol)["split"]
        if not folds_a_session(self.workflow.splits[split]):
            return f"not run: teachers leave a session out, and {split} tests in all of them"
        return self.no_teacher(paper)

    def _wants_wearers(self, paper: str, protocol: str) -> bool:
        """Whether a protocol rests on who wore the markers, which the corpus does not say."""
        split = self.workflow.splits[self.workflow.protocol(paper, protocol)["split"]]
        return split["kind"] == "marker" and not self.workflow.corpus["wearers"]

    def _contrasted(self, paper: str, protocol: str) -> set[str]:
        """The protocols that tables hold beside this one."""
        tables = self.workflow.papers[paper]["tables"].values()
        pairs = [{contrast["from"], contrast["to"]} for table in tables for contrast in table.get("contrasts", [])]
        return set().union(*(pair - {protocol} for pair in pairs if protocol in pair))

    def _shown(self, paper: str) -> set[tuple[str, str, str]]:
        """(experiment, system, protocol) of table rows, figures and sweep cells."""
        data, common = self.workflow.papers[paper], self.workflow.protocols_of(paper)
        found = []
        for table in data["tables"].values():
            protocols = self.workflow.protocols_of_table(paper, table)
            found += [
                (row.get("experiment", table["experiment"]), row["system"], protocols)
                for row in table.get("rows", [])
                if "system" in row
            ]
        figures = [figure for figure in data["figures"].values() if "system" in figure]
        cells = itertools.chain.from_iterable(self.systems[paper].sweeps.values())
        found += [(entry["experiment"], entry["system"], common) for entry in (*figures, *cells)]
        found += [(figure["experiment"], figure["beside"], common) for figure in figures if "beside" in figure]
        return {(experiment, system, name) for experiment, system, protocols in found for name in protocols}
