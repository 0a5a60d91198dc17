"""The systems of a plan with their inputs and numbers of parameters, beside those that the papers state."""

import json
from dataclasses import dataclass
from functools import cache
from typing import Any

from serflow.features import extract
from serflow.files import canonical_json
from serflow.models import build
from serflow.plan.runs import Plan

__all__ = ["Entry", "extractor", "inventory", "parameters_of"]


@dataclass(frozen=True)
class Entry:
    """One system for one number of classes.

    Attributes
    ----------
    features, dims, per
        Feature set, its values, and what has that many: "frame" or "utterance" (None each: hears nothing).
    inputs
        "acoustic", or "none".
    classes
        Number of classes, on which the last layer depends.
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
        return f"{self.dims:,} features" if self.dims else "no features"


def inventory(plan: Plan, *, cells: bool) -> list[Entry]:
    """Every named system and yardstick of the configured papers, and the sweep cells if asked for, in order."""
    entries = []
    for paper, systems in plan.systems.items():
        names = [*systems.named, *(systems.cells if cells else [])]
        entries += [_entry(plan, paper, name, classes) for name in names for classes in _classes(plan, paper, name)]
    return entries


def _classes(plan: Plan, paper: str, system: str) -> list[int]:
    """Numbers of classes of the experiments that run the system; of all experiments where none does."""
    experiments = plan.workflow.papers[paper]["experiments"]
    shown = {experiment for of, experiment, name, _ in plan.wanted if (of, name) == (paper, system)}
    return sorted({len(experiments[name]["classes"]) for name in shown or experiments})


def _entry(plan: Plan, paper: str, system: str, classes: int) -> Entry:
    spec = plan.systems[paper].spec(system, next(iter(plan.workflow.papers[paper]["experiments"])))
    made = extractor(spec)
    published = plan.systems[paper].published_parameters.get(system, {})
    return Entry(
        paper=paper,
        system=system,
        learner=spec["learner"],
        features=spec["features"],
        dims=made.dims if made else None,
        per=None if made is None else "utterance" if made.hop_seconds is None else "frame",
        inputs="acoustic" if made else "none",
        classes=classes,
        parameters=parameters_of(spec, classes),
        published=published.get("value"),
        source=published.get("source"),
    )


def extractor(spec: dict[str, Any]) -> extract.Extractor | None:
    """What extracts the features of a resolved spec: it knows their dims and hop (None: a system without features)."""
    return _extractor(canonical_json(spec["feature_spec"])) if spec["feature_spec"] else None


@cache
def _extractor(spec: str) -> extract.Extractor:
    return extract.build(json.loads(spec))


def parameters_of(spec: dict[str, Any], classes: int) -> int | None:
    """Trainable parameters of a spec's network, built and counted; None for a system without a network."""
    model = spec["parameters"].get("model")
    return None if model is None else _parameters(canonical_json(model), extractor(spec).dims, classes)


@cache
def _parameters(model: str, dims: int, classes: int) -> int:
    network = build(json.loads(model), dims=dims, classes=classes)
    return sum(parameter.numel() for parameter in network.parameters() if parameter.requires_grad)
