"""The run table: all that the configuration asks for, the trainings that it takes, and what it leaves out and why."""

import itertools
from dataclasses import replace
from functools import cached_property
from typing import Any, NamedTuple

from serflow.corpora.classes import class_names, unmade
from serflow.plan.others import STRICT
from serflow.plan.own_classes import OWN
from serflow.plan.systems import Systems
from serflow.plan.unavailable import Place, folds_made, read_unavailable
from serflow.plan.workflow import Workflow
from serflow.provenance.run_key import RunKey
from serflow.split_kinds import folds_a_session, session_of

OF_ALL_UTTERANCES = "energy_correlations"  # the kind of figure that is drawn from the networks of all seeds


class SystemSplit(NamedTuple):
    """A system of a paper on one view and split: all its folds and seeds."""

    paper: str
    experiment: str
    system: str
    split: str


class Plan:
    """Runs of the configured papers, by paper, experiment, system, split, fold and seed."""

    def __init__(self, workflow: Workflow):
        self.workflow = workflow
        self.systems = {paper: Systems(workflow, paper) for paper in workflow.papers}
        self.unavailable: dict[Place, str] = {}
        self.learn()

    @cached_property
    def runs(self) -> list[RunKey]:
        """All runs, sorted, each once."""
        return sorted({run for item in self.required for run in self.runs_of(*item)})

    @cached_property
    def trainings(self) -> list[RunKey]:
        """What is trained so that all runs are judged, sorted, each once."""
        return sorted(set(map(self.training, self.runs)))

    @cached_property
    def jobs(self) -> list[list[RunKey]]:
        """The trainings by job: one trains all seeds of a system on a fold."""
        return [list(seeds) for _, seeds in itertools.groupby(self.trainings, key=lambda run: replace(run, seed=0))]

    def training(self, run: RunKey) -> RunKey:
        """The training whose networks judge a run: the run itself, or the one that leaves out its fold's session.

        The latter of a split that names such `networks`. But a system that starts from the network that each fold's
        validation chose is trained for each fold.
        """
        split = self.workflow.splits[run.split]
        if "networks" not in split or run.experiment in self.workflow.teacher_experiments:
            return run
        encoder = self.systems[run.paper].spec(run.system, run.experiment)["encoder"]
        while encoder:
            if encoder["weights"] == "best":
                return run
            encoder = encoder["spec"]["encoder"]
        return replace(run, split=split["networks"], fold=session_of(split, run.fold))

    def spec(self, run: RunKey) -> dict[str, Any]:
        """The resolved spec of a run, or of a teacher's job."""
        systems = self.systems[run.paper]
        if run.experiment in self.workflow.teacher_experiments:
            return systems.teacher_spec(run.system)
        return systems.spec(run.system, run.experiment)

    def modules(self, run: RunKey) -> list[str]:
        """The modules that a run's job, or a teacher's, picks by name."""
        systems = self.systems[run.paper]
        if run.experiment in self.workflow.teacher_experiments:
            return systems.teacher_modules(run.system)
        return systems.modules(run.system, run.experiment)

    @cached_property
    def required(self) -> list[SystemSplit]:
        """Everything that tables and figures show, sorted, each once."""
        return [item for item in self.wanted if not self.no_folds(item.paper, item.experiment, item.split)]

    @cached_property
    def wanted(self) -> list[SystemSplit]:
        """What would be required if every split could be had."""
        found = set()
        for paper in self.workflow.papers:
            for experiment, system, protocol in self._shown(paper):
                made, _ = self.experiment(paper, experiment)
                if made and self.skip_reason(paper, system, protocol) is None:
                    split = self.workflow.protocol(paper, protocol)["split"]
                    found.add(SystemSplit(paper, made, system, split))
                    encoder = self.systems[paper].spec(system, made)["encoder"]
                    if encoder:
                        found.add(SystemSplit(paper, made, encoder["system"], split))
        return sorted(found)

    @cached_property
    def folds(self) -> list[Place]:
        """The folds that tables and figures rest on, whether or not they can be had, sorted.

        With them those of the networks that judge them, and those of teachers.
        """
        found = {(item.paper, item.experiment, item.split) for item in self.wanted}
        networks = {(*view, self.workflow.splits[split].get("networks")) for *view, split in found}
        found |= {place for place in networks if place[-1]}
        if self.workflow.corpus["transcripts"]:
            teachers = {name: data["teacher"] for name, data in self.workflow.papers.items() if "teacher" in data}
            found |= {(paper, teacher["experiment"], teacher["split"]) for paper, teacher in teachers.items()}
        return sorted(found)

    @property
    def folds_made(self) -> bool:
        """Whether it is known of all folds whether they can be had."""
        return folds_made(self.workflow.config["corpus"], self.folds)

    def learn(self) -> bool:
        """Look which folds cannot be had; whether that has changed."""
        found = read_unavailable(self.workflow.config["corpus"], self.workflow.splits, self.folds)
        changed, self.unavailable = found != self.unavailable, found
        return changed

    def no_folds(self, paper: str, experiment: str, split: str) -> str | None:
        """Why a view has no such folds, as far as it is known; None where it has them."""
        networks = self.workflow.splits[split].get("networks")
        reasons = (self.unavailable.get((paper, experiment, name)) for name in (split, networks) if name)
        return next((f"not run: {reason}" for reason in reasons if reason), None)

    def runs_of(self, paper: str, experiment: str, system: str, split: str) -> list[RunKey]:
        """Folds x seeds of one system on one split."""
        key = (self.workflow.config["corpus"], self.workflow.config["preset"], paper, experiment, system, split)
        seeds = self.seeds_of(paper, system)
        return [RunKey(*key, fold, seed) for fold in self.folds_of(paper, split) for seed in seeds]

    def seeds_of(self, paper: str, system: str) -> list[int]:
        """The seeds that the configuration asks for: the first of them where another one cannot change the result."""
        seeds = self.workflow.config["seeds"] or self.workflow.preset_of(paper)["seeds"]
        return seeds if self.systems[paper].seeded(system) else seeds[:1]

    def folds_of(self, paper: str, split: str) -> range:
        """The folds of a split that the configuration asks for."""
        folds = self.workflow.splits[split]["folds"]
        wanted = self.workflow.config["folds"] or self.workflow.preset_of(paper)["folds"] or "all"
        return range(1, (folds if wanted == "all" else min(folds, wanted)) + 1)

    def encoder(self, run: RunKey) -> RunKey | None:
        """The training whose network `run` starts from, of the same view, fold and seed; None where of none."""
        encoder = self.systems[run.paper].spec(run.system, run.experiment)["encoder"]
        return self.training(replace(run, system=encoder["system"])) if encoder else None

    def keeps_weights(self, run: RunKey) -> bool:
        """Whether a training keeps its weights: no sweep point does; of the others all, or those of the first seed.

        config.yaml's `keep_weights` decides. What others start from or figures of all seeds are drawn from keeps them.
        """
        if not self.spec(run)["keep_weights"]:
            return False
        if self.workflow.config["keep_weights"] == "all" or run.experiment in self.workflow.teacher_experiments:
            return True
        first = run.seed == self.seeds_of(run.paper, run.system)[0]
        return first or (run.paper, run.experiment, run.system) in self._weights_read

    @cached_property
    def _weights_read(self) -> set[tuple[str, str, str]]:
        """(paper, experiment, system) whose networks are read, of every seed: by other systems, or for figures."""
        found = set()
        for paper, experiment, system, _ in self.required:
            encoder = self.systems[paper].spec(system, experiment)["encoder"]
            while encoder:
                found.add((paper, experiment, encoder["system"]))
                encoder = encoder["spec"]["encoder"]
        for paper, data in self.workflow.papers.items():
            for figure in data["figures"].values():
                if figure["kind"] == OF_ALL_UTTERANCES:
                    found.add((paper, self.experiment(paper, figure["experiment"])[0], figure["system"]))
        return found

    def teacher_run(self, paper: str, teacher: str, fold: int) -> RunKey:
        """The job of a teacher on one of its folds: one for all seeds of the systems that learn from it."""
        config, declared = self.workflow.config, self.workflow.papers[paper]["teacher"]
        key = (config["corpus"], config["preset"], paper, declared["experiment"], teacher, declared["split"])
        return RunKey(*key, fold, declared["seed"])

    def skip_reason_of_teachers(self, paper: str) -> str | None:
        """Why this corpus trains no speech recogniser; None where it does."""
        if not self.workflow.corpus["transcripts"]:
            return self._no_transcripts()
        teacher = self.workflow.papers[paper].get("teacher")
        return self.no_folds(paper, teacher["experiment"], teacher["split"]) if teacher else None

    def _no_transcripts(self) -> str:
        return self._of_corpus("has no transcripts", "transcripts")

    def _of_corpus(self, text: str, key: str) -> str:
        """A sentence on the corpus, and the key of its YAML that says so."""
        corpus = self.workflow.config["corpus"]
        return f"{self.workflow.corpus['title']} {text} (`{key}` in workflow/corpora/{corpus}.yaml)"

    def experiment(self, paper: str, experiment: str) -> tuple[str | None, str | None]:
        """The experiment that serves `experiment` on this corpus (None: none can), and a note where it is another.

        A corpus without styles says in its YAML what becomes of a view that wants one.
        """
        corpus, experiments = self.workflow.corpus, self.workflow.papers[paper]["experiments"]
        wanted = experiments[experiment]
        if reason := self._of_another_corpus(paper, experiment):
            return None, reason
        if reason := unmade(wanted["classes"], corpus):
            return None, self._of_corpus(reason, "labels")
        if wanted.get("inputs", "acoustic") != "acoustic" and not corpus["transcripts"]:
            return None, self._no_transcripts()
        if wanted["style"] == "any" or wanted["style"] in corpus["styles"]:
            return experiment, None
        style = corpus["missing_styles"][wanted["style"]]
        if style == "none":
            return None, self._of_corpus(f"has no {wanted['style']} part", f"missing_styles.{wanted['style']}")
        for other, view in experiments.items():
            if view == wanted | {"style": style}:
                return other, f"{corpus['title']} has no {wanted['style']} part: all its recordings stand in"
        return (
            None,
            f"{corpus['title']} has no {wanted['style']} part, and `experiments` in {_yaml(paper)} has no view of "
            "the whole corpus",
        )

    def _of_another_corpus(self, paper: str, experiment: str) -> str | None:
        """Why a view is not for this corpus; None where it is.

        A view that names a corpus is for that one and for those that extend it, and these leave out the views that
        name none.
        """
        own = self.workflow.lineage
        views = self.workflow.papers[paper]["experiments"]
        if experiment == OWN:  # made of the corpus's own labels
            return None
        view, key = views[experiment], f"`experiments.{experiment}.corpus` in {_yaml(paper)}"
        if "corpus" not in view:
            found = sorted({other["corpus"] for other in views.values() if "corpus" in other} & set(own))
            only = f"experiment {experiment} is made on the paper's first corpus only"
            return f"{only}: no {key} names {found[0]}" if found else None
        if view["corpus"] in own:
            return None
        return f"experiment {experiment} is made on a corpus like {view['corpus']} only: {key}"

    def class_names(self, paper: str, experiment: str | None) -> dict[str, str]:
        """Class -> what the corpus calls it, of those that are not called as in the paper."""
        classes = self.workflow.papers[paper]["experiments"].get(experiment, {}).get("classes", {})
        names = class_names(classes, self.workflow.corpus["missing_labels"])
        return {name: own for name, own in names.items() if own != name}

    def stand_ins(self, paper: str, experiment: str) -> list[str]:
        """A sentence for every class for which another label of the corpus stands in."""
        corpus = self.workflow.corpus
        return [
            f"{corpus['title']} has no label {label!r}: {corpus['missing_labels'][label]!r} stands in"
            for labels in self.workflow.papers[paper]["experiments"][experiment]["classes"].values()
            for label in labels
            if label in corpus["missing_labels"]
        ]

    def skip_reason(self, paper: str, system: str, protocol: str, experiment: str | None = None) -> str | None:
        """Why this configuration does not run `system` under `protocol`; None where it does.

        `experiment`: on which view, as `experiment` makes it; None: whatever folds there are.
        """
        if reason := self._not_asked(paper, system, protocol):
            return reason
        split = self.workflow.protocol(paper, protocol)["split"]
        return self.no_folds(paper, experiment, split) if experiment else None

    def _not_asked(self, paper: str, system: str, protocol: str) -> str | None:
        """Why it is not run, whatever folds there are."""
        # a paper's own further protocols go with the one that it is published under
        own = protocol in self.workflow.papers[paper].get("protocols", {})
        if (asked := "as_published" if own else protocol) not in self.workflow.config["protocols"]:
            return f"not run: `protocols` in config.yaml does not list {asked}"
        if self._is_given(paper, protocol) and "division" not in self.workflow.corpus:
            return self._of_corpus("gives no folds of its own", "division")
        unknown = self._of_corpus("does not say who wore markers", "wearers")
        if self._wants_wearers(paper, protocol):
            return unknown
        if own and any(self._wants_wearers(paper, other) for other in self._contrasted(paper, protocol)):
            return f"not run, for want of what to hold it against: {unknown}"
        if reason := self._teacher_missing(paper, system, protocol):
            return reason
        if system in self.systems[paper].sweep_points:
            return None if protocol == "as_published" else "not run: sweeps run as published only"
        runs = self.workflow.preset_of(paper)["runs"]
        listed = STRICT if self._is_given(paper, protocol) and protocol not in runs else protocol
        systems = runs.get(listed, [])
        if systems == "all" or system in systems:
            return None
        key = f"`presets.{self.workflow.config['preset']}.runs.{listed}`"
        return f"not run: {key} in {_yaml(paper)} does not list it"

    def skip_reasons(self, paper: str, protocol: str) -> list[str]:
        """Why nothing, or not all that is shown, is run under `protocol`: each reason once, sorted."""
        found = set()
        for experiment, system, name in self._shown(paper):
            if name == protocol:
                made, note = self.experiment(paper, experiment)
                found.add(self.skip_reason(paper, system, protocol, made) if made else note)
        return sorted(reason for reason in found if reason)

    def _teacher_missing(self, paper: str, system: str, protocol: str) -> str | None:
        """Why a system that learns from a teacher cannot; None where it can, or learns from none."""
        if "transfer" not in self.systems[paper].declared(system)["parameters"]:
            return None
        data, split = self.workflow.papers[paper], self.workflow.protocol(paper, protocol)["split"]
        if not folds_a_session(self.workflow.splits[split]):
            key = "as_published.split" if protocol == "as_published" else f"protocols.{protocol}.split"
            own = protocol == "as_published" or protocol in data.get("protocols", {})
            where = _yaml(paper) if own else "workflow/protocols.yaml"
            return f"not run: teachers leave a session out, and {split} (`{key}` in {where}) does not"
        return self.skip_reason_of_teachers(paper)

    def _wants_wearers(self, paper: str, protocol: str) -> bool:
        """Whether a protocol rests on who wore the markers, which the corpus does not say."""
        split = self.workflow.splits[self.workflow.protocol(paper, protocol)["split"]]
        return split["kind"] == "marker" and not self.workflow.corpus["wearers"]

    def _is_given(self, paper: str, protocol: str) -> bool:
        """Whether a protocol is of the corpus's own folds; what a preset runs under strict, it runs under it."""
        return self.workflow.splits[self.workflow.protocol(paper, protocol)["split"]]["kind"] == "given"

    def _contrasted(self, paper: str, protocol: str) -> set[str]:
        """The protocols that tables hold beside this one."""
        tables = self.workflow.papers[paper]["tables"].values()
        pairs = [{contrast["from"], contrast["to"]} for table in tables for contrast in table.get("contrasts", [])]
        return set().union(*(pair - {protocol} for pair in pairs if protocol in pair))

    def _shown(self, paper: str) -> set[tuple[str, str, str]]:
        """(experiment, system, protocol) of table rows, claims, figures and sweep points."""
        data, common = self.workflow.papers[paper], self.workflow.protocols_of(paper)
        found = []
        for table in data["tables"].values():
            protocols = self.workflow.protocols_of_table(paper, table)
            found += [
                (row.get("experiment", table["experiment"]), row["system"], protocols)
                for row in table.get("rows", [])
                if "system" in row
            ]
        claims = data.get("claims", [])
        found += [(claim["experiment"], claim[key], common) for claim in claims for key in ("system", "against")]
        figures = [figure for figure in data["figures"].values() if "system" in figure]
        points = itertools.chain.from_iterable(self.systems[paper].sweeps.values())
        found += [(entry["experiment"], entry["system"], common) for entry in (*figures, *points)]
        found += [(figure["experiment"], figure["beside"], common) for figure in figures if "beside" in figure]
        of_several = [figure for figure in data["figures"].values() if "systems" in figure]
        found += [(figure["experiment"], name, common) for figure in of_several for name in figure["systems"]]
        return {(experiment, system, name) for experiment, system, protocols in found for name in protocols}


def _yaml(paper: str) -> str:
    """The file that declares a paper."""
    return f"workflow/papers/{paper}.yaml"
