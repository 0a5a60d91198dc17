"""What the YAML files say, as one object: the configuration, its corpus, its papers, the protocols."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from serflow import corpora, shipped
from serflow.config import nearest, read_yaml
from serflow.corpora import layout
from serflow.errors import UserError
from serflow.files import canonical_json
from serflow.names import require_name
from serflow.paths import CorpusPaths
from serflow.plan.declarations import Config, Paper, Protocols
from serflow.plan.others import OtherCorpus, is_cross, other_corpora
from serflow.plan.own_classes import with_own_classes
from serflow.plan.parameters import feature_sets
from serflow.plan.references import Shared, reference_faults, selection_fault
from serflow.plan.resolved import system_type, systems_faults
from serflow.shipped import declared
from serflow.split_kinds import folds_a_session
from serflow.validation import Id, validate

FEATURES, PROTOCOLS, YARDSTICKS = (f"workflow/{name}.yaml" for name in ("features", "protocols", "yardsticks"))
TEXTS = ("corpus", "release", "preset", "device")
LEXICAL = {
    "vectors": "word2vec or GloVe vectors",
    "pronunciations": "words and their phones as in the CMU Pronouncing Dictionary",
}


@dataclass(frozen=True)
class Workflow:
    """The read and validated YAML files of `root`; other paths are relative to the working folder.

    `lineage`: the corpus, and those that it extends. `names`: what corpora of published numbers are called in print.
    `others`: the corpora that its runs predict, too.
    """

    config: dict[str, Any]
    corpus: dict[str, Any]
    published: dict[str, Any] | None
    papers: dict[str, dict[str, Any]]
    features: dict[str, dict[str, Any]]
    lineage: tuple[str, ...]
    names: dict[str, str]
    splits: dict[str, dict[str, Any]]
    protocols: dict[str, dict[str, Any]]
    yardsticks: dict[str, dict[str, Any]]
    others: dict[str, OtherCorpus]
    root: Path

    @property
    def budget_file(self) -> str:
        """The file, as messages name it, that says how long networks are trained on this corpus."""
        files = declared("corpora", root=self.root)
        corpus = next(corpus for corpus in self.lineage if "budget" in read_yaml(files[corpus]))
        return f"workflow/corpora/{corpus}.yaml"

    @property
    def vectors(self) -> Path | None:
        """File of word vectors that the configuration names."""
        named = self.config["lexical"]["vectors"]
        return None if named is None else Path(named).expanduser()

    @property
    def pronunciations(self) -> Path | None:
        """Pronouncing dictionary that the configuration names."""
        named = self.config["lexical"]["pronunciations"]
        return None if named is None else Path(named).expanduser()

    @property
    def release(self) -> Path:
        """Folder of the release that is read."""
        return Path(self.config["release"] or CorpusPaths(self.config["corpus"]).release).expanduser()

    @property
    def generated(self) -> dict[str, dict[str, Any]]:
        """The corpora whose releases the workflow writes itself, and what their YAML declares."""
        own = self.corpus["generate"] and not self.config["release"]
        others = {name: other.declared for name, other in self.others.items() if other.generated}
        return ({self.config["corpus"]: self.corpus} if own else {}) | others

    @property
    def release_fault(self) -> str | None:
        """Why the folder that the user names is no release; None where it may be one, which costs one listing."""
        if self.config["release"] is None:
            return None
        if not self.release.is_dir():
            return f"config.yaml: release: no folder {self.release}; name the folder of the release"
        fault = layout.fault(self.release, self.corpus["reads"])
        return fault and f"config.yaml: release: {fault}"

    def judged(self, split: str) -> dict[str, dict[str, Any]]:
        """The splits, by name, whose folds are views of the trainings of `split`, as far as the corpus has them."""
        wearers = self.corpus["wearers"]
        return {
            name: spec
            for name, spec in self.splits.items()
            if spec.get("networks") == split and (wearers or spec["kind"] != "marker")
        }

    @property
    def teacher_experiments(self) -> list[str]:
        """Names of the views that teachers are trained on, and no system."""
        return [data["teacher"]["experiment"] for data in self.papers.values() if "teacher" in data]

    def published_on(self, paper: str, experiment: str | None = None) -> str:
        """The corpus of a paper's published numbers, of an experiment perhaps, as it is printed."""
        data = self.papers[paper]
        view = data["experiments"].get(experiment, {})
        return self.names[view.get("corpus", data["corpus"])]

    @property
    def counted_on(self) -> str:
        """The corpus of the published counts, as it is printed."""
        return self.names[self.corpus["stands_in_for"] or self.config["corpus"]]

    def protocols_of(self, paper: str) -> dict[str, dict[str, Any]]:
        """The protocols of a paper that the configuration asks for, in its order: name -> split, select.

        But those of other corpora (`others`), which have tables of their own.
        """
        return {name: self.protocol(paper, name) for name in self.config["protocols"] if not is_cross(name)}

    def protocol(self, paper: str, name: str) -> dict[str, Any]:
        """Split and selection of a protocol: the paper's own, or one that is the same for all papers."""
        data = self.papers[paper]
        found = (self.protocols | data.get("protocols", {}) | {"as_published": data["as_published"]})[name]
        title = (self.corpus.get("division") or {}).get("name")
        return found | {"label": title} if title and self.splits[found["split"]]["kind"] == "given" else found

    def protocols_of_table(self, paper: str, table: dict[str, Any]) -> dict[str, dict[str, Any]]:
        """The protocols that are a table's columns: those that it names itself, else those of the configuration."""
        if "protocols" not in table:
            return self.protocols_of(paper)
        return {name: self.protocol(paper, name) for name in table["protocols"]}

    def protocols_shown(self, paper: str) -> dict[str, dict[str, Any]]:
        """All protocols of a paper: the configured ones, then those that only its tables name."""
        shown = self.protocols_of(paper)
        for table in self.papers[paper]["tables"].values():
            shown |= self.protocols_of_table(paper, table)
        return shown

    def preset_of(self, paper: str) -> dict[str, Any]:
        """The paper's part of the configured preset."""
        return self.papers[paper]["presets"][self.config["preset"]]


