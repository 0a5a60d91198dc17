"""`serflow score`: predictions of a system that was trained elsewhere, taken into the tables of a paper.

FILE is a CSV with a row for each test utterance of each fold: utterance, fold, seed and either p_<class> of every class
of the experiment (they sum to 1) or class alone. `serflow folds --export` writes the folds. What does not cover the
test part of every fold is refused. The predictions are stored under results/<corpus>/given/NAME; the next snakemake
scores them, and the system stands in the paper's tables, tests, page of findings and audit, marked (given). Without a
file, what is stored is listed.
"""

import argparse
import re
import shlex
import shutil
import sys
from pathlib import Path

import pandas as pd

from serflow.cli import run
from serflow.cli.places import Place, add_place, chosen_places, require_tables, scoring_of
from serflow.config import nearest
from serflow.errors import UserError
from serflow.files import file_digest
from serflow.given.checking import CLASS, read_predictions_file
from serflow.given.predictions import write_given
from serflow.given.stored import Given, given_folder, stored
from serflow.paths import PDF
from serflow.plan.given import is_taken
from serflow.plan.scoring import Scoring
from serflow.reporting.wording import count, listing
from serflow.splits import split_digest

NAME = re.compile("[a-z][a-z0-9_]*")


def main(argv: list[str] | None = None) -> None:
    """Check and store predictions, take some away, or list what is stored."""
    parser = argparse.ArgumentParser(
        prog="serflow score", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("file", nargs="?", type=Path, metavar="FILE", help="CSV of predictions")
    parser.add_argument("--as", dest="name", metavar="NAME", help="what files and ids call the system")
    parser.add_argument("--title", help="what tables call it (default: NAME)")
    parser.add_argument(
        "--deterministic", action="store_true", help="no seed changes it; else one seed says nothing of others"
    )
    parser.add_argument("--remove", metavar="NAME", help="take away what was given by that name, where options say")
    add_place(parser)
    args = parser.parse_args(argv)
    scoring = scoring_of(args.config)
    if args.remove is not None:
        if args.file or args.name:
            raise UserError("--remove: takes a name alone; leave out FILE and --as")
        _remove(scoring, args)
    elif args.file is None:
        _list(scoring)
    else:
        _store(scoring, args)


def _store(scoring: Scoring, args: argparse.Namespace) -> None:
    name, config = _name(scoring, args), scoring.workflow.config
    place = _one_place(scoring, args)
    (view,) = require_tables(scoring, [place], args.config)
    paper, experiment, split = place
    folds = pd.read_parquet(view.fold_table(split))
    classes = list(scoring.workflow.papers[paper]["experiments"][experiment]["classes"])
    table = read_predictions_file(args.file, folds, classes=classes, needed=scoring.plan.folds_of(paper, split))
    seeds = sorted(map(int, table["seed"].unique()))
    if args.deterministic and len(seeds) > 1:
        raise UserError(f"{args.file}: has {len(seeds)} seeds; expected one with --deterministic")
    record = {"corpus": config["corpus"], "name": name, "title": args.title or name, "paper": paper}
    record |= {"experiment": experiment, "split": split, "classes": classes, "probabilities": CLASS not in table}
    record |= {"seeded": not args.deterministic, "folds": sorted(map(int, table["fold"].unique())), "seeds": seeds}
    record |= {"file": args.file.name, "file_digest": file_digest(args.file), "fold_table": split_digest(folds)}
    given = write_given(table, record)
    what = "probabilities" if given.probabilities else "classes alone: no Brier score, NLL and ECE"
    runs = f"{count(len(given.folds), 'fold')} x {count(len(seeds), 'seed')}"
    under = [name for name, one in scoring.workflow.protocols_shown(paper).items() if one["split"] == split]
    print(f"{given.folder}: {runs}, {what}; {paper}, {experiment}, {listing(under)} (split {split})")
    print(f"it is scored and stands in the tables after: {_report(args)}")


def _name(scoring: Scoring, args: argparse.Namespace) -> str:
    """The name, which no system of a paper has."""
    if args.name is None:
        raise UserError(f"{args.file}: name the system: --as NAME")
    if not NAME.fullmatch(args.name):
        raise UserError(
            f"--as {args.name!r}: expected small letters, digits and _, a letter first (--title may be any)"
        )
    if paper := is_taken(scoring.plan, args.name, list(scoring.workflow.papers)):
        raise UserError(f"--as {args.name}: {paper} has a system of that name; choose another")
    return args.name


def _one_place(scoring: Scoring, args: argparse.Namespace) -> Place:
    """The one fold table that the options name; of several experiments the paper's first."""
    places = chosen_places(scoring, args)
    if args.experiment is None and len({paper for paper, *_ in places}) == 1:
        first = places[0][0]
        declared = list(scoring.workflow.papers[first]["experiments"])
        wanted = min((experiment for _, experiment, _ in places), key=declared.index)
        places = [place for place in places if place[1] == wanted]
    if len(places) > 1:
        keys = {"paper": 0, "protocol": 2} if args.split is None else {"paper": 0, "experiment": 1}
        option, of = next((key, of) for key, of in keys.items() if len({place[of] for place in places}) > 1)
        names = _protocols(scoring, places) if option == "protocol" else sorted({place[of] for place in places})
        raise UserError(
            f"{args.file}: of which {option} are these predictions? add --{option}, one of {', '.join(names)}"
        )
    return places[0]


def _protocols(scoring: Scoring, places: list[Place]) -> list[str]:
    """The protocols that have one of these splits."""
    protocols = scoring.workflow.protocols_shown(places[0][0])
    return [name for name, protocol in protocols.items() if protocol["split"] in {split for *_, split in places}]


def _remove(scoring: Scoring, args: argparse.Namespace) -> None:
    corpus = scoring.workflow.config["corpus"]
    known = stored(corpus)
    mine = [given for given in known if given.name == args.remove]
    if not mine:
        names = sorted({given.name for given in known})
        hint = nearest(args.remove, names) if names else "; nothing is given"
        raise UserError(f"--remove {args.remove!r}: nothing of {corpus} was given by that name{hint}")
    options = {"paper": args.paper, "experiment": args.experiment, "split": args.split}
    chosen = [given for given in mine if all(value in (None, getattr(given, key)) for key, value in options.items())]
    if args.protocol is not None:
        chosen = [given for given in chosen if given.split == _split(scoring, given, args.protocol)]
    if not chosen:
        raise UserError(
            f"--remove {args.remove}: it was not given there; it was for {'; '.join(g.command for g in mine)}"
        )
    for given in chosen:
        shutil.rmtree(given.folder)
        print(f"{given.folder}: taken away")
    if len(chosen) == len(mine):
        shutil.rmtree(given_folder(corpus, args.remove))
    print(f"it leaves the tables after: {_report(args)}")


def _report(args: argparse.Namespace) -> str:
    """The command that makes the report, of the configuration that this one was told of."""
    more = f" --config {shlex.join(args.config)}" if args.config else ""
    return f"snakemake --cores 2 {PDF}{more}"


def _split(scoring: Scoring, given: Given, protocol: str) -> str | None:
    """The split of a protocol of the paper that something was given for."""
    shown = scoring.workflow.protocols_shown(given.paper) if given.paper in scoring.workflow.papers else {}
    return shown[protocol]["split"] if protocol in shown else None


def _list(scoring: Scoring) -> None:
    corpus = scoring.workflow.config["corpus"]
    known = stored(corpus)
    for given in known:
        print(f"{given.name}: {given.command}: {given.title}, from {given.file}")
    if not known:
        print(f"nothing is given of {corpus}; serflow score FILE.csv --as NAME stores predictions")
    for fault in scoring.given.faults():
        print(fault)


if __name__ == "__main__":
    sys.exit(run(main))
