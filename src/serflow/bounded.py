"""Files whose size and kind are looked at before their content: what is no file, or absurdly large, is refused."""

import os
import stat
from pathlib import Path

from serflow.errors import UserError

__all__ = ["read_text", "require_file"]


def require_file(path: str | Path, *, most: int, what: str) -> None:
    """Raise a `UserError` where a path is no regular file, or holds more than `most` bytes; `what` it should be.

    A pipe would wait for ever, and a device never end. `FileNotFoundError` where there is none, `OSError` where it
    cannot be looked at: a link to itself, for one.
    """
    status = os.stat(path)
    if not stat.S_ISREG(status.st_mode):
        found = "a folder" if stat.S_ISDIR(status.st_mode) else "no regular file"
        raise UserError(f"{path}: {found}; expected {what}")
    if status.st_size > most:
        raise UserError(
            f"{path}: {status.st_size:,} bytes; expected {what}, of {most:,} bytes at most: is it another file?"
        )


def read_text(path: str | Path, *, most: int, what: str) -> str:
    """The text of a UTF-8 file.

    Raises
    ------
    UserError
        As of `require_file`; also where it cannot be read.
    FileNotFoundError, UnicodeDecodeError
        If there is none, or it is no UTF-8.
    """
    try:
        require_file(path, most=most, what=what)
        return Path(path).read_text(encoding="utf-8")
    except FileNotFoundError:
        raise
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({error.strerror or error}); expected {what}") from None
