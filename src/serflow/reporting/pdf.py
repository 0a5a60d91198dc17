"""Typeset the report; equal input gives a byte-identical PDF."""

from pathlib import Path
from typing import Any

from serflow.reporting.document import document, figure_files
from serflow.reporting.typesetting import typeset

__all__ = ["make_pdf"]


def make_pdf(spec: dict[str, Any], *, template: str | Path, page: str | Path, output: str | Path) -> None:
    """Write the report of `spec` (see `document`) as PDF; `page`: the template of the page of findings."""
    files = {Path(page).name: Path(page)} | figure_files(spec)
    typeset(document(spec), template=template, files=files, outputs=[output])
