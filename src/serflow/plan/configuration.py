"""config.yaml with what a command changes in it, for commands that look ahead and read no release."""

import argparse
from pathlib import Path
from typing import Any

from serflow import corpora
from serflow.config import nearest, parsed_yaml, read_yaml
from serflow.errors import UserError
from serflow.plan.declarations import Config
from serflow.shipped import declared

UNNAMED = "(not named)"  # stands for the release of a corpus that is only planned for


def require_plain(path: str | Path = "config.yaml") -> dict[str, Any]:
    """The content of config.yaml; a `UserError` where it is not what Snakemake should be let read.

    Asked before Snakemake reads the file: with the key `__use_yte__` it would run Python that stands in it, and what is
    nested without end would crash its parser.
    """
    if not Path(path).is_file():
        raise UserError(
            f"{path}: no such file here; go to the folder that serflow runs in, or make one: serflow init DIR"
        )
    content = read_yaml(path)
    if not isinstance(content, dict):
        raise UserError(f"{path}: expected a mapping of keys to values")
    for key in content:
        if str(key).startswith("__"):
            raise UserError(f"{path}: key {key!r} would have Snakemake run what stands in this file; take it out")
        if key not in Config.model_fields:
            raise UserError(f"{path}: unknown key {key!r}{nearest(key, list(Config.model_fields))}")
    return content


def changed_configuration(changes: dict[str, Any], *, root: str | Path = ".") -> dict[str, Any]:
    """The content of config.yaml with `changes`; a release that nobody named is `UNNAMED`.

    The release in config.yaml belongs to the corpus there: another corpus does not take it over.
    """
    written = require_plain(Path(root) / "config.yaml")
    config = written | changes
    if "release" not in changes and config.get("corpus") != written.get("corpus"):
        config["release"] = None
    if config.get("release") is None and not _generated(config.get("corpus"), root):
        config["release"] = UNNAMED
    return config


def _generated(corpus: Any, root: str | Path) -> bool:
    """Whether the corpus needs no release; an unknown corpus is left to the reader of the configuration."""
    return corpus not in declared("corpora", root=root) or corpora.load(corpus, root=root)["generate"] is not None


def add_changes(parser: argparse.ArgumentParser) -> None:
    """Give a command the option --config as Snakemake has it: several pairs at once, or the option several times."""
    parser.add_argument(
        "--config",
        nargs="+",
        action="extend",
        default=[],
        metavar="KEY=VALUE",
        help="in place of config.yaml's, as given to snakemake",
    )


def parsed_changes(pairs: list[str]) -> dict[str, Any]:
    """KEY=VALUE texts as a mapping; a value is read as YAML: `seeds=[1,2]`, `sweeps=false`."""
    changes = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not (key and equals):
            raise UserError(f"--config {pair!r}: expected KEY=VALUE, a key of config.yaml and its value")
        changes[key] = parsed_yaml(value, where=f"--config {key}")
    return changes
