"""Files that are written whole or not at all, and digests of what is in them."""

import contextlib
import errno
import hashlib
import itertools
import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from serflow.bounded import read_text
from serflow.errors import UserError, not_made, remade

__all__ = [
    "SETTLED_NS", "atomic_path", "canonical_json", "digest", "file_digest", "file_stamp", "full_disk", "put_aside",
    "read_json", "remove_leftovers", "temporary_folder", "write_json",
]  # fmt: skip

JSON_BYTES = 500_000_000  # findings of a release of which every file is amiss
JSON_DEEP = 100  # what holds more would end Python's own recursion somewhere
SETTLED_NS = 2_000_000_000  # a younger file may change again within the resolution of its time stamp
FULL = (errno.ENOSPC, errno.EDQUOT)
UNABLE = (errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP, errno.EBADF)  # of a file system that syncs no folders
OWN_NUMBERS = 0xEFFFFFFC  # inode, in every Linux, of the machine's space of process numbers; containers may have theirs


@contextmanager
def atomic_path(path: str | Path, *, synced: bool = True) -> Iterator[Path]:
    """Yield a temporary path beside `path`, unique to this process on any machine; renamed on success, removed else.

    The temporary name keeps the suffix of `path`. A folder works too: create it at the yielded path. What is renamed
    is on the disk before (`synced`; False: of many files that are made again in a moment), so that a power cut leaves
    the old content or the new. Other names of this kind that dead processes of this host left are removed.

    Raises
    ------
    UserError
        If the disk is full, whatever library finds out.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    remove_leftovers(path.parent, stem=path.stem)
    temporary = _hidden(path)
    _remove(temporary)
    try:
        yield temporary
        if synced:
            _sync(temporary)
        _replace(temporary, path)
        if synced:
            _sync_entry(path.parent)
    except BaseException as error:
        with contextlib.suppress(OSError):
            _remove(temporary)
        if isinstance(error, Exception) and full_disk(error):
            raise UserError(f"{path}: no space left on the device; free some and run again") from error
        raise


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """Yield a folder for what is needed for a moment, where TMPDIR says or the system has it; removed at the end.

    Raises
    ------
    UserError
        If there is no such folder, or its disk is full.
    """
    try:
        made = tempfile.TemporaryDirectory(prefix="serflow-", ignore_cleanup_errors=True)
    except OSError as error:
        raise UserError(f"no folder for temporary files ({error}); let TMPDIR name one with space") from error
    with made as folder:
        try:
            yield Path(folder)
        except Exception as error:
            if full_disk(error):
                raise UserError(
                    f"{Path(folder).parent}: no space left for temporary files; free some, or let TMPDIR name a folder "
                    "on another disk"
                ) from error
            raise


def full_disk(error: Exception) -> bool:
    """Whether an error says that a disk, or a quota on it, is full: one of the system's, or of a library in Rust."""
    if isinstance(error, OSError) and error.errno in FULL:
        return True
    return not isinstance(error, UserError) and bool(re.search(rf"os error ({FULL[0]}|{FULL[1]})\b", str(error)))


def file_stamp(status: os.stat_result) -> str:
    """What changes with a file's content: size, times of modification and of change, inode; tab-separated."""
    return f"{status.st_size}\t{status.st_mtime_ns}\t{status.st_ctime_ns}\t{status.st_ino}"


def put_aside(path: Path) -> Path:
    """Rename what cannot be used to `<name>.damaged`, or `<name>.damaged-2` and so on; its new path."""
    names = itertools.chain([".damaged"], (f".damaged-{number}" for number in itertools.count(2)))
    aside = next(place for name in names if not os.path.lexists(place := path.with_name(path.name + name)))
    os.rename(path, aside)
    return aside


