"""`serflow new-corpus`: the YAML of a corpus of one's own, from its table, and the command that runs everything.

TABLE is a CSV or Parquet file with a row an utterance: its file, its label, its speaker, and what else is known of it.
Columns are found by their names, whatever the case (file, emotion, actor, gender); where one is called otherwise, say
so with --column. Of the audio the headers are looked at, nothing else. The file is commented; look through it.
"""

import argparse
import os
import re
import shlex
import sys
import unicodedata
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from serflow import corpora
from serflow.cli import run
from serflow.cli.reports import changed_report
from serflow.config import nearest, read_yaml
from serflow.corpora.columns import COLUMNS
from serflow.corpora.declaration import Corpus
from serflow.corpora.describing import Described, describe
from serflow.corpora.drafting import draft
from serflow.corpora.label_names import label_name
from serflow.corpora.own_folds import divided, part_words
from serflow.corpora.summary import summary
from serflow.errors import UserError
from serflow.files import atomic_path
from serflow.forecast.possible import has_view, possible_protocols
from serflow.names import require_name
from serflow.paths import PDF
from serflow.plan.report import Report
from serflow.plan.runs import Plan
from serflow.reporting.wording import count
from serflow.shipped import declared
from serflow.validation import validate

FOLDER = Path("workflow/corpora")
OFFICIAL = "official"  # the protocol of the corpus's own folds
BUDGETED = "emodb"  # whose budget a small corpus is given


def main(argv: list[str] | None = None) -> None:
    """Parse the command line, write the YAML, print what was found and what to run."""
    parser = argparse.ArgumentParser(
        prog="serflow new-corpus", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("table", type=Path, metavar="TABLE", help="CSV or Parquet file")
    parser.add_argument("--id", metavar="NAME", help="what the corpus is called (default: the name of its folder)")
    parser.add_argument(
        "--release", type=Path, metavar="DIR", help="folder of the audio, where the table lies elsewhere"
    )
    parser.add_argument(
        "--column",
        action="extend",
        nargs="+",
        default=[],
        metavar="OURS=THEIRS",
        help=f"what the table calls a column: label=emotion. Ours: {', '.join(COLUMNS)}",
    )
    args = parser.parse_args(argv)
    if not Path("config.yaml").is_file():
        raise UserError("no config.yaml here; go to the folder that serflow runs in, or make one: serflow init DIR")
    if args.id is not None:
        _require_new(args.id)
    found = describe(args.table.expanduser(), release=args.release, given=_columns(args.column))
    corpus_id = args.id or _named_after(found)
    path = _require_new(corpus_id)
    if not found.forms:
        raise UserError(_nothing_there(found))
    text = draft(found, title=corpus_id, budget=corpora.load(BUDGETED, root=".")["budget"])
    validate(yaml.safe_load(text), Corpus, where=str(path))
    FOLDER.mkdir(parents=True, exist_ok=True)
    with atomic_path(path) as temporary:
        temporary.write_text(text, encoding="utf-8")
    print("\n".join([*summary(found), "", *_next(corpus_id, found, path)]))


def _columns(pairs: list[str]) -> dict[str, str]:
    """OURS=THEIRS texts as a mapping."""
    given = {}
    for pair in pairs:
        ours, equals, theirs = pair.partition("=")
        if not (equals and theirs):
            raise UserError(f"--column {pair!r}: expected OURS=THEIRS, such as label=emotion")
        if ours not in COLUMNS:
            raise UserError(f"--column {pair!r}: {ours!r} is no column of ours{nearest(ours, list(COLUMNS))}")
        given[ours] = theirs
    return given


def _named_after(found: Described) -> str:
    """The release's folder, in letters that may name a corpus: größe is grosse."""
    plain = unicodedata.normalize("NFKD", found.release.name.casefold()).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9_.-]+", "_", plain).strip("_.-")[:60] or "mine"


def _require_new(corpus_id: str) -> Path:
    require_name(corpus_id, what="corpus", where="--id")
    path = FOLDER / f"{corpus_id}.yaml"
    known = declared("corpora", root=".").get(corpus_id)
    if known is not None:
        remove = ", or remove that file" if known == path else " (it is serflow's own)"
        raise UserError(f"{known}: is there already; choose another name with --id{remove}")
    return path


