"""The systems of a plan with their inputs and numbers of parameters, beside those that the papers state."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any

import torch
from torch import nn

from serflow.errors import UserError
from serflow.features import extract
from serflow.files import canonical_json
from serflow.models import build
from serflow.plan.runs import Plan
from serflow.plan.workflow import YARDSTICKS, Workflow, paper_file

__all__ = ["SystemEntry", "dims_of", "extractor", "inputs_of", "system_entries", "parameters_of", "told_of"]


@dataclass(frozen=True)
class SystemEntry:
    """One system for one kind of input and one number of classes; or a teacher, of the learner "recogniser".

    Attributes
    ----------
    features, dims, per
        Feature set, its values, and what has that many: "frame" or "utterance" (None each: takes no features).
    inputs
        "acoustic", "acoustic_lexical", "lexical", or "none".
    encoder
        The system whose network it starts from; None: of none.
    classes
        Number of classes, on which the last layer depends; of a teacher, of the units that it writes.
    parameters
        Trainable parameters of the network; None for a classical system.
    published, source
        What the paper states, and where; None where it does not.
    """

    paper: str
    system: str
    learner: str
    features: str | None
    dims: int | None
    per: str | None
    inputs: str
    encoder: str | None
    classes: int
    parameters: int | None
    published: float | None
    source: str | None

    @property
    def deviation(self) -> float | None:
        """Per cent by which the built network has more parameters than the published one."""
        if self.parameters is None or self.published is None:
            return None
        return 100 * (self.parameters - self.published) / self.published

    @property
    def counted(self) -> str:
        """The number of parameters, or what counts in its place."""
        if self.parameters is not None:
            return f"{self.parameters:,}"
        if self.encoder:
            return f"on {self.encoder}"
        return f"{self.dims:,} features" if self.dims else "no features"


def system_entries(plan: Plan, *, sweep_points: bool) -> list[SystemEntry]:
    """Systems and yardsticks of the configured papers, sweep points if asked for, and the teachers, in order."""
    entries = []
    for paper, systems in plan.systems.items():
        for name in [*systems.named, *(systems.sweep_points if sweep_points else [])]:
            specs = [systems.spec(name, experiment) for experiment in _experiments(plan, paper, name)]
            with told_of(plan.workflow, paper, name):
                entries += [_entry(paper, name, spec, systems.published_parameters.get(name, {})) for spec in specs]
        for name in systems.teachers:
            with told_of(plan.workflow, paper, name):
                entries.append(_entry(paper, name, systems.teacher_spec(name), {}))
    return entries


@contextmanager
def told_of(workflow: Workflow, paper: str, system: str) -> Iterator[None]:
    """A `UserError` within says whose values are at fault: paper, system or teacher, preset, and the file of it."""
    try:
        yield
    except UserError as error:
        file = YARDSTICKS if system in workflow.yardsticks else paper_file(paper)
        preset = workflow.config["preset"]
        raise UserError(f"{file}: {paper}, {system!r} under preset {preset!r}: {error}") from error


def _experiments(plan: Plan, paper: str, system: str) -> list[str]:
    """Of the experiments that run the system, or of all, one for each kind of network: by its inputs and classes."""
    experiments = plan.workflow.papers[paper]["experiments"]
    shown = {experiment for of, experiment, name, _ in plan.required if (of, name) == (paper, system)}
    kinds: dict[tuple[str, int], str] = {}
    for name in [name for name in experiments if name in shown] or experiments:
        spec = plan.systems[paper].spec(system, name)
        kinds.setdefault((inputs_of(spec), len(spec["classes"])), name)
    return list(kinds.values())


def inputs_of(spec: dict[str, Any]) -> str:
    """What the system of a resolved spec is given."""
    acoustic, reads = spec["features"] is not None, "text" in spec["parameters"]
    return {(True, True): "acoustic_lexical", (True, False): "acoustic", (False, True): "lexical"}.get(
        (acoustic, reads), "none"
    )


def _entry(paper: str, system: str, spec: dict[str, Any], published: dict[str, Any]) -> SystemEntry:
    made, inputs, classes = extractor(spec), inputs_of(spec), len(spec["classes"])
    return SystemEntry(
        paper=paper,
        system=system,
        learner=spec["learner"],
        features=spec["features"],
        dims=made.dims if made else None,
        per=None if made is None else "utterance" if made.hop_seconds is None else "frame",
        inputs=inputs,
        encoder=spec["encoder"] and spec["encoder"]["system"],
        classes=classes,
        parameters=parameters_of(spec, classes),
        published=published.get("value") if inputs == "acoustic" else None,
        source=published.get("source") if inputs == "acoustic" else None,
    )


def extractor(spec: dict[str, Any]) -> extract.Extractor | None:
    """What extracts the features of a resolved spec: it knows their dims and hop (None: a system without features)."""
    return _extractor(canonical_json(spec["feature_spec"])) if spec["feature_spec"] else None


@cache
def _extractor(spec: str) -> extract.Extractor:
    settings = json.loads(spec)
    try:
        return extract.build(settings)
    except (RuntimeError, ValueError) as error:
        raise UserError(f"extractor {settings['extractor']}: {error}; correct workflow/features.yaml") from error


def parameters_of(spec: dict[str, Any], classes: int) -> int | None:
    """Trainable parameters of a spec's network, built and counted; None for a system without a network.

    Of word vectors from a file nothing but their number of values counts, which the file decides: they are taken to
    have as many as those that would be trained.
    """
    model = spec["parameters"].get("model")
    return None if model is None else _parameters(canonical_json(model), canonical_json(dims_of(spec)), classes)


def dims_of(spec: dict[str, Any]) -> int | list[int]:
    """Values a frame, or a word, of what a resolved spec's network reads; of two inputs, both."""
    made, text = extractor(spec), spec["parameters"].get("text")
    dims = ([_hidden_dims(spec) or made.dims] if made else []) + ([text["dims"]] if text else [])
    return dims if len(dims) > 1 else dims[0]


def _hidden_dims(spec: dict[str, Any]) -> int | None:
    """Values a hidden vector of the network that a spec's network starts from; None where it reads the features."""
    if not spec["encoder"]:
        return None
    encoder = spec["encoder"]["spec"]
    with torch.device("meta"):
        network = _network(encoder["parameters"]["model"], dims=dims_of(encoder), classes=len(encoder["classes"]))
    return network.hidden_dims


@cache
def _parameters(model: str, dims: str, classes: int) -> int:
    with torch.device("meta"):  # counted, and not filled with numbers
        network = _network(json.loads(model), dims=json.loads(dims), classes=classes)
    return sum(parameter.numel() for parameter in network.parameters() if parameter.requires_grad)


def _network(model: dict[str, Any], *, dims: int | list[int], classes: int) -> nn.Module:
    """The network; a `UserError` where its values are of the right kinds and its constructor refuses them."""
    try:
        return build(model, dims=dims, classes=classes)
    except (IndexError, RuntimeError, ValueError) as error:  # torch's own are RuntimeError
        raise UserError(f"model {model['name']}: {error}; correct the system's `model`") from error
