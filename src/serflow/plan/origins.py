"""Where each value of a resolved spec comes from: a file and its keys, as a user wrote them; else why it is so.

A reason stands in brackets, which no place does.
"""

from typing import Any

from serflow.plan.merging import Layer, Place, origin
from serflow.plan.systems import Systems
from serflow.plan.workflow import FEATURES, paper_file

__all__ = ["Origins", "SystemOrigins", "TeacherOrigins"]

Path = tuple[str | int, ...]
TOKENS = "src/serflow/asr/tokens.py"


class Origins:
    """Places of what is the same for systems and teachers."""

    def __init__(self, systems: Systems, layers: list[Layer], *, what: str, experiment: str):
        self.systems, self.layers = systems, layers
        self._what, self.experiment = what, experiment

    @property
    def title(self) -> str:
        """What the spec is of: paper, system or teacher, experiment, preset, corpus."""
        config = self.systems.workflow.config
        parts = [self.systems.paper, self._what, f"experiment {self.experiment}"]
        return ", ".join([*parts, f"preset {config['preset']}", f"corpus {config['corpus']}"])

    def block(self, path: Path) -> str:
        """What is said of the mapping at `path`; mostly nothing, its values having places of their own."""
        return ""

    def place(self, path: Path) -> str:
        """File and keys of the value at `path` of the resolved spec."""
        key, *rest = path
        if key == "feature_spec" and rest:
            return str(Place(FEATURES, (self._features, *rest)))
        if key in ("steps", "encoder", "teacher") and not rest:
            return self._budget if key == "steps" else "(none is declared)"
        return str(origin(self.layers, path))

    @property
    def _features(self) -> str:
        raise NotImplementedError

    @property
    def _budget(self) -> str:
        workflow = self.systems.workflow
        return f"{workflow.budget_file}: budget" + (".steps" if workflow.corpus["budget"] else "")


class TeacherOrigins(Origins):
    """Places of a teacher's spec."""

    def __init__(self, systems: Systems, teacher: str):
        experiment = systems.workflow.papers[systems.paper]["teacher"]["experiment"]
        super().__init__(systems, systems.teacher_layers[teacher], what=f"teacher {teacher}", experiment=experiment)
        self.spec = systems.teacher_spec(teacher)

    def place(self, path: Path) -> str:
        """File and keys of the value at `path` of the resolved spec."""
        if path[0] == "classes" or path[:2] == ("parameters", "model") and path[2] in ("start", "end", "padding"):
            return TOKENS
        return "(all teachers)" if path[0] in ("learner", "keep_weights") else super().place(path)

    @property
    def _features(self) -> str:
        return self.spec["features"]


class SystemOrigins(Origins):
    """Places of a system's spec in an experiment."""

    def __init__(self, systems: Systems, system: str, experiment: str):
        super().__init__(systems, systems.layers[system], what=f"system {system}", experiment=experiment)
        self.spec = systems.spec(system, experiment)
        self.file = paper_file(systems.paper)
        self.view = systems.workflow.papers[systems.paper]["experiments"][experiment]
        encoder, transfer = self.spec["encoder"], self.spec["parameters"].get("transfer")
        self.encoder = SystemOrigins(systems, encoder["system"], experiment) if encoder else None
        self.teacher = TeacherOrigins(systems, transfer["teacher"]) if transfer else None

    def place(self, path: Path) -> str:
        """File and keys of the value at `path` of the resolved spec."""
        if path[0] == "classes":
            return self._of_view("classes")
        if path[:2] == ("encoder", "spec"):
            return self.encoder.place(path[2:])
        if path[0] == "teacher" and self.teacher:
            return self.teacher.place(path[1:])
        if path[0] == "keep_weights":
            return "(all but sweep points)"
        if "text" in self.spec["parameters"]:
            return self._with_text(path)
        return super().place(path)

    def block(self, path: Path) -> str:
        """Of the teacher, which one it is: its values are merged and name none."""
        if path != ("teacher",) or not self.teacher:
            return super().block(path)
        name = self.spec["parameters"]["transfer"]["teacher"]
        return f"{name}, {Place(self.file, ('teachers', name))}"

    def _with_text(self, path: Path) -> str:
        """Of a system that reads text: `serflow.plan.systems.with_inputs` joins or replaces its network."""
        alone = self.view["inputs"] == "lexical"
        if alone and path in (("features",), ("feature_spec",), ("parameters", "segments")):
            return self._of_view("inputs")
        if path == ("parameters", "text", "transcripts"):
            return self._of_view("transcripts" if "transcripts" in self.view else "inputs")
        if path == ("parameters", "text", "vectors"):
            return "config.yaml: lexical.vectors"
        if path[:2] == ("parameters", "model"):
            if path[2:] in (("name",), ("layers",)):
                return self._of_view("inputs")
            if path[2:] == ("units",):
                return super().place(("parameters", "text", "units"))
            if path[2] == "acoustic":
                return super().place(("parameters", "model", *path[3:]))
        return super().place(path)

    def _of_view(self, key: str) -> str:
        return str(Place(self.file, ("experiments", self.experiment, key)))

    @property
    def _features(self) -> Any:
        return self.spec["features"]
