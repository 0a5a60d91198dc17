"""Fingerprint of what is read of a release: tells Snakemake that it changed, at the cost of one listing.

Made while Snakemake reads its Snakefile, over tens of thousands of files: nothing heavy is imported, and a file is
hashed again only where its size, a time stamp or its inode changed since the last time: what is copied with its old
time of modification has another time of change.
"""

import hashlib
import json
import os
import stat
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from serflow.corpora.reads import Reads
from serflow.errors import UserError
from serflow.files import SETTLED_NS, atomic_path, file_digest, file_stamp, write_json

CACHE = "inventory.tsv"
UNREADABLE = "unreadable"
FEW = 3  # links that are named
SAID_FROM = 1_000_000_000  # bytes to hash from which the wait is announced


class _File(NamedTuple):
    key: str  # relative POSIX path; ASCII, so that any name fits into the table
    path: str
    stamp: str  # of `serflow.files.file_stamp`; empty where not even that can be read
    size: int
    mtime_ns: int


def require_inside(folder: str | Path, *, reads: Sequence[str]) -> None:
    """Raise a `UserError` where a link within a release, of what `reads` matches, leads out of it.

    The release itself may be a link. Such a link may lead to other people's files, or to the root of the file system.
    """
    _require_inside(Path(folder), _walk(os.fspath(folder), Reads(reads)).outside)


def scan(
    folder: str | Path,
    cache: str | Path,
    *,
    reads: Sequence[str],
    table: str | None = None,
    follow_links: bool = False,
) -> dict[str, Any]:
    """Fingerprint of the files under `folder` that `reads` matches, hidden ones included.

    Parameters
    ----------
    folder : the release. cache : table of path, stamp and SHA-256 of the last scan, tab-separated; rewritten where it
    changes. reads : patterns, see `serflow.corpora.reads`.
    table : the corpus's table; one that lies elsewhere (an absolute path) counts as a file of the release.
    follow_links : whether links within the release may lead out of it; a `UserError` names those that do, if not.

    Returns
    -------
    dict
        digest (SHA-256 over relative paths and contents, and over the names of folders that a pattern matches; a
        file that cannot be read counts as "unreadable"), files, bytes.
    """
    folder, cache = Path(folder), Path(cache)
    if not folder.is_dir():
        raise UserError(f"{folder}: no such folder; set `release` in config.yaml to the corpus's release")
    head = f"# {_escape(os.path.abspath(folder))}"
    known = _read_cache(cache, head)
    settled = time.time_ns() - SETTLED_NS
    files, folders, outside = _walk(os.fspath(folder), Reads(reads), follow_links=follow_links)
    _require_inside(folder, outside)
    if table is not None and os.path.isabs(table):
        files = [_file(Path(table), _escape(table)), *files]
    stale = [file for file in files if known.get(file.key, ("", ""))[0] != file.stamp or not file.stamp]
    hashes = _hash(stale, folder)
    total, lines = hashlib.sha256(), [head]
    for file in files:
        sha256 = hashes.get(file.key) or known[file.key][1]
        total.update(f"{file.key}\t{sha256}\n".encode())
        if file.mtime_ns < settled and sha256 != UNREADABLE:
            lines.append(f"{file.key}\t{file.stamp}\t{sha256}")
    total.update("".join(f"{key}\n" for key in folders).encode())
    _write_if_changed(cache, "\n".join(lines) + "\n")
    return {"digest": total.hexdigest(), "files": len(files), "bytes": sum(file.size for file in files)}


