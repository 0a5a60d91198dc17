"""Transcriptions of IEMOCAP: ``turn [start-end]: text``, one line a turn."""

import re

from serflow.corpora.findings import Findings

LINE = re.compile(r"(Ses0\d[FM]_\w+?)[ \t]+\[(-?[\d.]+)-(-?[\d.]+)\]:[ \t]*(.*)", re.ASCII)


def parse(lines: list[str], *, dialog: str, file: str, findings: Findings) -> dict[str, str]:
    """Text by turn, as it stands (bracket tags such as ``[LAUGHTER]`` included), for the turns of `dialog`.

    Extra turns (``_MXX0``) and untagged lines (``M: Yeah.``) are counted and left out.
    """
    texts: dict[str, str] = {}
    for number, raw in enumerate(lines, start=1):
        line = raw.strip()
        if not line:
            continue
        match = LINE.fullmatch(line)
        turn = match.group(1) if match else ""
        if re.fullmatch(rf"{dialog}_[FM]XX\d+", turn):
            findings.add("xx_turn", file, "a turn without label in the release; left out", line=number, utterance=turn)
        elif re.fullmatch(rf"{dialog}_[FM]\d{{3}}", turn):
            _add(texts, match, number, file, findings)
        elif re.search(r"Ses\d\d", line):
            message = f"expected `{dialog}_F<digits> [start-end]: text`; the turn is without transcript"
            findings.add("transcript_mangled", file, message, line=number, quote=line[:80])
        else:
            findings.add("transcript_untagged", file, "a line that names no turn; left out", line=number)
    return texts


def _add(texts: dict[str, str], match: re.Match, number: int, file: str, findings: Findings) -> None:
    turn, start, end, text = match.groups()
    if turn in texts:
        message = "second transcript of this turn; the first is used"
        findings.add("transcript_duplicate", file, message, line=number, utterance=turn)
        return
    texts[turn] = text.strip()
    if start.startswith("-") or end.startswith("-"):
        message = "negative times; the text is used, the times of the label line count"
        quote = f"{start} to {end}"
        findings.add("transcript_mangled", file, message, line=number, utterance=turn, quote=quote)
