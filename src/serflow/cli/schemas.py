"""Write workflow/schemas: JSON schemas of the YAML files, for editors, out of the types that they are held against."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from serflow.cli import run
from serflow.corpora.declaration import Corpus
from serflow.files import atomic_path
from serflow.plan.declarations import Config, Paper, Protocols
from serflow.plan.parameters import feature_sets
from serflow.results_page.declaration import Declaration

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def main(argv: list[str] | None = None) -> None:
    """Parse the command line and write the schemas."""
    parser = argparse.ArgumentParser(prog="python -m serflow.cli.schemas", description=__doc__)
    parser.add_argument("folder", type=Path, help="workflow/schemas")
    args = parser.parse_args(argv)
    for name, schema in schemas().items():
        with atomic_path(args.folder / f"{name}.schema.json") as temporary:
            Path(temporary).write_text(schema, encoding="utf-8")


def schemas() -> dict[str, str]:
    """Name of a schema -> its text."""
    types = {
        "config": Config,
        "corpus": Corpus,
        "features": feature_sets(),
        "paper": Paper,
        "protocols": Protocols,
        "results": Declaration,
    }
    return {name: _text(TypeAdapter(model).json_schema()) for name, model in types.items()}


def _text(schema: dict[str, Any]) -> str:
    """One line a definition and a property, so that a change of one shows as one."""
    parts = []
    for key, value in ({"$schema": DIALECT} | _bare(schema)).items():
        if isinstance(value, dict):
            inner = ",\n".join(f"  {json.dumps(name)}: {json.dumps(one)}" for name, one in value.items())
            parts.append(f" {json.dumps(key)}: {{\n{inner}\n }}")
        else:
            parts.append(f" {json.dumps(key)}: {json.dumps(value)}")
    return "{\n" + ",\n".join(parts) + "\n}\n"


def _bare(schema: Any) -> Any:
    """Without the titles that repeat a key's name, and the null that stands for no default.

    Where keys have a pattern, there are no others.
    """
    if isinstance(schema, list):
        return [_bare(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    absent = {key for key in ("title", "default") if isinstance(schema.get(key), str | None) and key in schema}
    closed = {"additionalProperties": False} if "patternProperties" in schema else {}
    return {key: _bare(value) for key, value in schema.items() if key not in absent} | closed


if __name__ == "__main__":
    sys.exit(run(main))
