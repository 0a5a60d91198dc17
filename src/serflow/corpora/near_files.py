"""Files that a path may mean, where none bears its very name: another Unicode form, case or suffix."""

import os
import posixpath
import unicodedata
from collections.abc import Callable
from pathlib import Path


def _composed(name: str) -> str:
    return unicodedata.normalize("NFC", name)


def _caseless(name: str) -> str:
    return _composed(name).casefold()


def _stem(name: str) -> str:
    return posixpath.splitext(_caseless(name))[0]


class NearFiles:
    """Looks names up in the folders of a release; each folder is listed once."""

    def __init__(self, release: Path) -> None:
        self._release = release
        self._names: dict[str, list[str]] = {}

    def as_on_disk(self, path: str) -> str:
        """A path as the disk spells it: its accents may be characters of their own there (NFD), or not (NFC)."""
        if path.isascii() or (self._release / path).exists():
            return path
        return self._find(path, (_composed,)) or path

    def nearest(self, path: str) -> str | None:
        """A file that differs from `path` in case, Unicode form or suffix alone; None where there is none."""
        return self._find(path, (_caseless,)) or self._find(path, (_caseless, _stem))

    def _find(self, path: str, forms: tuple[Callable[[str], str], ...]) -> str | None:
        """The file whose folders equal those of `path` in the first form, and its own name in the last one."""
        *folders, last = path.split("/")
        found = ""
        for part, form in [*((folder, forms[0]) for folder in folders), (last, forms[-1])]:
            names = self._list(found)
            name = part if part in names else next((one for one in names if form(one) == form(part)), None)
            if name is None:
                return None
            found = f"{found}/{name}" if found else name
        return found if (self._release / found).is_file() else None

    def _list(self, folder: str) -> list[str]:
        if folder not in self._names:
            try:
                self._names[folder] = sorted(os.listdir(self._release / folder))
            except OSError:
                self._names[folder] = []
        return self._names[folder]
