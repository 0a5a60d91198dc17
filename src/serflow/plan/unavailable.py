"""Splits that a corpus cannot give, by what their fingerprints say: what rests on one is not run, for that reason.

Folds are made right after the views, before any feature. What a finished fingerprint says holds at once, where it is of
the present split; on a first run it is learnt while Snakemake runs (`serflow.plan.report.Report.learn`).
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from serflow.errors import UserError
from serflow.files import read_json
from serflow.paths import CorpusPaths, ViewPaths

__all__ = ["Place", "folds_made", "protocols_file", "read_made", "read_unavailable"]

Place = tuple[str, str, str]  # paper, experiment, split


def protocols_file(corpus: str, paper: str) -> str:
    """The file that rule `protocols` makes, when all folds of a paper are made or known not to be."""
    return f"{CorpusPaths(corpus).folder}/{paper}/protocols.json"


def read_made(path: str | Path) -> dict[str, Any]:
    """The mapping that a JSON file holds; nothing where it is not made yet, or mangled."""
    try:
        found = read_json(path)
    except (UserError, OSError):
        return {}
    return found if isinstance(found, dict) else {}


def folds_made(corpus: str, places: Iterable[Place]) -> bool:
    """Whether all these folds were made once, or found not to be."""
    return all(Path(_fingerprint(corpus, place)).is_file() for place in places)


def read_unavailable(corpus: str, splits: dict[str, dict[str, Any]], places: Iterable[Place]) -> dict[Place, str]:
    """Why some of these folds cannot be had; nothing of what is not made yet, or was made of another split."""
    found = {}
    for place in places:
        told = read_made(_fingerprint(corpus, place))
        if "unavailable" in told and told["split"] == {"name": place[2], **splits[place[2]]}:
            found[place] = told["unavailable"]
    return found


def _fingerprint(corpus: str, place: Place) -> str:
    paper, experiment, split = place
    return ViewPaths(corpus, paper, experiment).split(split)
