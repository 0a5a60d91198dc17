"""Key `columns` of a corpus's YAML: what a release calls the columns of its tables, reader by reader."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag

from serflow.corpora.columns import COLUMNS
from serflow.validation import ABSENT, Strict, Text

__all__ = ["ColumnOf", "Columns", "require_columns_of"]

OF_INDEX = ("path", "utterance", "start", "end")  # of a database in audformat: what its tables' index says
EXAMPLE = "{table: <a table>, column: <its column>}"


class ColumnOf(Strict):
    """A column of an audformat database."""

    table: Annotated[Text, Field(description="a table of db.yaml; of `sex` and such also a miscellaneous one")]
    column: Annotated[Text, Field(description="one of its columns")]
    map: Annotated[
        Text,
        Field(
            description="where the column's scheme has a dictionary for each label (speaker -> gender, age), or a "
            "miscellaneous table: the entry that is meant, such as gender; without this key the label itself"
        ),
    ] = ABSENT


def _kind(value: Any) -> str:
    return "mapping" if isinstance(value, dict) else "text"


Columns = dict[
    Literal[tuple(COLUMNS)],
    Annotated[Annotated[Text, Tag("text")] | Annotated[ColumnOf, Tag("mapping")], Discriminator(_kind)],
]


def require_columns_of(reader: str, columns: Mapping[str, str | ColumnOf]) -> None:
    """Raise a `ValueError` unless `columns` has what this reader expects."""
    if reader == "audformat":
        for name in OF_INDEX:
            if name in columns:
                raise ValueError(f"columns: {name!r}: reader 'audformat' has it from the label's table; remove it")
        for name in ("label", "speaker"):
            if name not in columns:
                raise ValueError(f"columns: {name}: missing; reader 'audformat' reads it: add {EXAMPLE}")
    for name, value in columns.items():
        if reader == "audformat" and not isinstance(value, ColumnOf):
            raise ValueError(f"columns: {name}: {value!r}; reader 'audformat' expects {EXAMPLE}")
        if reader == "table" and isinstance(value, ColumnOf):
            raise ValueError(f"columns: {name}: a mapping; reader 'table' expects the name of a column")
