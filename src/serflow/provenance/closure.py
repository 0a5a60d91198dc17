"""The source files that a module imports, directly or through others of this package."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from serflow.files import digest, file_digest
from serflow.registry import own_file

SOURCE = Path(__file__).resolve().parents[2]


def source_closure(*modules: str) -> list[str]:
    """Files of `modules` and of every serflow module that they import, sorted, relative to the repository's root.

    They are called so in an installed package, too: what is installed has the same digests as the checkout that it was
    made of. A user's own file is relative to the working folder. Modules that are picked by name at run time (a model,
    a learner) must be given by the caller.
    """
    return list(_closure(*modules))


def _closure(*modules: str) -> dict[str, Path]:
    """Name -> file of the closure, sorted."""
    found: set[Path] = set()
    waiting = [name for module in modules for name in _with_parents(module)]
    while waiting:
        path = _file(waiting.pop())
        if path is not None and path not in found:
            found.add(path)
            waiting.extend(_imports(path))
    return dict(sorted((_name(path), path) for path in found))


def _name(path: Path) -> str:
    if path.is_relative_to(SOURCE):
        return f"src/{path.relative_to(SOURCE).as_posix()}"
    return path.relative_to(Path.cwd()).as_posix()


def closure_digests(*modules: str) -> dict[str, str]:
    """SHA-256 of each file of the closure, by its name."""
    return {name: _digest(path) for name, path in _closure(*modules).items()}


@cache
def closure_digest(*modules: str) -> str:
    """SHA-256 over the names and contents of the closure's files."""
    return digest(closure_digests(*modules))


@cache
def _digest(path: Path) -> str:
    return file_digest(path)


@cache
def _file(module: str) -> Path | None:
    base = SOURCE.joinpath(*module.split("."))
    for path in (base.with_suffix(".py"), base / "__init__.py"):
        if path.is_file():
            return path
    return own_file(module)


@cache
def _imports(path: Path) -> tuple[str, ...]:
    names = []
    for node in _statements(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    return tuple(sorted({part for name in names if name.split(".")[0] == "serflow" for part in _with_parents(name)}))


def _statements(node: ast.AST) -> Iterator[ast.AST]:
    """All statements inside a node: `ast.walk` without the expressions, which are nine in ten of its nodes."""
    for name in ("body", "orelse", "finalbody", "handlers", "cases"):
        parts = getattr(node, name, [])
        for part in parts if isinstance(parts, list) else []:  # that of a conditional expression is one
            yield part
            yield from _statements(part)


def _with_parents(module: str) -> list[str]:
    """A module and the packages that importing it runs."""
    return [module.rsplit(".", i)[0] for i in range(module.count(".") + 1)]
