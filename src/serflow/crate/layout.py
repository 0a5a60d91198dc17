"""Names in a crate, and the one digest that stands for it.

`digests.txt` is what `sha256sum -c` reads: a line a file, sorted by name. Its own SHA-256 is the crate's root digest.
It holds every file of the crate but three: itself, the PDF, which prints the root digest, and the metadata, which hold
the PDF's digest.
"""

from collections.abc import Iterable, Mapping

from serflow.errors import UserError
from serflow.files import digest
from serflow.paths import PDF

__all__ = [
    "CROISSANT",
    "DIGESTS",
    "METADATA",
    "README",
    "RECORDINGS",
    "UNLISTED",
    "WITHHELD",
    "listed",
    "read_listed",
    "root_digest",
]

DIGESTS = "digests.txt"
METADATA = "ro-crate-metadata.json"
RECORDINGS = "recordings.csv"  # utterance, SHA-256 of its recording
CROISSANT = "croissant.json"
README = "README.md"
WITHHELD = "withheld.json"  # what of the project's folder is left out or trimmed, and why
UNLISTED = frozenset({DIGESTS, METADATA, PDF})


def listed(digests: Iterable[tuple[str, str]]) -> str:
    """The text of digests.txt, of pairs of a file's name and its SHA-256 (hex)."""
    return "".join(f"{sha256}  {name}\n" for name, sha256 in sorted(digests))


def read_listed(text: str) -> Mapping[str, str]:
    """Name -> SHA-256 (hex) of what such a text lists.

    Raises
    ------
    UserError
        If a line is no such line, or names are not sorted, each once.
    """
    pairs = [line.split("  ", 1)[::-1] for line in text.splitlines()]
    found = {pair[0]: pair[1] for pair in pairs if len(pair) == 2 and len(pair[1]) == 64}
    if listed(found.items()) != text:
        raise UserError(f"{DIGESTS}: expected sorted lines of a SHA-256, two blanks and a file's name, each file once")
    return found


def root_digest(text: str) -> str:
    """The root digest (SHA-256, hex) of the text of digests.txt."""
    return digest(text.encode())
