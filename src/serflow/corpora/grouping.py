"""One finding, and findings that are alike as one: however many there are, what is printed stays a page or two."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

LINES = 24  # groups of one severity; where there are more, they are drawn together by the next of `STEPS`
STEPS = ((3, 3, 4), (1, 3, 1), (1, 1, 1))  # findings shown singly, messages of a code, folders of a message
RELEASE = "the whole release"


@dataclass(frozen=True)
class Finding:
    """One thing that a reader met.

    `file` is relative to the release ("." = itself), `line` counts from 1. `message` quotes nothing that the
    files say, so that a report may print it; `quote` holds what they say, for the user's own eyes.
    """

    code: str
    severity: str
    file: str
    line: int | None
    utterance: str | None
    message: str
    quote: str | None

    @property
    def place(self) -> str:
        """File and line."""
        if self.file == ".":
            return RELEASE
        return self.file if self.line is None else f"{self.file}:{self.line}"

    def __str__(self) -> str:
        return f"{self.place}: {self.message}" + (f": {self.quote!r}" if self.quote else "")


@dataclass(frozen=True)
class Group:
    """Findings of one code below one folder, and what is said of them.

    `where` is a folder, or the file of a single finding ("." = the release itself). `count` counts the findings,
    `utterances` those that they name. `whole`: whether these are all that the corpus has there; `alike`: whether all
    messages are the first one's.
    """

    first: Finding
    where: str
    count: int
    utterances: int
    whole: bool
    alike: bool

    @property
    def single(self) -> bool:
        """Whether it is one finding, which has its own place."""
        return self.count == 1 and self.where == self.first.file

    @property
    def many(self) -> str:
        """How many, in words: "all 2,170", "12 utterances", "3 times"; nothing of a single one."""
        if self.single:
            return ""
        if self.whole:
            return f"all {self.utterances:,}"
        return f"{self.count:,} {'utterances' if self.utterances == self.count else 'times'}"

    @property
    def message(self) -> str:
        """How many, and what the first finding says."""
        more = "" if self.alike else "; the others are alike"
        return f"{self.many}: {self.first.message}{more}" if self.many else self.first.message

    def __str__(self) -> str:
        if self.single:
            return str(self.first)
        place = RELEASE if self.where == "." else self.where
        first = "" if self.whole or self.first.file == self.where else f" (first: {self.first.place})"
        return f"{place}: {self.message}{first}"


def grouped(findings: Sequence[Finding], folders: Mapping[str, int]) -> list[Group]:
    """Groups of findings of one severity, the largest first.

    Parameters
    ----------
    findings : any number of them.
    folders : utterances of the corpus below each part of a path that can stand first ("." = directly in the release).
    """
    for singly, messages, places in STEPS:
        groups = [group for one in _kinds(findings, messages) for group in _places(one, folders, singly, places)]
        if len(groups) <= LINES:
            break
    return sorted(groups, key=lambda group: -group.count)


def _kinds(findings: Iterable[Finding], messages: int) -> list[list[Finding]]:
    """By code, and by message where a code has no more than `messages` of them; in the order of the first ones."""
    codes: dict[str, dict[str, list[Finding]]] = {}
    for item in findings:
        codes.setdefault(item.code, {}).setdefault(item.message, []).append(item)
    kinds = []
    for by_message in codes.values():
        apart = list(by_message.values())
        kinds += apart if len(apart) <= messages else [[item for items in apart for item in items]]
    return kinds


def _places(findings: list[Finding], folders: Mapping[str, int], singly: int, places: int) -> list[Group]:
    """By folder, as deep as there are no more than `places` of them."""
    if len(findings) <= singly:
        return [Group(item, item.file, 1, int(item.utterance is not None), False, True) for item in findings]
    parents = {item.file: item.file.split("/")[:-1] for item in findings}
    depth = max(map(len, parents.values()))
    while depth and len({tuple(parts[:depth]) for parts in parents.values()}) > places:
        depth -= 1
    below: dict[str, list[Finding]] = {}
    for item in findings:
        place = item.file if len(parents) == 1 else "/".join(parents[item.file][:depth]) or "."
        below.setdefault(place, []).append(item)
    return [_group(place, items, folders) for place, items in below.items()]


def _group(place: str, findings: list[Finding], folders: Mapping[str, int]) -> Group:
    utterances = {item.utterance for item in findings if item.utterance is not None}
    known = sum(folders.values()) if place == "." else folders.get(place.split("/")[0], 0)
    whole = 1 < known <= len(utterances)
    alike = len({item.message for item in findings}) == 1
    if len(findings) == 1:
        place = findings[0].file
    return Group(findings[0], place, len(findings), len(utterances), whole, alike)
