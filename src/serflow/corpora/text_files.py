"""Text files of a release, whatever their encoding and line ends; what is unusual becomes a finding."""

import codecs
from pathlib import Path

from serflow.corpora.findings import Findings

BOMS = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}


def read_bytes(path: Path) -> bytes:
    """Read a regular file; anything else (a folder, a pipe, which would wait for ever) is an `OSError`."""
    if path.exists() and not path.is_file():
        raise IsADirectoryError(21, "not a file" if not path.is_dir() else "a folder stands where a file should be")
    return path.read_bytes()


def read_lines(path: Path, *, file: str, findings: Findings) -> list[str]:
    """Read the lines of a text file, named `file` in the findings; `OSError` if it is unreadable.

    Lines end at LF, CRLF or CR only: `str.splitlines` would also split at characters such as U+0085, which
    stands for an ellipsis in texts from Windows.
    """
    text = _decode(read_bytes(path), file=file, findings=findings)
    if "\r" in text:
        findings.add("crlf", file, "lines end in CR or CRLF instead of LF; read as lines")
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text.split("\n")


def _decode(data: bytes, *, file: str, findings: Findings) -> str:
    encoding = "utf-8"
    for bom, name in BOMS.items():
        if data.startswith(bom):
            findings.add("bom", file, f"starts with a byte order mark; read as {name} without it")
            data, encoding = data[len(bom) :], name
            break
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        findings.add("not_utf8", file, f"bytes that are not {encoding}; the file was read as latin-1", line=line)
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
