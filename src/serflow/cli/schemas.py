"""Write workflow/schemas: JSON schemas of the YAML files, for editors, out of the types that they are held against.

That of config.yaml is written as YAML, without references and with the shipped file's values as defaults: so the
catalogue of Snakemake's workflows prints it as a table.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import yaml
from pydantic import TypeAdapter

from serflow import shipped
from serflow.cli import run
from serflow.config import read_yaml
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
        with atomic_path(args.folder / name) as temporary:
            Path(temporary).write_text(schema, encoding="utf-8")


def schemas() -> dict[str, str]:
    """File of a schema -> its text."""
    types = {
        "corpus": Corpus,
        "features": feature_sets(),
        "paper": Paper,
        "protocols": Protocols,
        "results": Declaration,
    }
    texts = {f"{name}.schema.json": _text(TypeAdapter(model).json_schema()) for name, model in types.items()}
    return {"config.schema.yaml": _configuration()} | texts


def _configuration() -> str:
    """The schema of config.yaml, its parts in place of references to them."""
    schema = {"$schema": DIALECT} | _bare(TypeAdapter(Config).json_schema())
    parts = schema.pop("$defs")
    for key, declared in schema["properties"].items():
        if (reference := declared.get("$ref")) is not None:
            schema["properties"][key] = parts[reference.rpartition("/")[2]]
    _add_defaults(schema, read_yaml(shipped.ROOT / "config/config.yaml"))
    return yaml.safe_dump(schema, sort_keys=False, allow_unicode=True, width=120)


def _add_defaults(schema: dict[str, Any], values: dict[str, Any]) -> None:
    """Add what a new config.yaml says; every key must stand in the file all the same."""
    for key, declared in schema["properties"].items():
        if "properties" in declared:
            _add_defaults(declared, values[key])
        else:
            declared["default"] = values[key]


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
