"""What was declared: the configuration without its paths, YAML files, rules and environments."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from serflow import corpora
from serflow.config import read_yaml
from serflow.plan.configuration import UNNAMED
from serflow.plan.workflow import FEATURES, PROTOCOLS, YARDSTICKS, Workflow
from serflow.shipped import declared, from_here, layers, shared

__all__ = ["Declared", "configuration", "declared_files", "declared_sources"]

HEAD = "# As resolved for this report, without the paths of the machine that made it.\n"
ADDED = "# What serflow ships, with what the user's folder adds.\n"
SHARED = {FEATURES: (), PROTOCOLS: ("splits", "protocols"), YARDSTICKS: ()}  # the mappings that a user adds to


@dataclass(frozen=True)
class Declared:
    """A file: its name in a crate, what it is made of on disk, and what gives its bytes."""

    name: str
    sources: tuple[Path, ...]
    read: Callable[[], bytes]


def configuration(workflow: Workflow) -> str:
    """The text of config.yaml as resolved; in place of folders and files, that they are not named."""
    config = dict(workflow.config)
    config["release"] = None if workflow.corpus["generate"] else UNNAMED
    config["releases"] = {name: UNNAMED for name in config.get("releases") or {}}
    config["lexical"] = dict.fromkeys(config["lexical"])
    # sorted here: openSMILE's package imports oyaml, which takes sort_keys away from yaml in the whole process
    return HEAD + yaml.safe_dump(_sorted(config), sort_keys=False, allow_unicode=True, default_flow_style=None)


def _sorted(value: Any) -> Any:
    """A value with the keys of every mapping in it in their order."""
    return {key: _sorted(value[key]) for key in sorted(value)} if isinstance(value, dict) else value


def declared_sources(workflow: Workflow) -> list[str]:
    """What all these files but config.yaml are made of, as rules have it for an input."""
    return [from_here(path) for file in declared_files(workflow) for path in file.sources]


def declared_files(workflow: Workflow) -> Iterator[Declared]:
    """YAML of what is run, the rules, and what was installed: a crate has all of it, as a checkout."""
    root = workflow.root
    whole = layers(root)[0]  # where the rules are
    for name, parts in SHARED.items():
        yield _shared(name, parts, root, whole)
    papers, files = declared("papers", root=root), declared("corpora", root=root)
    for paper in workflow.papers:
        yield Declared(f"workflow/papers/{paper}.yaml", (papers[paper],), papers[paper].read_bytes)
    for corpus in _corpora(workflow):
        path = files[corpus]
        yield Declared(f"workflow/corpora/{corpus}.yaml", (path,), _without_folder(path))
    rules = [whole / "workflow/Snakefile", *sorted((whole / "workflow/rules").glob("*.smk"))]
    rules += sorted(path for path in (whole / "envs").glob("*") if path.is_file())
    own = [root / "Snakefile", *sorted(root.glob("models/*.py")), *sorted(root.glob("extractors/*.py"))]
    for folder, paths in ((whole, rules), (root, own)):
        for path in filter(Path.is_file, paths):
            yield Declared(path.relative_to(folder).as_posix(), (path,), path.read_bytes)


def _shared(name: str, parts: tuple[str, ...], root: Path, whole: Path) -> Declared:
    """A mapping that all papers share, with what a user's folder adds."""
    shipped, own = whole / name, root / name
    if own == shipped or not own.is_file():
        return Declared(name, (shipped,), shipped.read_bytes)

    def joined() -> bytes:
        content = shared(Path(name).name, root=root, parts=parts)
        return (ADDED + yaml.safe_dump(content, sort_keys=False, allow_unicode=True)).encode()

    return Declared(name, (shipped, own), joined)


def _corpora(workflow: Workflow) -> list[str]:
    """The corpora that the configuration's YAML names, with those that they extend, sorted."""
    views = [view for paper in workflow.papers.values() for view in paper["experiments"].values()]
    named: list[Any] = [paper.get("corpus") for paper in (*workflow.papers.values(), *views)]
    named += [workflow.config["corpus"], workflow.corpus["stands_in_for"], *workflow.others]
    named += [other.declared["stands_in_for"] for other in workflow.others.values()]
    lineages = (corpora.lineage(name, root=workflow.root) for name in set(named) - {None})
    return sorted({name for lineage in lineages for name in lineage})


def _without_folder(path: Path) -> Callable[[], bytes]:
    """A corpus's YAML, its table by its name alone where it stands under an absolute path."""

    def read() -> bytes:
        text = path.read_text(encoding="utf-8")
        table = read_yaml(path).get("table")
        if table and Path(table).expanduser().is_absolute():
            text = text.replace(table, Path(table).name)
        return text.encode()

    return read
