"""What config.yaml, workflow/protocols.yaml and a paper's YAML file declare.

Values under `parameters:` are partial here, differences from others: `serflow.plan.parameters` types what they make
when they are merged. Names that one part uses and another declares: `serflow.plan.references`.
"""

import itertools
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag, model_validator

from serflow.corpora.declaration import Label
from serflow.plan.items import Claim, Figure, Table
from serflow.split_kinds import Split
from serflow.validation import ABSENT, Count, Id, Index, Once, Positive, Strict, Text

__all__ = ["Config", "Paper", "Protocols"]

Select = Literal["last", "best_validation", "best_test"]
Parameters = dict[str, Any]
Ranges = Annotated[dict[str, Annotated[list[Any], Field(min_length=1)]], Field(min_length=1)]  # of varied parameters


class Lexical(Strict):
    """Files for systems that read text, and for teachers."""

    vectors: Annotated[
        Text | None,
        Field(
            description="file of word vectors (word2vec *.bin or text, GloVe text), or null: trained on each fold's "
            "training transcripts"
        ),
    ]
    pronunciations: Annotated[
        Text | None,
        Field(
            description="pronouncing dictionary for teachers, in the format of the CMU Pronouncing "
            "Dictionary, or null: that dictionary itself"
        ),
    ]


def numbered(value: Any) -> str:
    """The discriminator of `folds`: all of them, or a number."""
    return "all" if isinstance(value, str) else "number"


class Config(Strict):
    """config.yaml."""

    corpus: Annotated[str, Field(description="a file of workflow/corpora, without .yaml")]
    release: Annotated[Text | None, Field(description="folder of the release, or null for a generated corpus")]
    releases: Annotated[
        dict[str, Text],
        Field(description="folders of the releases of the other corpora that `protocols` names as cross:<corpus>"),
    ] = ABSENT
    follow_links: Annotated[
        bool, Field(description="true: links within a release may lead out of it; without this key, they are refused")
    ] = ABSENT
    skip_broken: Annotated[bool, Field(description="true leaves out turns with a fatal finding")]
    papers: Annotated[list[str], Field(min_length=1, description="files of workflow/papers, without .yaml")]
    preset: Annotated[
        str,
        Field(
            description="demo: small and quick; paper: what the papers state; or another one of the papers' own presets"
        ),
    ]
    protocols: Annotated[
        list[str],
        Field(
            min_length=1,
            description="as_published, or a protocol of workflow/protocols.yaml; cross:<corpus> lets the networks of "
            "strict predict another corpus",
        ),
    ]
    seeds: Annotated[
        list[Index] | None,
        Field(min_length=1, description="a list of whole numbers from 0, or null for the preset's"),
    ]
    folds: Annotated[
        Annotated[Annotated[Count, Tag("number")] | Annotated[Literal["all"], Tag("all")], Discriminator(numbered)]
        | None,
        Field(description="how many folds of every split, from the first; all; or null for the preset's"),
    ]
    sweeps: Annotated[bool, Field(description="false leaves parameter sweeps out")]
    device: Annotated[str, Field(pattern="^(auto|cpu|cuda(:[0-9]+)?)$", description="auto, cpu, cuda, cuda:1")]
    keep_weights: Annotated[
        Literal["all", "first_seed"],
        Field(
            description="first_seed: of each fold the networks of the first seed alone, and of what others start from "
            "or figures of all seeds are drawn from; all: those of every seed. Sweep points keep none either way"
        ),
    ]
    private: Annotated[bool, Field(description="true shows transcripts and single utterances of a licensed corpus")]
    lexical: Lexical

    @model_validator(mode="after")
    def _once(self) -> "Config":
        for key in ("papers", "protocols", "seeds"):
            values = getattr(self, key) or []
            if len(set(values)) < len(values):
                raise ValueError(f"{key} {values}: one stands twice; keep it once")
        return self


class Protocol(Strict):
    """Who trains and who tests, and which epoch counts."""

    split: Annotated[str, Field(description="a split of workflow/protocols.yaml")]
    select: Select


class Protocols(Strict):
    """workflow/protocols.yaml."""

    splits: dict[Id, Split]
    protocols: dict[Id, Protocol]


class View(Strict):
    """The utterances and classes of an experiment, and what systems read of them."""

    style: Literal["improvised", "scripted", "any"]
    classes: Annotated[dict[Id, Annotated[list[Label], Field(min_length=1)]], Field(min_length=1)]
    inputs: Annotated[
        Literal["acoustic", "acoustic_lexical", "lexical"],
        Field(description="what the systems that declare `text` read; without this key, sound alone"),
    ] = ABSENT
    transcripts: Annotated[
        Literal["own", "shuffled"],
        Field(description="shuffled: each part's transcripts dealt out anew among its utterances"),
    ] = ABSENT
    corpus: Annotated[
        str,
        Field(description="a file of workflow/corpora: the view is for this corpus and those that extend it"),
    ] = ABSENT

    @model_validator(mode="after")
    def _read(self) -> "View":
        if "transcripts" in self.model_fields_set and "inputs" not in self.model_fields_set:
            raise ValueError("transcripts: nothing reads them without the key `inputs`; add it")
        labels = [label for chosen in self.classes.values() for label in chosen]
        if double := next((label for label in labels if labels.count(label) > 1), None):
            raise ValueError(f"classes: label {double!r} stands twice; give each label to one class")
        return self


