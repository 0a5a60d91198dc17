"""Which files of a release its reader reads: glob patterns that the corpus declares (`reads`)."""

import re
from collections.abc import Sequence
from fnmatch import fnmatchcase, translate

# A part of a pattern that cannot match "/": plain characters and sets of word characters, such as Session[1-5].
BOUNDED = re.compile(r"(?:[\w. -]|\[(?:\w(?:-\w)?)+\])*", re.ASCII)


class Reads:
    """Patterns on relative POSIX paths, matched as by `fnmatch.fnmatchcase`: ``*`` also matches ``/``."""

    def __init__(self, patterns: Sequence[str]) -> None:
        self._whole = re.compile("|".join(translate(pattern) for pattern in patterns))
        self._heads = [_head(pattern) for pattern in patterns]

    def match(self, path: str) -> bool:
        """Whether a pattern matches this file or folder."""
        return self._whole.fullmatch(path) is not None

    def enter(self, folder: str) -> bool:
        """Whether a pattern can match anything below this folder; True where this is not cheap to decide."""
        parts = folder.split("/")
        return any(all(map(fnmatchcase, parts, head)) for head in self._heads)


def _head(pattern: str) -> list[str]:
    """The leading folders of a pattern of which each stands for exactly one folder of a path."""
    head = []
    for part in pattern.split("/")[:-1]:
        if BOUNDED.fullmatch(part) is None:
            break
        head.append(part)
    return head
