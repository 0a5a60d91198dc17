"""Typeset the report with Typst; equal input gives a byte-identical PDF."""

import json
import shutil
import tempfile
from pathlib import Path
from typing import Any

import typst

from serflow.errors import UserError
from serflow.files import atomic_path
from serflow.reporting.document import document, figure_files


def make_pdf(spec: dict[str, Any], *, template: str | Path, output: str | Path) -> None:
    """Write the report of `spec` (see `document`) as PDF.

    Template, data and figures are gathered in a folder of their own, so that nothing outside it (system
    fonts, other files, the current folder) can change the result.
    """
    with tempfile.TemporaryDirectory(prefix="serflow-") as name:
        folder = Path(name)
        for source, target in [(Path(template), "report.typ")] + [(p, n) for n, p in figure_files(spec).items()]:
            if not source.is_file():
                raise UserError(f"{source}: this file is missing; run snakemake again to make it")
            shutil.copyfile(source, folder / target)
        text = json.dumps(document(spec), ensure_ascii=False, allow_nan=False)
        (folder / "report.json").write_text(text, encoding="utf-8")
        with atomic_path(output) as temporary:
            typst.compile(
                str(folder / "report.typ"),
                output=str(temporary),
                root=str(folder),
                font_paths=[],
                ignore_system_fonts=True,
            )
