"""Typst: a template, its data and its pictures become a PDF or an SVG; equal input gives equal bytes."""

import json
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import typst

from serflow.errors import not_made
from serflow.files import atomic_path, temporary_folder

__all__ = ["typeset"]


def typeset(
    content: dict[str, Any], *, template: str | Path, files: Mapping[str, Path], outputs: Iterable[str | Path]
) -> None:
    """Write `content` in the layout of a Typst template, once in the format of each output's ending.

    Template, data and `files` (name -> where it lies) are gathered in a folder of their own, so that nothing outside it
    (system fonts, other files, the current folder) can change the result. The template reads the data from report.json.
    """
    with temporary_folder() as folder:
        for target, source in {"main.typ": Path(template), **files}.items():
            if not source.is_file():
                raise not_made(source)
            shutil.copyfile(source, folder / target)
        text = json.dumps(content, ensure_ascii=False, allow_nan=False)
        (folder / "report.json").write_text(text, encoding="utf-8")
        for output in outputs:
            with atomic_path(output) as temporary:
                typst.compile(
                    str(folder / "main.typ"),
                    output=str(temporary),
                    root=str(folder),
                    format=Path(output).suffix.removeprefix("."),
                    font_paths=[],
                    ignore_system_fonts=True,
                )
