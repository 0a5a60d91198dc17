"""What is printed, made anew in a temporary folder from the files that it rests on, and compared byte by byte."""

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from serflow.audit.findings import Step
from serflow.audit.lines import remade
from serflow.crate.members import digests_of, members
from serflow.files import canonical_json, file_digest, read_json, temporary_folder
from serflow.paths import FINDINGS_TEMPLATE, PDF, TEMPLATE, WEB_PAGE, WEB_TEMPLATE
from serflow.plan.report import Report
from serflow.provenance.version import made_by
from serflow.reporting.charts import make_figure
from serflow.reporting.findings_files import make_findings
from serflow.reporting.pdf import make_pdf
from serflow.reporting.release_check import release_check
from serflow.reporting.rows import write_table
from serflow.reporting.table_rows import table_columns, table_rows
from serflow.reporting.web_page import make_web_page
from serflow.shipped import located

__all__ = ["document_steps", "figure_bytes_steps", "findings_bytes_steps", "table_bytes_steps"]


def table_bytes_steps(report: Report, paper: str, table: str, path: str) -> Iterator[Step]:
    """The CSV of a table."""
    spec = _handed_over(report.table(paper, table))
    yield from _compared({path: path}, lambda to: write_table(table_rows(spec), to[path], table_columns(spec)))


def figure_bytes_steps(report: Report, paper: str, figure: str) -> Iterator[Step]:
    """A figure as SVG and PDF, its caption, and the CSV of its numbers."""
    base, spec = f"{report.folder}/{paper}/{figure}", _handed_over(report.figure(paper, figure))
    files = {"svg": f"{base}.svg", "pdf": f"{base}.pdf", "csv": f"{base}_data.csv", "caption": f"{base}.txt"}
    yield from _compared(files, lambda to: make_figure(spec, **to))


def findings_bytes_steps(report: Report) -> Iterator[Step]:
    """The page of findings: its two CSVs, its picture, the page as SVG and PDF, its sentences."""
    spec = _handed_over(report.findings_spec())
    yield from _compared(report.findings, lambda to: make_findings(spec, template=located(FINDINGS_TEMPLATE), files=to))


def document_steps(report: Report) -> Iterator[Step]:
    """The check of the release, and PDF and web page, as they are made of the tables, figures and pages on disk."""
    checked = read_json(report.release_check) == release_check(_handed_over(report.release_check_spec()))
    said = f"{report.release_check}: counts and findings of manifest.parquet and findings.json"
    yield Step("release check", checked, said, "" if checked else f"others; {remade(report.release_check)}")
    listed = Path(report.digests).read_text(encoding="utf-8") == digests_of(members(report))
    said = f"{report.digests}: of all that the report is made of"
    yield Step("digests", listed, said, "" if listed else f"others; {remade(report.digests)}")
    spec, template, page = report.printed(made_by()), located(TEMPLATE), located(FINDINGS_TEMPLATE)
    yield from _compared({"pdf": PDF}, lambda to: make_pdf(spec, template=template, page=page, output=to["pdf"]))
    web = located(WEB_TEMPLATE)
    yield from _compared({"page": WEB_PAGE}, lambda to: make_web_page(spec, template=web, output=to["page"]))


def _handed_over(spec: dict[str, Any]) -> dict[str, Any]:
    """A spec as a rule hands it over: as JSON, with sorted keys."""
    return json.loads(canonical_json(spec))


def _compared(files: Mapping[str, str], make: Callable[[dict[str, str]], None]) -> Iterator[Step]:
    """Let `make` write files elsewhere, under names that it is given, and hold those of the report against them."""
    with temporary_folder() as folder:
        made = {what: f"{folder}/{Path(path).name}" for what, path in files.items()}
        make(made)
        wrong = [
            Step("bytes", False, f"{path} {why}", f"the bytes that come out when it is made anew; {remade(path)}")
            for what, path in files.items()
            if (why := _differs(Path(path), Path(made[what])))
        ]
    names = ", ".join(Path(path).name for path in files.values())
    yield from wrong or [Step("bytes", True, f"{names}: made anew, the same bytes")]


def _differs(path: Path, made: Path) -> str:
    if not path.is_file():
        return "is missing"
    return "" if file_digest(path) == file_digest(made) else f"has SHA-256 {file_digest(path)[:12]}"
