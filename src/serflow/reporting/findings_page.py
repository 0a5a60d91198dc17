"""The content of the page of findings as plain data for its Typst template."""

from typing import Any

from serflow.reporting.findings_sentences import caption, sentences
from serflow.reporting.rows import Line, read_table
from serflow.reporting.verdicts import VERDICTS
from serflow.reporting.wording import protocol_label

__all__ = ["PICTURE", "page_of_findings"]

PICTURE = "findings.svg"  # the name under which the template asks for the picture


def page_of_findings(spec: dict[str, Any], files: dict[str, str]) -> dict[str, Any]:
    """Gather what the page prints.

    Parameters
    ----------
    spec : dict
        Of `serflow.reporting.findings.findings_rows`.
    files : dict
        Where its rows lie as CSV (``systems``) and those of the claims (``claims``).

    Returns
    -------
    dict
        ``sentences``, ``caption``, ``picture`` (name of a file) and ``claims``: ``protocols`` and ``verdicts`` as
        printed, ``rows``: ``paper`` and ``counts``, a text for each protocol and verdict.
    """
    rows, verdicts = read_table(files["systems"]), read_table(files["claims"])
    return {
        "sentences": sentences(spec, rows, verdicts),
        "caption": caption(spec, rows),
        "picture": PICTURE,
        "claims": _claims(verdicts),
    }


def _claims(verdicts: list[Line]) -> dict[str, Any]:
    """The small table: a row a paper, of each protocol a column a verdict; empty where nothing is claimed under it."""
    found = {(line["paper"], line["protocol"]): line for line in verdicts}
    protocols = list(dict.fromkeys(line["protocol"] for line in verdicts))
    rows = []
    for paper in dict.fromkeys(line["paper"] for line in verdicts):
        of = [found.get((paper, protocol), {}) for protocol in protocols]
        rows.append({"paper": paper, "counts": [line.get(verdict, "") for line in of for verdict in VERDICTS]})
    names = [protocol_label({"name": protocol}) for protocol in protocols]
    return {"protocols": names, "verdicts": list(VERDICTS), "rows": rows}
