"""What a reader found in a release: each finding with place and severity, and what the run does about it."""

from collections import Counter
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from serflow.corpora.grouping import Finding, Group, grouped
from serflow.errors import UserError, printable
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
        "audio_converted",
        "audio_extra",
        "audio_level",
        "audio_lossy",
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
        "corpus_empty",
        "durations_differ",
        "evaluation_empty",
        "evaluation_missing",
        "evaluation_unreadable",
        "extent_differs",
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


@dataclass
class Findings:
    """All findings of one reading, and what was read and what was not.

    `left_out`: utterances that had to be left out because of fatal findings. `table`: the file that holds the rows of
    all utterances, where there is one: to name it names none of them; so it is with the names of `dialogs`.
    `folders`: labelled utterances by the first part of their path, used or not. `absent`: utterances that are
    published, of sessions that are not there. `hours` of audio, and what is `published`: utterances and hours.
    """

    items: list[Finding] = field(default_factory=list)
    left_out: set[str] = field(default_factory=set)
    utterances: int = 0
    table: str | None = None
    dialogs: set[str] = field(default_factory=set)
    folders: dict[str, int] = field(default_factory=dict)
    absent: int = 0
    hours: float = 0.0
    published: dict[str, float] = field(default_factory=dict)

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
        quote = None if quote is None else _in_a_line(quote)
        self.items.append(Finding(code, severity, _in_a_line(file), line, utterance, _in_a_line(message), quote))
        if severity == "fatal" and utterance is not None:
            self.left_out.add(utterance)

    @property
    def fatal(self) -> list[Finding]:
        """The findings that stop a run."""
        return [item for item in self.items if item.severity == "fatal"]

    def groups(self, severity: str) -> list[Group]:
        """The findings of a severity, those that are alike as one; the largest first."""
        return grouped([item for item in self.items if item.severity == severity], self.folders)

    @property
    def extent(self) -> str:
        """Utterances and hours, with what is published of them."""
        found = [f"{self.utterances:,} utterances", f"{self.hours:.2f} h"]
        wanted = {"utterances": "{:,.0f}", "hours": "{:.2f} h"}
        stated = [form.format(self.published[key]) for key, form in wanted.items() if key in self.published]
        return ", ".join(found) + (f" (published: {', '.join(stated)})" if stated else "")

    @property
    def summary(self) -> str:
        """What was read and how many findings there are, in a line."""
        counts = Counter(item.severity for item in self.items)
        return f"{self.extent}; findings: " + ", ".join(f"{counts[severity]:,} {severity}" for severity in SEVERITIES)

    def write(self, path: str | Path, *, manifest: str | None = None) -> None:
        """Write findings.json; `manifest`: SHA-256 of the manifest that the same reading wrote."""
        severities = Counter(item.severity for item in self.items)
        content: dict[str, Any] = {
            "findings": [asdict(item) for item in self.items],
            "left_out": sorted(self.left_out),
            "table": self.table,
            "dialogs": sorted(self.dialogs),
            "counts": {
                "utterances": self.utterances,
                "hours": self.hours,
                "published": self.published,
                "absent": self.absent,
                "folders": self.folders,
                "severities": {severity: severities[severity] for severity in CODES},
                "codes": dict(Counter(item.code for item in self.items)),
            },
        }
        write_json(path, content | ({} if manifest is None else {"manifest": manifest}))

    @classmethod
    def read(cls, path: str | Path) -> "Findings":
        """What `write` has written."""
        content = read_json(path)
        counts = content["counts"]
        return cls(
            items=[Finding(**item) for item in content["findings"]],
            left_out=set(content["left_out"]),
            table=content["table"],
            dialogs=set(content["dialogs"]),
            **{key: counts[key] for key in ("utterances", "folders", "absent", "hours", "published")},
        )


def _in_a_line(text: str) -> str:
    return printable(text.replace("\n", "\\n"))


class FatalFindings(UserError):
    """A release that cannot be used as it is: its fatal findings, those that are alike as one, and what may be done."""

    def __init__(self, findings: Findings, *, release: str | Path) -> None:
        self.findings = findings
        count = len(findings.fatal)
        head = f"{release}: {count:,} fatal {'finding' if count == 1 else 'findings'}:"
        named = [f"  {group}" for group in findings.groups("fatal")]
        super().__init__("\n".join([head, *named, advice(findings)]))


def advice(findings: Findings) -> str:
    """What the user may do; going on without what is broken is offered where something is left."""
    if not findings.utterances:
        return "no utterance is left: mend the release"
    losses = []
    if findings.left_out:
        losses.append(f"leave out exactly the {len(findings.left_out):,} utterances concerned")
    if findings.absent:
        losses.append(f"do without the {findings.absent:,} of the sessions that are not there")
    advice = " and ".join(losses) or "go on with it as it is"
    return (
        f"mend the release, or set `skip_broken: true` in config.yaml to {advice} ({findings.utterances:,} utterances "
        "remain)"
    )
