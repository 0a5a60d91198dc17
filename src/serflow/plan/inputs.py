"""What rules ask the plan for: input files and parameters of a job, by its wildcards.

A method a need of a rule. `wildcards` is Snakemake's, or whatever else has the same attributes. Methods give a path, a
list of paths (an empty one: the job needs none) or, as a parameter, a text.
"""

import inspect
from dataclasses import replace
from pathlib import Path
from typing import Any

from serflow.files import canonical_json, digest
from serflow.paths import CorpusPaths, ViewPaths
from serflow.plan.figures import attention_settings, weights_drawn
from serflow.plan.limits import pieces
from serflow.plan.scoring import scores_folders
from serflow.plan.training_inputs import Files, TrainingInputs
from serflow.plan.unavailable import protocols_file
from serflow.provenance.code_fingerprint import code_fingerprint
from serflow.provenance.version import made_by
from serflow.registry import FIGURES

__all__ = ["JobInputs"]

FIGURE_SCORES = {
    "sweep": ["scores"],
    "data_scale": ["scores"],
    "confusion": ["confusion"],
    "training_curves": ["runs"],
    "reliability": ["reliability", "scores"],
}


class JobInputs(TrainingInputs):
    """Inputs and parameters of every rule: those of training, and of what comes after it."""

    # scores of one (paper, experiment, split)

    def scored_runs(self, wildcards: Any) -> list[str]:
        """What the trainings are that judge the scored runs: small files, compared by content."""
        runs = self.scoring.runs(*_place(wildcards))
        return sorted({self.plan.training(run).runs_file for run in runs})

    def scored_networks(self, wildcards: Any) -> Files:
        """Digest of the fold table of the trainings that judge these folds, where that is another one."""
        networks = self.workflow.splits[wildcards.split].get("networks")
        if not networks:
            return []
        return self._fingerprint("split", paper=wildcards.paper, experiment=wildcards.experiment, split=networks)

    def scored_features(self, wildcards: Any) -> list[str]:
        """Digests of all features that the scored systems read."""
        names = self.scoring.features(*_place(wildcards))
        return [self._features(wildcards.paper, wildcards.experiment, name) for name in names]

    def scored_stores(self, wildcards: Any) -> list[str]:
        """Stores whose frames are counted, where a table shows the utterances of a whole segment by themselves."""
        return [self._store(name) for name in self.scoring.stores(*_place(wildcards))]

    def scored_transcripts(self, wildcards: Any) -> Files:
        """Digest of a view's words, where some view of the paper is read as text: sound is scored on the same parts."""
        return self._words("transcripts", wildcards) if self.scoring.reads_text(wildcards.paper) else []

    def scored_vectors(self, wildcards: Any) -> Files:
        """Digest of configured word vectors, where a scored system reads text."""
        systems = self.scoring.systems(*_place(wildcards)).values()
        if self.workflow.vectors is None or not any(system["text"] for system in systems):
            return []
        return self._words("word_vectors", wildcards)

    def scored_maps(self, wildcards: Any) -> list[str]:
        """store.json of all attention maps that the scored runs have learned."""
        runs = {self.plan.training(run) for run in self.scoring.runs(*_place(wildcards))}
        return sorted({path for run in runs if (path := self.maps(run))})

    def scored_given(self, wildcards: Any) -> list[str]:
        """given.json of the systems that were trained elsewhere and are scored with these."""
        return [str(given.record) for given in self.scoring.given_together(*_place(wildcards)).values()]

    def given_predictions(self, wildcards: Any) -> list[str]:
        """Their predictions: an edit of one is to be noticed."""
        return [str(given.table) for given in self.scoring.given_together(*_place(wildcards)).values()]

    def of_given(self, wildcards: Any) -> str:
        """Such a system -> its folds, whole segments, and whether it has seeds, as JSON."""
        return canonical_json(self.scoring.of_given(*_place(wildcards)))

    def systems_spec(self, wildcards: Any) -> str:
        """System -> digests of its spec and code, folds and seeds, as JSON."""
        return canonical_json(self.scoring.systems(*_place(wildcards)))

    def scored_key(self, wildcards: Any) -> str:
        """What all keys of the scored runs have in common, as JSON."""
        return canonical_json(self.scoring.asked(*_place(wildcards))["run"])

    def pairs(self, wildcards: Any) -> str:
        """Which system is tested against which, as JSON."""
        return canonical_json(self.scoring.pairs(*_place(wildcards)))

    def development(self, wildcards: Any) -> str:
        """The option that scores the validation part too, where a table of the paper shows it."""
        return "--development" if self.scoring.shows_development(wildcards.paper) else ""

    # one protocol against another, of one (paper, experiment)

    def contrasted(self, wildcards: Any) -> list[str]:
        """What the systems give under each split that is compared."""
        return [f"{self.scoring.folder(*view)}/selected.parquet" for view in self._contrasted(wildcards)]

    def contrasted_splits(self, wildcards: Any) -> list[str]:
        """Digests of these splits' fold tables, which say whether speakers are shared."""
        views = self._contrasted(wildcards)
        return [ViewPaths(self._corpus, paper, experiment).split(split) for paper, experiment, split in views]

    def contrasts(self, wildcards: Any) -> str:
        """Which protocols are compared, as JSON."""
        return canonical_json(self.scoring.contrasts(wildcards.paper, wildcards.experiment))

    def contrasted_scores(self, wildcards: Any) -> str:
        """What is asked of these scores, by folder, as JSON."""
        folders = [self.scoring.folder(*view) for view in self._contrasted(wildcards)]
        return canonical_json({folder: self.scoring.asked_of[folder] for folder in folders})

    def unseeded(self, wildcards: Any) -> str:
        """Systems that no seed changes, as JSON."""
        return canonical_json(self.scoring.unseeded(wildcards.paper, wildcards.experiment))

    def classes_only(self, wildcards: Any) -> str:
        """Given systems without probabilities, as JSON."""
        return canonical_json(self.scoring.classes_only(wildcards.paper, wildcards.experiment))

    def _contrasted(self, wildcards: Any) -> list[tuple[str, str, str]]:
        pairs = self.scoring.contrasts(wildcards.paper, wildcards.experiment)
        splits = sorted({split for pair in pairs for split, _ in pair})
        return [(wildcards.paper, wildcards.experiment, split) for split in splits]

    # which protocols can be had

    def paper_splits(self, wildcards: Any) -> list[str]:
        """Fingerprints of all folds that a paper's tables and figures rest on."""
        places = [place[1:] for place in self.plan.folds if place[0] == wildcards.paper]
        return [ViewPaths(self._corpus, wildcards.paper, experiment).split(split) for experiment, split in places]

    def pieces(self, wildcards: Any) -> str:
        """Lengths of the pieces that a paper's systems are trained on, by view, as JSON."""
        return canonical_json(pieces(self.plan, wildcards.paper))

    def protocols(self, wildcards: Any) -> list[str]:
        """What of a paper cannot be had, of all papers where the job is of none: the plan goes by it from here on.

        As the first input of a rule, it is known when the others are asked for: of all that depends on a checkpoint's
        output, Snakemake asks again once that is made. Until then all is taken to be had, and so is planned and shown.
        """
        papers = [wildcards.paper] if hasattr(wildcards, "paper") else list(self.workflow.papers)
        self.report.learn()
        return [protocols_file(self._corpus, paper) for paper in papers]

    def made_by(self, wildcards: Any) -> str:
        """Version and digest of the source, which the PDF's first page prints, as JSON."""
        return canonical_json(made_by())

    def document(self, wildcards: Any) -> str:
        """Digest of what stands in the PDF."""
        return digest(self.report.document(""))

    # tables and figures

    def table_spec(self, wildcards: Any) -> str:
        """The resolved table, as JSON."""
        return canonical_json(self.report.table(wildcards.paper, wildcards.item))

    def table_files(self, wildcards: Any) -> list[str]:
        """What a table is made of: scores and tests, or the digest of the view that it counts."""
        spec = self.report.table(wildcards.paper, wildcards.item)
        if spec["kind"] == "counts":
            made = spec["experiment"]
            return [ViewPaths(self._corpus, wildcards.paper, made).fingerprint] if made else []
        names = ("scores", "groups") if spec["kind"] == "groups" else ("scores", "pairs")
        contrasts = sorted({row["contrasts"] for row in spec.get("rows", []) if row.get("contrasts")})
        return [*(f"{folder}/{name}.csv" for folder in scores_folders(spec) for name in names), *contrasts]

    def figure_spec(self, wildcards: Any) -> str:
        """The resolved figure, as JSON."""
        if not self._is_made(wildcards):
            return "{}"
        return canonical_json(self.report.figure(wildcards.paper, wildcards.item))

    def figure_files(self, wildcards: Any) -> list[str]:
        """What a figure is drawn from: scores, manifest, histories, attention, fold table, curves of teachers."""
        if not self._is_made(wildcards):
            return []
        spec = self.report.figure(wildcards.paper, wildcards.item)
        names = FIGURE_SCORES.get(spec["kind"], [])
        files = [f"{folder}/{name}.csv" for folder in scores_folders(spec) for name in names]
        files += [run["correlations"] for run in spec.get("runs", [])]
        drawn = [run["folder"] for panel in spec.get("panels", []) for run in panel.get("runs", [])]
        files += dict.fromkeys(str(Path(folder).with_name("runs.json")) for folder in drawn)
        files += [panel["split_table"] for panel in spec.get("panels", []) if "split_table" in panel]
        if "manifest" in spec:
            files.append(CorpusPaths(self._corpus).manifest_fingerprint)
        return files + [spec[key] for key in ("attention", "split_table", "curves") if key in spec]

    def figure_code(self, wildcards: Any) -> str:
        """Source of the figure's kind."""
        return code_fingerprint("serflow.cli.figure", FIGURES.module(self._figure(wildcards)["kind"]))

    def findings_spec(self, wildcards: Any) -> str:
        """The resolved page of findings, as JSON."""
        return canonical_json(self.report.findings_spec())

    def findings_files(self, wildcards: Any) -> list[str]:
        """What the page of findings is made of: scores, what protocols are worth, the claims' verdicts."""
        papers = self.report.findings_spec()["papers"]
        rows = [row for paper in papers for experiment in paper["experiments"] for row in experiment["rows"]]
        files = [f"{folder}/scores.csv" for row in rows for folder in row["scores"].values() if folder]
        files += [row["contrasts"] for row in rows if row["contrasts"]]
        return sorted({*files, *(claims for paper in papers for claims in paper["claims"])})

    def report_items(self, wildcards: Any) -> list[str]:
        """Every table and figure of the present configuration, and what the page of findings is typeset of."""
        files = [self.report.findings[what] for what in ("systems", "claims", "picture")]
        for paper in self.workflow.papers:
            folder = f"{self.report.folder}/{paper}"
            files += [f"{folder}/{item}.csv" for item in self.report.tables(paper)]
            files += [f"{folder}/{item}{end}" for item in self.report.figures(paper) for end in (".svg", ".txt")]
        return files

    def libraries(self, wildcards: Any) -> list[str]:
        """By which versions of libraries the runs were trained that are scored."""
        return self.report.libraries

    def exported(self, wildcards: Any) -> list[str]:
        """What an export holds besides: what the trainings are, scores and error rates, one protocol against another.

        Of what stands in one folder, the file that says most.
        """
        teachers = self.report.teachers
        files = [f"{run.folder}/run.json" for run in teachers]
        files += dict.fromkeys(run.runs_file for run in self.plan.trainings)
        files += [f"{self.scoring.folder(*place)}/scores.csv" for place in self.scoring.jobs]
        asr = {(run.paper, run.experiment, run.split) for run in teachers}
        files += [f"{self.scoring.asr_folder(*place)}/scores.csv" for place in sorted(asr)]
        return files + self.scoring.contrasts_files

    # what a trained network attends to

    def attention_spec(self, wildcards: Any) -> str:
        """What of an utterance a figure shows, and of which utterance, as JSON."""
        return canonical_json(attention_settings(self._figure(wildcards)))

    def weights(self, wildcards: Any) -> str:
        """Of which epoch the network is that a figure shows: best or last."""
        return weights_drawn(self.scoring, wildcards.paper, wildcards.item) if self._is_made(wildcards) else "last"

    def beside(self, wildcards: Any) -> Files:
        """run.json of the same run of another system, where a figure shows one beside."""
        other = self._figure(wildcards).get("beside")
        return self.training(replace(self.run_key(wildcards), system=other)) if other else []

    def trained_beside(self, wildcards: Any) -> Files:
        """What the seeds of that run's training are."""
        other = self._figure(wildcards).get("beside")
        return self.trained(replace(self.run_key(wildcards), system=other)) if other else []

    def shown_maps(self, wildcards: Any) -> Files:
        """The maps that a figure's system has learned, where the figure shows them."""
        return self.maps(self.plan.training(self.run_key(wildcards))) if "beside" in self._figure(wildcards) else []

    def energy(self, wildcards: Any) -> Files:
        """The store of the signal's energy, where a figure shows it; as `store`, its fingerprint alone decides."""
        name = self._figure(wildcards).get("energy")
        return self._store(name) if name else []

    def energy_fingerprint(self, wildcards: Any) -> Files:
        """Digest of the energy of a view's signals, where a figure shows it."""
        name = self._figure(wildcards).get("energy")
        return self._features(wildcards.paper, wildcards.experiment, name) if name else []

    def attention_code(self, wildcards: Any) -> str:
        """Source of what shows an utterance, and of the learner and model that it is shown of."""
        return self._code("attention", wildcards)

    def correlations_code(self, wildcards: Any) -> str:
        """Source of what correlates attention with energy, and of the learner and model whose attention it is."""
        return self._code("energy_correlations", wildcards)

    def _is_made(self, wildcards: Any) -> bool:
        """Whether a figure is made; one that was planned before its folds turned out not to be had no longer is."""
        return wildcards.item in self.report.figures(wildcards.paper)

    def _figure(self, wildcards: Any) -> dict[str, Any]:
        return self.workflow.papers[wildcards.paper]["figures"][wildcards.item]


def _place(wildcards: Any) -> tuple[str, str, str]:
    return wildcards.paper, wildcards.experiment, wildcards.split


for _class in (TrainingInputs, JobInputs):
    for _method in filter(inspect.isfunction, vars(_class).values()):
        # Snakemake asks for it twice a call, and so a hundred thousand times a plan: found once, it is at hand
        _method.__signature__ = inspect.signature(_method)
