"""Options that name a fold table: of which paper, experiment and protocol, or split."""

import argparse
import shlex
from pathlib import Path

from serflow.config import nearest
from serflow.errors import UserError
from serflow.paths import ViewPaths
from serflow.plan.configuration import UNNAMED, add_changes, changed_configuration, parsed_changes
from serflow.plan.runs import Plan
from serflow.plan.scoring import Scoring
from serflow.plan.workflow import read_workflow

__all__ = ["Place", "add_place", "chosen_places", "require_tables", "scoring_of"]

Place = tuple[str, str, str]  # paper, experiment, split


def add_place(parser: argparse.ArgumentParser) -> None:
    """Give a command the options."""
    parser.add_argument("--paper", help="a file of workflow/papers, without .yaml")
    parser.add_argument("--experiment", help="one of the paper's: the classes and the part of the corpus")
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--protocol", help="one of the tables' columns: strict, as_published, random10 ...")
    which.add_argument("--split", help="or a split of workflow/protocols.yaml: speaker, random5 ...")
    add_changes(parser)


def scoring_of(pairs: list[str]) -> Scoring:
    """What config.yaml, with these changes, scores."""
    return Scoring(Plan(read_workflow(changed_configuration(parsed_changes(pairs)))))


def chosen_places(scoring: Scoring, args: argparse.Namespace) -> list[Place]:
    """The fold tables that systems are scored on and that the options name; without an option, all.

    Raises
    ------
    UserError
        For a name that is unknown, or under which nothing is scored.
    """
    workflow = scoring.workflow
    papers = list(workflow.papers)
    if args.paper is not None:
        _require(args.paper, papers, "--paper", "of those in config.yaml")
        papers = [args.paper]
    found = []
    for paper in papers:
        splits = {name: protocol["split"] for name, protocol in workflow.protocols_shown(paper).items()}
        for of, experiment, split in scoring.jobs:
            asked = args.experiment is None or experiment == _made(scoring, paper, args.experiment)
            under = args.split in (None, split) and args.protocol in (None, *(n for n in splits if splits[n] == split))
            if of == paper and asked and under:
                found.append((paper, experiment, split))
    if not found:
        _explain(scoring, papers, args)
        asked = [f"--{key} {value}" for key, value in vars(args).items() if key in _KEYS and value is not None]
        raise UserError(
            f"{' '.join(asked) or 'config.yaml'}: nothing is scored there in this configuration; look at `papers` and "
            "`protocols` in config.yaml"
        )
    return found


_KEYS = ("paper", "experiment", "protocol", "split")


def _made(scoring: Scoring, paper: str, experiment: str) -> str | None:
    """The view that serves an experiment on this corpus."""
    declared = scoring.workflow.papers[paper]["experiments"]
    return scoring.plan.experiment(paper, experiment)[0] if experiment in declared else None


def _explain(scoring: Scoring, papers: list[str], args: argparse.Namespace) -> None:
    """Raise a `UserError` for a name that no paper has."""
    data = [scoring.workflow.papers[paper] for paper in papers]
    where = f"of {', '.join(papers)}"
    if args.experiment is not None:
        _require(args.experiment, [name for of in data for name in of["experiments"]], "--experiment", where)
    protocols = [scoring.workflow.protocols_shown(paper) for paper in papers]
    if args.protocol is not None:
        _require(args.protocol, [name for of in protocols for name in of], "--protocol", where)
    if args.split is not None:
        _require(args.split, [one["split"] for of in protocols for one in of.values()], "--split", where)


def _require(name: str, known: list[str], option: str, where: str) -> None:
    if name not in known:
        raise UserError(f"{option} {name!r}: none {where} is called so{nearest(name, list(dict.fromkeys(known)))}")


def require_tables(scoring: Scoring, places: list[Place], changes: list[str]) -> list[ViewPaths]:
    """Where the views of these fold tables stand; a `UserError` with the command where tables are not made yet."""
    corpus = scoring.workflow.config["corpus"]
    views = [ViewPaths(corpus, paper, experiment) for paper, experiment, _ in places]
    pairs = list(zip(views, (split for *_, split in places), strict=True))
    missing = [view.split(split) for view, split in pairs if not Path(view.fold_table(split)).is_file()]
    if missing:
        release = scoring.workflow.config["release"] == UNNAMED
        config = [*changes, *(["release=FOLDER"] if release else [])]
        more = f" --config {shlex.join(config)}" if config else ""
        raise UserError(
            f"{missing[0].removesuffix('.json')}.parquet: this fold table is not made yet; rule `split` makes it: "
            f"snakemake --cores 2 {' '.join(missing)}{more}"
        )
    return views
