"""The file name is the registry: what YAML may name of models, learners, extractors, kinds of figures, readers.

A package holds one named thing a file. To know the names, and what the thing of a name takes, nothing is imported: a
plan is made without torch. Models and extractors of a user's own are files of the folders `models` and `extractors` of
the working folder; their modules are of the package, as if they stood in it.
"""

import ast
import importlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any, Literal

from serflow.config import nearest
from serflow.errors import UserError

__all__ = ["EXTRACTORS", "FIGURES", "LEARNERS", "MODELS", "READERS", "Argument", "Registry", "arguments_of", "own_file"]

SOURCE = Path(__file__).resolve().parents[1]
TYPES = {"Any": Any, "Callable": Callable, "Literal": Literal, "Path": Path}
OF_TYPES = (ast.Name, ast.Subscript, ast.Tuple, ast.List, ast.Constant, ast.BinOp, ast.BitOr, ast.Load)
TYPES |= {kind.__name__: kind for kind in (bool, dict, float, int, list, str, tuple)}


@dataclass(frozen=True)
class Argument:
    """A keyword argument: its type, `Any` where the source names one of its own; whether it must be given."""

    type: Any
    required: bool


@dataclass(frozen=True)
class Registry:
    """The modules of a package, by their names.

    Attributes
    ----------
    package
        Dotted name.
    what
        What a name names, for messages: "model".
    own
        Folder of the working folder that a user's own stand in; None: there are none.
    """

    package: str
    what: str
    own: str | None = None

    def names(self) -> list[str]:
        """All names, sorted; a `UserError` where one stands twice."""
        return list(_names(self.package, self.folder))

    @property
    def folder(self) -> str | None:
        """The folder that a user's own stand in, absolute; it need not be there."""
        return None if self.own is None else os.path.join(os.getcwd(), self.own)

    def module(self, name: str, *, where: str = "") -> str:
        """Dotted name of the module that `name` names; `where` stands before the message.

        Raises
        ------
        UserError
            If there is none.
        """
        if not isinstance(name, str) or name not in _names(self.package, self.folder):
            folder = f"src/{self.package.replace('.', '/')}"
            beside = f", nor of {self.own} here" if self.own and os.path.isdir(self.own) else ""
            raise UserError(f"{where}{self.what} {name!r} is no file of {folder}{beside}{nearest(name, self.names())}")
        return f"{self.package}.{name}"

    def load_module(self, name: str, *, where: str = "") -> ModuleType:
        """Import the module of a name; a `UserError` if there is none."""
        module = self.module(name, where=where)
        if self.folder not in (None, *(reached := importlib.import_module(self.package).__path__)):
            reached.append(self.folder)
        return importlib.import_module(module)

    def load(self, name: str, *, where: str = "") -> Any:
        """Import the one public class of a name's module; a `UserError` if there is no such name."""
        module = self.load_module(name, where=where)
        (public,) = module.__all__
        return getattr(module, public)

    def arguments(self, name: str) -> dict[str, Argument]:
        """What the constructor of the one public class takes, read from its source; a `UserError` as `module`."""
        return arguments_of(self.module(name))


@cache
def _names(package: str, own: str | None) -> tuple[str, ...]:
    shipped, added = (_files(folder) for folder in (SOURCE.joinpath(*package.split(".")), own))
    for name in sorted(shipped.keys() & added.keys()):
        raise UserError(
            f"{added[name]}: {name!r} stands twice, here and in {shipped[name]}; that one wins, since it is serflow's "
            "own and papers name it: rename this file"
        )
    return tuple(sorted(shipped | added))


def _files(folder: str | Path | None) -> dict[str, Path]:
    """Name -> file of the modules in a folder; none where there is no folder."""
    found = [] if folder is None else Path(folder).glob("*.py")
    return {path.stem: path for path in found if path.stem.isidentifier() and not path.stem.startswith("_")}


MODELS = Registry("serflow.models", "model", own="models")
LEARNERS = Registry("serflow.learners", "learner")
EXTRACTORS = Registry("serflow.features.extractors", "extractor", own="extractors")
FIGURES = Registry("serflow.reporting.figures", "kind of figure")
READERS = Registry("serflow.corpora.readers", "reader")


def own_file(module: str) -> Path | None:
    """The file of a user's own module, absolute; None where there is none of this name."""
    package, _, name = module.rpartition(".")
    for registry in (MODELS, EXTRACTORS):
        if package == registry.package:
            return _files(registry.folder).get(name)
    return None


def arguments_of(module: str, public: str | None = None) -> dict[str, Argument]:
    """Keyword arguments of a class's constructor, by name, without importing its module.

    Without `public` it is the module's one public class.
    """
    return _arguments(own_file(module) or SOURCE.joinpath(*module.split(".")).with_suffix(".py"), public)


@cache
def _arguments(path: Path, public: str | None) -> dict[str, Argument]:
    try:
        tree = ast.parse(path.read_text(encoding="utf-8"))
    except (SyntaxError, ValueError) as error:
        raise UserError(f"{path}: no valid Python: {error}") from None
    assigned = {
        target.id: node.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    try:
        (public,) = [public] if public else ast.literal_eval(assigned["__all__"])
        made = next(node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == public)
        constructor = next(node for node in made.body if isinstance(node, ast.FunctionDef) and node.name == "__init__")
    except (KeyError, StopIteration, TypeError, ValueError):
        raise UserError(
            f'{path}: expected one public class, `__all__ = ["Name"]`, that has an __init__ with keyword arguments'
        ) from None
    taken, defaults = constructor.args.kwonlyargs, constructor.args.kw_defaults
    return {
        argument.arg: Argument(_type(argument.annotation, assigned), default is None)
        for argument, default in zip(taken, defaults, strict=True)
    }


def _type(annotation: ast.expr | None, assigned: dict[str, ast.expr]) -> Any:
    """The type that an annotation stands for, by names of the language and of the module's own constants."""
    if annotation is None:
        return Any
    if not all(isinstance(node, OF_TYPES) for node in ast.walk(annotation)):
        return Any  # nothing in it is called: the file may be anybody's
    names = {node.id for node in ast.walk(annotation) if isinstance(node, ast.Name)}
    own = {name: _type(assigned[name], assigned) for name in names & set(assigned)}
    try:
        return eval(compile(ast.Expression(annotation), "annotation", "eval"), {}, TYPES | own)
    except NameError:  # of a class that the module imports
        return Any
