"""Typed models of resolved specs: what each learner, model and extractor takes, and of which kind its values are.

What a model or an extractor takes stands in its constructor, and is read from there; how large a number may be stands
here. Nothing is imported for that.
"""

from collections.abc import Iterator
from functools import cache
from typing import Annotated, Any, Literal, get_args, get_origin

from pydantic import Field, ValidationInfo, create_model, field_validator, model_validator

from serflow.asr.tokens import ENDS
from serflow.corpora.declaration import LateCut
from serflow.layers.widths import attention_width, scaled
from serflow.learners.parts.settings import ElmSettings, GmmHmmSettings, MajoritySettings, MklSettings, SvmSettings
from serflow.registry import EXTRACTORS, MODELS, Argument, arguments_of
from serflow.validation import ABSENT, Count, Id, Index, NotNegative, Positive, Strict, one_of

__all__ = ["PARAMETERS", "DERIVED", "TeacherParameters", "feature_sets"]

DERIVED = "acoustic_lexical"  # the model that a system's own is joined with text in; no YAML names it
GIVEN = {"dims", "classes"}  # what a model's constructor takes from the data
ENCODERS = {  # of `SequenceEncoder`
    "tcn": ("serflow.layers.causal_convolutions", "CausalConvolutions"),
    "blstm": ("serflow.layers.blstm", "Blstm"),
}

LARGEST = 2**20  # of sizes, counts, and samples a second: beyond it is a slip, or an attempt to fill the memory
Seconds = Annotated[float, Field(gt=0, le=60)]  # of windows and their steps
Share = Annotated[float, Field(ge=0, lt=1)]
FROM_NONE = ("heads",)  # whole numbers that may be 0: without attention


class Keep(Strict):
    """Segments of an utterance that are kept, its loudest."""

    share: Annotated[float, Field(gt=0, le=1)]
    columns: Annotated[list[Index], Field(min_length=2, max_length=2)]

    @field_validator("columns")
    @classmethod
    def _some(cls, columns: list[int]) -> list[int]:
        if columns[0] >= columns[1]:
            raise ValueError(f"{columns}: expected the first column and one past the last")
        return columns


class Segments(Strict):
    """How utterances are cut (`serflow.training.segments`)."""

    seconds: Positive
    train_step: Positive
    test_step: Positive
    short_test: Literal["pad", "drop"]
    average: Literal["probabilities", "logits"]
    keep: Keep | None = None

    @field_validator("train_step", "test_step")
    @classmethod
    def _without_gaps(cls, step: float, info: ValidationInfo) -> float:
        seconds = info.data.get("seconds", step)
        if step > seconds:
            raise ValueError(f"{step}: expected {seconds} at most, the length of a segment (seconds)")
        return step


class Adam(Strict):
    """`serflow.training.adam.Adam`."""

    name: Literal["adam"]
    lr: Positive
    betas: Annotated[list[Share], Field(min_length=2, max_length=2)] = ABSENT
    eps: NotNegative = ABSENT
    weight_decay: NotNegative = ABSENT


class Step(Strict):
    """A learning rate that falls by `factor` after every `every` epochs (`serflow.training.schedules`)."""

    name: Literal["step"]
    every: Count
    factor: Annotated[float, Field(gt=0, lt=1)]


class Halving(Strict):
    """A learning rate that falls smoothly after `after` optimiser steps, by one half in every `every`."""

    name: Literal["halving"]
    after: Index
    every: Count


SCHEDULES: dict[str, type[Strict]] = {"step": Step, "halving": Halving, "late_cut": LateCut}


class Train(Strict):
    """The loop over epochs (`serflow.training.gradient`)."""

    epochs: Count
    batch_size: Count
    optimizer: Adam
    schedule: one_of(SCHEDULES, key="name") | None
    frames_at_once: Annotated[
        Count,
        Field(
            description="padded frames that go through a network at once; of larger batches the gradients of parts add "
            "up, and each part has its own statistics in batch norms"
        ),
    ]
    clip: Annotated[Positive, Field(description="largest norm of all gradients together")] = ABSENT
    precision: Literal["float32", "tf32", "bf16"] = ABSENT
    channels_last: Annotated[
        bool, Field(description="maps lie in memory with their channels side by side; other rounding")
    ] = ABSENT
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


class _Acnn(Strict):
    """What the values of an `acnn` must agree in."""

    @field_validator("depth", check_fields=False)
    @classmethod
    def _has_channels(cls, depth: int, info: ValidationInfo) -> int:
        channels = info.data.get("channels")
        if channels is not None and depth > len(channels):
            raise ValueError(f"{depth}: expected {len(channels)} at most, one for each of channels {channels}")
        return depth


