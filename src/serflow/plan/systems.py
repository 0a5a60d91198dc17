"""Systems of a paper, sweep points among them, and the resolved spec of each: what a training job is told."""

from typing import Any

from serflow.asr.tokens import ENDS, TOKENS
from serflow.errors import UserError
from serflow.lexical import FROM_FILE
from serflow.names import varied
from serflow.plan.merging import Layer, merge, merged, sweep_points, system_layers, teacher_layers
from serflow.plan.workflow import YARDSTICKS, Workflow, paper_file
from serflow.registry import LEARNERS, MODELS

RECOGNISER = "recogniser"  # the learner that teachers are


def learner_module(learner: str) -> str:
    """Dotted name of the module of a learner, teachers' own among them."""
    return "serflow.asr.recogniser" if learner == RECOGNISER else LEARNERS.module(learner)


class Systems:
    """The systems of one paper under one preset: named ones, yardsticks and sweep points."""

    def __init__(self, workflow: Workflow, paper: str):
        self.workflow, self.paper = workflow, paper
        data = workflow.papers[paper]
        self.published_parameters = {
            name: system["published_parameters"]
            for name, system in data["systems"].items()
            if "published_parameters" in system
        }
        file, preset = paper_file(paper), workflow.config["preset"]
        yardsticks = {name: [Layer(YARDSTICKS, (name,), spec)] for name, spec in workflow.yardsticks.items()}
        self.layers = self._with_budget(system_layers(data, preset, file=file) | yardsticks)
        self.teacher_layers = self._with_budget(teacher_layers(data, preset, file=file))
        self.named = {name: merged(layers) for name, layers in self.layers.items()}
        self.teachers = {name: merged(layers) for name, layers in self.teacher_layers.items()}
        self.sweep_points: dict[str, dict[str, Any]] = {}
        self.sweeps = {name: self._sweep(name) for name in data.get("sweeps", {})} if workflow.config["sweeps"] else {}

    @property
    def teacher_base(self) -> dict[str, Any]:
        """What all teachers of the paper share under the preset."""
        return merged(next(iter(self.teacher_layers.values()))[:-1]) if self.teacher_layers else {}

    def spec(self, system: str, experiment: str) -> dict[str, Any]:
        """Everything that decides a run's result but its data, fold and seed, as one mapping."""
        chosen = self.declared(system)
        features = chosen.get("features")
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
        features = chosen["features"]
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

    def _with_budget(self, layers: dict[str, list[Layer]]) -> dict[str, list[Layer]]:
        """Layers of systems or teachers, with those of a corpus's budget on what is trained by gradients."""
        if not (budget := self.workflow.corpus["budget"]):
            return layers
        keys = ("budget", "schedule")
        over = [
            Layer(self.workflow.budget_file, keys, {"parameters": {"train": {"schedule": schedule}}}, left_out=3)
            for schedule in (None, budget["schedule"])  # the paper's goes first: not merged key by key
        ]
        trained = (name for name, of_one in layers.items() if merged(of_one)["parameters"].get("train"))
        return layers | {name: [*layers[name], *over] for name in trained}

    def _steps(self, parameters: dict[str, Any]) -> int | None:
        """The corpus's budget in optimiser steps; None where the paper's epochs count."""
        budget = self.workflow.corpus["budget"]
        return budget["steps"] if budget and parameters.get("train") else None

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
        encoder = self.modules(spec["encoder"]["system"], experiment) if spec["encoder"] else []
        return names + [name for name in encoder if name not in names]

    def seeded(self, system: str) -> bool:
        """Whether another seed can change the result."""
        return self.declared(system)["seeded"]

    def declared(self, system: str) -> dict[str, Any]:
        """A named system, yardstick or sweep point by its name."""
        chosen = self.named.get(system) or self.sweep_points.get(system)
        if chosen is None:
            raise UserError(
                f"workflow/papers/{self.paper}.yaml: system {system!r} is not declared; known: {', '.join(self.named)}"
            )
        return chosen

    def _sweep(self, name: str) -> list[dict[str, Any]]:
        """The points of a sweep: system, and the value of each varied parameter by its dotted name."""
        data, preset = self.workflow.papers[self.paper], self.workflow.config["preset"]
        declared = data["sweeps"][name]
        points = []
        for values, layer in sweep_points(data, preset, name, file=paper_file(self.paper)):
            spec = merge(self.named[declared["system"]], layer.values)
            where = f"{paper_file(self.paper)}: presets.{preset}.sweeps.{name}"
            label = "_".join(
                varied(key.split(".")[-1], value, where=f"{where}.{key}") for key, value in sorted(values.items())
            )
            system = next((name for name, other in self.named.items() if other == spec), None)
            if system is None:
                system = f"{declared['system']}_{label}"
                self.sweep_points[system] = spec
                self.layers[system] = [*self.layers[declared["system"]], layer]
            points.append({"system": system, "experiment": declared["experiment"], "values": values})
        return points


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
