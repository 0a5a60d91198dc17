"""Two jobs of one run wait for each other: a job that goes on after its Snakemake was killed, and its successor."""

import errno
import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["alone"]

TAKEN = (errno.EAGAIN, errno.EACCES)
UNABLE = (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP, errno.EINVAL)  # of a file system that has no locks
EVERY = 0.5  # s between two tries: asked anew, since who deletes the lock's file by hand lets the next one in


@contextmanager
def alone(path: Path, say: Callable[[str], None]) -> Iterator[None]:
    """Hold the lock of `path` while the block runs; who finds it held waits, and `say`s once for whom.

    The lock is the kernel's (flock): it is gone with its process, however that ends. Where the file system has no
    locks, that is said and nobody waits.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        held = _held(path, say)
    except OSError as error:
        if error.errno not in UNABLE:
            raise
        say(f"{path.parent} lies on a file system without locks ({error.strerror}): see that no other job runs")
        held = None
    try:
        yield
    finally:
        if held is not None:
            if _is(path, held):
                path.unlink()
            os.close(held)


def _held(path: Path, say: Callable[[str], None]) -> int:
    """The open file whose lock this process holds, once it does."""
    told = False
    while True:
        file = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if _is(path, file):  # else another job ended, and removed it, since it was opened
                os.truncate(file, 0)
                os.pwrite(file, f"process {os.getpid()} on {os.uname().nodename}".encode(), 0)
                return file
        except OSError as error:
            if error.errno not in TAKEN:
                os.close(file)
                raise
            if not told:
                told = True
                say(f"waiting: {_holder(file)} trains it; if no such job runs, delete {path}")
            time.sleep(EVERY)
        os.close(file)


def _holder(file: int) -> str:
    return os.pread(file, 200, 0).decode(errors="replace") or "another job"


def _is(path: Path, file: int) -> bool:
    """Whether the open file is still the one of this name."""
    try:
        return os.path.samestat(os.stat(path), os.fstat(file))
    except FileNotFoundError:
        return False
