"""What scores were made from: written beside them, and held against the plan by whatever shows them.

Snakemake's memory says it too, as long as it is there. Scores that were copied here, or were there when the memory was
deleted, say it themselves.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from serflow.errors import UserError, remade
from serflow.files import digest, read_json, write_json

__all__ = ["MADE_FROM", "check_made_from", "write_made_from"]

MADE_FROM = "made_from.json"


def write_made_from(folder: Path, asked: Mapping[str, Any], files: Iterable[Path]) -> None:
    """Write `made_from.json` into a folder of scores.

    Parameters
    ----------
    folder : of the scores.
    asked : what the plan asks of them (`serflow.plan.scoring.Scoring.asked`): its digest is kept.
    files : run.json of the runs, and the fingerprints of folds, features and words: the `digest` in each is kept, null
        where it has none.
    """
    made_from = {str(path): read_json(path).get("digest") for path in files}
    write_json(folder / MADE_FROM, {"asked": digest(asked), "made_from": made_from})


def check_made_from(asked: Mapping[str, str]) -> None:
    """Hold folders of scores (folder -> digest of what the plan asks of them) against it, and against what is on disk.

    Raises
    ------
    UserError
        If scores are of another configuration, or were made from another run, fold table or feature set than is there.
    """
    for folder, wanted in asked.items():
        record = read_json(Path(folder) / MADE_FROM)
        if record["asked"] != wanted:
            raise UserError(f"{folder}: scores of other settings or code than the present; {remade(folder)}")
        for path, recorded in record["made_from"].items():
            if read_json(path).get("digest") != recorded:
                raise UserError(f"{folder}: made from another {path} than is there; {remade(folder)}")
