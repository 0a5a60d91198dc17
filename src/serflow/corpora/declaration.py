"""What a corpus's YAML file declares, workflow/corpora/<id>.yaml, after `extends` is resolved."""

import difflib
from typing import Annotated, Literal, get_args

from pydantic import AfterValidator, Field, model_validator

from serflow.config import nearest
from serflow.corpora.column_choice import Columns, require_columns_of
from serflow.corpora.division import Division
from serflow.corpora.label_names import MISSPELT
from serflow.registry import READERS
from serflow.validation import ABSENT, Count, Id, Index, Once, Positive, Strict, Text

__all__ = ["LABELS", "Corpus", "Label", "LateCut"]

# The labels that papers' classes are made of; a corpus may have others beside them.
Label = Literal[
    "angry", "happy", "excited", "sad", "neutral", "frustrated", "fearful", "surprised", "disgusted", "other",
    "no_agreement",
]  # fmt: skip
LABELS: tuple[str, ...] = get_args(Label)


def _spelt(word: str) -> str:
    near = [] if word in LABELS else difflib.get_close_matches(word, LABELS, n=1, cutoff=MISSPELT)
    if near:
        raise ValueError(f"{word!r}; did you mean {near[0]!r}? That is the word of the papers; or name it otherwise")
    return word


Word = Annotated[Id, AfterValidator(_spelt)]  # any label of a corpus
Style = Literal["improvised", "scripted"]
LabelCounts = dict[Word, Index]
Groups = dict[str, LabelCounts]
ClassCounts = dict[str, Index]


class CountedView(Strict):
    """Published counts of one choice of utterances and classes."""

    name: str
    source: str
    style: Literal["all", "improvised", "scripted"]
    classes: dict[str, Annotated[list[Word], Field(min_length=1)]]
    expected: ClassCounts
    session: dict[str, ClassCounts] = ABSENT

    @model_validator(mode="after")
    def _of_classes(self) -> "CountedView":
        counted = {"expected": self.expected}
        counted |= {f"session.{name}": counts for name, counts in (self.session or {}).items()}
        for key, counts in counted.items():
            for name in counts:
                if name not in self.classes:
                    raise ValueError(f"{key}: {name!r} is none of `classes`{nearest(name, list(self.classes))}")
        return self


class Durations(Strict):
    """Total length in hours, to two decimals; mean, shortest and longest utterance in s."""

    hours: Positive
    mean: Positive = ABSENT
    shortest: Positive = ABSENT
    longest: Positive = ABSENT


class Counts(Strict):
    """Utterances by label, of all and of a style."""

    all: LabelCounts
    improvised: LabelCounts = ABSENT
    scripted: LabelCounts = ABSENT


class ReferenceCounts(Strict):
    """Published counts that a release is checked against."""

    source: Text
    counts: Counts
    durations: Durations = ABSENT
    session: Groups = ABSENT
    session_style: Annotated[dict[Style, Groups], Field(description="style -> session -> label -> count")] = ABSENT
    speaker: Groups = ABSENT
    views: list[CountedView] = ABSENT


class Generate(Strict):
    """How a release is generated."""

    turns: Count
    seed: Index


class LateCut(Strict):
    """A learning rate that is constant for the share `after` of all optimiser steps, then times `factor`."""

    name: Literal["late_cut"]
    after: Annotated[float, Field(gt=0, lt=1)]
    factor: Annotated[float, Field(gt=0, lt=1)]


class Budget(Strict):
    """How long every network is trained on a corpus much smaller than IEMOCAP.

    Papers count in epochs of IEMOCAP's size. As many epochs share `steps` optimiser steps here, one each at least, and
    the learning rate follows `schedule` in place of the paper's, whose cuts would come when little is learned yet.
    """

    steps: Annotated[Count, Field(description="optimiser steps of a whole training")]
    schedule: Annotated[LateCut, Field(description="in place of the papers' own")]


class Convert(Strict):
    """How audio of another form becomes one channel at 16 kHz: channels by this rule, the rate by soxr (VHQ)."""

    channels: Annotated[
        Literal["mean", "first"], Field(description="of several channels: the mean of all, or the first alone")
    ]


