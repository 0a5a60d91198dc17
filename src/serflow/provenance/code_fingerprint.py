"""Small files that stand for source code in the workflow: one a list of modules, compared by content."""

from functools import cache
from pathlib import Path

from serflow import paths
from serflow.files import read_json, write_json
from serflow.provenance.closure import closure_digests

FOLDER = Path(paths.CODE)


def fingerprint_path(*modules: str, folder: Path = FOLDER) -> Path:
    """Where that file stands, written or not."""
    return folder / ("+".join(module.removeprefix("serflow.") for module in modules) + ".json")


@cache
def code_fingerprint(*modules: str, folder: Path = FOLDER) -> str:
    """Path of the JSON file with the SHA-256 of each source file that `modules` import; written where that changed.

    A job has one such input in place of some thirty source files: Snakemake's time for a plan of thousands of jobs
    is a matter of their inputs' number. `modules` are as for `source_closure`.
    """
    path, digests = fingerprint_path(*modules, folder=folder), closure_digests(*modules)
    if not path.is_file() or read_json(path) != digests:
        write_json(path, digests)
    return path.as_posix()
