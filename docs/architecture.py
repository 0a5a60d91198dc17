"""Draw the floors of docs/architecture.md from the layers of pyproject.toml: `make architecture`.

`tool.importlinter` has one contract of kind "layers" over the package serflow, the highest floor first; what stands on
one floor is separated by "|" (independent of each other) or ":".
"""

import ast
import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE, PICTURE = ROOT / "docs/architecture.md", ROOT / "docs/architecture.svg"
BEGIN, END = "<!-- floors: made by `make architecture` -->\n", "<!-- end of the floors -->"
WIDTH, HEIGHT, GAP, MARGIN = 760, 30, 10, 26  # pixels: of the picture, of a floor, between boxes, for the numbers


def floors() -> list[list[str]]:
    """The names on each floor, the ground first."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    (layers,) = (contract["layers"] for contract in settings["contracts"] if contract["type"] == "layers")
    names = [[name.strip(" ()").removeprefix("serflow.") for name in re.split("[|:]", layer)] for layer in layers]
    return names[::-1]


def purpose(name: str) -> str:
    """The first line of the docstring of a package or module, without its full stop."""
    place = ROOT / "src/serflow" / name
    file = place / "__init__.py" if place.is_dir() else place.with_suffix(".py")
    text = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or ""
    return text.split("\n")[0].rstrip(".")


def listed() -> str:
    """The floors as a Markdown table, the highest first."""
    lines = ["| floor | room | what it holds |", "|---|---|---|"]
    for number, names in reversed(list(enumerate(floors(), start=1))):
        lines += [f"| {number} | `{name}` | {purpose(name)} |" for name in names]
    return "\n".join(lines) + "\n"


def drawn() -> str:
    """The floors as SVG, the ground at the bottom."""
    rows = floors()[::-1]
    height = len(rows) * (HEIGHT + GAP) + GAP
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-family="sans-serif" '
        f'font-size="12"><rect width="{WIDTH}" height="{height}" fill="white"/>'
    ]
    for place, names in enumerate(rows):
        top = GAP + place * (HEIGHT + GAP)
        room = (WIDTH - MARGIN - GAP * (len(names) + 1)) / len(names)
        parts.append(
            f'<text x="{MARGIN / 2}" y="{top + 19}" fill="#777" text-anchor="middle">{len(rows) - place}</text>'
        )
        for column, name in enumerate(names):
            left = MARGIN + GAP + column * (room + GAP)
            parts.append(
                f'<rect x="{left:.1f}" y="{top}" width="{room:.1f}" height="{HEIGHT}" rx="4" fill="#e8eef7" '
                f'stroke="#4a6fa5"/><text x="{left + room / 2:.1f}" y="{top + 19}" text-anchor="middle">{name}</text>'
            )
    return "\n".join([*parts, "</svg>"]) + "\n"


def page(text: str) -> str:
    """The page with its list of floors made anew."""
    before, rest = text.split(BEGIN)
    return before + BEGIN + "\n" + listed() + "\n" + END + rest.split(END)[1]


if __name__ == "__main__":
    PICTURE.write_text(drawn(), encoding="utf-8")
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