def refresh(
    folder: str | Path,
    release_json: str | Path,
    *,
    reads: Sequence[str],
    table: str | None = None,
    follow_links: bool = False,
) -> dict[str, Any]:
    """`scan` a release and rewrite `release_json` where its content differs; a `touch` changes nothing.

    Beside what `scan` gives it holds ``date``: the day (YYYY-MM-DD, UTC) on which this content was first seen.
    """
    release_json = Path(release_json)
    cache = release_json.with_name(CACHE)
    found = scan(folder, cache, reads=reads, table=table, follow_links=follow_links)
    try:
        known = json.loads(release_json.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        known = None
    same = isinstance(known, dict) and known.get("digest") == found["digest"] and "date" in known
    found["date"] = known["date"] if same else datetime.now(UTC).date().isoformat()
    if known != found:
        write_json(release_json, found)
    return found


def refresh_file(path: str | Path, fingerprint: str | Path) -> dict[str, Any]:
    """The same for one file: writes its digest into `fingerprint` where it differs; the cache stands beside."""
    path, fingerprint = Path(path), Path(fingerprint)
    cache, head = fingerprint.with_suffix(".tsv"), f"# {_escape(os.path.abspath(path))}"
    status = path.stat()
    stamp = file_stamp(status)
    known = _read_cache(cache, head).get("file", ("", ""))
    sha256 = known[1] if known[0] == stamp else file_digest(path)
    settled = status.st_mtime_ns < time.time_ns() - SETTLED_NS
    _write_if_changed(cache, f"{head}\n" + (f"file\t{stamp}\t{sha256}\n" if settled else ""))
    found = {"digest": sha256, "bytes": status.st_size}
    if not fingerprint.is_file() or json.loads(fingerprint.read_text(encoding="utf-8")) != found:
        write_json(fingerprint, found)
    return found


class _Walked(NamedTuple):
    """What is read of a release, sorted: files, keys of folders (even an empty one can be a finding).

    And, of links that lead out of it and were not followed, where they stand and where they lead.
    """

    files: list[_File]
    folders: list[str]
    outside: dict[str, str]


def _require_inside(folder: Path, outside: dict[str, str]) -> None:
    if outside:
        shown = ", ".join(f"{link} -> {target}" for link, target in sorted(outside.items())[:FEW])
        more = f" and {len(outside) - FEW:,} more" if len(outside) > FEW else ""
        raise UserError(
            f"{folder}: {shown}{more}: a link that leads out of the release; copy what it leads to into it, or "
            "allow such links: `follow_links: true` in config.yaml (of serflow check: --follow-links)"
        )


def _walk(folder: str, reads: Reads, *, follow_links: bool = False) -> _Walked:
    files: list[_File] = []
    folders: list[str] = []
    outside: dict[str, str] = {}
    root = os.path.realpath(folder)
    waiting, seen = [(folder, "")], set()
    while waiting:
        path, prefix = waiting.pop()
        try:
            status = os.stat(path)
            if (status.st_dev, status.st_ino) in seen:  # a link back to a folder above
                continue
            seen.add((status.st_dev, status.st_ino))
            with os.scandir(path) as entries:
                for entry in entries:
                    key = prefix + _escape(entry.name)
                    inside = entry.path[len(folder) :].lstrip("/")
                    followed = follow_links or not entry.is_symlink()
                    wanted = not followed and (reads.match(inside) or entry.is_dir() and reads.enter(inside))
                    if wanted and _outside(entry.path, root):
                        outside[inside] = os.path.realpath(entry.path)
                        continue
                    if not entry.is_dir():
                        files += [_file(entry, key)] if reads.match(inside) else []
                        continue
                    folders += [f"{key}/"] if reads.match(inside) else []
                    if reads.enter(inside):
                        waiting.append((entry.path, f"{key}/"))
        except OSError:
            files.append(_File(prefix, path, "", 0, 0))
    return _Walked(sorted(files), sorted(folders), outside)


def _outside(link: str, root: str) -> bool:
    """Whether a link leads out of `root`, to something that is there."""
    target = os.path.realpath(link)
    return os.path.commonpath([root, target]) != root and os.path.exists(target)


def _file(entry: os.DirEntry | Path, key: str) -> _File:
    path = os.fspath(entry)
    try:
        status = entry.stat()
    except OSError:  # a dangling link
        return _File(key, path, "", 0, 0)
    if not stat.S_ISREG(status.st_mode):  # opening a pipe would wait for ever
        return _File(key, path, "", 0, 0)
    return _File(key, path, file_stamp(status), status.st_size, status.st_mtime_ns)


def _escape(name: str) -> str:
    return (
        name if name.isascii() and name.isprintable() and "\\" not in name else name.encode("unicode_escape").decode()
    )


def _hash(files: list[_File], folder: Path) -> dict[str, str]:
    size = sum(file.size for file in files)
    if size >= SAID_FROM:
        print(f"serflow: reading {len(files)} new files of {folder}, {size / 1e9:.1f} GB", file=sys.stderr)
    if not files:
        return {}
    with ThreadPoolExecutor(min(4, os.cpu_count() or 1)) as pool:  # hashing and reading release the GIL
        return dict(zip((file.key for file in files), pool.map(_digest, files, chunksize=64), strict=True))


def _digest(file: _File) -> str:
    try:
        return file_digest(file.path) if file.stamp else UNREADABLE
    except OSError:
        return UNREADABLE


def _read_cache(cache: Path, head: str) -> dict[str, tuple[str, str]]:
    """Key -> (stamp, SHA-256) of the last scan of this folder; empty where none can be read."""
    try:
        lines = cache.read_text(encoding="ascii").splitlines()
        if not lines or lines[0] != head:
            return {}
        parts = [line.split("\t") for line in lines[1:]]
        return {key: ("\t".join(stamp), sha256) for key, *stamp, sha256 in parts if len(sha256) == 64}
    except (OSError, ValueError):
        return {}


def _write_if_changed(path: Path, text: str) -> None:
    try:
        if path.read_text(encoding="ascii") == text:
            return
    except (OSError, ValueError):
        pass
    with atomic_path(path) as temporary:
        temporary.write_text(text, encoding="ascii")
