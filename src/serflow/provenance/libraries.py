"""By which versions of libraries runs were trained: counted where they are scored, named where they are printed."""

import itertools
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from serflow.files import canonical_json, read_json, write_json
from serflow.provenance.run_key import RunKey

__all__ = ["Libraries", "write_libraries"]

UNKNOWN = "not recorded"  # of a run whose run.json names no versions
SHOWN = 3  # systems that are named of a version that fewer runs have


def write_libraries(path: Path, runs: Iterable[RunKey]) -> None:
    """Write which runs, by their folders, have which versions in their run.json.

    A list of ``{"versions": {package: version}, "runs": [folder]}``; `versions` is null where a run.json has none.
    """
    found: dict[str, tuple[Any, list[str]]] = {}
    for folder in sorted({run.folder for run in runs}):
        versions = read_json(f"{folder}/run.json").get("versions")
        found.setdefault(canonical_json(versions), (versions, []))[1].append(folder)
    write_json(path, [{"versions": versions, "runs": folders} for versions, folders in found.values()])


class Libraries:
    """The versions that runs or feature stores were made by.

    Parameters
    ----------
    what : what they are, in the singular: "run", "store".
    versions : by name, the versions of each; None where it records none.
    named : by name, how it is called in print.
    """

    def __init__(self, what: str, versions: Mapping[str, Mapping[str, str] | None], named: Mapping[str, str]):
        self._what, self._named = what, named
        self._found: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        packages = sorted({package for one in versions.values() for package in one or {}})
        for (name, one), package in itertools.product(sorted(versions.items()), packages):
            if what == "run" or package in (one or {}):  # a store names those alone that decide its values
                self._found[package][(one or {}).get(package, UNKNOWN)].append(name)

    @classmethod
    def of_runs(cls, files: Iterable[str | Path]) -> "Libraries":
        """Of the runs that files of `write_libraries` name, each once; a file that is not there names none."""
        entries = [entry for file in files if Path(file).is_file() for entry in read_json(file)]
        versions = {folder: entry["versions"] for entry in entries for folder in entry["runs"]}
        return cls("run", versions, {folder: " ".join(Path(folder).parts[3:6:2]) for folder in versions})

    @classmethod
    def of_stores(cls, files: Iterable[str | Path]) -> "Libraries":
        """Of feature stores by their store.json; one that is not there is left out."""
        versions = {str(file): read_json(file).get("versions") for file in files if Path(file).is_file()}
        return cls("store", versions, {file: Path(file).parent.name for file in versions})

    @property
    def mixed(self) -> list[str]:
        """Of each package that not all have in the same version: which have which, in words."""
        return [self._differing(package) for package, versions in self._found.items() if len(versions) > 1]

    @property
    def text(self) -> str:
        """All of it in words, what differs first; empty where nothing is known."""
        alike = [f"{package} {next(iter(versions))}" for package, versions in self._found.items() if len(versions) == 1]
        return "; ".join([*self.mixed, *([", ".join(alike)] if alike else [])])

    def _differing(self, package: str) -> str:
        versions = sorted(self._found[package].items(), key=lambda entry: (-len(entry[1]), entry[0]))
        said = []
        for place, (version, names) in enumerate(versions):
            called = sorted({self._named[name] for name in names})
            more = f" and {len(called) - SHOWN} more" if len(called) > SHOWN else ""
            which = f": {', '.join(called[:SHOWN])}{more}" if place else ""  # who has what most have needs no name
            said.append(f"{version} ({len(names)} {self._what}{'s' * (len(names) > 1)}{which})")
        return f"{package} {', '.join(said)}"
