"""What a reader found in a release: each finding with place and severity, and what the run does about it."""

from collections import Counter
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from serflow.errors import UserError
from serflow.files import read_json, write_json

CODES = {
    "expected": (
        "alignment_known_missing",
        "bom",
        "crlf",
        "hidden_file",
        "not_utf8",
        "rating_missing",
        "rating_out_of_range",
        "stray_semicolon",
        "transcript_untagged",
        "xx_turn",
    ),
    "odd": (
        "alignment_mangled",
        "alignment_missing",
        "audio_extra",
        "audio_silent",
        "count_differs",
        "duplicate_audio",
        "duplicate_block",
        "duration_differs",
        "duration_total_differs",
        "evaluation_line_unknown",
        "names_alike",
        "number_format",
        "table_column_unknown",
        "table_value_unknown",
        "transcript_duplicate",
        "transcript_extra",
        "transcript_file_missing",
        "transcript_mangled",
        "transcript_missing",
        "unexpected_file",
        "unknown_label",
    ),
    "fatal": (
        "audio_channels",
        "audio_empty",
        "audio_missing",
        "audio_nan",
        "audio_rate",
        "audio_truncated",
        "audio_unreadable",
        "evaluation_empty",
        "evaluation_missing",
        "evaluation_unreadable",
        "label_line_mangled",
        "session_missing",
        "table_part_outside",
        "table_parts_overlap",
        "table_path_outside",
        "table_path_unwatched",
        "table_row_mangled",
        "table_row_repeated",
        "table_row_short",
    ),
}
SEVERITY = {code: severity for severity, codes in CODES.items() for code in codes}
SEVERITIES = tuple(reversed(CODES))  # the gravest first
NAMED = 20


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

    def __str__(self) -> str:
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        return f"{place}: {self.message}" + (f": {self.quote!r}" if self.quote else "")


@dataclass
class Findings:
    """All findings of one reading, and the utterances that had to be left out because of the fatal ones.

    `table` is the file that holds the rows of all utterances, where there is one: to name it names none of them.
    """

    items: list[Finding] = field(default_factory=list)
    left_out: set[str] = field(default_factory=set)
    utterances: int = 0
    table: str | None = None

    def add(
        self,
        code: str,
        file: str,
        message: str,
        *,
        line: int | None = None,
        utterance: str | None = None,
        quote: str | None = None,
    ) -> None:
        """Note one finding; its severity follows from its code. A fatal one leaves its utterance out."""
        severity = SEVERITY[code]
        self.items.append(Finding(code, severity, file, line, utterance, message, quote))
        if severity == "fatal" and utterance is not None:
            self.left_out.add(utterance)

    @property
    def fatal(self) -> list[Finding]:
        """The findings that stop a run."""
        return [item for item in self.items if item.severity == "fatal"]

    def write(self, path: str | Path) -> None:
        """Write findings.json."""
        severities = Counter(item.severity for item in self.items)
        content: dict[str, Any] = {
            "findings": [asdict(item) for item in self.items],
            "left_out": sorted(self.left_out),
            "table": self.table,
            "counts": {
                "utterances": self.utterances,
                "severities": {severity: severities[severity] for severity in CODES},
                "codes": dict(Counter(item.code for item in self.items)),
            },
        }
        write_json(path, content)

    @classmethod
    def read(cls, path: str | Path) -> "Findings":
        """What `write` has written."""
        content = read_json(path)
        return cls(
            items=[Finding(**item) for item in content["findings"]],
            left_out=set(content["left_out"]),
            utterances=content["counts"]["utterances"],
            table=content["table"],
        )


class FatalFindings(UserError):
    """A release that cannot be used as it is; carries all its findings."""

    def __init__(self, findings: Findings, *, release: str | Path) -> None:
        self.findings = findings
        fatal = findings.fatal
        named = [f"  {item}" for item in fatal[:NAMED]]
        more = [f"  and {len(fatal) - NAMED} more"] if len(fatal) > NAMED else []
        head = f"{release}: {len(fatal)} fatal {'finding' if len(fatal) == 1 else 'findings'}:"
        advice = (
            f"mend the release, or set `skip_broken: true` in config.yaml to leave out exactly the "
            f"{len(findings.left_out)} utterances concerned"
        )
        super().__init__("\n".join([head, *named, *more, advice]))
