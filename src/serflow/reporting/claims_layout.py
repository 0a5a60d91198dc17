"""A table of a paper's claims as printed: the pages' cells, the caption, and how to read them."""

from collections import Counter
from itertools import groupby
from typing import Any

from serflow.reporting.rows import Line
from serflow.reporting.verdicts import REASONS, RULE, VERDICTS, verdict_counts
from serflow.reporting.wording import (
    count,
    label_in_text,
    metric_name,
    printed_protocols,
    protocol_label,
    sentence,
    signed,
)

__all__ = ["claims_caption", "claims_layout", "claims_reading"]

CLAIM = (
    "a sentence of the paper that says which of two systems has more of a metric, in our words; claimed: how far apart "
    "they are in the paper, in points, or the direction alone"
)
TERMS = dict(
    zip(
        VERDICTS,
        (
            "the difference has the claimed sign, and other speakers would hardly turn it (the caption has the rule); "
            "said of these trained networks, and not of the size",
            "neither held nor contradicted: the data do not tell; that is no evidence against the claim",
            "as held, with the opposite sign",
            "no verdict, for the reason beside it",
        ),
        strict=True,
    )
)
WHY = dict(
    zip(
        REASONS,
        (
            "one of the two systems has no scores under the protocol",
            "the scored epoch was chosen on the utterances that test it",
            "a network of one of the two did not learn its training part (§)",
            "what another seed would change is not known",
            "fewer than three speakers are tested, or no utterance of the metric's",
        ),
        strict=True,
    )
)


def claims_layout(spec: dict[str, Any], rows: list[Line]) -> dict[str, Any]:
    """Lay a table of claims out for the template.

    Returns
    -------
    dict
        id, title, source, caption; claims: claimed_on (a corpus), protocols (label, split, select), rows (text, source,
        lines: metric, claimed, cells: text, spread, verdict, reason, mark), footnotes (texts; marks count from 1, 0 is
        none).
    """
    footnotes: list[str] = []
    protocols = printed_protocols(spec["protocols"])
    groups = []
    for (text, source), lines in groupby(rows, key=lambda line: (line["text"], line["source"])):
        by_claim = groupby(lines, key=lambda line: line["claim"])
        printed = [_printed(list(mine), protocols, footnotes) for _, mine in by_claim]
        groups.append({"text": text, "source": source, "lines": printed})
    heads = [{"label": protocol_label(item), "split": item["split"], "select": item["select"]} for item in protocols]
    common = {key: spec[key] for key in ("id", "title", "source")} | {"caption": claims_caption(spec, rows)}
    printed = {"claimed_on": spec["published_on"], "protocols": heads, "rows": groups, "footnotes": footnotes}
    return common | {"claims": printed}


def _printed(lines: list[Line], protocols: list[dict[str, Any]], footnotes: list[str]) -> dict[str, Any]:
    """The line of one claim: what is claimed, and a cell a printed protocol."""
    first, by_protocol = lines[0], {line["protocol"]: line for line in lines}
    sign = {"above": "+", "below": "−"}[first["direction"]]
    return {
        "metric": metric_name(first["column"]),
        "claimed": f"{sign}{first['size']}" if first["size"] else first["direction"],
        "cells": [_cell(by_protocol[protocol["name"]], footnotes) for protocol in protocols],
    }


def _cell(line: Line, footnotes: list[str]) -> dict[str, Any]:
    gain, low, high = (
        line[key] and signed(float(line[key]), line["column"]) for key in ("gain", "gain_low", "gain_high")
    )
    if line["note"] and line["note"] not in footnotes:
        footnotes.append(line["note"])
    mark = footnotes.index(line["note"]) + 1 if line["note"] else 0
    cell = {"text": gain, "spread": f"[{low}, {high}]" if low else "", "mark": mark}
    return cell | {key: line[key] for key in ("verdict", "reason")}


def claims_caption(spec: dict[str, Any], rows: list[Line]) -> str:
    """Count the verdicts under each printed protocol, and say the rule that gave them."""
    labels = {protocol["name"]: label_in_text(protocol) for protocol in printed_protocols(spec["protocols"])}
    found = verdict_counts(rows)
    said = [f"{label}{_speakers(rows, name)}: {_counted(*found[name])}" for name, label in labels.items()]
    return f"{sentence('; '.join(said))} {sentence(RULE)}"


def _counted(verdicts: Counter[str], reasons: Counter[str]) -> str:
    """All four verdicts with their numbers, the last alone where no claim is judged, and why how many have none."""
    told = VERDICTS if any(verdicts[verdict] for verdict in VERDICTS[:-1]) else VERDICTS[-1:]
    why = [f"{reason} {reasons[reason]}" for reason in REASONS if reasons[reason]]
    return ", ".join(f"{verdicts[verdict]} {verdict}" for verdict in told) + (f" ({', '.join(why)})" if why else "")


def _speakers(rows: list[Line], protocol: str) -> str:
    """How many speakers the differences under a protocol are of."""
    tested = sorted({int(line["speakers"]) for line in rows if line["protocol"] == protocol and line["speakers"]})
    return f" ({count(tested[-1], 'speaker')})" if tested else ""


def claims_reading(rows: list[Line]) -> list[tuple[str, str]]:
    """Explain the words of tables of claims, and no others: signs and texts."""
    if not rows:
        return []
    verdicts, reasons = ({line[key] for line in rows} for key in ("verdict", "reason"))
    found = [("claim", CLAIM), *((word, TERMS[word]) for word in VERDICTS if word in verdicts)]
    why = [f"{reason}: {WHY[reason]}" for reason in REASONS if reason in reasons]
    return [(sign, "; ".join([text, *why]) if sign == VERDICTS[-1] else text) for sign, text in found]
