"""The one exception that users are meant to read, and text that is safe to print."""

import re

__all__ = ["MAKE", "SNAKEMAKE", "UserError", "not_made", "printable", "remade"]

SNAKEMAKE = "snakemake --cores all"  # makes whatever is missing, though what was made of it is there
MAKE = f"run {SNAKEMAKE}"

LINE = 2_000  # characters of a line, of which a value read from a file may be the most; what is beyond is cut out
LINES = 200  # of a message
# What a terminal takes for a command or turns around: control characters but for line feed and tab, marks and
# overrides of the direction of writing, separators of lines; what nobody sees, such as a byte order mark within a
# line; and halves of characters, which cannot be encoded.
RAW = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")


class UserError(Exception):
    """Something that the user can mend; the message names the file, key or value, what was expected, what to do."""

    def __str__(self) -> str:
        return printable(super().__str__(), lines=LINES)


def not_made(path: object) -> UserError:
    """The error about a file that rules make, and that is not there."""
    return UserError(f"{path}: this file is missing; {MAKE} to make it")


def remade(*paths: object) -> str:
    """Advice to have files or folders made again."""
    return f"delete {' and '.join(map(str, paths))} and {MAKE}"


def printable(text: str, *, lines: int | None = None) -> str:
    r"""`text` with what a terminal might obey written out (``\x1b``), and of long lines the middle cut out.

    So are bytes of a file's name that are not UTF-8. Lines end at line feeds; of more than `lines`, the middle ones
    are left out.
    """
    kept = text.split("\n")
    if lines is not None and len(kept) > lines:
        last = lines // 4
        kept = [*kept[: lines - last], f"... {len(kept) - lines:,} more lines ...", *kept[-last:]]
    return "\n".join(RAW.sub(_written_out, _cut(line)) for line in kept)


def _cut(line: str) -> str:
    if len(line) <= LINE:
        return line
    last = LINE // 4  # what to do stands at the end
    return f"{line[: LINE - last]} ... {len(line) - LINE:,} more characters ... {line[-last:]}"


def _written_out(found: re.Match[str]) -> str:
    number = ord(found.group())
    if 0xDC80 <= number <= 0xDCFF:  # how Python keeps a byte that is not UTF-8
        number -= 0xDC00
    return f"\\x{number:02x}" if number < 0x100 else f"\\u{number:04x}"