def read_workflow(config: dict[str, Any], *, root: str | Path = ".") -> Workflow:
    """Read and validate what `config` (the content of config.yaml) names.

    Raises
    ------
    UserError
        For an unknown or misspelt key, an unknown corpus, paper or protocol, or a release that must be named.
    """
    root = Path(root)
    config = {key: _plain(value, text=key in TEXTS) for key, value in config.items()}
    _check_configuration(config)
    shared, paper_files = read_shared(root), declared("papers", root=root)
    own = [name for name in config["protocols"] if not is_cross(name)]
    _known(own, ["as_published", *shared.protocols], key="protocols")
    _known(config["papers"], list(paper_files), key="papers")
    _known([config["corpus"]], shared.corpora, key="corpus")
    corpus = corpora.load(config["corpus"], root=root)
    for key, what in LEXICAL.items():
        named = config["lexical"][key]
        if named is not None and not Path(named).expanduser().is_file():
            raise UserError(f"config.yaml: lexical.{key}: no file {named}; expected {what}, or null")
    if config["release"] is None and corpus["generate"] is None:
        raise UserError(
            f"config.yaml: release: missing; corpus {config['corpus']!r} is not generated, "
            "so name the folder of its release here"
        )
    papers = {}
    for paper in config["papers"]:
        require_name(paper, what="paper", where="config.yaml: papers")
        data = read_yaml(paper_files[paper])
        check_paper(data, shared, file=paper_file(paper))
        _known([config["preset"]], list(data["presets"]), key=f"preset (of {paper}, one of `papers`)")
        papers[paper] = with_own_classes(data, corpus.get("own_classes"))
    _check_teacher_experiments(papers)
    return Workflow(
        config=config,
        corpus=corpus,
        published=published_counts(corpus, root),
        papers=papers,
        features=shared.features,
        lineage=corpora.lineage(config["corpus"], root=root),
        names=_names(config["corpus"], corpus, papers, root),
        splits={name: _of_corpus(split, corpus) for name, split in shared.splits.items()},
        protocols=shared.protocols,
        yardsticks=shared.yardsticks,
        others=other_corpora(config, shared.corpora, root=root),
        root=root,
    )


def _of_corpus(split: dict[str, Any], corpus: dict[str, Any]) -> dict[str, Any]:
    """A split with the folds of a corpus: as its pairs of groups of speakers make, or as it gives them itself.

    One over utterances stays as it is. A corpus that gives no folds has none of such a split.
    """
    pairs = corpus.get("pairs")
    if split["kind"] == "given":
        own = corpus.get("division") or {"folds": 0, "validation": "given"}
        return split | {key: own[key] for key in ("folds", "validation")}
    if pairs is None or split["kind"] == "random":
        return split
    return split | {"folds": pairs * (2 if split["kind"] in ("speaker", "marker") else 1)}


def _check_configuration(config: dict[str, Any]) -> None:
    """Raise a `UserError` for all that is wrong with config.yaml; it tells what a new one has of missing keys."""
    try:
        validate(config, Config, where="config.yaml")
    except UserError as error:
        new = {key for key, field in Config.model_fields.items() if field.is_required()} - config.keys()
        if not new or config.keys() - Config.model_fields.keys():  # a misspelt key is told alone
            raise
        values = read_yaml(shipped.ROOT / "config/config.yaml")
        lines = [f"  {key}: {canonical_json(value)}" for key, value in values.items() if key in new]
        raise UserError("\n".join([str(error), "a new config.yaml (serflow init) has:", *lines])) from None


