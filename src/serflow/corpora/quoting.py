"""Label codes that YAML reads as numbers, booleans or nothing: found as they are written, before they are lost."""

from pathlib import Path

import yaml

from serflow.errors import UserError

__all__ = ["refuse_unquoted"]

OF_LABELS = ("labels", "own_classes", "missing_labels")
READ_AS = {"int": "a number", "float": "a number", "bool": "true or false", "null": "nothing", "timestamp": "a date"}
TAG = "tag:yaml.org,2002:"


def refuse_unquoted(path: Path, *, where: str) -> None:
    """Raise a `UserError` for labels and codes of a corpus's YAML that are no text, each as it is written.

    ``05`` is the number 5, ``08`` is text, ``no`` is false. `where`: the file as messages name it.
    """
    root = yaml.compose(path.read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    told = []
    for key, value in root.value if isinstance(root, yaml.MappingNode) else []:
        if key.value in OF_LABELS and isinstance(value, yaml.MappingNode):
            told += [_told(key.value, node) for node in _words(value) if _kind(node) in READ_AS]
    if told:
        raise UserError("\n".join(f"{where}: {one}" for one in told))


def _told(key: str, node: yaml.ScalarNode) -> str:
    line = node.start_mark.line + 1
    return f'{key}, line {line}: YAML reads {node.value} as {READ_AS[_kind(node)]}; quote it: "{node.value}"'


def _kind(node: yaml.ScalarNode) -> str:
    return node.tag.removeprefix(TAG)


def _words(node: yaml.Node) -> list[yaml.ScalarNode]:
    """Keys and values, and those within them; not what is left empty, which is missing and no word."""
    if isinstance(node, yaml.MappingNode):
        return [word for pair in node.value for part in pair for word in _words(part)]
    if isinstance(node, yaml.SequenceNode):
        return [word for part in node.value for word in _words(part)]
    return [node] if node.value else []
