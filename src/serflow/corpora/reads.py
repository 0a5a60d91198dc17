"""Which files of a release its reader reads: glob patterns that the corpus declares (`reads`)."""

import re
from collections.abc import Sequence
from fnmatch import fnmatchcase, translate

# A part of a pattern that cannot match "/": plain characters and sets of word characters, such as Session[1-5].
BOUNDED = re.compile(r"(?:[\w. -]|\[(?:\w(?:-\w)?)+\])*", re.ASCII)
NOT = "!"  # before a pattern: what it matches is not read


class Reads:
    """Patterns on relative POSIX paths, matched as by `fnmatch.fnmatchcase`: ``*`` also matches ``/``.

    A path is read that one of them matches, and none of those that begin with ``!``. `heads`: of each of the others,
    its leading folders of which each stands for exactly one folder of a path.
    """

    def __init__(self, patterns: Sequence[str]) -> None:
        taken = [pattern for pattern in patterns if not pattern.startswith(NOT)]
        self._whole = _any(taken)
        self._not = _any([pattern.removeprefix(NOT) for pattern in patterns if pattern.startswith(NOT)])
        self.heads = [_head(pattern) for pattern in taken]

    def match(self, path: str) -> bool:
        """Whether this file or folder is read."""
        return self._whole.fullmatch(path) is not None and self._not.fullmatch(path) is None

    def enter(self, folder: str) -> bool:
        """Whether a pattern can match anything below this folder; True where this is not cheap to decide."""
        parts = folder.split("/")
        return any(all(map(fnmatchcase, parts, head)) for head in self.heads)


def _any(patterns: Sequence[str]) -> re.Pattern[str]:
    return re.compile("|".join(translate(pattern) for pattern in patterns) or "(?!)")


def _head(pattern: str) -> list[str]:
    """The leading folders of a pattern of which each stands for exactly one folder of a path."""
    head = []
    for part in pattern.split("/")[:-1]:
        if BOUNDED.fullmatch(part) is None:
            break
        head.append(part)
    return head
