"""The content of the report as plain data for the Typst template: texts, numbers, names of figure files."""

from pathlib import Path
from typing import Any

from serflow.files import read_json
from serflow.provenance.libraries import Libraries
from serflow.reporting.findings_page import PICTURE, page_of_findings
from serflow.reporting.layout import table_layout
from serflow.reporting.reading import how_to_read
from serflow.reporting.release_check_pages import findings_summary, release_pages
from serflow.reporting.rows import read_table
from serflow.reporting.speaker_groups import group_tables
from serflow.reporting.warnings import warnings
from serflow.reporting.wording import protocol_label, selection_text


def document(spec: dict[str, Any]) -> dict[str, Any]:
    """Gather everything that the template prints.

    Parameters
    ----------
    spec : dict
        ``title``, ``date`` (YYYY-MM-DD of the data), ``version``, ``made_of`` (SHA-256 by what it is of),
        ``root`` (the root digest: SHA-256 of the
        digests of all that an export holds), ``corpus`` (``id``, ``title``, ``speech``:
        real or synthesised, ``licence``), ``preset`` (``id``, ``text``, ``reduced``: whether widths, epochs,
        folds or seeds are below the papers'), ``protocols`` (``name``, ``label``, ``split``, ``split_text``,
        ``select``), ``release_check`` (path of what `serflow.reporting.release_check` made), ``other_checks`` (title
        of another corpus -> path of that of its release), ``libraries`` (paths of what
        `serflow.provenance.libraries` wrote), ``stores`` (the feature stores' store.json), ``groups`` (as in
        `serflow.reporting.speaker_groups.group_tables`), ``findings`` (``spec`` of
        `serflow.reporting.findings_page.make_findings` and the ``files`` that it made), ``papers`` (``key``,
        ``title``, ``citation``, ``tables``: ``csv`` and ``spec``; ``figures``: ``svg``, ``caption`` (paths),
        ``id``, ``kind``, ``title``, ``source``; ``notes``).
    """
    check = read_json(spec["release_check"])
    keys = ("title", "date", "version", "root", "made_of", "corpus")
    return {key: spec[key] for key in keys} | {
        "preset": {"id": spec["preset"]["id"], "text": spec["preset"]["text"]},
        "warnings": warnings(spec),
        "protocols": [_protocol(protocol) for protocol in spec["protocols"]],
        "reading": _reading(spec["papers"]),
        "runs": _runs(spec),
        "libraries": libraries(spec)[0],
        "page": page_of_findings(spec["findings"]["spec"], spec["findings"]["files"]),
        "findings": findings_summary(check),
        "release": release_pages(check) | {"groups": group_tables(spec["groups"])},
        "others": [
            {"title": title} | release_pages(read_json(path)) | {"groups": []}
            for title, path in spec["other_checks"].items()
        ],
        "papers": [_paper(paper) for paper in spec["papers"]],
    }


def libraries(spec: dict[str, Any]) -> tuple[str, list[str]]:
    """By what versions of libraries runs were trained and features extracted, in words; and what of it differs."""
    found = {"runs": Libraries.of_runs(spec["libraries"]), "features": Libraries.of_stores(spec["stores"])}
    said = [f"{what} by {by.text}" for what, by in found.items() if by.text]
    return "; ".join(said), [difference for by in found.values() for difference in by.mixed]


def figure_files(spec: dict[str, Any]) -> dict[str, Path]:
    """Give the SVG of each figure, by the name under which the template asks for it."""
    figures = [figure for paper in spec["papers"] for figure in paper["figures"]]
    files = {_file_name(figure["id"]): Path(figure["svg"]) for figure in figures}
    return files | {PICTURE: Path(spec["findings"]["files"]["picture"])}


def _protocol(protocol: dict[str, str]) -> dict[str, str]:
    keys = ("split", "split_text", "select")
    texts = {"label": protocol_label(protocol), "selection_text": selection_text(protocol["select"])}
    return {key: protocol[key] for key in keys} | texts


def _reading(papers: list[dict[str, Any]]) -> list[dict[str, str]]:
    tables = [(table["spec"], read_table(table["csv"])) for paper in papers for table in paper["tables"]]
    return how_to_read(tables, [figure["kind"] for paper in papers for figure in paper["figures"]])


def _runs(spec: dict[str, Any]) -> str:
    """Span the folds and seeds of all printed numbers, as a range over the tables."""
    rows = [row for paper in spec["papers"] for table in paper["tables"] for row in read_table(table["csv"])]
    parts = []
    for key in ("folds", "seeds"):
        values = sorted({int(float(row[key])) for row in rows if row[key]})
        span = " to ".join(str(value) for value in sorted({values[0], values[-1]})) if values else "no"
        parts.append(f"{span} {key.removesuffix('s') if span == '1' else key}")
    return ", ".join(parts)


def _paper(paper: dict[str, Any]) -> dict[str, Any]:
    return {key: paper[key] for key in ("key", "title", "citation", "notes")} | {
        "tables": [table_layout(table["spec"], read_table(table["csv"])) for table in paper["tables"]],
        "figures": [_figure(figure) for figure in paper["figures"]],
    }


def _figure(figure: dict[str, str]) -> dict[str, str]:
    caption = Path(figure["caption"]).read_text(encoding="utf-8").strip()
    keys = ("id", "title", "source")
    return {key: figure[key] for key in keys} | {"caption": caption, "file": _file_name(figure["id"])}


def _file_name(identity: str) -> str:
    return identity.replace("/", "-") + ".svg"
