"""What was declared: the configuration without its paths, YAML files, rules and environments."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import yaml

from serflow import corpora
from serflow.config import read_yaml
from serflow.plan.configuration import UNNAMED
from serflow.plan.workflow import FEATURES, PROTOCOLS, YARDSTICKS, Workflow, paper_file

__all__ = ["configuration", "declared_files", "declared_names"]

HEAD = "# As resolved for this report, without the paths of the machine that made it.\n"


def configuration(workflow: Workflow) -> str:
    """The text of config.yaml as resolved; in place of folders and files, that they are not named."""
    config = dict(workflow.config)
    config["release"] = None if workflow.corpus["generate"] else UNNAMED
    config["releases"] = {name: UNNAMED for name in config.get("releases") or {}}
    config["lexical"] = dict.fromkeys(config["lexical"])
    return HEAD + yaml.safe_dump(config, sort_keys=False, allow_unicode=True, default_flow_style=None)


def declared_names(workflow: Workflow) -> list[str]:
    """Names of all these files but config.yaml, in a crate and in the project's folder."""
    return [name for name, _ in declared_files(workflow)]


def declared_files(workflow: Workflow) -> Iterator[tuple[str, Callable[[], bytes]]]:
    """Names in the crate, and what gives the bytes: YAML of what is run, the rules, and what was installed."""
    root = workflow.root
    found = [root / name for name in (FEATURES, PROTOCOLS, YARDSTICKS, *map(paper_file, workflow.papers))]
    found += [root / "Snakefile", *sorted((root / "workflow/rules").glob("*.smk"))]
    found += sorted(path for path in (root / "envs").glob("*") if path.is_file())
    for path in found:
        yield path.relative_to(root).as_posix(), path.read_bytes
    for corpus in _corpora(workflow):
        path = root / f"workflow/corpora/{corpus}.yaml"
        yield path.relative_to(root).as_posix(), _without_folder(path)


def _corpora(workflow: Workflow) -> list[str]:
    """The corpora that the configuration's YAML names, with those that they extend, sorted."""
    views = [view for paper in workflow.papers.values() for view in paper["experiments"].values()]
    named: list[Any] = [declared.get("corpus") for declared in (*workflow.papers.values(), *views)]
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
