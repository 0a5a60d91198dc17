"""The metadata of a crate: RO-Crate 1.1, as Workflow Run RO-Crate 0.5 and, of every training, Provenance Run Crate 0.5.

https://w3id.org/ro/wfrun/provenance: the workflow and the report as its result; rules that train as its steps; each
run.json as the action of such a step, with the fold table and the digests that it was given and the files that it made.
"""

from collections.abc import Mapping
from importlib.metadata import version as package_version
from pathlib import PurePosixPath
from typing import Any

from rocrate.model import ContextEntity, DataEntity
from rocrate.rocrate import ROCrate

from serflow.crate.layout import DIGESTS, README, WITHHELD
from serflow.files import canonical_json
from serflow.paths import PDF, RESULTS, ViewPaths
from serflow.plan.report import Report
from serflow.provenance.run_key import RunKey

__all__ = ["metadata"]

WORKFLOW_CRATE = "https://w3id.org/workflowhub/workflow-ro-crate/1.0"
PROFILES = {
    "https://w3id.org/ro/wfrun/process/0.5": "Process Run Crate",
    "https://w3id.org/ro/wfrun/workflow/0.5": "Workflow Run Crate",
    "https://w3id.org/ro/wfrun/provenance/0.5": "Provenance Run Crate",
    WORKFLOW_CRATE: "Workflow RO-Crate",
}
TERMS = {"sha256": "https://w3id.org/ro/terms/workflow-run#sha256"}  # the rest is in RO-Crate's own context
COMPUTATIONAL = "https://bioschemas.org/profiles/ComputationalWorkflow/1.0-RELEASE"
SNAKEFILE, SNAKEMAKE = "workflow/Snakefile", "https://snakemake.github.io"
DONE = "http://schema.org/CompletedActionStatus"
MEDIA = {
    ".csv": "text/csv", ".json": "application/json", ".md": "text/markdown", ".pdf": "application/pdf",
    ".parquet": "application/vnd.apache.parquet", ".svg": "image/svg+xml", ".txt": "text/plain",
    ".yaml": "application/yaml", ".npz": "application/zip", ".lock": "text/plain", ".smk": "text/plain",
}  # fmt: skip
STEPS = {"train": "trains a system on a fold", "train_teacher": "trains a speech recogniser that systems learn from"}
WORKFLOW = ["File", "SoftwareSourceCode", "ComputationalWorkflow", "HowTo"]
Reference = dict[str, str]


def metadata(report: Report, files: Mapping[str, tuple[int, str]], *, version: str, date: str, root: str) -> str:
    """The text of ro-crate-metadata.json: equal input gives equal text.

    Parameters
    ----------
    files : of every file of the crate, its bytes and SHA-256 (hex), by name.
    version : of the code, as the report prints it.
    date : of the data, YYYY-MM-DD.
    root : the root digest.
    """
    return _Metadata(report, files, version).text(date, root)