class Corpus(Strict):
    """Keys of a corpus."""

    title: Annotated[Text, Field(description="name as printed")]
    short: Annotated[Text, Field(description="name over a column of published numbers; without it, the title")] = ABSENT
    stands_in_for: Annotated[
        str | None, Field(description="corpus whose published counts are printed beside this one's")
    ]
    reader: Annotated[
        Literal[tuple(READERS.names())], Field(description="a file of src/serflow/corpora/readers, without .py")
    ]
    reads: Annotated[
        list[Text],
        Field(
            min_length=1,
            description="globs on paths within the release (* also matches /, ! before one takes out what it matches): "
            "what the reader reads or lists; all else may change freely",
        ),
    ]
    table: Annotated[
        Text,
        Field(description="reader `table`: its CSV or Parquet file, relative to the release, or an absolute path"),
    ] = ABSENT
    columns: Annotated[
        Columns,
        Field(
            description="reader `table`: a column that the table calls otherwise -> what it is called there; reader "
            "`audformat`: label, speaker, session, dialog, group, style, sex, text -> the column of the database that "
            "is it, {table: files, column: speaker}, the first two at least"
        ),
    ] = ABSENT
    convert: Annotated[
        Convert | None,
        Field(
            description="how audio of any rate, channels and format is converted, or null: a file that has not one "
            "channel at 16 kHz is not as published, and fatal"
        ),
    ]
    version: Text
    licence: Text
    show_text: Annotated[bool, Field(description="whether reports may show transcripts and rows of single utterances")]
    speech: Literal["synthesised", "real"]
    wearers: Annotated[
        bool,
        Field(
            description="whether it is known who wore motion-capture markers, whom public code takes for the speaker"
        ),
    ]
    transcripts: Annotated[
        bool,
        Field(description="whether its utterances have transcripts: without, systems that read text are left out"),
    ]
    labels: Annotated[
        dict[str, Word],
        Field(
            min_length=1,
            description="label as the corpus writes it -> its name: one of the papers' (angry, happy, excited, sad, "
            "neutral, frustrated, fearful, surprised, disgusted, other, no_agreement), or any other word",
        ),
    ]
    own_classes: Annotated[
        dict[Id, Annotated[list[Word], Field(min_length=1)]] | None,
        Field(
            min_length=2,
            description="class -> labels (of the values of `labels`), or null: every paper's main systems are trained "
            "on these classes too, of all styles, for a table of its own",
        ),
    ] = ABSENT
    styles: Annotated[list[Style], Once]
    missing_styles: Annotated[
        dict[Style, Literal["any", "none"]],
        Field(description="style that the corpus lacks -> any (all recordings stand in) or none (cannot be made)"),
    ]
    pairs: Annotated[
        int,
        Field(
            ge=2,
            description="into how many pairs of groups of speakers splits by speaker or session put the corpus, at "
            "most half the speakers; as many sessions of two speakers each are the pairs. Without this key: 5, by "
            "`folds` in workflow/protocols.yaml",
        ),
    ] = ABSENT
    division: Annotated[
        Division,
        Field(
            description="readers `table`, `audformat`: the folds that the table's columns `fold` and `part` give, for "
            "the protocol `official`"
        ),
    ] = ABSENT
    missing_labels: Annotated[
        dict[Label, Word],
        Field(description="label of the papers that the corpus lacks -> which of its own stands in"),
    ]
    budget: Annotated[Budget | None, Field(description="how long networks are trained, or null: as the papers say")]
    generate: Annotated[Generate | None, Field(description="how the release is generated, or null: the user has it")]
    reference_counts: ReferenceCounts | None

    @model_validator(mode="after")
    def _with_table(self) -> "Corpus":
        if self.reader == "table" and self.table is None:
            raise ValueError("table: missing; reader 'table' reads it: add this key")
        require_columns_of(self.reader, self.columns or {})
        if self.division is not None and self.reader not in ("table", "audformat"):
            raise ValueError(f"division: reader {self.reader!r} reads no columns `fold` and `part`; take the key out")
        return self

    @model_validator(mode="after")
    def _as_published(self) -> "Corpus":
        if self.reader == "iemocap" and self.convert is not None:
            raise ValueError("convert: expected null; reader 'iemocap' reads the release as published")
        return self

    @model_validator(mode="after")
    def _of_own_labels(self) -> "Corpus":
        known = list(dict.fromkeys(self.labels.values()))
        used = [(f"missing_labels.{label}", other) for label, other in self.missing_labels.items()]
        classes = self.own_classes or {}
        used += [(f"own_classes.{name}", label) for name, labels in classes.items() for label in labels]
        for place, label in used:
            if label not in known:
                raise ValueError(f"{place}: {label!r} is none of what `labels` gives{nearest(label, known)}")
        chosen = [label for labels in classes.values() for label in labels]
        if double := next((label for label in chosen if chosen.count(label) > 1), None):
            raise ValueError(f"own_classes: label {double!r} stands twice; give each label to one class")
        return self
