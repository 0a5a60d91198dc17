"""Text files of a release, whatever their encoding and line ends; what is unusual becomes a finding."""

import codecs
import stat
from pathlib import Path
from typing import BinaryIO

from serflow.corpora.findings import Findings
from serflow.corpora.impostors import impostor

LARGEST = 1_000_000_000  # bytes of a text file of a release; the largest tables of speech have a tenth of that
BOMS = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}


def open_bytes(path: Path, *, largest: int | None = None) -> BinaryIO:
    """Open a regular file; anything else (a folder, a pipe, which would wait for ever) is an `OSError`.

    So is a file of more than `largest` bytes.
    """
    status = path.stat()
    if not stat.S_ISREG(status.st_mode):
        folder = stat.S_ISDIR(status.st_mode)
        raise IsADirectoryError(21, "a folder stands where a file should be" if folder else "not a file")
    if largest is not None and status.st_size > largest:
        raise OSError(27, f"{status.st_size:,} bytes, and a text has {largest:,} at most: is it another file?")
    return path.open("rb", buffering=0)


def read_bytes(path: Path) -> bytes:
    """Read a regular text file; errors as in `open_bytes`."""
    with open_bytes(path, largest=LARGEST) as file:
        return file.read()


def read_lines(path: Path, *, file: str, findings: Findings) -> list[str]:
    """Read the lines of a text file, named `file` in the findings; `OSError` if it is unreadable, or a pointer to one.

    Lines end at LF, CRLF or CR only: `str.splitlines` would also split at characters such as U+0085, which
    stands for an ellipsis in texts from Windows.
    """
    data = read_bytes(path)
    other = impostor(data)
    if other:
        raise OSError(8, other)
    text = _decode(data, file=file, findings=findings)
    if "\r" in text:
        findings.add("crlf", file, "lines end in CR or CRLF instead of LF; read as lines")
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text.split("\n")


def _decode(data: bytes, *, file: str, findings: Findings) -> str:
    """Text of UTF-8 or UTF-16, else of Windows-1252, which is Latin-1 but for curly quotes, dashes and the like."""
    encoding = "utf-8"
    for bom, name in BOMS.items():
        if data.startswith(bom):
            findings.add("bom", file, f"starts with a byte order mark; read as {name} without it")
            data, encoding = data[len(bom) :], name
            break
    else:
        halves = {"utf-16-le": data[1::2], "utf-16-be": data[::2]}
        wide = next((name for name, half in halves.items() if half.count(0) > len(half) / 2), None)
        if wide is not None:
            findings.add("not_utf8", file, f"{wide} without a byte order mark; read as such")
            encoding = wide
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        message = f"bytes that are not {encoding}; the file was read as Windows-1252"
        findings.add("not_utf8", file, message, line=line)
    try:
        return data.decode("cp1252")
    except UnicodeDecodeError:  # five bytes mean nothing there
        return data.decode("latin-1")


def listing(folder: Path, *, file: str, findings: Findings) -> list[str]:
    """Names in a folder, sorted; hidden ones (`._x`) are counted and left out; none if unreadable."""
    try:
        names = sorted(entry.name for entry in folder.iterdir())
    except OSError:
        return []
    for name in names:
        if name.startswith("."):
            findings.add("hidden_file", f"{file}/{name}", "a hidden file, such as macOS leaves behind; not read")
    return [name for name in names if not name.startswith(".")]
