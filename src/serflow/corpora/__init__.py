"""Corpora: what the YAML files declare, and the readers that turn a release on disk into a manifest."""

import posixpath
from pathlib import Path
from typing import Any

from serflow.config import closest, nearest, read_yaml
from serflow.corpora.declaration import Corpus
from serflow.corpora.quoting import refuse_unquoted
from serflow.corpora.reads import Reads
from serflow.errors import UserError
from serflow.names import require_name
from serflow.shipped import declared
from serflow.validation import validate


def load(corpus_id: str, *, root: str | Path) -> dict[str, Any]:
    """Read the declaration of a corpus, with what it extends.

    Parameters
    ----------
    corpus_id : name of a file in ``workflow/corpora``, without ``.yaml``.
    root : a checkout, or a user's folder, whose own corpora stand beside the shipped ones.

    Returns
    -------
    dict
        The keys of `serflow.corpora.declaration.Corpus`; `extends` is resolved: the file's own top-level
        keys replace those of the corpus that it extends.

    Raises
    ------
    UserError
        If there is no such corpus, its YAML declares something else, or `reads` leaves out its table.
    """
    require_name(corpus_id, what="corpus", where="corpus")
    files = declared("corpora", root=root)
    resolved = _resolve(corpus_id, files, ())
    where = f"workflow/corpora/{corpus_id}.yaml"
    validate(resolved, Corpus, where=where)
    original = resolved["stands_in_for"]
    if original is not None and original not in files:
        raise UserError(f"{where}: stands_in_for: {original!r} is not declared{nearest(original, list(files))}")
    if "table" in resolved:
        _require_watched(resolved["table"], resolved["reads"], where)
    return resolved


def lineage(corpus_id: str, *, root: str | Path) -> tuple[str, ...]:
    """The corpus and those that it extends, nearest first."""
    parent = read_yaml(declared("corpora", root=root)[corpus_id]).get("extends")
    return (corpus_id, *(lineage(parent, root=root) if parent else ()))


def _require_watched(table: str, reads: list[str], where: str) -> None:
    """Refuse a table whose changes nothing would notice; a path such as `./x` never matches a listing.

    An absolute path is watched by itself.
    """
    if posixpath.normpath(table) != table or table.startswith("../"):
        raise UserError(
            f"{where}, key table: {table!r}; expected a plain path within the release, such as table.csv, or an "
            "absolute one"
        )
    if not posixpath.isabs(table) and not Reads(reads).match(table):
        raise UserError(
            f"{where}, key reads: no pattern matches the table {table!r}, so that nothing would run again where it "
            "changes; add its name"
        )


def _resolve(corpus_id: str, files: dict[str, Path], children: tuple[str, ...]) -> dict[str, Any]:
    asked = f"workflow/corpora/{children[-1]}.yaml: extends" if children else "corpus"
    if not isinstance(corpus_id, str):
        raise UserError(f"{asked}: {corpus_id!r}: expected the name of a corpus{nearest(corpus_id, list(files))}")
    require_name(corpus_id, what="corpus", where=asked)
    if corpus_id not in files:
        raise UserError(f"{asked}: {corpus_id!r} is not declared{nearest(corpus_id, list(files))}")
    path = files[corpus_id]
    if corpus_id in children:
        raise UserError(f"{path}: extends itself ({' -> '.join([*children, corpus_id])}); remove one `extends`")
    own = read_yaml(path)
    if not isinstance(own, dict):
        raise UserError(f"{path}: expected a mapping of keys to values; see another file of {path.parent}")
    refuse_unquoted(path, where=f"workflow/corpora/{corpus_id}.yaml")
    parent = own.pop("extends", None)
    if parent is None:
        for key in own.keys() - Corpus.model_fields.keys():
            if closest(key, ["extends"]):
                raise UserError(f"workflow/corpora/{corpus_id}.yaml: unknown key {key!r}; did you mean 'extends'?")
    return own if parent is None else _resolve(parent, files, (*children, corpus_id)) | own
