"""What the rules of training ask the plan for: views, features, runs and teachers, by a job's wildcards."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from serflow.errors import UserError
from serflow.files import canonical_json, read_json
from serflow.paths import CorpusPaths, run_beside
from serflow.plan.groups import Group
from serflow.plan.report import Report
from serflow.plan.teachers import maps_of
from serflow.provenance.code_fingerprint import code_fingerprint
from serflow.provenance.run_key import RunKey
from serflow.provenance.run_record import missing_files
from serflow.registry import EXTRACTORS
from serflow.shipped import declared, from_here

__all__ = ["Files", "TrainingInputs"]

Files = str | list[str]


class TrainingInputs:
    """Inputs and parameters of the rules up to what is trained.

    Parameters
    ----------
    report
        What is configured.
    fingerprint
        Takes the name of a checkpoint and its wildcards; gives the path of the fingerprint that it makes, or raises
        where that is still to be made, so that Snakemake makes it and asks again. What follows a checkpoint runs again
        only where the content of its fingerprint changed.
    ancient
        Marks an input that must be there but never decides about a rerun: Snakemake's `ancient`.
    group
        The group of a run that is sent to a cluster; None: of no run.
    """

    def __init__(
        self,
        report: Report,
        *,
        fingerprint: Callable[..., str],
        ancient: Callable[[str], str],
        group: Callable[[RunKey], Group | None],
    ):
        self.report, self.scoring, self.plan, self.workflow = report, report.scoring, report.plan, report.workflow
        self._fingerprint, self._ancient, self._group = fingerprint, ancient, group
        self._corpus, self._preset = self.workflow.config["corpus"], self.workflow.config["preset"]

    # releases that are generated

    def stands_for(self, wildcards: Any) -> str:
        """The YAML with the published counts, whose proportions a generated corpus follows."""
        name = self.workflow.generated[wildcards.generated]["stands_in_for"] or wildcards.generated
        return from_here(declared("corpora", root=self.workflow.root)[name])

    def generated_release(self, wildcards: Any) -> str:
        """The folder to write."""
        return CorpusPaths(wildcards.generated).release

    def generated_turns(self, wildcards: Any) -> int:
        """How many utterances."""
        return self.workflow.generated[wildcards.generated]["generate"]["turns"]

    def generated_seed(self, wildcards: Any) -> int:
        """What it is drawn by."""
        return self.workflow.generated[wildcards.generated]["generate"]["seed"]

    def generated_reads(self, wildcards: Any) -> list[str]:
        """What of it is read."""
        return self.workflow.generated[wildcards.generated]["reads"]

    # views and features

    def view_spec(self, wildcards: Any) -> str:
        """What a view of the corpus is, as JSON."""
        return canonical_json(self.workflow.papers[wildcards.paper]["experiments"][wildcards.experiment])

    def split_spec(self, wildcards: Any) -> str:
        """What a split is, as JSON."""
        return canonical_json(self.workflow.splits[wildcards.split])

    def judged(self, wildcards: Any) -> list[str]:
        """The option that tells a split whose networks judge the folds of others these others."""
        if self.workflow.splits[wildcards.split]["kind"] != "session":
            return []
        return ["--judged", canonical_json(self.workflow.judged(wildcards.split))]

    def release(self, wildcards: Any) -> str:
        """Folder of the release."""
        return str(self.workflow.release)

    def store_folder(self, wildcards: Any) -> str:
        """Folder of the store of a feature set."""
        return CorpusPaths(self._corpus).store(wildcards.features)

    def features_spec(self, wildcards: Any) -> str:
        """What a feature set is, as JSON."""
        return canonical_json(self.workflow.features[wildcards.features])

    def features_code(self, wildcards: Any) -> str:
        """Source of extraction, and of the extractor that a feature set names."""
        extractor = self.workflow.features[wildcards.features]["extractor"]
        return code_fingerprint("serflow.cli.features", EXTRACTORS.module(extractor))

    def audio(self, wildcards: Any) -> str:
        """Digest of all audio of an accepted manifest: a changed label or transcript extracts nothing anew."""
        self._fingerprint("accept")
        return CorpusPaths(self._corpus).audio

    # any run, and any job that reads one

    def run_key(self, wildcards: Any) -> RunKey:
        """The run that the wildcards name; without a seed among them, the one of the system's first seed."""
        place = wildcards.paper, wildcards.experiment, wildcards.system, wildcards.split
        seed = getattr(wildcards, "seed", None) or self.plan.seeds_of(wildcards.paper, wildcards.system)[0]
        return RunKey(self._corpus, self._preset, *place, int(wildcards.fold), int(seed))

    def training(self, wildcards: Any) -> str:
        """run.json of the training whose networks judge a run."""
        return f"{self.plan.training(self.run_key(wildcards)).folder}/run.json"

    def trained(self, wildcards: Any) -> str:
        """What the seeds of that training are: it enters by this file, as a job makes all of them."""
        return self.plan.training(self.run_key(wildcards)).runs_file

    def split(self, wildcards: Any) -> str:
        """Digest of a fold table. Those of a run's group are made before it."""
        for experiment, split in self._of_group(wildcards, "splits"):
            self._fingerprint("split", paper=wildcards.paper, experiment=experiment, split=split)
        return self._fingerprint("split", paper=wildcards.paper, experiment=wildcards.experiment, split=wildcards.split)

    def features(self, wildcards: Any) -> Files:
        """Digest of the features of a view; none for a system without features. Those of a group are made before it."""
        for experiment, features in self._of_group(wildcards, "features"):
            self._features(wildcards.paper, experiment, features)
        features = self._spec(wildcards)["features"]
        return [] if features is None else self._features(wildcards.paper, wildcards.experiment, features)

    def store(self, wildcards: Any) -> Files:
        """The feature store: it must be there, but what decides about a rerun is its fingerprint alone."""
        features = self._spec(wildcards)["features"]
        return [] if features is None else self._store(features)

    def transcripts(self, wildcards: Any) -> Files:
        """Digest of a view's words; none for a system that reads no text."""
        return self._words("transcripts", wildcards) if self._reads_text(wildcards) else []

    def vectors(self, wildcards: Any) -> Files:
        """Digest of the vectors of the view's words, where a file of them is configured and the system reads text."""
        if self.workflow.vectors is None or not self._reads_text(wildcards):
            return []
        return self._words("word_vectors", wildcards)

    def encoder(self, wildcards: Any) -> Files:
        """What the seeds of the networks are that these start from, of the same fold."""
        encoder = self.plan.encoder(self.run_key(wildcards))
        return encoder.runs_file if encoder else []

    def maps(self, wildcards: Any) -> Files:
        """store.json of the attention maps that a run learns: of the teacher that was not trained on whom it tests."""
        if "transfer" not in self._spec(wildcards)["parameters"]:
            return []
        self.wait_for_teacher_inputs(wildcards.paper)
        return maps_of(self.plan, self.run_key(wildcards))

    def train_code(self, wildcards: Any) -> str:
        """Source of the loop, and of the learner and model that the spec names."""
        return self._code("train", wildcards)

    def job(self, wildcards: Any) -> str:
        """The run key, the resolved spec and the modules that it names, as JSON: one parameter, compared whole.

        The key of several seeds has none.
        """
        run = self.run_key(wildcards)
        key = {name: value for name, value in run.key.items() if name != "seed" or hasattr(wildcards, "seed")}
        return canonical_json({"run": key, "spec": self.plan.spec(run), "modules": self.plan.modules(run)})

    def seeds(self, wildcards: Any, output: Any) -> list[int]:
        """The seeds of a job. That they are asked for by `output` keeps Snakemake from comparing them.

        For a seed that is taken away changes nothing in the others, and one that is added is missing (`whole`).
        """
        return self.plan.seeds_of(wildcards.paper, wildcards.system)

    def seeds_with_weights(self, wildcards: Any, output: Any) -> list[int]:
        """Of these, the seeds whose networks stay; not compared either, since nothing else depends on it."""
        run = self.run_key(wildcards)
        return [seed for seed in self.seeds(wildcards, output) if self.plan.keeps_weights(replace(run, seed=seed))]

    def whole(self, wildcards: Any) -> bool:
        """Whether a job's file, which is there, names all its seeds, and all their files, and networks, are there."""
        runs, seeds = self.run_key(wildcards).runs_file, self.seeds(wildcards, output=None)
        try:
            known = read_json(runs)
            records = {seed: {"outputs": {"run.json", *known[str(seed)]["outputs"]}} for seed in seeds}
        except (UserError, KeyError, TypeError):
            return False
        kept = [records[seed]["outputs"] for seed in self.seeds_with_weights(wildcards, output=None)]
        if any("model/last/model.json" not in names for names in kept):
            return False
        return not any(missing_files(run_beside(runs, seed), record) for seed, record in records.items())

    def whole_teacher(self, folder: Path) -> bool:
        """Whether all files are there that a teacher's run.json, which is there, names."""
        try:
            return not missing_files(folder, read_json(folder / "run.json"), teacher=True)
        except (UserError, TypeError, AttributeError):
            return False

    def device(self, wildcards: Any) -> str:
        """The configured device for what has a network; the CPU for the rest."""
        spec = self._spec(wildcards)
        return self.workflow.config["device"] if "train" in spec["parameters"] or spec["encoder"] else "cpu"

    def gpu_runs(self, wildcards: Any, threads: int) -> int:
        """How many trainings on a GPU this is at once, of a job's seeds: a profile says how many may share one."""
        if self.device(wildcards) == "cpu":
            return 0
        return 1 if hasattr(wildcards, "seed") else min(threads, len(self.seeds(wildcards, output=None)))

    def gres(self, wildcards: Any) -> str:
        """What SLURM is asked for. A text: the runs of a group add up their numbers, and share this."""
        return "gpu:1" if self.device(wildcards) != "cpu" else ""

    # teachers

    def wait_for_teacher_inputs(self, paper: str) -> None:
        """Wait for all that a teacher was given.

        When a checkpoint has been made, Snakemake looks anew at the jobs that name it, and at no job behind these. So
        who is given what a teacher made names what the teacher was given; else a student would be trained on maps that
        are to be made anew, or for maps that are not.
        """
        teacher = self.workflow.papers[paper]["teacher"]
        view = {"paper": paper, "experiment": teacher["experiment"]}
        self._fingerprint("split", **view, split=teacher["split"])
        self._features(paper, teacher["experiment"], self.plan.systems[paper].teacher_base["features"])
        self._fingerprint("transcripts", **view)
        self._fingerprint("pronunciations", **view)
        if self.plan.systems[paper].cuts_at_words:
            self._fingerprint("alignments", **view)

    def teacher_transcripts(self, wildcards: Any) -> str:
        """Digest of the words that teachers are trained on."""
        return self._words("transcripts", wildcards)

    def pronunciations(self, wildcards: Any) -> str:
        """Digest of the phones of those words."""
        return self._words("pronunciations", wildcards)

    def alignments(self, wildcards: Any) -> Files:
        """Digest of the times of those words, where teachers are given runs of words."""
        return self._words("alignments", wildcards) if self.plan.systems[wildcards.paper].cuts_at_words else []

    def teacher_features(self, wildcards: Any) -> str:
        """Digest of the features that teachers are trained on."""
        features = self.plan.systems[wildcards.paper].teacher_base["features"]
        return self._features(wildcards.paper, wildcards.experiment, features)

    def attended_features(self, wildcards: Any) -> str:
        """Digest of those features of the view whose utterances a teacher attends to."""
        features = self.plan.systems[wildcards.paper].teacher_base["features"]
        return self._features(wildcards.paper, wildcards.view, features)

    def teacher_code(self, wildcards: Any) -> str:
        """Source of the loop, the recogniser and its network."""
        return self._code("train_teacher", wildcards)

    def teacher(self, wildcards: Any) -> str:
        """run.json of the teacher whose maps are made."""
        self.wait_for_teacher_inputs(wildcards.paper)
        return f"{self.run_key(wildcards).folder}/run.json"

    def teacher_maps_code(self, wildcards: Any) -> str:
        """Source of what writes a teacher's attention maps."""
        return self._code("teacher_maps", wildcards)

    def scored_teachers(self, wildcards: Any) -> list[str]:
        """run.json of each teacher that tables and figures show, and, not compared, what it wrote."""
        self.wait_for_teacher_inputs(wildcards.paper)
        folders = [RunKey(**teacher["run"]).folder for teacher in self.scoring.teachers(wildcards.paper)]
        return [file for folder in folders for file in self._outputs(folder, "hypotheses.parquet")]

    def teachers_spec(self, wildcards: Any) -> str:
        """These teachers, each with the digests of its spec and code, as JSON."""
        return canonical_json(self.scoring.teachers(wildcards.paper))

    def teacher_pairs(self, wildcards: Any) -> str:
        """Which teacher is compared with which, as JSON."""
        return canonical_json(self.scoring.teacher_pairs(wildcards.paper))

    # behind all these

    def _spec(self, wildcards: Any) -> dict[str, Any]:
        return self.plan.spec(self.run_key(wildcards))

    def _reads_text(self, wildcards: Any) -> bool:
        return "text" in self._spec(wildcards)["parameters"]

    def _code(self, command: str, wildcards: Any) -> str:
        return code_fingerprint(f"serflow.cli.{command}", *self.plan.modules(self.run_key(wildcards)))

    def _features(self, paper: str, experiment: str, features: str) -> str:
        return self._fingerprint("fingerprint", paper=paper, experiment=experiment, features=features)

    def _words(self, what: str, wildcards: Any) -> str:
        return self._fingerprint(what, paper=wildcards.paper, experiment=wildcards.experiment)

    def _store(self, features: str) -> str:
        return self._ancient(f"{CorpusPaths(self._corpus).store(features)}/store.json")

    def _outputs(self, folder: str, name: str) -> list[str]:
        """run.json of a run, and one of the files that it vouches for."""
        return [f"{folder}/run.json", self._ancient(f"{folder}/{name}")]

    def _of_group(self, wildcards: Any, what: str) -> list[tuple[str, str]]:
        """Splits or features that the group of a run waits for, sorted; of what is no run, none."""
        group = self._group(self.run_key(wildcards)) if hasattr(wildcards, "seed") else None
        return sorted(getattr(group, what)) if group else []