class _Groups(Strict):
    """What the lists of `groups` must agree in."""

    @field_validator("filters", check_fields=False)
    @classmethod
    def _some(cls, filters: list[int]) -> list[int]:
        if not filters:
            raise ValueError("[]: expected one value a group, and one group or more")
        return filters

    @field_validator("kernels", "convolutions", "strides", "dilations", check_fields=False)
    @classmethod
    def _one_a_group(cls, values: list[int], info: ValidationInfo) -> list[int]:
        filters = info.data.get("filters")
        if filters is not None and len(values) != len(filters):
            raise ValueError(f"{values}: expected {len(filters)} values, one a group, as in filters {filters}")
        return values

    @field_validator("convolutions", check_fields=False)
    @classmethod
    def _two_a_block(cls, counts: list[int]) -> list[int]:
        if any(count != 1 and count % 2 for count in counts):
            raise ValueError(f"{counts}: expected 1 or an even number each, two a block")
        return counts


class _Grouped(Strict):
    """What a model with `groups` must agree in: every group's attention is shared by its heads."""

    @model_validator(mode="after")
    def _heads_share(self) -> "_Grouped":
        groups: Any = self.groups
        if groups.heads:
            for filters in scaled(groups.filters, self.width_multiplier):
                width = attention_width(filters, groups.attention_ratio)
                if width % groups.heads:
                    raise ValueError(
                        f"groups.heads {groups.heads}: expected a divisor of {width}, the width of the attention on "
                        f"{filters} channels (attention_ratio {groups.attention_ratio})"
                    )
        return self


class _Tcn(Strict):
    """What a `tcn` must have."""

    @field_validator("dilations", check_fields=False)
    @classmethod
    def _some(cls, dilations: list[int]) -> list[int]:
        if not dilations:
            raise ValueError("[]: expected one value a block, and one block or more")
        return dilations


class _Mfcc(Strict):
    """What the values of the extractor `mfcc` must agree in."""

    @field_validator("n_mels", check_fields=False)
    @classmethod
    def _enough_bands(cls, bands: int, info: ValidationInfo) -> int:
        kept = info.data.get("n_mfcc", bands)
        if bands < kept:
            raise ValueError(f"{bands}: expected {kept} or more, the coefficients that are kept of them (n_mfcc)")
        return bands


class _LogMel(Strict):
    """What the values of the extractor `logmel` must agree in."""

    @field_validator("n_fft", check_fields=False)
    @classmethod
    def _holds_the_window(cls, points: int, info: ValidationInfo) -> int:
        window = round(info.data.get("window_seconds", 0) * info.data.get("sample_rate", 0))
        if points < window:
            raise ValueError(f"{points}: expected {window} or more, the samples of the window (window_seconds)")
        return points


# conditions between the values that a constructor takes, told with the plan
AGREE: dict[str, type[Strict]] = {"acnn": _Acnn, "logmel": _LogMel, "mfcc": _Mfcc, "tcn": _Tcn}


def _ranged(name: str, kind: Any) -> Any:
    """An argument's type, its numbers within what they can be."""
    if get_origin(kind) is list:
        return list[_ranged(name, *get_args(kind))]
    if kind is int:
        return Annotated[int, Field(ge=0 if name in FROM_NONE else 1, le=LARGEST)]
    if kind is float:
        return Share if name.endswith("dropout") else Seconds if name.endswith("seconds") else Positive
    return kind


def _fields(arguments: dict[str, Argument], *, without: set[str]) -> Iterator[tuple[str, Any]]:
    for name, argument in arguments.items():
        if name not in without:
            nested = NESTED[name]() if name in NESTED else _ranged(name, argument.type)
            yield name, (nested, ... if argument.required else ABSENT)


def _typed(name: str, key: str, arguments: dict[str, Argument], *, without: set[str]) -> type[Strict]:
    """A mapping that names a class by `key` and gives what its constructor takes, but for what is left out."""
    fields = dict(_fields(arguments, without=without))
    base = AGREE.get(name, _Grouped if "groups" in arguments else Strict)
    return create_model(name, __base__=base, **{key: (Literal[name], ...)}, **fields)


@cache
def _encoders() -> Any:
    typed = {name: _typed(name, "name", arguments_of(*place), without={"inputs"}) for name, place in ENCODERS.items()}
    return one_of(typed, key="name")


@cache
def _groups() -> Any:
    taken = arguments_of("serflow.layers.temporal_convolutions", "ConvolutionGroups")
    return create_model("groups", __base__=_Groups, **dict(_fields(taken, without=GIVEN)))


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
    return dict[Id, one_of(typed, key="extractor")]
