"""What the rules that predict other corpora ask the plan for: input files and parameters, by a job's wildcards."""

from collections.abc import Callable
from typing import Any

from serflow.cross_paths import CrossPaths
from serflow.files import canonical_json
from serflow.paths import CorpusPaths
from serflow.plan.cross import CrossView
from serflow.plan.others import OtherCorpus
from serflow.plan.report import Report
from serflow.plan.training_inputs import Files
from serflow.provenance.code_fingerprint import code_fingerprint
from serflow.registry import READERS

__all__ = ["CrossInputs"]


class CrossInputs:
    """Inputs and parameters of these rules; a method a need of a rule.

    Parameters
    ----------
    report : what is configured.
    ancient : marks an input that must be there but never decides about a rerun: Snakemake's `ancient`.
    """

    def __init__(self, report: Report, *, ancient: Callable[[str], str]):
        self._report = report
        self.cross, self.scoring, self.workflow, self._ancient = report.cross, report.scoring, report.workflow, ancient

    # another corpus, up to its features

    def name(self, wildcards: Any) -> str:
        """The corpus."""
        return wildcards.other

    def corpus_spec(self, wildcards: Any) -> str:
        """What its YAML declares, as JSON."""
        return canonical_json(self._other(wildcards).declared)

    def release(self, wildcards: Any) -> str:
        """Folder of its release."""
        return str(self._other(wildcards).release)

    def manifest(self, wildcards: Any) -> str:
        """Its manifest, of which the fingerprint decides about a rerun."""
        return CorpusPaths(wildcards.other).manifest

    def manifest_code(self, wildcards: Any) -> str:
        """Source of what makes a manifest, and of the corpus's reader."""
        return code_fingerprint("serflow.cli.manifest", READERS.module(self._other(wildcards).declared["reader"]))

    def release_check(self, wildcards: Any) -> str:
        """Spec of the check of its release, as JSON."""
        return canonical_json(self._report.release_check_spec(wildcards.other))

    def store_folder(self, wildcards: Any) -> str:
        """Folder of the store of a feature set."""
        return CorpusPaths(wildcards.other).store(wildcards.features)

    # a view of it

    def view_spec(self, wildcards: Any) -> str:
        """Style and classes of the view, as JSON."""
        return canonical_json(self.cross.view(wildcards.paper, wildcards.declared, wildcards.other).spec)

    def view(self, wildcards: Any) -> str:
        """Digest of the view."""
        return self._paths(wildcards).view.fingerprint

    # predictions of a system

    def trained(self, wildcards: Any) -> list[str]:
        """What the trainings are whose networks predict: small files, compared by content."""
        runs = self.cross.networks(self._view(wildcards), wildcards.system)
        return sorted({self.cross.plan.training(run).runs_file for run in runs})

    def features(self, wildcards: Any) -> Files:
        """Digest of the view's features; none for a system without features."""
        features = self._spec(wildcards)["features"]
        return self._paths(wildcards).view.features(features) if features else []

    def store(self, wildcards: Any) -> Files:
        """The feature store: it must be there, but what decides about a rerun is the digest of the view's."""
        features = self._spec(wildcards)["features"]
        return self._ancient(f"{CorpusPaths(wildcards.other).store(features)}/store.json") if features else []

    def transcripts(self, wildcards: Any) -> Files:
        """Digest of the view's words; none for a system that reads no text."""
        reads = "text" in self._spec(wildcards)["parameters"]
        return self._paths(wildcards).view.words_fingerprint("transcripts") if reads else []

    def job(self, wildcards: Any) -> str:
        """The networks, the resolved spec and the modules that it names, as JSON."""
        plan = self.cross.plan
        runs = self.cross.networks(self._view(wildcards), wildcards.system)
        networks = [{"run": run.key, "training": plan.training(run).key} for run in runs]
        return canonical_json({"networks": networks, "spec": plan.spec(runs[0]), "modules": plan.modules(runs[0])})

    def code(self, wildcards: Any) -> str:
        """Source of what predicts, and of the learner and model that the spec names."""
        run = self.cross.networks(self._view(wildcards), wildcards.system)[0]
        return code_fingerprint("serflow.cli.cross_predictions", *self.cross.plan.modules(run))

    def device(self, wildcards: Any) -> str:
        """The configured device for what has a network; the CPU for the rest."""
        spec = self._spec(wildcards)
        return self.workflow.config["device"] if "train" in spec["parameters"] or spec["encoder"] else "cpu"

    # scores of all systems of a view

    def predictions(self, wildcards: Any) -> list[str]:
        """By which networks, and of what, the predictions of every system are."""
        view = self._view(wildcards)
        return [self.cross.paths(view).predicted(system) for system in self.cross.systems(view)]

    def trained_scores(self, wildcards: Any) -> str:
        """Scores of the same runs on their own corpus, which say how well they are trained."""
        return f"{self.scoring.folder(wildcards.paper, wildcards.experiment, self.cross.split)}/scores.csv"

    def classes(self, wildcards: Any) -> str:
        """The classes of the networks, in their order, as JSON."""
        return canonical_json(
            list(self.workflow.papers[wildcards.paper]["experiments"][wildcards.experiment]["classes"])
        )

    def unseeded(self, wildcards: Any) -> str:
        """Systems that no seed changes, as JSON."""
        systems = self.cross.plan.systems[wildcards.paper]
        return canonical_json([name for name in self.cross.systems(self._view(wildcards)) if not systems.seeded(name)])

    def pairs(self, wildcards: Any) -> str:
        """Which system is tested against which, as JSON."""
        return canonical_json(self.cross.pairs(self._view(wildcards)))

    # behind all these

    def _other(self, wildcards: Any) -> OtherCorpus:
        return self.workflow.others[wildcards.other]

    def _view(self, wildcards: Any) -> CrossView:
        return self.cross.view(wildcards.paper, wildcards.declared, wildcards.other)

    def _paths(self, wildcards: Any) -> CrossPaths:
        return self.cross.paths(self._view(wildcards))

    def _spec(self, wildcards: Any) -> dict[str, Any]:
        return self.cross.plan.spec(self.cross.networks(self._view(wildcards), wildcards.system)[0])
