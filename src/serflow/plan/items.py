"""Tables and figures as a paper's YAML declares them, by their kinds: `kind` decides which keys there are."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator

from serflow.corpora.declaration import Label
from serflow.validation import ABSENT, Count, Id, Once, Positive, Strict, Text, one_of

__all__ = ["FIGURES", "TABLES", "Claim", "Figure", "Table"]

Percent = Annotated[float, Field(ge=0, le=100)]
Note = Annotated[Text, Field(description="a sentence at the end of the caption: what the paper's own figure shows")]
Some = Field(min_length=1)


class Row(Strict):
    """A row of published numbers, or of what is made beside them."""

    id: Id
    name: str
    variant: Annotated[
        Text, Field(description="rows of one name that follow one another are printed as one, a line a variant")
    ] = ABSENT
    experiment: Annotated[str, Field(description="without this key, the table's")] = ABSENT
    reported: Annotated[dict[str, Percent], Some] = ABSENT

    @model_validator(mode="after")
    def _something(self) -> "Row":
        if not self.model_fields_set & {"system", "teacher", "reported"}:
            raise ValueError(f"row {self.id!r} shows nothing; say what makes it, or what is `reported`")
        return self


class SystemRow(Row):
    """A row of a system."""

    system: str = ABSENT
    comparable: Annotated[
        bool,
        Field(
            description="false: the reported numbers are of other features or folds than the system's here, so that no "
            "difference is printed and no verdict; without this key, true"
        ),
    ] = ABSENT

    @model_validator(mode="after")
    def _compared(self) -> "SystemRow":
        if "comparable" in self.model_fields_set and not {"system", "reported"} <= self.model_fields_set:
            raise ValueError(
                f"row {self.id!r}: `comparable` says what `system` and `reported` do; name both, or drop it"
            )
        return self


class TeacherRow(Row):
    """A row of a teacher."""

    teacher: Annotated[str, Field(description="one of `teachers`")] = ABSENT


class Contrast(Strict):
    """A pair of protocols: what the second is worth in UA, in a sentence."""

    what: Annotated[Text, Field(description="the sentence's beginning: what is worth so many points")]
    from_: Annotated[str, Field(alias="from")]
    to: str

    @model_validator(mode="after")
    def _two(self) -> "Contrast":
        if self.from_ == self.to:
            raise ValueError(f"from, to: both are {self.to!r}; name two protocols")
        return self


class ZTest(Strict):
    """The paper's own test, one-tailed: which numbers are better than those of a system."""

    against: str


class Claim(Strict):
    """A sentence of the paper that says which of two systems has more of a metric."""

    id: Id
    text: Annotated[Text, Field(description="what it says, in words of one's own")]
    source: Annotated[Text, Field(description="where the paper says it: section, paragraph, table")]
    experiment: str
    system: str
    against: str
    metric: Annotated[str, Field(description="a column of tables that systems are compared in")]
    direction: Annotated[
        Literal["above", "below"], Field(description="whether `system` has more of the metric than `against`, or less")
    ]
    size: Annotated[
        Positive, Field(description="how far the two lie apart in the paper, in points; absent where it does not say")
    ] = ABSENT

    @model_validator(mode="after")
    def _two(self) -> "Claim":
        if self.system == self.against:
            raise ValueError(f"system, against: both are {self.system!r}; name two systems")
        return self


class Item(Strict):
    """What every table and figure says."""

    title: str
    source: Annotated[str, Field(description="where the published numbers stand")]


class Counts(Item):
    """A table of utterances by session and class."""

    kind: Literal["counts"]
    experiment: str


class Groups(Item):
    """A table of UA by group of test utterances, of every system that the paper's tables show of an experiment."""

    kind: Literal["groups"]
    experiment: str


class OfRows(Item):
    """A table with a row for each thing that is measured."""

    experiment: str
    note: Annotated[
        Text, Field(description="a sentence at the end of the caption: what one must know to compare the rows")
    ] = ABSENT
    columns: Annotated[list[str], Some]
    rows: Annotated[list[Row], Some]
    ablation: Annotated[
        list[Annotated[list[str], Field(min_length=2)]],
        Field(
            min_length=1,
            description="chains of ids of rows, each a component more than the one before: what each is worth is "
            "tested and printed",
        ),
    ] = ABSENT

    @model_validator(mode="after")
    def _once(self) -> "OfRows":
        lists = [("columns", self.columns), ("rows", [row.id for row in self.rows])]
        for key, names in [*lists, *(("ablation", chain) for chain in self.ablation or [])]:
            if double := next((name for name in names if names.count(name) > 1), None):
                raise ValueError(f"{key}: {double!r} stands twice; rename or remove one")
        return self


class Scores(OfRows):
    """A table of what systems reach; the kind of tables that name none."""

    kind: Literal["scores"] = "scores"
    rows: Annotated[list[SystemRow], Some]
    protocols: Annotated[
        list[str], Once, Field(min_length=1, description="the columns; without this key, the configured protocols")
    ] = ABSENT
    z_test: ZTest = ABSENT
    contrasts: Annotated[list[Contrast], Some] = ABSENT


