"""What becomes of a paper's claims: the verdicts of its table of claims, under each protocol."""

from collections import Counter

from serflow.reporting.rows import Line
from serflow.reporting.verdicts import NOT_JUDGED, RULE, VERDICTS
from serflow.reporting.wording import metric_name
from serflow.results_page.cells import ascii_signed, labelled, p_text
from serflow.results_page.chapters import Chapter

__all__ = ["claims_of", "claims_text", "counted"]


def claims_of(chapter: Chapter) -> list[Line]:
    """The claims of a chapter, a line each and printed protocol."""
    return labelled([row for rows in chapter.of_kind("claims").values() for row in rows])


def claims_text(chapter: Chapter) -> list[str]:
    """A table of the claims, with the rule that gives the verdicts; nothing where the paper declares none."""
    lines = claims_of(chapter)
    if not lines:
        return []
    labels = list(dict.fromkeys(row["label"] for row in lines))
    claims = dict.fromkeys(row["claim"] for row in lines)
    head = ["claim", "where", "metric", *labels]
    rows = [f"| {' | '.join(head)} |", "|" + " --- |" * len(head)]
    for claim in claims:
        mine = {row["label"]: row for row in lines if row["claim"] == claim}
        first = next(iter(mine.values()))
        texts = [first["text"], first["source"], metric_name(first["column"])]
        texts += [_verdict(mine[label]) for label in labels]
        rows.append(f"| {' | '.join(texts)} |")
    rule = f"Verdicts by a rule that was written down before any number was seen: {RULE}."
    return ["\n".join([f"The paper's claims: {_in_all(lines, labels)}.\n", *rows, "", rule, ""])]


def counted(lines: list[Line]) -> str:
    """How many claims have each verdict: "2 held, 1 not shown"."""
    counts = Counter(row["verdict"] for row in lines)
    return ", ".join(f"{counts[verdict]} {verdict}" for verdict in VERDICTS if counts[verdict])


def _in_all(lines: list[Line], labels: list[str]) -> str:
    return "; ".join(f"{label}, {counted([row for row in lines if row['label'] == label])}" for label in labels)


def _verdict(row: Line) -> str:
    """The verdict with the difference that it rests on, or the reason for none."""
    if row["verdict"] == NOT_JUDGED:
        return f"{row['verdict']}: {row['reason']}"
    low, high = (ascii_signed(float(row[key]), row["column"]) for key in ("gain_low", "gain_high"))
    gain = ascii_signed(float(row["gain"]), row["column"])
    return f"{row['verdict']}: {gain} [{low}, {high}], {p_text(float(row['p_interval']), float(row['p_holm']))}"
