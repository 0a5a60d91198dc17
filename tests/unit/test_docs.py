"""The prose names what is there: links of the Markdown pages, and paths and modules of this project in them."""

import re

import pytest

from helpers import ROOT

# CHANGELOG.md tells of what is gone, and results-emodb.md is generated with the code of its runs.
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
PAGES = [page for page in PAGES if page.name != "results-emodb.md"]
LINK = re.compile(r"\]\((?!https?:)([^)#\s]*)(?:#[^)]*)?\)")
PATH = re.compile(r"`((?:src|workflow|tests|docs|envs)/[\w./-]+|[\w/]+\.(?:py|smk))`")
MODULE = re.compile(r"`(serflow(?:\.\w+)+)`")


@pytest.fixture(params=PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def page(request):
    return request.param


def test_links_lead_to_files(page):
    targets = [target for target in LINK.findall(page.read_text()) if target]
    assert [target for target in targets if not (page.parent / target).exists()] == []


def test_paths_that_are_named_exist(page):
    assert [path for path in PATH.findall(page.read_text()) if not _exists(path)] == []


def _exists(path: str) -> bool:
    """Whether a path is there from the root or from the package; a bare name, anywhere in the package."""
    if "/" not in path:
        return any((ROOT / "src").rglob(path))
    return any((folder / path).exists() for folder in (ROOT, ROOT / "src/serflow"))


def test_modules_that_are_named_exist(page):
    assert [name for name in MODULE.findall(page.read_text()) if not _is_there(name)] == []


def _is_there(name: str) -> bool:
    """Whether a dotted name is a module, or something that a module's source defines."""
    path = ROOT / "src" / name.replace(".", "/")
    if path.is_dir() or path.with_suffix(".py").is_file():
        return True
    module, _, member = name.rpartition(".")
    source = ROOT / "src" / f"{module.replace('.', '/')}.py"
    if not source.is_file():
        source = ROOT / "src" / module.replace(".", "/") / "__init__.py"
    return source.is_file() and re.search(rf"^(def|class) {member}\b|^{member}\b", source.read_text(), re.M) is not None
