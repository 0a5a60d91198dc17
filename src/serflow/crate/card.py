"""The model card of a trained run: Markdown with a head of YAML, in the style of Hugging Face's model cards.

Every number is read from what scoring wrote, every digest from run.json; nothing is computed here.
"""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from serflow.errors import UserError
from serflow.files import file_digest, read_json
from serflow.metrics.names import metric_of
from serflow.paths import CorpusPaths, ViewPaths
from serflow.plan.report import Report
from serflow.provenance.run_key import RunKey
from serflow.reporting.wording import count, selection_text

__all__ = ["card"]

METRICS = ("ua", "wa")
Line = dict[str, str]


def card(report: Report, folder: Path, *, version: str) -> str:
    """The card of the run in `folder`, whose paper and corpus `report` is of.

    Raises
    ------
    UserError
        If the folder holds no run of a system, or its scores are missing.
    """
    return _Card(report, folder, version).text()


class _Card:
    def __init__(self, report: Report, folder: Path, version: str):
        self.report, self.folder, self.version = report, folder, version
        self.record = read_json(folder / "run.json")
        self.run = RunKey(**self.record["run"])
        if self.run not in report.plan.trainings:
            raise UserError(
                f"{folder}: {self.run.system} of {self.run.paper} is not trained by this configuration as a system on "
                f"{self.run.fold_name} with seed {self.run.seed}; expected the folder of one that is"
            )
        self.corpus, self.paper = report.workflow.corpus, report.workflow.papers[self.run.paper]
        self.folds = read_json(ViewPaths(self.run.corpus, self.run.paper, self.run.experiment).split(self.run.split))
        self.scores = list(self._scores())
        if not self.scores:
            raise UserError(
                f"{report.scoring.folder(self.run.paper, self.run.experiment, self.run.split)}/scores.csv: no line of "
                f"{self.run.system}; score it first: serflow run"
            )

    def text(self) -> str:
        """The whole card."""
        head = yaml.safe_dump(self._head(), sort_keys=False, allow_unicode=True, width=100)
        name = self.report.scoring.row_name(self.run.paper, self.run.system)
        parts = [f"---\n{head}---\n", f"# {name}: {self.run.system} of {self.run.paper}\n", *self._sections()]
        return "\n".join(parts)

    def _sections(self) -> Iterator[str]:
        for title, lines in (
            ("What it is", self._system()),
            ("Training data", self._data()),
            ("Numbers", self._numbers()),
            ("Limits", self._limits()),
            ("Use", self._use()),
            ("Licence", self._licence()),
            ("Versions and digests", self._digests()),
        ):
            yield f"## {title}\n\n" + "\n".join(lines) + "\n"

    def _head(self) -> dict[str, Any]:
        run = self.run
        results = [
            {
                "task": {"type": "audio-classification", "name": "speech emotion recognition"},
                "dataset": {"name": self.corpus["title"], "type": run.corpus, "split": split, "config": run.experiment},
                "metrics": [
                    {"type": line["metric"], "name": f"{metric_of(line['metric']).label}, {line['select']}",
                     "value": float(line["pooled"]), "low": float(line["low_speakers"]),
                     "high": float(line["high_speakers"])}
                    for line in lines if line["low_speakers"]
                ],
            }
            for split, lines in self.scores
        ]  # fmt: skip
        return {
            "library_name": "serflow",
            "pipeline_tag": "audio-classification",
            "tags": ["speech-emotion-recognition", run.paper, self.record["spec"]["learner"]],
            "license": "other",
            "license_name": self.corpus["licence"],
            "datasets": [run.corpus],
            "metrics": list(METRICS),
            "model-index": [{"name": f"{run.paper}/{run.system}", "results": results}],
        }

    def _system(self) -> Iterator[str]:
        spec, run = self.record["spec"], self.run
        citation = f"{self.paper['authors']}, {self.paper['venue']}, doi {self.paper['doi']}"
        yield f"- System `{run.system}` of *{self.paper['title']}* ({citation}), rebuilt; preset `{run.preset}`."
        yield f"- Learner `{spec['learner']}`, features `{spec['features']}`, classes {', '.join(spec['classes'])}."
        parameters = self.record["counts"].get("parameters")
        if parameters:
            yield f"- {count(parameters, 'parameter')}; {count(self.record['epochs'], 'epoch')}; seed {run.seed}."
        yield f"- Resolved settings: `spec` in `{self.folder.as_posix()}/run.json`."

    def _data(self) -> Iterator[str]:
        run, corpus = self.run, self.corpus
        yield f"- {corpus['title']} (`{run.corpus}`): {corpus['speech']} speech, {corpus['version']}."
        for part, classes in self.folds["folds"][str(run.fold)].items():
            if classes:
                each = ", ".join(f"{name} {number}" for name, number in sorted(classes.items()))
                yield f"- {part} of `{run.fold_name}`: {count(sum(classes.values()), 'utterance')} ({each})."
        for note in self.report.corpus_notes(run.paper):
            yield f"- {note}"

    def _scores(self) -> Iterator[tuple[str, list[Line]]]:
        """Splits that the run's networks judge, with the lines of scores.csv of its system."""
        run, plan = self.run, self.report.plan
        for paper, experiment, split in self.report.scoring.jobs:
            if (paper, experiment) != (run.paper, run.experiment):
                continue
            runs = plan.runs_of(paper, experiment, run.system, split)
            path = Path(self.report.scoring.folder(paper, experiment, split)) / "scores.csv"
            if run not in map(plan.training, runs) or not path.is_file():
                continue
            with open(path, encoding="utf-8", newline="") as file:
                lines = [line for line in csv.DictReader(file) if line["system"] == run.system]
            lines = [line for line in lines if line["metric"] in METRICS and line["pooled"]]
            if lines:
                yield split, lines

    def _numbers(self) -> Iterator[str]:
        yield "Of the system, over the folds and seeds that were run, this run among them; 95 % over speakers."
        yield ""
        yield "| split | epoch | metric | value | from | to | folds | seeds | utterances |"
        yield "|---|---|---|---|---|---|---|---|---|"
        for split, lines in self.scores:
            for line in lines:
                name, value, low, high = metric_of(line["metric"]).label, *_shares(line)
                numbers = [value, low, high, line["folds"], line["seeds"], line["utterances"]]
                yield f"| `{split}` | {selection_text(line['select'])} | {name} | {' | '.join(numbers)} |"

    def _limits(self) -> Iterator[str]:
        if self.corpus["speech"] == "synthesised":
            yield "- Trained on synthesised speech: it says nothing about anybody's emotions."
        else:
            yield f"- Trained on {self.corpus['title']} alone: other speakers, languages and microphones are untested."
        yield "- Not made for decisions about people."
        if not self.report.scoring.as_stated:
            yield f"- Preset `{self.run.preset}` is smaller than what the paper states."
        if any(line["undertrained"] for _, lines in self.scores for line in lines):
            yield "- Undertrained: it hardly fits what it was trained on; its numbers are no finding about the system."
        if any(line["select"].startswith("best_test") for _, lines in self.scores for line in lines):
            yield "- Numbers whose epoch was chosen on the test part are too high; weights of that epoch are not kept."
        if shared := self.folds["speakers_shared"].get(str(self.run.fold)):
            yield f"- {count(shared, 'speaker')} whom the fold tests it is also trained on: others are harder."

    def _use(self) -> Iterator[str]:
        kept = sorted(path.name for path in (self.folder / "model").glob("*") if path.is_dir())
        if kept:
            yield f"`serflow predict {self.folder.as_posix()} FILE.wav` (weights kept: {', '.join(kept)})."
        else:
            yield "No weights are kept of this run; its predictions are in `predictions.parquet`."

    def _licence(self) -> Iterator[str]:
        yield f"- Code: MIT. Corpus: {self.corpus['licence']}."
        if not self.corpus["show_text"]:
            yield "- Ask the corpus's owner before passing weights on: they were made of what its licence keeps."

    def _digests(self) -> Iterator[str]:
        record = self.record
        yield f"- serflow {self.version}; {', '.join(f'{name} {said}' for name, said in record['versions'].items())}."
        yield f"- Device: {record['device']}. Identity of the run: `{record['digest']}`."
        for name, sha256 in record["inputs"].items():
            if sha256:
                yield f"- {name}: `{sha256}`"
        for name, sha256 in sorted(record["outputs"].items()):
            path = self.folder / name
            there = "" if path.is_file() and file_digest(path) == sha256 else " (missing, or another file now)"
            yield f"- `{name}`: `{sha256}`{there}"
        release = Path(CorpusPaths(self.run.corpus).release_fingerprint)
        if release.is_file():
            yield f"- release: `{read_json(release)['digest']}`"


def _shares(line: Line) -> list[str]:
    """Value and interval of a line of scores.csv, in per cent."""
    return [
        f"{100 * float(line[key]):.2f} %" if line[key] else "–" for key in ("pooled", "low_speakers", "high_speakers")
    ]
