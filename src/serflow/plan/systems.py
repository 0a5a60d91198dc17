"""Systems of a paper, sweep cells among them, and the resolved spec of each: what a training job is told."""

import itertools
from typing import Any

from serflow.asr.tokens import ENDS, TOKENS
from serflow.errors import UserError
from serflow.lexical import FROM_FILE
from serflow.plan.workflow import Workflow
from serflow.registry import LEARNERS, MODELS

RECOGNISER = "recogniser"  # the learner that teachers are


def learner_module(learner: str) -> str:
    """Dotted name of the module of a learner, teachers' own among them."""
    return "serflow.asr.recogniser" if learner == RECOGNISER else LEARNERS.module(learner)


def merge(base: dict[str, Any], change: dict[str, Any]) -> dict[str, Any]:
    """`base` with the values of `change`, mappings merged key by key; a null in `change` removes the key."""
    merged = dict(base)
    for key, value in change.items():
        if value is None:
            merged.pop(key, None)
        elif isinstance(value, dict) and isinstance(merged.get(key), dict):
            merged[key] = merge(merged[key], value)
        else:
            merged[key] = value
    return merged


class Systems:
    """The systems of one paper under one preset: named ones, yardsticks and sweep cells."""

    def __init__(self, workflow: Workflow, paper: str):
        self.workflow, self.paper = workflow, paper
        data, preset = workflow.papers[paper], workflow.preset_of(paper)
        base = merge(data["system"], preset["system"])
        self.published_parameters = {
            name: system["published_parameters"]
            for name, system in data["systems"].items()
            if "published_parameters" in system
        }
        # they stay out of what is merged: they decide no result, and a sweep cell must equal its named system
        self.named = {name: merge(base, _without_published(change)) for name, change in data["systems"].items()}
        self.named |= workflow.yardsticks
        self.teacher_base = merge(data.get("teacher", {}), preset.get("teacher", {}))
        self.teachers = {name: merge(self.teacher_base, change) for name, change in data.get("teachers", {}).items()}
        self.sweep_points: dict[str, dict[str, Any]] = {}
        self.sweeps = {name: self._grid(name) for name in data.get("sweeps", {})} if workflow.config["sweeps"] else {}

    def spec(self, system: str, experiment: str) -> dict[str, Any]:
        """Everything that decides a run's result but its data, fold and seed, as one mapping."""
        chosen = self.declared(system)
        features = self._features(chosen, f"system {system!r}")
        view = self.workflow.papers[self.paper]["experiments"][experiment]
        parameters = with_inputs(chosen["parameters"], view, given=self.workflow.vectors is not None)
        if view.get("inputs") == "lexical" and "text" in parameters:
            features = None
        return {
            "learner": chosen["learner"],
            "classes": list(view["classes"]),
            "features": features,
            "feature_spec": self.workflow.features[features] if features else None,
            "parameters": parameters,
            "encoder": self._encoder(chosen, experiment),
            "teacher": self._teacher(parameters),
            "steps": self._steps(parameters),
            "keep_weights": system in self.named,
        }

    def teacher_spec(self, teacher: str) -> dict[str, Any]:
        """Everything that decides what a teacher becomes but its data, fold and seed."""
        chosen = self.teachers[teacher]
        features = self._features(chosen, f"teacher {teacher!r}")
        return {
            "learner": RECOGNISER,
            "classes": [*TOKENS, "padding"],
            "features": features,
            "feature_spec": self.workflow.features[features],
            "parameters": merge(chosen["parameters"], {"model": ENDS}),
            "encoder": None,
            "teacher": None,
            "steps": self._steps(chosen["parameters"]),
            "keep_weights": True,
        }

    @property
    def cuts_at_words(self) -> bool:
        """Whether teachers are given runs of words, which takes the words' times."""
        return bool(self.teacher_base.get("parameters", {}).get("spans"))

    def teacher_modules(self, teacher: str) -> list[str]:
        """The modules that a teacher's job picks by name."""
        model = self.teachers[teacher]["parameters"]["model"]["name"]
        return [learner_module(RECOGNISER), MODELS.module(model)]

    def _teacher(self, parameters: dict[str, Any]) -> dict[str, Any] | None:
        """What decides the teacher whose attention a system learns; None where it learns no one's.

        How a teacher decodes at its end is no part of it.
        """
        transfer = parameters.get("transfer")
        if not transfer:
            return None
        spec = self.teacher_spec(transfer["teacher"])
        return spec | {"parameters": merge(spec["parameters"], {"beam": None})}

    def _features(self, chosen: dict[str, Any], who: str) -> str | None:
        features = chosen.get("features")
        if features is not None and features not in self.workflow.features:
            raise UserError(
                f"workflow/papers/{self.paper}.yaml: {who}: features {features!r} are not in "
                f"workflow/features.yaml; known: {', '.join(self.workflow.features)}"
            )
        return features

    def _steps(self, parameters: dict[str, Any]) -> int | None:
        """The corpus's budget in optimiser steps; None where the paper's epochs count."""
        schedule, train = self.workflow.corpus["schedule"], parameters.get("train")
        return max(1, schedule["segments"] // train["batch_size"]) if schedule and train else None

    def _encoder(self, chosen: dict[str, Any], experiment: str) -> dict[str, Any] | None:
        """The system whose network another starts from, with its resolved spec."""
        declared = chosen.get("encoder")
        return declared and declared | {"spec": self.spec(declared["system"], experiment)}

    def modules(self, system: str, experiment: str) -> list[str]:
        """The modules that a run of `system` picks by name, those of the network that it starts from among them."""
        spec = self.spec(system, experiment)
        names, model = [learner_module(spec["learner"])], spec["parameters"].get("model")
        while model:
            names.append(MODELS.module(model["name"]))
            model = model.get("acoustic")
        lent = self.modules(spec["encoder"]["system"], experiment) if spec["encoder"] else []
        return names + [name for name in lent if name not in names]

    def seeded(self, system: str) -> bool:
        """Whether another seed can change the result."""
        return self.declared(system)["seeded"]

    def declared(self, system: str) -> dict[str, Any]:
        """A named system, yardstick or sweep cell by its name."""
        chosen = self.named.get(system) or self.sweep_points.get(system)
        if chosen is None:
            raise UserError(
                f"workflow/papers/{self.paper}.yaml: system {system!r} is not declared; known: {', '.join(self.named)}"
            )
        return chosen

    def _grid(self, name: str) -> list[dict[str, Any]]:
        """The cells of a sweep: system, and the value of each varied parameter by its dotted name."""
        declared = self.workflow.papers[self.paper]["sweeps"][name]
        ranges = self.workflow.preset_of(self.paper)["sweeps"][name]
        base = self.named[declared["system"]]
        cells = []
        for values in itertools.product(*ranges.values()):
            vary = dict(zip(ranges, values, strict=True))
            spec = merge(base, {"parameters": _nested(vary)})
            label = "_".join(f"{key.split('.')[-1]}{value}" for key, value in sorted(vary.items()))
            system = next((name for name, other in self.named.items() if other == spec), None)
            if system is None:
                system = f"{declared['system']}_{label}"
                self.sweep_points[system] = spec
            cells.append({"system": system, "experiment": declared["experiment"], "values": vary})
        return cells


def with_inputs(parameters: dict[str, Any], view: dict[str, Any], *, given: bool) -> dict[str, Any]:
    """A system's parameters for an experiment's `inputs`: the network that reads sound, words, or both.

    A system without `text` reads the same in every experiment. `given`: whether a file of word vectors is named.
    """
    inputs, text = view.get("inputs", "acoustic"), parameters.get("text")
    parameters = {key: value for key, value in parameters.items() if key != "text"}
    if inputs == "acoustic" or text is None:
        return parameters
    acoustic = parameters.get("model")
    if inputs == "lexical":
        model = acoustic and {
            "name": "lstm",
            "units": text["units"],
            "layers": 1,
            "classifier": acoustic.get("classifier", []),
            "dropout": acoustic["dropout"],
            "width_multiplier": acoustic["width_multiplier"],
        }
    else:
        model = acoustic and {"name": "acoustic_lexical", "acoustic": acoustic, "units": text["units"]}
    if model:
        parameters["model"] = model
    if model and inputs == "lexical":
        parameters["segments"] = None
    vectors = FROM_FILE if given else text["vectors"]
    settings = {"dims": text["dims"], "vectors": vectors, "transcripts": view.get("transcripts", "own")}
    return parameters | {"text": settings}


def _without_published(system: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in system.items() if key != "published_parameters"}


def _nested(dotted: dict[str, Any]) -> dict[str, Any]:
    """{"model.n_head": 2} -> {"model": {"n_head": 2}}."""
    nested: dict[str, Any] = {}
    for key, value in dotted.items():
        *path, last = key.split(".")
        place = nested
        for part in path:
            place = place.setdefault(part, {})
        place[last] = value
    return nested
