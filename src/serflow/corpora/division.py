"""Key `division` of a corpus's YAML: the parts that its own table puts utterances into."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from serflow.validation import ABSENT, Count, Strict, Text

__all__ = ["Division"]


class Division(Strict):
    """The corpus's own folds, which the split of kind `given` takes."""

    name: Annotated[Text, Field(description="over its column in tables; without it, the protocol's name")] = ABSENT
    by: Annotated[
        Literal["part", "fold", "both"],
        Field(
            description="which columns are read. part: one fold, as an official partition has; fold: each value tests "
            "once, in its fold, and the others train; both: the table has a row an utterance and fold"
        ),
    ]
    folds: Annotated[Count, Field(description="how many there are")]
    validation: Annotated[
        Literal["given", "next_fold", "speakers"],
        Field(
            description="where the validation part is from. given: the column `part`; next_fold: what the next fold "
            "tests, wrapping; speakers: training speakers, whole, drawn until they have a tenth of the training part"
        ),
    ]
    parts: Annotated[
        dict[str, Literal["train", "validation", "test", "unused"]],
        Field(description="value of the column `part` -> what it means; unused: left out of this split"),
    ] = ABSENT

    @model_validator(mode="after")
    def _fits(self) -> "Division":
        meant = set((self.parts or {}).values())
        if self.by == "fold":
            if self.parts is not None:
                raise ValueError("parts: by 'fold' reads no column `part`; take `parts` out, or set `by: both`")
            if self.validation == "given":
                raise ValueError("validation: 'given' is a value of the column `part`; expected next_fold or speakers")
            least = 3 if self.validation == "next_fold" else 2
            if self.folds < least:
                raise ValueError(f"folds: {self.folds}; expected {least} or more, since each tests once")
            return self
        if self.by == "part" and self.folds != 1:
            raise ValueError(f"folds: {self.folds}; expected 1, since the column `part` is one fold")
        for word in ("train", "test"):
            if word not in meant:
                raise ValueError(f"parts: no value of the column `part` means {word}; expected one at least")
        if self.validation == "next_fold":
            raise ValueError("validation: 'next_fold' is of `by: fold`; expected given or speakers")
        if self.validation == "given" and "validation" not in meant:
            raise ValueError("validation: 'given', but no value of `parts` means validation; expected speakers")
        if self.validation == "speakers" and "validation" in meant:
            raise ValueError("validation: 'speakers', but `parts` has a validation part; expected given")
        return self