class _Metadata:
    def __init__(self, report: Report, files: Mapping[str, tuple[int, str]], version: str):
        self.report, self.files, self.version = report, files, version
        self.jobs = {"train": report.plan.trainings, "train_teacher": report.teachers}
        self.crate = ROCrate(version="1.1")

    def text(self, date: str, root: str) -> str:
        """Fill the crate in, and write it down."""
        corpus, config = self.report.workflow.corpus, self.report.workflow.config
        crate = self.crate
        crate.metadata.extra_terms.update(TERMS)
        crate.name = f"Attention for speech emotion recognition: {corpus['title']}, preset {config['preset']}"
        crate.description = (
            f"Tables, figures and the runs that they are made of. Root digest {root}: SHA-256 of {DIGESTS}. "
            f"What is withheld, and why: {WITHHELD}."
        )
        crate.root_dataset["datePublished"] = date
        crate.root_dataset["license"] = self._context("#licence", "CreativeWork", name=self._licence())
        crate.root_dataset["conformsTo"] = [
            self._context(uri, "CreativeWork", name=name, version=uri.rsplit("/", 1)[1])
            for uri, name in PROFILES.items()
        ]
        crate.root_dataset["identifier"] = f"sha256:{root}"
        for name in sorted(self.files):
            if name == README:
                self._file(name, about=_at("./"))
            elif name != SNAKEFILE:
                self._file(name)
        self._workflow()
        content = crate.metadata.generate()
        content["@graph"] = sorted(content["@graph"], key=lambda entity: entity["@id"])
        return canonical_json(content) + "\n"

    def _licence(self) -> str:
        corpus = self.report.workflow.corpus
        return f"Code and configuration: MIT. What is made of {corpus['title']}: {corpus['licence']}"

    def _context(self, identity: str, kind: str | list[str], **values: Any) -> ContextEntity:
        told = {"@type": kind} | {key: _single(value) for key, value in values.items()}
        return self.crate.add(ContextEntity(self.crate, identity, properties=told))

    def _file(self, path: str, **values: Any) -> DataEntity:
        size, sha256 = self.files[path]
        told = {"@type": "File", "name": PurePosixPath(path).name, "contentSize": str(size), "sha256": sha256}
        ending = PurePosixPath(path).suffix
        told |= {"encodingFormat": MEDIA[ending]} if ending in MEDIA else {}
        told |= {key: _single(value) for key, value in values.items()}
        return self.crate.add(DataEntity(self.crate, path, properties=told))

    def _workflow(self) -> None:
        """The Snakefile, its steps, its engine, what it was run on and what it made."""
        tools, steps = self._steps()
        main = self._main(tools, steps)
        self.crate.root_dataset["mainEntity"] = main
        self.crate.metadata["conformsTo"] = [_at("https://w3id.org/ro/crate/1.1"), _at(WORKFLOW_CRATE)]
        made = {name for name in self.files if name.startswith((f"{RESULTS}/", f"{self.report.folder}/"))} - {PDF}
        whole = self._context(
            "#report", "CreateAction", name=f"the report, by serflow {self.version}", instrument=main,
            description="all that config.yaml asks for", object=_at("config.yaml"),
            result=[_at(PDF), *map(_at, sorted(made))], actionStatus=DONE,
        )  # fmt: skip
        self._run(whole, tools, steps)

    def _steps(self) -> tuple[dict[str, ContextEntity], list[ContextEntity]]:
        """The rules that train, as tools by name, and as steps of the workflow."""
        tools = {
            rule: self._context(
                f"#rule-{rule}", "SoftwareApplication", name=f"rule {rule}", description=what,
                softwareVersion=self.version,
            )
            for rule, what in STEPS.items() if self.jobs[rule]
        }  # fmt: skip
        steps = [
            self._context(f"#step-{rule}", "HowToStep", name=rule, position=str(place), workExample=tools[rule])
            for place, rule in enumerate(tools, start=1)
        ]
        return tools, steps

    def _main(self, tools: Mapping[str, ContextEntity], steps: list[ContextEntity]) -> DataEntity:
        language = self._context(
            "https://w3id.org/workflowhub/workflow-ro-crate#snakemake", "ComputerLanguage", name="Snakemake",
            identifier="https://doi.org/10.1093/bioinformatics/bts480", url="https://snakemake.readthedocs.io",
        )  # fmt: skip
        return self._file(
            SNAKEFILE, **{"@type": WORKFLOW}, name="serflow", version=self.version, programmingLanguage=language,
            conformsTo=_at(COMPUTATIONAL), hasPart=list(tools.values()), step=steps,
            license=self._context("https://spdx.org/licenses/MIT", "CreativeWork", name="MIT License"),
        )  # fmt: skip

    def _run(self, whole: ContextEntity, tools: Mapping[str, ContextEntity], steps: list[ContextEntity]) -> None:
        """The jobs of the steps, and Snakemake, which organised them into the `whole`."""
        jobs = {rule: [self._action(run, tool) for run in self.jobs[rule]] for rule, tool in tools.items()}
        controls = [
            self._context(
                f"#control-{rule}", "ControlAction", name=f"jobs of rule {rule}", instrument=step, object=jobs[rule]
            )
            for rule, step in zip(tools, steps, strict=True)
        ]
        engine = self._context(
            SNAKEMAKE, "SoftwareApplication", name="Snakemake", url=SNAKEMAKE,
            softwareVersion=package_version("snakemake"),
        )  # fmt: skip
        organised = self._context(
            "#organised", "OrganizeAction", name="a run of Snakemake", instrument=engine, object=controls, result=whole
        )
        done = [whole, organised, *(job for some in jobs.values() for job in some)]
        self.crate.root_dataset["mentions"] = [_at(entity.id) for entity in done]

    def _action(self, run: RunKey, tool: ContextEntity) -> ContextEntity:
        """A training: what it was given, as far as it stands in the crate, and what it made."""
        split = ViewPaths(run.corpus, run.paper, run.experiment).split(run.split)
        made = [name for name in self._of(run.folder) if name in self.files]
        return self._context(
            f"#{run.folder}", "CreateAction", name=run.folder.split("/", 1)[1], instrument=tool,
            description=f"{run.system} of {run.paper}, {run.experiment}, on {run.fold_name}, seed {run.seed}",
            object=[_at("config.yaml"), *([_at(split)] if split in self.files else [])], result=list(map(_at, made)),
            actionStatus=DONE,
        )  # fmt: skip

    def _of(self, folder: str) -> list[str]:
        names = ("run.json", "history.csv", "model/epochs.json", "predictions.parquet", "hypotheses.parquet")
        return [f"{folder}/{name}" for name in names]


def _at(name: str) -> Reference:
    return {"@id": name}


def _single(value: Any) -> Any:
    """A list of one as that one, as RO-Crate wants it."""
    return value[0] if isinstance(value, list) and len(value) == 1 else value
