"""EmoEvaluation files of IEMOCAP: the label line of each turn.

A block is a label line, ``[start - end]<TAB>turn<TAB>label<TAB>[V, A, D]``, then the raters' lines
(``C-E2:``, ``A-E3:``, ``C-F1:``), then a blank line. Only label lines are used; raters' lines are looked at
for what is known to be irregular in the release (missing ratings, stray semicolons).
"""

import math
import re
from dataclasses import dataclass, field

from serflow.corpora.findings import Findings

NUMBER = r"-?\d*\.?\d*"
TURN = re.compile(r"Ses0\d[FM]_(?:impro|script)\d\d(?:_\d)?[a-z]?_[FM](?:\d{3}|XX\d)(?!\w)", re.ASCII)
LABEL_LINE = re.compile(
    rf"\[({NUMBER}) - ({NUMBER})\][ \t]+(\w+)[ \t]+([A-Za-z]+)[ \t]+\[([^\],]*),([^\],]*),([^\],]*)\]",
    re.ASCII,
)
RATER_LINE = re.compile(r"[CA]-[A-Z]+\d*:", re.ASCII)
MISSING_RATING = re.compile(r"\b(?:val|act|dom)\s*;")
STRAY_SEMICOLON = re.compile(r":\s*;|;\s*;")
RATINGS = (1.0, 5.0)  # the scale of the raters
MEANS = (0.0, 6.0)  # means of the release reach 0.5 and 5.5; beyond this a line is mangled
EXPECTED = "expected `[start - end]<TAB>turn<TAB>label<TAB>[V, A, D]`; mend the line from the release"


@dataclass(frozen=True)
class LabelLine:
    """One turn's labels: times in s within the dialog, ratings NaN where missing."""

    line: int
    turn: str
    start: float
    end: float
    label: str
    ratings: tuple[float, float, float]


@dataclass
class Evaluation:
    """The turns of one file by name, and the lines that may be what is left of a label line (`suspects`)."""

    turns: dict[str, LabelLine] = field(default_factory=dict)
    suspects: list[int] = field(default_factory=list)
    broken: bool = False  # whether a label line is mangled; even the name in it is then in doubt


def parse(lines: list[str], *, dialog: str, file: str, findings: Findings) -> Evaluation:
    """Read the label lines of the dialog `dialog`; mangled and repeated ones become findings."""
    evaluation = Evaluation()
    between_blocks = True
    for number, raw in enumerate(lines, start=1):
        line = raw.strip(" \t")
        if RATER_LINE.match(line):
            if between_blocks:
                evaluation.suspects.append(number)
            _note_irregular(line, number, file, findings)
        elif line.startswith("[") or re.search(r"Ses\d\d[FM]", line):
            _add(evaluation, line, number, dialog, file, findings)
        elif line and not line.startswith("%"):
            evaluation.suspects.append(number)
        between_blocks = not line or line.startswith("%")
    return evaluation


def _add(evaluation: Evaluation, line: str, number: int, dialog: str, file: str, findings: Findings) -> None:
    try:
        found = _parse_label_line(line, number, dialog)
    except ValueError as error:
        turn = TURN.search(line)
        utterance = turn.group() if turn and turn.group().startswith(f"{dialog}_") else None
        message = f"mangled label line: {error}; {EXPECTED}"
        findings.add("label_line_mangled", file, message, line=number, utterance=utterance, quote=line[:120])
        evaluation.broken = True
        return
    first = evaluation.turns.setdefault(found.turn, found)
    if first is not found:
        message = f"second block of a turn; the first, line {first.line}, is used"
        quote = f"{found.label}, first {first.label}"
        findings.add("duplicate_block", file, message, line=number, utterance=found.turn, quote=quote)
        return
    _note_numbers(found, line, file, findings)


def _parse_label_line(line: str, number: int, dialog: str) -> LabelLine:
    """Parse a label line; a `ValueError` says what is wrong, without quoting the line."""
    match = LABEL_LINE.fullmatch(line)
    if match is None:
        raise ValueError("not of the form of a label line")
    start, end, turn, label, *ratings = match.groups()
    if TURN.fullmatch(turn) is None or turn.rpartition("_")[0] != dialog or "XX" in turn:
        raise ValueError(f"it names no turn of {dialog}")
    times = float(start), float(end)
    if not 0 <= times[0] < times[1]:
        raise ValueError("impossible times")
    return LabelLine(number, turn, *times, label, tuple(_rating(value.strip()) for value in ratings))


def _rating(value: str) -> float:
    if value.lower() in ("", "-", "nan"):
        return math.nan
    if not re.fullmatch(r"\d+(\.\d+)?", value, re.ASCII) or not MEANS[0] <= float(value) <= MEANS[1]:
        raise ValueError("impossible rating")
    return float(value)


def _note_numbers(found: LabelLine, line: str, file: str, findings: Findings) -> None:
    place = {"line": found.line, "utterance": found.turn}
    if any(math.isnan(value) for value in found.ratings):
        findings.add("rating_missing", file, "a mean rating is missing; it is NaN in the manifest", **place)
    for value in found.ratings:
        if value < RATINGS[0] or value > RATINGS[1]:
            message = "a mean rating lies outside 1 to 5; it is kept"
            findings.add("rating_out_of_range", file, message, quote=str(value), **place)
    numbers = re.findall(r"[\d.]+", line.replace(found.turn, ""))
    unusual = [text for text in numbers if not re.fullmatch(r"\d+\.\d{4}", text)]
    if unusual:
        message = "a number without four decimals, which the release has everywhere; taken as it stands"
        findings.add("number_format", file, message, quote=", ".join(unusual), **place)


def _note_irregular(line: str, number: int, file: str, findings: Findings) -> None:
    if line.startswith("A") and MISSING_RATING.search(line):
        findings.add("rating_missing", file, "a rater left out a rating; raters' lines are not used", line=number)
    if line.startswith("C") and STRAY_SEMICOLON.search(line.partition("(")[0]):
        findings.add("stray_semicolon", file, "a stray semicolon; raters' lines are not used", line=number)
