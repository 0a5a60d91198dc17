"""A crate as a ZIP: equal members give equal bytes; and unpacked again, only where it is nothing but such files."""

import zipfile
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from serflow.errors import UserError
from serflow.files import atomic_path

__all__ = ["unpack", "write_zip"]

TIME = (1980, 1, 1, 0, 0, 0)  # the first that a ZIP can hold
MODE = 0o100644 << 16  # a plain file that its owner may write
LARGEST = 64 << 30  # bytes that a crate may unpack to


def write_zip(path: str | Path, files: Iterable[tuple[str, bytes]]) -> None:
    """Write pairs of a name and its bytes, in their order, atomically."""
    with atomic_path(path) as temporary, zipfile.ZipFile(temporary, "w") as archive:
        for name, data in files:
            entry = zipfile.ZipInfo(name, TIME)
            entry.external_attr, entry.create_system = MODE, 3  # as on Unix, wherever it is written
            archive.writestr(entry, data, compress_type=zipfile.ZIP_DEFLATED, compresslevel=9)


def unpack(path: str | Path, folder: Path) -> None:
    """Unpack a crate into a folder.

    Raises
    ------
    UserError
        If it is no ZIP, is damaged, or has members that are not plain files within the folder, each once.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            names = [entry.filename for entry in archive.infolist()]
            odd = next((name for name in names if not _within(name)), None)
            if odd is not None or len(set(names)) != len(names):
                said = "has a file twice" if odd is None else f"has a file {odd!r}"
                raise UserError(f"{path}: {said}; expected a crate as serflow export writes it")
            size = sum(entry.file_size for entry in archive.infolist())
            if size > LARGEST:
                raise UserError(f"{path}: unpacks to {size:,} bytes; a crate has {LARGEST:,} at most")
            archive.extractall(folder)
    except (OSError, zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, ValueError) as error:
        raise UserError(f"{path}: cannot be unpacked ({error}); expected a crate as serflow export writes it") from None


def _within(name: str) -> bool:
    parts = PurePosixPath(name)
    return (
        bool(name)
        and not name.endswith("/")
        and not parts.is_absolute()
        and ".." not in parts.parts
        and "\\" not in name
    )