def _nothing_there(found: Described) -> str:
    if found.unreadable:
        path, reason = next(iter(found.unreadable.items()))
        return f"{found.release}: none of its files can be read, such as {path} ({reason}); expected audio"
    first = next(iter([*found.missing, *found.outside]))
    return (
        f"{found.table}: none of its files is in {found.release}, such as {first!r}; expected paths relative to the "
        "table's folder, or to the folder that --release names"
    )


def _next(corpus_id: str, found: Described, path: Path) -> list[str]:
    """What was written, which protocols there will be, and what to run."""
    config: dict[str, Any] = {"corpus": corpus_id, "release": str(found.release)}
    if found.division is not None:
        config["protocols"] = [*read_yaml("config.yaml")["protocols"], OFFICIAL]
    report = changed_report(config)
    paper = next(iter(report.workflow.papers))
    manifest = _manifest(found)
    first = _first_table(report, paper, manifest)
    command = " ".join(
        [
            f"snakemake --cores {os.cpu_count() or 1} --config",
            *(shlex.quote(f"{key}={_as_text(value)}") for key, value in config.items()),
            "--",
        ]
    )
    return [
        f'written: {path}; look through it, what is marked "yours" is for you to decide',
        *_protocols(report.plan, paper, manifest),
        "",
        "then everything, tables, figures and the PDF, by",
        f"  {command} {PDF}",
        *(
            ["or the first table alone, by", f"  {command} {shlex.quote(f'{report.folder}/{paper}/{first}.csv')}"]
            if first
            else []
        ),
        "(config.yaml has papers, preset and protocols; serflow plan says how long they take)",
    ]


def _first_table(report: Report, paper: str, manifest: pd.DataFrame) -> str | None:
    """The first table of a paper that this corpus has every class for; None where it has them for none."""
    for item, table in report.workflow.papers[paper]["tables"].items():
        made = report.plan.experiment(paper, table["experiment"])[0] if "experiment" in table else None
        if made is not None and has_view(report.workflow, paper, made, manifest):
            return item
    return None


def _protocols(plan: Plan, paper: str, manifest: pd.DataFrame) -> list[str]:
    """A line a protocol, then a line for every reason why there is none, or not of some view."""
    lines, reasons = [f"protocols of {paper}:"], {}
    for possible in possible_protocols(plan, paper, manifest):
        what = count(possible.folds, "fold") if possible.folds else "cannot be had"
        run = len(plan.folds_of(paper, plan.workflow.protocol(paper, possible.protocol)["split"]))
        fewer = f", the first {run} run (`folds: all` in config.yaml: all)" if run < possible.folds else ""
        lines.append(f"  {possible.protocol}: {what}{fewer}")
        for reason in possible.reasons:
            reasons.setdefault(reason, []).append(possible.protocol)
    return lines + [f"not under {', '.join(names)}: {reason}" for reason, names in reasons.items()]


def _manifest(found: Described) -> pd.DataFrame:
    """What views and splits read of the utterances."""
    frame = pd.DataFrame(found.rows, columns=list(COLUMNS))
    frame["utterance"] = [f"{number:08d}" for number in range(len(frame))]
    frame["label"] = frame["label"].map(label_name)
    frame["session"] = frame["session"].where(frame["session"] != "", frame["speaker"])
    if found.division is not None:
        own = [divided(row, found.division) for row in found.rows]
        parts = found.division.get("parts")
        words = [part_words(one["part"], parts)[0] if parts else "" for one in own]
        frame = frame.assign(fold=[one["fold"] for one in own], part=words)
    return frame.assign(wearer=frame["speaker"], duration=1.0)


def _as_text(value: Any) -> str:
    """A value as Snakemake's --config reads it back: a text in quotes where YAML would make a number or date of it."""
    if isinstance(value, list):
        return f"[{','.join(map(_as_text, value))}]"
    return value if yaml.safe_load(value) == value else f'"{value}"'


if __name__ == "__main__":
    sys.exit(run(main))
