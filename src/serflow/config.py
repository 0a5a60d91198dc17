"""YAML files of the workflow: read, held against a schema, misspelt keys named with their nearest neighbour."""

import difflib
import json
from pathlib import Path
from typing import Any

import jsonschema
import yaml

from serflow.errors import UserError


class _UniqueKeys(yaml.CSafeLoader if hasattr(yaml, "CSafeLoader") else yaml.SafeLoader):
    """Refuses a mapping that gives a key twice; plain YAML keeps the last one silently."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict:
        keys = [key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode)]
        for key in keys:
            if keys.count(key) > 1:
                raise UserError(
                    f"{node.start_mark.name}: line {node.start_mark.line + 1}: key {key!r} stands twice; keep one"
                )
        return super().construct_mapping(node, deep)


def read_yaml(path: str | Path) -> Any:
    """The content of a YAML file; a `UserError` names the file and line where it is missing or mangled."""
    try:
        with open(path, encoding="utf-8") as file:
            return yaml.load(file, Loader=_UniqueKeys)
    except FileNotFoundError:
        raise UserError(f"{path}: no such file") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise UserError(f"{path}: not valid YAML: {error}") from None


def validate(value: Any, schema: str | Path, *, where: str) -> None:
    """Hold `value` (read from `where`) against a JSON schema; every violation goes into one `UserError`."""
    validator = jsonschema.Draft202012Validator(json.loads(Path(schema).read_text(encoding="utf-8")))
    errors = sorted(validator.iter_errors(value), key=lambda error: list(map(str, error.absolute_path)))
    if errors:
        raise UserError("\n".join(f"{where}: {_explain(error)}" for error in errors))


def _explain(error: jsonschema.ValidationError) -> str:
    place = ".".join(map(str, error.absolute_path)) or "top level"
    if error.validator == "additionalProperties":
        known = list(error.schema.get("properties", {}))
        unknown = [key for key in error.instance if key not in known]
        return "; ".join(f"{place}: unknown key {key!r}{nearest(key, known)}" for key in unknown)
    if error.validator == "enum":
        known = error.validator_value
        return f"{place}: {error.instance!r}{nearest(error.instance, known)}"
    return f"{place}: {error.message}{_described(error.schema)}"


def _described(schema: Any) -> str:
    return f" ({schema['description']})" if isinstance(schema, dict) and "description" in schema else ""


def nearest(key: Any, known: list) -> str:
    """The tail of a message about an unknown key: its nearest known neighbour, and all that are known."""
    names = list(map(str, known))
    close = difflib.get_close_matches(str(key), names, n=1, cutoff=0.5)
    hint = f"; did you mean {close[0]!r}?" if close else "."
    return f"{hint} Known: {', '.join(names)}"
