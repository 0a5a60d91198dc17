"""The page of findings as files: its rows as CSV, its picture, the page as SVG and PDF, its sentences as text."""

from pathlib import Path
from typing import Any

import matplotlib

from serflow.files import atomic_path
from serflow.reporting.charts import save
from serflow.reporting.findings import COLUMNS, VERDICT_COLUMNS, findings_rows, verdict_rows
from serflow.reporting.findings_figure import draw
from serflow.reporting.findings_page import page_of_findings
from serflow.reporting.rows import read_table, write_table
from serflow.reporting.style import STYLE
from serflow.reporting.typesetting import typeset
from serflow.reporting.warnings import warnings

__all__ = ["make_findings"]


def make_findings(spec: dict[str, Any], *, template: str | Path, files: dict[str, str]) -> None:
    """Write the page of findings; equal input gives equal bytes.

    Parameters
    ----------
    spec : dict
        That of `serflow.reporting.findings.findings_rows`, further ``title``, ``corpus`` and ``preset`` as of
        `serflow.reporting.document.document`, and of each paper ``claims``: its tables of claims, as CSV.
    template : path of the page's Typst template.
    files : dict
        What to write where: ``systems`` and ``claims`` (CSV), ``picture`` (SVG), ``page`` (SVG), ``pdf``, ``text``.
    """
    write_table(findings_rows(spec), files["systems"], COLUMNS)
    claims = {paper["key"]: [line for path in paper["claims"] for line in read_table(path)] for paper in spec["papers"]}
    write_table(verdict_rows(claims), files["claims"], VERDICT_COLUMNS)
    with matplotlib.rc_context(STYLE | {"svg.hashsalt": "findings"}):
        save(draw(read_table(files["systems"])), files["picture"], title="findings")
    page = page_of_findings(spec, files)
    content = {key: spec[key] for key in ("title", "corpus", "preset")} | {"warnings": warnings(spec), "page": page}
    pictures = {page["picture"]: Path(files["picture"])}
    typeset(content, template=template, files=pictures, outputs=[files["page"], files["pdf"]])
    with atomic_path(files["text"]) as temporary:
        Path(temporary).write_text("\n".join([*page["sentences"], page["caption"]]) + "\n", encoding="utf-8")
