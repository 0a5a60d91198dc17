"""What a page of results is made of: a YAML beside the page, which both the trainings and the page go by."""

from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from serflow.config import read_yaml
from serflow.validation import Count, Index, Once, Strict, Text, validate

__all__ = ["Declaration", "DeclaredChapter", "read_declaration"]


class DeclaredChapter(Strict):
    """A paper at one of its presets, as config.yaml has these keys."""

    paper: Annotated[str, Field(description="a file of workflow/papers, without .yaml")]
    preset: Annotated[str, Field(description="one of the paper's presets")]
    protocols: Annotated[
        list[str], Once, Field(min_length=1, description="as_published, or a protocol of workflow/protocols.yaml")
    ]
    seeds: Annotated[list[Index] | None, Field(min_length=1, description="as in config.yaml; null: the preset's")]
    folds: Annotated[Count | None, Field(description="as in config.yaml; null: the preset's")]

    @property
    def name(self) -> str:
        """The paper and its preset, as the page's headings have them."""
        return f"{self.paper}, preset {self.preset}"

    def changes(self, corpus: str) -> dict[str, Any]:
        """What differs from config.yaml; sweeps have no place on a page."""
        settings = self.model_dump(exclude={"paper"})
        return {"corpus": corpus, "papers": [self.paper], "sweeps": False} | settings


class Declaration(Strict):
    """A page: its corpus, the command that makes it, and its chapters in the order in which they are trained."""

    corpus: Annotated[str, Field(description="a file of workflow/corpora, without .yaml")]
    command: Annotated[Text, Field(description="what a reader types to make the runs and the page, as printed")]
    chapters: Annotated[list[DeclaredChapter], Field(min_length=1)]


def read_declaration(path: Path) -> Declaration:
    """Read and check the YAML of a page.

    Raises
    ------
    UserError
        For a key that is unknown or missing, or a value of another kind; names of papers, presets and protocols are
        checked where they are used.
    """
    content = read_yaml(path)
    validate(content, Declaration, where=str(path))
    return Declaration.model_validate(content)
