"""Names that are probably one and the same: `01` and `1`, `Anna` and `anna`, an accent in two Unicode forms."""

import re
import unicodedata
from collections.abc import Iterable

import pandas as pd

from serflow.corpora.findings import Findings

DECIMALS = re.compile(r"(\d+)\.0+")  # what a spreadsheet makes of whole numbers in a column with gaps
ZEROS = re.compile(r"(?<!\d)0+(?=\d)")
HARM = {
    "speaker": "if they are one person, a split takes them for two and may test on a voice that it trained on; write "
    "one name",
    "session": "if they are one session, a split may part it; write one name",
    "utterance": "if they are one recording, keep one row",
}


def note_alike(frame: pd.DataFrame, findings: Findings) -> None:
    """Note names of a manifest that differ by leading zeros, case or Unicode form alone: one finding a column."""
    for column, harm in HARM.items():
        if column == "session" and frame["session"].equals(frame["speaker"]):
            continue
        alike = alike_names(frame[column].unique())
        if not alike:
            continue
        cases = f" ({len(alike)} cases)" if len(alike) > 1 else ""
        message = f"{column}s that differ by leading zeros, upper case or Unicode form alone{cases}; {harm}"
        named = "; ".join(" and ".join(map(repr, names)) for names in alike[:3])
        more = f"; and {len(alike) - 3} more" if len(alike) > 3 else ""
        findings.add("names_alike", findings.table or ".", message, quote=named + more)


def alike_names(names: Iterable[str]) -> list[list[str]]:
    """Names (each once) that are one by their form: two or more together."""
    names = list(names)
    forms: dict[str, list[str]] = {}
    for name in names:
        forms.setdefault(_form(name), []).append(name)
    return [names for names in forms.values() if len(names) > 1] if len(forms) < len(names) else []


def _form(name: str) -> str:
    if not name.isascii():
        name = unicodedata.normalize("NFKC", name)
    whole = DECIMALS.fullmatch(name)
    return ZEROS.sub("", whole[1] if whole else name.casefold())
