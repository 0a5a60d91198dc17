"""Where a release does not lie as its corpus declares: what is there instead, and what to do about it.

Light: Snakemake asks while it reads its Snakefile. Names are compared without case, blanks, ``_``, ``-`` and leading
zeros, so that ``session 1`` and ``Session01`` are near ``Session1``.
"""

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from fnmatch import fnmatchcase
from functools import cached_property
from pathlib import Path

from serflow.corpora.reads import Reads

ARCHIVES = (".tar", ".tgz", ".gz", ".zip", ".7z", ".rar", ".bz2", ".xz")
AUDIO = (".wav", ".flac", ".mp3", ".ogg", ".opus", ".m4a", ".sph", ".aif", ".aiff", ".au", ".pcm", ".raw")
DEEP = 3  # folders below the release in which another one is looked for
MANY = 300  # folders that are listed for it
WHERE = "set `release` in config.yaml to"
LICENSED = "the release comes from its owners, under their licence"


def fault(release: Path, reads: Sequence[str]) -> str | None:
    """Why nothing that `reads` names lies in a folder, and what to do; None where something may, or any name would."""
    folders = Reads(reads).heads
    heads = sorted({folder[0] for folder in folders if folder})
    if not heads or not all(folders) or _holds(release, heads):
        return None
    expected = _spelt(heads)
    said = f"{release}: holds none of {expected}"
    for below in _below(release):
        if _holds(below, heads):
            return f"{said}; {WHERE} {below}, which holds them"
    for above in list(release.absolute().parents)[:DEEP]:
        if _holds(above, heads) and any(fnmatchcase(part, head) for part in release.absolute().parts for head in heads):
            return f"{said}, as it is within one of them; {WHERE} {above}, which holds them"
    for folder in (release, *_below(release)):
        near = [name for name in names(folder) if any(_near(name, head) for head in heads)]
        if near:
            return (
                f"{said}, but {', '.join(map(repr, near[:5]))} in {folder}; the names are other than published: rename "
                "them, or copy the release by a tool that keeps names"
            )
    return f"{said}{_instead(release, expected)}"


def _instead(release: Path, expected: str) -> str:
    """What else lies there, in words."""
    folders = [release, *_below(release)]
    there = [name for folder in folders for name in names(folder)]
    ends = [os.path.splitext(name)[1].lower() for name in there]
    if ".parquet" in ends or ".arrow" in ends:
        return (
            ", but Parquet files, as copies on Hugging Face are: these lack speakers, dialogs or times, and are not "
            f"what papers use; {LICENSED}"
        )
    archives = [name for name, end in zip(there, ends, strict=True) if end in ARCHIVES]
    if archives:
        return f", but the archive {archives[0]!r}: unpack it, and {WHERE} the folder that holds {expected}"
    sounds = sum(end in AUDIO for end in ends)
    if sounds:
        return (
            f", but {sounds:,} audio files in other folders: labels, speakers and transcripts are read from the "
            "release's own folders and files; copy it whole, as it was delivered"
        )
    return f"; {WHERE} the folder that holds them"


def why_missing(release: Path, file: str) -> str | None:
    """Why a file of a release is not there, and what to do: the first part of its path that fails.

    None where there is nothing to say but that it is gone.
    """
    parts = file.split("/")
    for number, part in enumerate(parts):
        folder, last = release.joinpath(*parts[:number]), number + 1 == len(parts)
        if (folder / part).exists():
            continue
        shown = "it" if last else f"`{'/'.join(parts[: number + 1])}`"
        if (folder / part).is_symlink():
            return (
                f"{shown} is a link and what it points to is not there, as DataLad and git-annex leave it until it is "
                "fetched: run `datalad get .` in the release, or copy it with what its links point to"
            )
        near = [name for name in names(folder) if _near(name, part)]
        if near and last:
            return _renamed(part, near[0])
        if near:
            return f"`{near[0]}` is there where `{part}` is expected: rename it"
        inside = _deeper(folder, parts[number:])
        if inside:
            deep = "/".join([*parts[:number], inside])
            return f"it lies a folder too deep, in `{deep}`: move what that holds up by one"
        return None if last else f"the folder {shown} is missing: copy it from the release"
    return None


def _renamed(expected: str, found: str) -> str:
    """What to do about a file that has another name in its own folder."""
    suffix, wanted = os.path.splitext(found)[1], os.path.splitext(expected)[1]
    what = "its name is written in other letters" if suffix == wanted else f"its suffix is `{suffix}`"
    return f"{what}; expected `{wanted}` and names as published: rename it"


def elsewhere(expected: str, found: str) -> str:
    """What to do about an audio file that lies at `found` instead of `expected`; both relative to the release."""
    folder, _, name = found.rpartition("/")
    suffix, wanted = os.path.splitext(name)[1], os.path.splitext(expected)[1]
    if folder != expected.rpartition("/")[0]:
        there = f"in `{folder or '.'}`" + (f", as `{suffix}`" if suffix != wanted else "")
        return f"it lies {there}; expected in a folder of its dialog: move it to where the release has it"
    if suffix.lower() == wanted:
        return _renamed(expected, name)
    return (
        f"it is there as `{suffix}`, converted; expected the published `{wanted}`: copy the release again, or convert "
        "back where nothing was lost (FLAC)"
    )


class Sounds:
    """Audio files anywhere below a release by their names without suffix and case; looked for once, when asked."""

    def __init__(self, release: Path) -> None:
        self._release = release
        self.found: set[str] = set()  # paths that were given out

    def find(self, stem: str) -> str | None:
        """Path, relative to the release, of an audio file of this name."""
        path = self._paths.get(stem.lower())
        self.found |= {path} - {None}
        return path

    @cached_property
    def _paths(self) -> dict[str, str]:
        paths: dict[str, str] = {}
        for folder, _, files in os.walk(self._release):
            for name in files:
                stem, suffix = os.path.splitext(name)
                if suffix.lower() in AUDIO and not name.startswith("."):
                    paths.setdefault(stem.lower(), os.path.relpath(os.path.join(folder, name), self._release))
        return paths


def _holds(folder: Path, heads: Iterable[str]) -> bool:
    return any(fnmatchcase(name, head) for name in names(folder) for head in heads)


def _below(release: Path) -> Iterator[Path]:
    """Folders below a release, the upper ones first, as deep as `DEEP` and no more than `MANY`."""
    level, left = [release], MANY
    for _ in range(DEEP):
        level = [path / name for path in level for name in names(path) if (path / name).is_dir()][:left]
        left -= len(level)
        yield from level


def _deeper(folder: Path, parts: Sequence[str]) -> str | None:
    """A folder directly below that holds the rest of a path."""
    for name in names(folder):
        if (folder / name).joinpath(*parts).exists():
            return name
    return None


def names(folder: Path) -> list[str]:
    """Names in a folder, sorted, without hidden ones; none where it cannot be listed."""
    try:
        return sorted(name for name in os.listdir(folder) if not name.startswith("."))
    except OSError:
        return []


def _near(name: str, pattern: str) -> bool:
    return name != pattern and fnmatchcase(_plain(name), _plain(pattern))


def _plain(name: str) -> str:
    return re.sub(r"(?<!\d)0+(?=[\d\[])", "", re.sub(r"[ _-]+(?![^\[]*\])", "", name.lower()))


def _spelt(heads: Sequence[str]) -> str:
    """Patterns in words: ``Session[1-5]`` as Session1 to Session5."""
    return " or ".join(re.sub(r"^(.*)\[(\w)-(\w)\]$", r"\1\2 to \1\3", head) for head in heads)
