"""A corpus's manifest against its release: the files by their fingerprint, the labels and transcripts read anew."""

import math
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from serflow.audit.findings import Step, agree
from serflow.corpora import manifest
from serflow.corpora.release_fingerprint import CACHE, scan
from serflow.errors import UserError
from serflow.files import file_digest, read_json, temporary_folder
from serflow.paths import CorpusPaths
from serflow.registry import READERS

__all__ = ["release_steps"]

AGAIN = "as its files have it now; snakemake reads it anew"
KEY = "utterance"


def release_steps(
    paths: CorpusPaths, release: Path, declared: Mapping[str, Any], *, deep: bool, follow_links: bool = False
) -> Iterator[Step]:
    """Hold fingerprint, manifest and findings of a corpus against its release, which the corpus's reader reads anew.

    No label and no word of it is told: utterances and columns are named.

    Parameters
    ----------
    paths : the corpus's files in the project.
    release : the folder of the release.
    declared : the corpus's declaration.
    deep : whether files are hashed anew for the fingerprint whose size, times and inode are those of the last time.
    follow_links : whether links may lead out of the release, as `follow_links` in config.yaml says.

    Raises
    ------
    UserError
        If a file is missing, or the release cannot be read at all.
    """
    recorded = read_json(paths.release_fingerprint)
    with temporary_folder() as folder:
        cache, known = folder / CACHE, Path(paths.release_fingerprint).with_name(CACHE)
        if known.is_file() and not deep:
            shutil.copyfile(known, cache)
        read = {"reads": declared["reads"], "table": declared.get("table"), "follow_links": follow_links}
        found = scan(release, cache, **read)
        said = f"{found['files']} files, {'hashed anew' if deep else 'by content, or by the stamps of unchanged ones'}"
        yield agree("release", recorded["digest"], found["digest"], said=said)
        reader = READERS.load_module(declared["reader"], where=f"workflow/corpora/{paths.corpus}.yaml, reader: ")
        frame, findings = reader.read(release, corpus=dict(declared))
        made, told = folder / "manifest.parquet", folder / "findings.json"
        manifest.write(frame, made)
        findings.write(told)
        yield from _manifest_steps(Path(paths.manifest), made)
        said = f"{paths.findings}: the {len(findings.items)} findings of reading the release anew"
        written = {name: value for name, value in read_json(paths.findings).items() if name != "manifest"}
        same = written == read_json(told)  # its SHA-256 of the manifest aside: rows are compared by themselves
        yield Step("findings", same, said if same else f"{paths.findings}: other findings", "" if same else AGAIN)
    listed = read_json(paths.manifest_fingerprint)["digest"]
    yield agree("manifest", listed, file_digest(paths.manifest), said=f"{paths.manifest} is as fingerprinted")


def _manifest_steps(path: Path, made: Path) -> Iterator[Step]:
    """Every row of the manifest, in every column, against the one that was made anew."""
    if not path.is_file():
        raise UserError(f"{path}: this file is missing; make it: snakemake --cores 1 --force {path}")
    expected = pq.read_table(made).to_pydict()
    number = len(expected[KEY])
    said = f"{path}: {number} rows, labels, speakers, words, times and audio, as the release gives them when read anew"
    if file_digest(path) == file_digest(made):
        yield Step("rows", True, said)
        return
    found = pq.read_table(path).to_pydict()
    if list(found) != list(expected):
        yield Step("rows", False, f"{path} has the columns {', '.join(found)}", ", ".join(expected))
        return
    places = [{name: i for i, name in enumerate(table[KEY])} for table in (found, expected)]
    wrong = [
        Step("rows", False, f"{path}: {len(names)} utterances, {min(names)} among them, {how}", AGAIN)
        for names, how in (
            (places[0].keys() - places[1], "are in no file of the release"),
            (places[1].keys() - places[0], "are missing, which the release has"),
        )
        if names
    ]
    both = [(name, i, places[1][name]) for name, i in places[0].items() if name in places[1]]
    for column, values in found.items():
        differ = [name for name, i, j in both if not _same(values[i], expected[column][j])]
        if differ:
            said_so = (
                f"{path}: {column} of {len(differ)} utterances, {differ[0]} among them, is not what the release has"
            )
            wrong.append(Step("rows", False, said_so, AGAIN))
    yield from wrong or [Step("rows", True, said)]


def _same(one: Any, other: Any) -> bool:
    """Whether two values of a manifest are equal; an unknown number is equal to another one."""
    unknown = all(isinstance(value, float) and math.isnan(value) for value in (one, other))
    return unknown or one == other
