"""Jobs by rule: those that the plan fans out, and those that Snakemake would run now."""

import re
import subprocess
import sys
from collections import Counter
from typing import Any

from serflow.errors import UserError
from serflow.files import canonical_json
from serflow.plan import figures
from serflow.plan.report import Report
from serflow.plan.teachers import required_maps

__all__ = ["listed_jobs", "planned_jobs", "snakemake_jobs"]

JOB = re.compile(r"(?:local)?(?:rule|checkpoint) (\w+):$")
PAPER = re.compile(r"    wildcards: .*\bpaper=(\w+)")
OF_NONE = "no paper's"


def planned_jobs(report: Report) -> dict[str, int]:
    """Rule -> its jobs in all, for the rules that run many times: from the manifest on, as if nothing were done.

    A rule that runs once (release, manifest, the PDF) is not the plan's to know.
    """
    plan, papers = report.plan, report.workflow.papers
    views = {(paper, experiment) for paper, experiment, _, _ in plan.required}
    folds = {(paper, experiment, split) for paper, experiment, _, split in plan.required}
    specs = {(paper, experiment, system) for paper, experiment, system, _ in plan.required}
    features = {(paper, exp, plan.systems[paper].spec(system, exp)["features"]) for paper, exp, system in specs}
    of_teachers = {(run.paper, run.experiment) for run in report.teachers}
    views |= of_teachers
    folds |= {(run.paper, run.experiment, run.split) for run in report.trainings}
    features |= {(*place, plan.systems[place[0]].teacher_base["features"]) for place in of_teachers}
    features = {entry for entry in features if entry[2]} | figures.energies_drawn(report.scoring)
    drawn = [
        (paper, item, papers[paper]["figures"][item]["kind"]) for paper in papers for item in report.figures(paper)
    ]
    kinds = Counter(kind for _, _, kind in drawn)
    of_runs = [(paper, item) for paper, item, kind in drawn if kind == figures.OF_ALL_UTTERANCES]
    return {
        "view": len(views),
        "split": len(folds),
        "transcripts": sum(report.scoring.reads_text(paper) or (paper, view) in of_teachers for paper, view in views),
        "features": len({name for _, _, name in features}),
        "fingerprint": len(features),
        "pronunciations": len(of_teachers),
        "alignments": sum(plan.systems[paper].cuts_at_words for paper, _ in of_teachers),
        "train_teacher": len(report.teachers),
        "teacher_maps": len(required_maps(plan)),
        "score_asr": len(of_teachers),
        "train": len(plan.jobs),
        "score_runs": len(report.scoring.jobs),
        "contrast": len(report.scoring.contrasts_files),
        "attention": sum(kinds[kind] for kind in figures.OF_AN_UTTERANCE),
        "energy_correlations": sum(len(figures.runs_drawn(report.scoring, *figure)) for figure in of_runs),
        "table": sum(len(report.tables(paper)) for paper in papers),
        "figure": kinds.total(),
    } | _of_other_corpora(report)


def _of_other_corpora(report: Report) -> dict[str, int]:
    """The same of the rules that predict other corpora; of none, where none is configured."""
    cross = report.cross
    views = [
        view
        for paper in report.workflow.papers
        for other in report.workflow.others
        for view in cross.views(paper, other)
    ]
    if not views:
        return {}
    systems = [
        (view, cross.plan.systems[view.paper].spec(name, view.experiment))
        for view in views
        for name in cross.systems(view)
    ]
    read = {(cross.paths(view).view.folder, view.other, spec["features"]) for view, spec in systems}
    read = {entry for entry in read if entry[2]}
    texts = {cross.paths(view).view.folder for view, spec in systems if "text" in spec["parameters"]}
    return {
        "cross_view": len(views),
        "cross_features": len({entry[1:] for entry in read}),
        "cross_fingerprint": len(read),
        "cross_transcripts": len(texts),
        "cross_predictions": len(systems),
        "score_cross": len(views),
    }


def snakemake_jobs(config: dict[str, Any]) -> dict[str, dict[str, int]]:
    """Jobs that a dry run of Snakemake in the working folder lists: by paper, and of none, rule -> their number.

    It sees no further than a checkpoint.

    Raises
    ------
    UserError
        If Snakemake refuses the configuration; the message ends in what it said.
    """
    pairs = [f"{key}={canonical_json(value)}" for key, value in config.items()]
    command = [sys.executable, "-m", "snakemake", "--dry-run", "--cores", "1", "--config", *pairs, "--"]
    done = subprocess.run(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode:
        last = "\n".join(done.stdout.strip().splitlines()[-5:])
        raise UserError(f"snakemake --dry-run failed; mend what it names, or leave out --jobs:\n{last}")
    return listed_jobs(done.stdout)


def listed_jobs(text: str) -> dict[str, dict[str, int]]:
    """Jobs by paper and rule of what a dry run printed, those of no paper under `OF_NONE`."""
    found: dict[str, Counter[str]] = {}
    rule = None
    for line in [*text.splitlines(), ""]:
        if begun := JOB.match(line):
            rule, paper = begun[1], OF_NONE
        elif rule and (named := PAPER.match(line)):
            paper = named[1]
        elif rule and not line.startswith(" "):
            found.setdefault(paper, Counter())[rule] += 1
            rule = None
    return dict(sorted(found.items(), key=lambda entry: (entry[0] == OF_NONE, entry[0])))
