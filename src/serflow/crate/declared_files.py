"""What was declared: the configuration without its paths, YAML files, rules and environments."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import yaml

from serflow import corpora
from serflow.config import read_yaml
from serflow.plan.configuration import UNNAMED
from serflow.plan.workflow import FEATURES, PROTOCOLS, YARDSTICKS, Workflow, paper_file
from serflow.shipped import declared, from_here, layers

__all__ = ["configuration", "declared_files", "declared_inputs"]

HEAD = "# As resolved for this report, without the paths of the machine that made it.\n"


def configuration(workflow: Workflow) -> str:
    """The text of config.yaml as resolved; in place of folders and files, that they are not named."""
    config = dict(workflow.config)
    config["release"] = None if workflow.corpus["generate"] else UNNAMED
    config["releases"] = {name: UNNAMED for name in config.get("releases") or {}}
    config["lexical"] = dict.fromkeys(config["lexical"])
    return HEAD + yaml.safe_dump(config, sort_keys=False, allow_unicode=True, default_flow_style=None)


def declared_inputs(workflow: Workflow) -> list[str]:
    """Paths of all these files but config.yaml, as rules have them for inputs."""
    return [from_here(path) for path in (*_whole(workflow).values(), *_corpora(workflow).values())]


def declared_files(workflow: Workflow) -> Iterator[tuple[str, Callable[[], bytes]]]:
    """Names in the crate, and what gives the bytes: YAML of what is run, the rules, and what was installed."""
    for name, path in _whole(workflow).items():
        yield name, path.read_bytes
    for corpus, path in _corpora(workflow).items():
        yield f"workflow/corpora/{corpus}.yaml", _without_folder(path)


def _whole(workflow: Workflow) -> dict[str, Path]:
    """Name in the crate -> file of what stands there as it is."""
    shipped_at, root = layers(workflow.root)[0], workflow.root
    found = {name: shipped_at / name for name in (FEATURES, PROTOCOLS, YARDSTICKS)}
    papers = declared("papers", root=root)
    found |= {paper_file(paper): papers[paper] for paper in workflow.papers}
    rules = [shipped_at / "workflow/Snakefile", *sorted((shipped_at / "workflow/rules").glob("*.smk"))]
    rules += sorted(path for path in (shipped_at / "envs").glob("*") if path.is_file())
    found |= {path.relative_to(shipped_at).as_posix(): path for path in rules}
    own = [root / "Snakefile", *sorted(root.glob("models/*.py")), *sorted(root.glob("extractors/*.py"))]
    found |= {path.relative_to(root).as_posix(): path for path in own if path.is_file()}
    if root != shipped_at:  # a user's folder: what it adds to the shared files
        added = {f"own/{name}": root / name for name in (FEATURES, PROTOCOLS, YARDSTICKS)}
        found |= {name: path for name, path in added.items() if path.is_file()}
    return found


def _corpora(workflow: Workflow) -> dict[str, Path]:
    """The corpora that the configuration's YAML names, with those that they extend, sorted, and their files."""
    views = [view for paper in workflow.papers.values() for view in paper["experiments"].values()]
    named: list[Any] = [data.get("corpus") for data in (*workflow.papers.values(), *views)]
    named += [workflow.config["corpus"], workflow.corpus["stands_in_for"], *workflow.others]
    named += [other.declared["stands_in_for"] for other in workflow.others.values()]
    lineages = (corpora.lineage(name, root=workflow.root) for name in set(named) - {None})
    files = declared("corpora", root=workflow.root)
    return {name: files[name] for name in sorted({name for lineage in lineages for name in lineage})}


def _without_folder(path: Path) -> Callable[[], bytes]:
    """A corpus's YAML, its table by its name alone where it stands under an absolute path."""

    def read() -> bytes:
        text = path.read_text(encoding="utf-8")
        table = read_yaml(path).get("table")
        if table and Path(table).expanduser().is_absolute():
            text = text.replace(table, Path(table).name)
        return text.encode()

    return read