class Asr(OfRows):
    """A table of error rates of teachers."""

    kind: Literal["asr"]
    rows: Annotated[list[TeacherRow], Some]


class Claims(Item):
    """A table of what becomes of the paper's `claims`."""

    kind: Literal["claims"]


TABLES = {"scores": Scores, "counts": Counts, "groups": Groups, "asr": Asr, "claims": Claims}


class LabelDistribution(Item):
    """Utterances by group of labels and by style."""

    kind: Literal["label_distribution"]
    groups: Annotated[dict[Id, Annotated[list[Label], Some]], Some]


class Sweep(Item):
    """Scores against a varied parameter, a panel for each value of another one."""

    kind: Literal["sweep"]
    sweep: str
    x: Annotated[str, Field(description="a parameter that the sweep varies")]
    log2: bool
    panel: Annotated[str, Field(description="another parameter that the sweep varies")]
    best_reported: Annotated[dict[Any, Any], Field(description="panel -> where the paper has its best; {}: nowhere")]


def _reported(pair: list[float]) -> list[float]:
    utterances, percent = pair
    if utterances < 1 or not utterances.is_integer() or not 0 <= percent <= 100:
        raise ValueError(f"{pair}: expected a whole number from 1, and a number from 0 to 100")
    return pair


class DataScale(Item):
    """Scores against the number of training utterances."""

    kind: Literal["data_scale"]
    sweep: str
    reported: Annotated[
        list[Annotated[list[float], Field(min_length=2, max_length=2), AfterValidator(_reported)]],
        Field(description="what the paper's figure shows: pairs of utterances a class and UA in per cent"),
    ] = ABSENT
    reported_on: Annotated[str, Field(description="the corpus of the reported numbers, and how they were read")] = (
        ABSENT
    )

    @model_validator(mode="after")
    def _named(self) -> "DataScale":
        if self.reported and not self.reported_on:
            raise ValueError("reported_on: missing; say of which corpus the reported numbers are")
        return self


class OfSystem(Item):
    """What shows one system's runs."""

    system: str
    experiment: str


class Confusion(OfSystem):
    """A confusion matrix a protocol."""

    kind: Literal["confusion"]
    average: Annotated[
        Literal["folds"],
        Field(
            description="one a fold, row-normalised, and their mean; without this key, the counts of all folds together"
        ),
    ] = ABSENT
    note: Note = ABSENT


class Reliability(Item):
    """Accuracy against confidence, a panel a protocol."""

    kind: Literal["reliability"]
    experiment: str
    systems: Annotated[list[str], Once, Field(min_length=1, max_length=4, description="those to draw")]


class TrainingCurves(OfSystem):
    """Loss and UA, epoch by epoch."""

    kind: Literal["training_curves"]


class OfUtterance(OfSystem):
    """What a network attends to in one test utterance."""

    class_: Annotated[str, Field(alias="class")]
    utterance: Annotated[
        str,
        Field(
            description="the test utterance to show; without this key, the class's that is classified right most surely"
        ),
    ] = ABSENT


class Attention(OfUtterance):
    """Weights over time."""

    kind: Literal["attention"]


class AttentionEnergy(OfUtterance):
    """Weights beside the energy of the signal."""

    kind: Literal["attention_energy"]
    energy: Annotated[
        str,
        Field(description="the feature set with the energy of the signal in the system's own frames"),
    ]
    note: Note = ABSENT


class AttentionMaps(OfUtterance):
    """Maps of a teacher and of its student."""

    kind: Literal["attention_maps"]
    beside: Annotated[str, Field(description="the system without transfer, beside the one with it")]
    note: Note = ABSENT


class CorrelationMatrices(OfUtterance):
    """Weights between steps, a matrix a head."""

    kind: Literal["correlation_matrices"]
    block: Annotated[
        Count, Field(description="the block to show, of those with attention; without this key, the last")
    ] = ABSENT
    note: Note = ABSENT


class Informativeness(OfUtterance):
    """Informativeness of steps, refinement by refinement."""

    kind: Literal["informativeness"]


class EnergyCorrelations(OfSystem):
    """Correlations of weights with energy, of all test utterances."""

    kind: Literal["energy_correlations"]
    energy: Annotated[str, Field(description="as of attention_energy")]


class AsrCurves(Item):
    """Error rates of teachers, epoch by epoch."""

    kind: Literal["asr_curves"]
    experiment: str
    teachers: Annotated[list[str], Once, Field(min_length=1, description="those of `teachers` to draw")]
    note: Note = ABSENT


FIGURES = {
    "label_distribution": LabelDistribution,
    "sweep": Sweep,
    "data_scale": DataScale,
    "confusion": Confusion,
    "reliability": Reliability,
    "training_curves": TrainingCurves,
    "attention": Attention,
    "attention_energy": AttentionEnergy,
    "attention_maps": AttentionMaps,
    "correlation_matrices": CorrelationMatrices,
    "informativeness": Informativeness,
    "energy_correlations": EnergyCorrelations,
    "asr_curves": AsrCurves,
}

Table = one_of(TABLES, key="kind", default="scores")
Figure = one_of(FIGURES, key="kind")
