"""An unpacked crate against its own digests: files, list, metadata, and the root digest that the PDF bears."""

import json
from collections.abc import Iterator
from pathlib import Path

from serflow.audit.findings import Step, agree
from serflow.crate.layout import DIGESTS, METADATA, UNLISTED, read_listed, root_digest
from serflow.errors import UserError
from serflow.files import file_digest, read_json
from serflow.paths import PDF

__all__ = ["digest_steps", "root_of"]


def root_of(folder: Path) -> str:
    """The root digest of an unpacked crate.

    Raises
    ------
    UserError
        If it has no digests.txt that can be read.
    """
    return root_digest(_text(folder))


def digest_steps(folder: Path, root: str | None) -> Iterator[Step]:
    """Check the files of an unpacked crate; `root`: the beginning of the root digest as it is known from elsewhere.

    Raises
    ------
    UserError
        If the list cannot be read.
    """
    text = _text(folder)
    listed, found = read_listed(text), root_digest(text)
    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    for name in sorted(listed.keys() - there):
        yield Step("digests", False, f"{name} is missing", "the file, as it is listed")
    for name in sorted(there - listed.keys() - UNLISTED):
        yield Step("digests", False, f"{name} is not listed", "the listed files alone")
    for name in sorted(listed.keys() & there):
        if (now := file_digest(folder / name)) != listed[name]:
            yield Step("digests", False, f"{name} has SHA-256 {now[:12]}", f"{listed[name][:12]}, as it is listed")
    yield Step("digests", True, f"{len(listed):,} files are listed; root digest {found}")
    if root:
        yield agree("root", found[: len(root)], root.lower(), said="the root digest as it is known from elsewhere")
    yield _printed(folder, found)
    yield from _described(folder, there)


def _text(folder: Path) -> str:
    try:
        return (folder / DIGESTS).read_text(encoding="utf-8")
    except (OSError, ValueError):
        raise UserError(
            f"{DIGESTS}: not in the file, or no text; expected a crate as serflow export writes it"
        ) from None


def _printed(folder: Path, root: str) -> Step:
    path = folder / PDF
    if not path.is_file():
        return Step("page", False, f"{PDF} is missing", "the report")
    said = "the report bears the root digest (keywords of the PDF)"
    return agree("page", f"sha256:{root}".encode() in path.read_bytes(), True, said=said)


def _described(folder: Path, there: set[str]) -> Iterator[Step]:
    """The metadata describe every file, each by its digest."""
    try:
        entities = {entity["@id"]: entity.get("sha256") for entity in read_json(folder / METADATA)["@graph"]}
    except (UserError, KeyError, TypeError, json.JSONDecodeError) as error:
        yield Step("metadata", False, f"{METADATA}: cannot be read ({error})", "those of an RO-Crate")
        return
    wrong = [name for name in sorted(there - {METADATA}) if entities.get(name) != file_digest(folder / name)]
    for name in wrong:
        yield Step("metadata", False, f"{METADATA}: another digest of {name}, or none", file_digest(folder / name)[:12])
    if not wrong:
        yield Step("metadata", True, f"{METADATA} has the digests of all {len(there) - 1:,} other files")
