"""Names that become parts of paths and words of commands: one pattern, which a whole name must match.

What a YAML file declares within itself (systems, experiments, tables) is narrower still: `serflow.validation.Id`.
"""

import re

from serflow.errors import UserError

__all__ = ["NAME", "require_name", "varied"]

# Letters of ASCII alone: file systems disagree on how others are written. The first is no dot and no dash.
NAME = "[A-Za-z0-9][A-Za-z0-9_.+-]{0,99}"
WHOLE = re.compile(NAME)
EXPECTED = "letters from A to Z, digits, '_', '-', '+' and '.', the first a letter or digit, at most 100"
RESERVED = {  # names of files and folders that stand beside those of corpora, or of papers
    "corpus": ("checkpoints", "code", "pronunciations.json", "pronunciations.tsv", "vectors.json", "vectors.tsv"),
    "paper": (
        "audio.json", "cross", "features", "findings.json", "inventory.tsv", "manifest.json", "manifest.parquet",
        "prepared.json", "release", "release.json",
    ),
}  # fmt: skip


def require_name(name: str, *, what: str, where: str) -> None:
    """Raise a `UserError` where no file of workflow/corpora (`what`: "corpus") or workflow/papers may be called so.

    `where` names it: the key of a file, or an option.
    """
    folder = {"corpus": "corpora", "paper": "papers"}[what]
    if WHOLE.fullmatch(name) is None:
        raise UserError(
            f"{where}: {name!r} cannot name a {what}; expected {EXPECTED}: rename workflow/{folder}/{name}.yaml"
        )
    if name in RESERVED[what]:
        raise UserError(
            f"{where}: {name!r} cannot name a {what}: something of serflow's own is called so; rename "
            f"workflow/{folder}/{name}.yaml"
        )


def varied(parameter: str, value: object, *, where: str) -> str:
    """A varied parameter and its value, as part of the name of a sweep's point; a `UserError` where that is no name."""
    text = "-".join(map(str, value)) if isinstance(value, list) else str(value)
    if WHOLE.fullmatch(f"{parameter}{text}") is None:
        raise UserError(
            f"{where}: {value!r} is part of a folder's name; expected a number, true, false, null, a word, or a "
            "list of these"
        )
    return f"{parameter}{text}"