def remove_leftovers(folder: str | Path, *, stem: str | None = None) -> list[Path]:
    """Remove what dead processes of this host left half-written in a folder; the paths.

    Their names are those of `atomic_path`. Nothing of a process that lives is touched, nor of another host, nor of a
    container with process numbers of its own.

    Parameters
    ----------
    folder : looked at alone, not what is below it; it need not be there.
    stem : only of files whose name without its suffix is this one.
    """
    wanted = re.compile(rf"\.{'.+' if stem is None else re.escape(stem)}\.{re.escape(_host())}-(\d+)(\..*)?")
    try:
        names = [entry.name for entry in os.scandir(folder) if entry.name.startswith(".")]
    except OSError:
        return []
    left = [Path(folder, name) for name in names if (found := wanted.fullmatch(name)) and not _lives(int(found[1]))]
    for path in left:
        with contextlib.suppress(OSError):  # not ours to delete, or another process was quicker
            _remove(path)
    return left


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):  # another user's, or no number that a process can have
        return True
    return True


@cache
def _host() -> str:
    """Name of this machine, with the number of the space of process numbers where that is not the machine's own."""
    try:
        space = os.stat("/proc/self/ns/pid").st_ino
    except OSError:  # not Linux
        space = OWN_NUMBERS
    return os.uname().nodename + ("" if space == OWN_NUMBERS else f"-{space}")


def _hidden(path: Path, ending: str = "") -> Path:
    """The name of this process for a path that is on its way to its place, or out of it."""
    return path.with_name(f".{path.stem}.{_host()}-{os.getpid()}{ending}{path.suffix}")


def _replace(temporary: Path, path: Path) -> None:
    """Put a file or a folder in the place of another; a folder is never seen half deleted."""
    old = _hidden(path, ".old")
    while True:
        _remove(old)
        if path.is_dir():
            with contextlib.suppress(FileNotFoundError):  # another process has taken it away
                os.rename(path, old)
        try:
            os.replace(temporary, path)
        except OSError as error:
            if error.errno in (errno.ENOTEMPTY, errno.EEXIST) and path.is_dir():
                continue  # another process has put its own there, meanwhile
            if old.is_dir():
                os.rename(old, path)
            raise
        _remove(old)
        return


def _sync(path: Path) -> None:
    """Have a file, or all of a folder, written to the disk."""
    if path.is_dir():
        for inner in path.iterdir():
            _sync(inner)
    _sync_entry(path)


def _sync_entry(path: Path) -> None:
    file = os.open(path, os.O_RDONLY)
    try:
        os.fsync(file)
    except OSError as error:
        if error.errno not in UNABLE:
            raise
    finally:
        os.close(file)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def canonical_json(value: Any) -> str:
    """`value` as JSON with sorted keys and no blanks: equal values give equal text."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def digest(value: Any) -> str:
    """SHA-256 (hex) of bytes, or of the canonical JSON of anything else."""
    data = value if isinstance(value, bytes) else canonical_json(value).encode()
    return hashlib.sha256(data).hexdigest()


def file_digest(path: str | Path) -> str:
    """SHA-256 (hex) of a file's bytes."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_json(path: str | Path) -> Any:
    """The content of a JSON file; a `UserError` names the file where it is missing, mangled or absurd."""
    try:
        content = json.loads(read_text(path, most=JSON_BYTES, what="a JSON file"))
    except FileNotFoundError:
        raise not_made(path) from None
    except (ValueError, RecursionError) as error:
        raise UserError(f"{path}: not valid JSON ({error}); {remade(path)}") from None
    if _is_deep(content):
        raise UserError(f"{path}: more than {JSON_DEEP} lists and mappings within each other; {remade(path)}")
    return content


def _is_deep(content: Any) -> bool:
    level = [content]
    for _ in range(JSON_DEEP):
        inner = (one.values() if isinstance(one, dict) else one for one in level if isinstance(one, dict | list))
        level = [value for values in inner for value in values if isinstance(value, dict | list)]
    return bool(level)


def write_json(path: str | Path, value: Any) -> None:
    """Write `value` as indented JSON with sorted keys, atomically."""
    with atomic_path(path) as temporary:
        text = json.dumps(value, sort_keys=True, indent=1, ensure_ascii=False, allow_nan=False)
        temporary.write_text(text + "\n", encoding="utf-8")
