"""The files of a crate: those of the present configuration under their names in the project's folder, and a few more.

So an unpacked crate is a project's folder without release, features and weights, and the audit reads it as one.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from serflow.crate.croissant import croissant, described
from serflow.crate.data_files import DataFile, data_files
from serflow.crate.declared_files import configuration, declared_files
from serflow.crate.layout import CROISSANT, DIGESTS, METADATA, README, RECORDINGS, UNLISTED, WITHHELD, listed
from serflow.crate.result_files import report_files, result_files
from serflow.crate.withheld import RULE, trimmed
from serflow.errors import UserError
from serflow.files import canonical_json, digest, file_digest, read_json
from serflow.paths import PDF, CorpusPaths
from serflow.plan.report import Report

__all__ = ["Member", "digests_of", "members"]


HAPPENED = ("seconds", "resumed_after_epoch")  # of a run.json: how a training went, and not what it is
READ_ME = f"""# What this is

A report of serflow with what its numbers are made of, as a Workflow Run RO-Crate. `{PDF}` is the report;
all else has the name that it has in the project's folder.

- `sha256sum -c {DIGESTS}` holds every file against its digest, and `sha256sum {DIGESTS}` prints the root digest, which
  the report's first page bears. Three files are not listed: the list, the report, and `{METADATA}`.
- `serflow audit --crate CRATE.zip`, in any folder, makes every number of the tables anew from the predictions.
- `{CROISSANT}` describes the tables of utterances (Croissant, for `mlcroissant`).
- No recording is in here: `{RECORDINGS}` has their SHA-256. What else is withheld, and why: `{WITHHELD}`.
"""


@dataclass(frozen=True)
class Member:
    """A file of a crate: its name there, and what gives its bytes."""

    name: str
    read: Callable[[], bytes]


def members(report: Report) -> list[Member]:
    """Every file of the crate of a finished report but digests.txt and the metadata, sorted by name.

    Reading one raises a `UserError` where a file is missing.
    """
    workflow = report.workflow
    is_open = workflow.corpus["show_text"]
    found = [Member("config.yaml", lambda: configuration(workflow).encode())]
    found += [Member(file.name, file.read) for file in declared_files(workflow)]
    withheld: dict[str, str] = {}
    for file in (*data_files(report), *result_files(report), *report_files(report)):
        if is_open or not file.rows:
            read = _reading(file.path)
            found.append(Member(file.path, _lasting(read) if file.path.endswith("/run.json") else read))
        elif file.kept:
            found.append(Member(file.path, _trimming(file)))
            withheld[file.path] = f"columns kept: {file.kept_in_words}"
        else:
            withheld[file.path] = "left out"
    found.append(Member(README, lambda: READ_ME.encode()))
    found.append(Member(RECORDINGS, lambda: _recordings(report)))
    found.append(Member(WITHHELD, lambda: _told(workflow.corpus, withheld)))
    found.append(Member(PDF, _reading(PDF)))
    found.append(Member(CROISSANT, _describing(report, {member.name: member.read for member in found})))
    return sorted(found, key=lambda member: member.name)


def digests_of(found: list[Member]) -> str:
    """The text of digests.txt."""
    return listed((member.name, digest(member.read())) for member in found if member.name not in UNLISTED)


def _describing(report: Report, reading: Mapping[str, Callable[[], bytes]]) -> Callable[[], bytes]:
    """What describes the tables of utterances, as they stand in the crate."""

    def describing() -> bytes:
        date = read_json(CorpusPaths(report.workflow.config["corpus"]).release_fingerprint)["date"]
        tables = {name: reading[name]() for name in described(report, set(reading))}
        return croissant(report, tables, date=date).encode()

    return describing


def _reading(path: str) -> Callable[[], bytes]:
    def read() -> bytes:
        try:
            return Path(path).read_bytes()
        except OSError as error:
            raise UserError(f"{path}: {error.strerror or error}; make the report first: serflow run") from None

    return read


def _lasting(read: Callable[[], bytes]) -> Callable[[], bytes]:
    """A run.json without what the next repetition of the run has otherwise, whose files are the same bytes."""

    def lasting() -> bytes:
        record = json.loads(read())
        kept = {key: value for key, value in record.items() if key not in HAPPENED}
        return (json.dumps(kept, sort_keys=True, indent=1, ensure_ascii=False) + "\n").encode()

    return lasting


def _trimming(file: DataFile) -> Callable[[], bytes]:
    read = _reading(file.path)
    return lambda: trimmed(read(), file.kept)


def _recordings(report: Report) -> bytes:
    """Every utterance of the corpus and the SHA-256 of its recording; of parts of one recording, that of the whole."""
    path = CorpusPaths(report.workflow.config["corpus"]).manifest
    _reading(path)()
    table = pd.read_parquet(path, columns=["utterance", "sha256"]).sort_values("utterance")
    return table.to_csv(index=False, lineterminator="\n").encode()


def _told(corpus: dict[str, Any], withheld: dict[str, str]) -> bytes:
    """What is left out or trimmed, with the digests of the files that are, and the rule."""
    files = {path: {"what": what, "sha256": file_digest(path)} for path, what in sorted(withheld.items())}
    told = {"rule": RULE, "corpus": corpus["title"], "licence": corpus["licence"], "files": files}
    return (canonical_json(told) + "\n").encode()
