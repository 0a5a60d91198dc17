"""The report as one web page, which is opened from disk and fetches nothing; equal input gives equal bytes."""

import base64
from pathlib import Path
from typing import Any

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup, escape

from serflow.errors import not_made
from serflow.files import atomic_path
from serflow.reporting.document import document, figure_files

__all__ = ["make_web_page"]


def make_web_page(spec: dict[str, Any], *, template: str | Path, output: str | Path) -> None:
    """Write the report of `spec` (see `document`) as HTML in the layout of a Jinja template.

    Pictures and the CSV behind every table and figure are within the page.

    Raises
    ------
    UserError
        If a file that the page holds is missing; the message names it.
    """
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters["keyed"] = _keyed
    page = environment.from_string(_bytes(template).decode("utf-8")).render(
        data=document(spec),
        pictures={name: _data_uri(path, "image/svg+xml") for name, path in figure_files(spec).items()},
        downloads={item: _data_uri(path, "text/csv") for item, path in _tables(spec).items()},
    )
    with atomic_path(output) as temporary:
        temporary.write_text(page, encoding="utf-8")


def _tables(spec: dict[str, Any]) -> dict[str, Path]:
    """The CSV of each item, of the page of findings too."""
    files = {"findings": Path(spec["findings"]["files"]["systems"])}
    for paper in spec["papers"]:
        files |= {table["spec"]["id"]: Path(table["csv"]) for table in paper["tables"]}
        files |= {figure["id"]: Path(figure["csv"]) for figure in paper["figures"]}
    return files


def _data_uri(path: Path, media_type: str) -> str:
    return f"data:{media_type};base64,{base64.b64encode(_bytes(path)).decode('ascii')}"


def _bytes(path: str | Path) -> bytes:
    try:
        return Path(path).read_bytes()
    except FileNotFoundError:
        raise not_made(path) from None


def _keyed(text: str) -> Markup:
    """A text in which a key of a YAML file stands between backticks."""
    parts = str(text).split("`")
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if place % 2 else escape(part) for place, part in enumerate(parts)
    )