def read_shared(root: Path) -> Shared:
    """Read and validate what papers share: yardsticks, splits, protocols, feature sets; list the corpora.

    Raises
    ------
    UserError
        For anything misspelt or missing.
    """
    features, yardsticks = (shipped.shared(f"{name}.yaml", root=root) for name in ("features", "yardsticks"))
    protocols = shipped.shared("protocols.yaml", root=root, parts=("splits", "protocols"))
    validate(features, feature_sets(), where=FEATURES)
    validate(protocols, Protocols, where=PROTOCOLS)
    validate(yardsticks, dict[Id, system_type(yardstick=True)], where=YARDSTICKS)
    if "as_published" in protocols["protocols"]:
        raise UserError(f"{PROTOCOLS}: protocols.as_published: each paper declares its own; choose another name")
    for name, split in protocols["splits"].items():
        _check_networks(name, split, protocols["splits"])
    for name, protocol in protocols["protocols"].items():
        _known([protocol["split"]], list(protocols["splits"]), key=f"protocols.{name}.split", file=PROTOCOLS)
        if fault := selection_fault(protocol, protocols["splits"]):
            raise UserError(f"{PROTOCOLS}: protocols.{name}.{fault}")
    for name, system in yardsticks.items():
        _known([system["features"]], [None, *features], key=f"{name}.features", file=YARDSTICKS)
    references = [name for name, system in yardsticks.items() if system["reference"]]
    if len(references) != 1:
        found = ", ".join(references) or "no yardstick"
        raise UserError(f"{YARDSTICKS}: reference: true of {found}; expected of one, which others are tested against")
    corpus_names = list(declared("corpora", root=root))
    return Shared(yardsticks, protocols["splits"], protocols["protocols"], features, corpus_names)


def _check_networks(name: str, split: dict[str, Any], splits: dict[str, dict[str, Any]]) -> None:
    """The split whose networks judge another one leaves out the sessions that the other one does."""
    if "networks" not in split:
        return
    where = f"{PROTOCOLS}: splits.{name}.networks"
    by_session = [other for other, declared in splits.items() if declared["kind"] == "session"]
    if split["networks"] not in by_session:
        expected = f"a split of kind session{nearest(split['networks'], by_session)}"
        raise UserError(f"{where}: {split['networks']!r}: expected {expected}")
    together, folds = folds_a_session(split), splits[split["networks"]]["folds"]
    if split["folds"] != together * folds:
        expected = "a split that leaves a session out" if not together else f"folds: {together * folds}"
        raise UserError(
            f"{where}: {split['networks']!r} has {folds} folds, {name} {split['folds']}; expected {expected}"
        )


def check_paper(paper: dict[str, Any], shared: Shared, *, file: str) -> None:
    """Raise a `UserError` for all that is misspelt or missing in a paper's YAML: keys, names, and what is merged."""
    validate(paper, Paper, where=file)
    # what is misspelt in a system comes first: a name that is told with it may be the right one
    wrong = systems_faults(paper, file=file, features=list(shared.features))
    wrong += reference_faults(paper, shared, where=file)
    if wrong:
        raise UserError("\n".join(wrong))


def paper_file(paper: str) -> str:
    """The YAML file of a paper, as messages name it."""
    return f"workflow/papers/{paper}.yaml"


def _check_teacher_experiments(papers: dict[str, dict[str, Any]]) -> None:
    """The teachers' experiment is told from those of systems by its name, in all papers."""
    for paper, data in papers.items():
        own = data.get("teacher", {}).get("experiment")
        for other in papers:
            if own in papers[other]["experiments"] and papers[other].get("teacher", {}).get("experiment") != own:
                raise UserError(
                    f"workflow/papers/{other}.yaml: experiments: {own!r} is the teachers' of {paper}; expected "
                    "a name of its own: rename one of them"
                )


def _names(used: str, corpus: dict[str, Any], papers: dict[str, dict[str, Any]], root: Path) -> dict[str, str]:
    """What is printed of each corpus that published numbers or counts are of, by its id."""
    views = [view for paper in papers.values() for view in paper["experiments"].values()]
    ids = [corpus["stands_in_for"], *(declared.get("corpus") for declared in (*papers.values(), *views))]
    found = {used: corpus} | {name: corpora.load(name, root=root) for name in {*ids} - {used, None}}
    return {name: declared.get("short", declared["title"]) for name, declared in found.items()}


def published_counts(corpus: dict[str, Any], root: Path) -> dict[str, Any] | None:
    """Counts that are printed beside the corpus's own: its published ones, or those of what it stands in for."""
    original = corpus["stands_in_for"]
    return (corpora.load(original, root=root) if original else corpus)["reference_counts"]


def _plain(value: Any, *, text: bool) -> Any:
    """Values of `snakemake --config` arrive as text, in lists too: "false" and "1" mean what they mean in YAML."""
    if isinstance(value, list):
        return [_plain(item, text=text) for item in value]
    if isinstance(value, dict):
        return {key: _plain(item, text=True) for key, item in value.items()}
    if not isinstance(value, str):
        return value
    known = {"null": None} if text else {"true": True, "false": False, "null": None}
    return int(value) if value.isdecimal() and not text else known.get(value.lower(), value)


def _known(values: list, known: list, *, key: str, file: str = "config.yaml") -> None:
    for value in values:
        if value not in known:
            raise UserError(f"{file}: {key}: {value!r} is unknown{nearest(value, known)}")