class AsPublished(Protocol):
    """The paper's own protocol."""

    best_of_each: Annotated[bool, Field(description="whether each metric is taken at its own best epoch")] = ABSENT


class SharedTeacher(Strict):
    """What all teachers share: ASR networks whose attention students are trained to match (parameters.transfer)."""

    experiment: Annotated[str, Field(description="the view whose utterances they are trained on")]
    split: Annotated[
        str, Field(description="its folds; a fold of a system goes with the one that leaves the same session out")
    ]
    features: str
    parameters: Parameters
    seed: Annotated[Index, Field(description="of each teacher, whatever the systems' seeds")]


class Teacher(Strict):
    """A teacher's differences from what all share."""

    name: Annotated[Text, Field(description="in print")]
    parameters: Parameters = ABSENT


class SharedSystem(Strict):
    """What every system of the paper shares."""

    learner: str
    features: str | None
    seeded: bool
    parameters: Parameters


class Encoder(Strict):
    """The system whose trained network, of the same fold and seed, another one starts from."""

    system: str
    weights: Annotated[
        Literal["last", "best"],
        Field(description="best: of the best epoch on validation where the split has one, else of the last"),
    ]


class PublishedParameters(Strict):
    """Trainable parameters that the paper states; shown by `serflow systems`, decide no result."""

    value: Annotated[Positive, Field(description="a number, such as 9900000 or 9.9e+6; YAML takes 9.9e6 for text")]
    source: Annotated[Text, Field(description="where the paper states it")]


class SystemChange(Strict):
    """Differences from what is shared; null takes a key away."""

    learner: str = ABSENT
    features: str | None = ABSENT
    seeded: bool = ABSENT
    parameters: Parameters = ABSENT


class System(SystemChange):
    """A system's differences from `system`."""

    encoder: Encoder = ABSENT
    published_parameters: PublishedParameters = ABSENT


class Sweep(Strict):
    """A system that is trained with other values of some parameters; the ranges are the presets'."""

    system: str
    experiment: str


class TeacherChange(Strict):
    """A preset's differences from `teacher`."""

    features: str = ABSENT
    parameters: Parameters = ABSENT


def listed(value: Any) -> str:
    """The discriminator of `runs`: all systems, or a list of some."""
    return "list" if isinstance(value, list) else "all"


class Preset(Strict):
    """A named size of the experiments."""

    text: Annotated[
        Text, Field(description="what it keeps of the paper and what not; stands on the report's first page")
    ]
    as_stated: Annotated[
        bool,
        Field(
            description="whether sizes, epochs, folds and seeds are the paper's, as in the preset `paper`, so that its "
            "numbers are held against the reported ones"
        ),
    ] = ABSENT
    seeds: Annotated[list[Index], Field(min_length=1)]
    folds: Count | None
    system: SystemChange
    teacher: TeacherChange = ABSENT
    runs: Annotated[
        dict[
            str,
            Annotated[
                Annotated[Literal["all"], Tag("all")] | Annotated[list[str], Once, Tag("list")], Discriminator(listed)
            ],
        ],
        Field(description="protocol -> the systems that are run under it, or all"),
    ]
    sweeps: dict[Id, Ranges] = ABSENT

    @model_validator(mode="after")
    def _apart(self) -> "Preset":
        for name, ranges in (self.sweeps or {}).items():
            for inner, outer in itertools.permutations(ranges, 2):
                if inner.startswith(f"{outer}."):
                    raise ValueError(f"sweeps.{name}: {inner!r} lies within {outer!r}; vary one of them")
        return self


class Paper(Strict):
    """workflow/papers/<paper>.yaml."""

    title: str
    authors: str
    venue: str
    year: int
    doi: str
    corpus: Annotated[str, Field(description="the corpus of the published numbers, a file of workflow/corpora")]
    experiments: Annotated[dict[Id, View], Field(min_length=1)]
    as_published: AsPublished
    protocols: Annotated[
        dict[Id, Protocol],
        Field(
            description="protocols of this paper alone, columns of the tables that name them; run where as_published is"
        ),
    ] = ABSENT
    teacher: SharedTeacher = ABSENT
    teachers: Annotated[dict[Id, Teacher], Field(min_length=1)] = ABSENT
    system: SharedSystem
    systems: Annotated[dict[Id, System], Field(min_length=1)]
    sweeps: dict[Id, Sweep] = ABSENT
    presets: Annotated[
        dict[Id, Preset],
        Field(description="named sizes of the experiments; a paper may have more than the two that every one has"),
    ]
    claims: Annotated[
        list[Claim],
        Field(
            min_length=1, description="what the text says of pairs of its systems; a table of kind claims shows them"
        ),
    ] = ABSENT
    tables: dict[Id, Table]
    figures: dict[Id, Figure]

    @model_validator(mode="after")
    def _whole(self) -> "Paper":
        if (self.teacher is None) != (not self.teachers):
            raise ValueError("teacher, teachers: one is missing; declare both or none")
        if missing := {"demo", "paper"} - set(self.presets):
            raise ValueError(f"presets: {' and '.join(sorted(missing))} missing; every paper has both")
        return self
