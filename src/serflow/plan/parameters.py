"""Typed models of resolved specs: what each learner, model and extractor takes, and of which kind its values are.

What a model or an extractor takes stands in its constructor, and is read from there; how large a number may be stands
here. Nothing is imported for that.
"""

from collections.abc import Iterator
from functools import cache
from typing import Annotated, Any, Literal, get_args, get_origin

from pydantic import Field, create_model, model_validator

from serflow.asr.tokens import ENDS
from serflow.learners.parts.settings import ElmSettings, GmmHmmSettings, MajoritySettings, MklSettings, SvmSettings
from serflow.registry import EXTRACTORS, MODELS, Argument, arguments_of
from serflow.validation import ABSENT, Count, Index, NotNegative, Positive, Strict, one_of

__all__ = ["PARAMETERS", "DERIVED", "TeacherParameters", "feature_sets"]

DERIVED = "acoustic_lexical"  # the model that a system's own is joined with text in; no YAML names it
GIVEN = {"dims", "classes"}  # what a model's constructor takes from the data
ENCODERS = {  # of `SequenceEncoder`
    "tcn": ("serflow.layers.causal_convolutions", "CausalConvolutions"),
    "blstm": ("serflow.layers.blstm", "Blstm"),
}

Share = Annotated[float, Field(ge=0, lt=1)]
FROM_NONE = ("heads",)  # whole numbers that may be 0: without attention


class Keep(Strict):
    """Segments of an utterance that are kept, its loudest."""

    share: Annotated[float, Field(gt=0, le=1)]
    columns: Annotated[list[Index], Field(min_length=2, max_length=2)]


class Segments(Strict):
    """How utterances are cut (`serflow.training.segments`)."""

    seconds: Positive
    train_step: Positive
    test_step: Positive
    short_test: Literal["pad", "drop"]
    average: Literal["probabilities", "logits"]
    keep: Keep | None = None


class Adam(Strict):
    """`serflow.training.adam.Adam`."""

    name: Literal["adam"]
    lr: Positive
    betas: Annotated[list[Share], Field(min_length=2, max_length=2)] = ABSENT
    eps: NotNegative = ABSENT
    weight_decay: NotNegative = ABSENT


class Steps(Strict):
    """A learning rate that falls by `factor` after every `every` epochs (`serflow.training.schedules`)."""

    every: Count
    factor: Positive


class Train(Strict):
    """The loop over epochs (`serflow.training.gradient`)."""

    epochs: Count
    batch_size: Count
    optimizer: Adam
    schedule: Steps | None
    precision: Literal["float32", "tf32", "bf16"] = ABSENT
    compile: bool = ABSENT


class Vectors(Strict):
    """word2vec (`serflow.lexical.vectors`)."""

    skip_gram: bool
    window: Count
    negative: Index
    epochs: Count
    min_count: Count


class Text(Strict):
    """What a system reads of words, in the experiments that have them read."""

    dims: Count
    units: Count
    vectors: Vectors


class Transfer(Strict):
    """The teacher whose attention is learned, the weight of that loss, and the exponent of its maps."""

    teacher: str
    weight: NotNegative
    p: Annotated[float, Field(ge=1)]


class Mkl(MklSettings):
    """`serflow.learners.mkl`; the text is its encoder's to read."""

    text: Text | None = None


def _ranged(name: str, kind: Any) -> Any:
    """An argument's type, its numbers within what they can be."""
    if get_origin(kind) is list:
        return list[_ranged(name, *get_args(kind))]
    if kind is int:
        return Index if name in FROM_NONE else Count
    if kind is float:
        return Share if name.endswith("dropout") else Positive
    return kind


def _fields(arguments: dict[str, Argument], *, without: set[str]) -> Iterator[tuple[str, Any]]:
    for name, argument in arguments.items():
        if name not in without:
            nested = NESTED[name]() if name in NESTED else _ranged(name, argument.type)
            yield name, (nested, ... if argument.required else ABSENT)


def _typed(name: str, key: str, arguments: dict[str, Argument], *, without: set[str]) -> type[Strict]:
    """A mapping that names a class by `key` and gives what its constructor takes, but for what is left out."""
    fields = dict(_fields(arguments, without=without))
    return create_model(name, __base__=Strict, **{key: (Literal[name], ...)}, **fields)


@cache
def _encoders() -> Any:
    typed = {name: _typed(name, "name", arguments_of(*place), without={"inputs"}) for name, place in ENCODERS.items()}
    return one_of(typed, key="name")


@cache
def _groups() -> Any:
    taken = arguments_of("serflow.layers.temporal_convolutions", "ConvolutionGroups")
    return create_model("groups", __base__=Strict, **dict(_fields(taken, without=GIVEN)))


NESTED = {"encoder": _encoders, "groups": _groups}  # arguments that hold what another class takes


def _models(*, writes_tokens: bool) -> dict[str, type[Strict]]:
    """Typed models of the networks that tell emotions, or that write tokens, by name."""
    taken = {name: MODELS.arguments(name) for name in MODELS.names() if name != DERIVED}
    chosen = {name: arguments for name, arguments in taken.items() if (set(ENDS) <= set(arguments)) == writes_tokens}
    return {name: _typed(name, "name", arguments, without=GIVEN | set(ENDS)) for name, arguments in chosen.items()}


class Network(Strict):
    """`serflow.learners.network`."""

    normalise: Literal["standard", "none"]
    segments: Segments | None
    model: one_of(_models(writes_tokens=False), key="name")
    train: Train
    text: Text | None = None
    transfer: Transfer | None = None
    train_per_class: Annotated[Count, Field(description="utterances a class to train on; without it, all")] = ABSENT

    @model_validator(mode="after")
    def _agree(self) -> "Network":
        if self.transfer and self.segments:
            raise ValueError("transfer: wants whole utterances; set `segments: null`")
        if self.text and not {"dropout", "width_multiplier"} <= set(type(self.model).model_fields):
            raise ValueError(f"text: model {self.model.name!r} cannot be joined with text; take `text` away by null")
        return self


class Spans(Strict):
    """Runs of words that a teacher is given besides whole turns (`serflow.asr.spans`)."""

    each: Count
    words: Count


class TeacherParameters(Strict):
    """`serflow.asr.recogniser`."""

    normalise: Literal["standard", "none"] = ABSENT
    audio: Literal["own", "shuffled"]
    longest_seconds: Positive | None = None
    spans: Spans | None = None
    beam: Count
    model: one_of(_models(writes_tokens=True), key="name")
    train: Train


PARAMETERS: dict[str, type[Strict]] = {
    "elm": ElmSettings,
    "gmm_hmm": GmmHmmSettings,
    "majority": MajoritySettings,
    "mkl": Mkl,
    "network": Network,
    "svm": SvmSettings,
}


def feature_sets() -> Any:
    """The type of workflow/features.yaml: a name -> its extractor and what that takes."""
    typed = {name: _typed(name, "extractor", EXTRACTORS.arguments(name), without=set()) for name in EXTRACTORS.names()}
    return dict[str, one_of(typed, key="extractor")]
