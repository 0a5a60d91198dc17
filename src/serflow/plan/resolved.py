"""Resolved specs of a paper's systems, teachers and sweep points, held against their types under every preset.

A fault is told where the user wrote the value that is wrong, not only where it stands in what is merged.
"""

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any, Literal

from pydantic import create_model

from serflow.config import nearest
from serflow.plan.declarations import Encoder, SharedTeacher
from serflow.plan.merging import (
    Layer,
    Place,
    merged,
    origin,
    sweep_points,
    system_layers,
    teacher_layers,
    useless_nulls,
)
from serflow.plan.parameters import PARAMETERS, TeacherParameters
from serflow.validation import ABSENT, Strict, Text, faults, keys_at, one_of

__all__ = ["ENCODERS", "Teacher", "misspelt_in", "system_type", "systems_faults"]

ENCODERS = {"elm": True, "mkl": True, "network": False}  # learners that may start from a network, and those that must
NO_FEATURES = ("majority",)


@cache
def system_type(*, yardstick: bool = False) -> Any:
    """The type of a resolved system, by its learner; a yardstick also says whether others are tested against it."""
    typed = {}
    for learner, parameters in PARAMETERS.items():
        fields: dict[str, Any] = {
            "learner": (Literal[learner], ...),
            "features": (None if learner in NO_FEATURES else str, ABSENT if learner in NO_FEATURES else ...),
            "seeded": (bool, ...),
            "parameters": (parameters, ...),
        }
        if learner in ENCODERS:
            fields["encoder"] = (Encoder, ... if ENCODERS[learner] else ABSENT)
        if yardstick:
            fields["reference"] = (bool, ...)
        typed[learner] = create_model(learner, __base__=Strict, **fields)
    return one_of(typed, key="learner")


class Teacher(SharedTeacher):
    """A resolved teacher."""

    name: Text
    parameters: TeacherParameters


def systems_faults(paper: dict[str, Any], *, file: str, features: Sequence[str]) -> list[str]:
    """What is wrong with the specs that a paper's YAML resolves to, each at the place in `file` that it comes from.

    `features`: the sets that there are. A place is told once, however many systems share it.
    """
    told: dict[Place, str] = {}
    teachers = list(paper.get("teachers", {}))
    faulty = set()
    for who, layers, kind in _resolved(paper, file):
        is_point = bool(layers[-1].left_out)
        if is_point and who in faulty:  # told of the system, and no fault of its sweep
            continue
        for place, message, inside in misspelt_in(layers, kind, features=features, teachers=teachers):
            shown = Place(place.file, place.keys[:-1]) if inside else place
            shared = place.keys[0] not in ("systems", "teachers")
            if not is_point:
                faulty.add(who)
            told.setdefault(place, f"{shown}: {message}{f' (in {who})' if shared else ''}")
    return list(told.values()) or list(dict.fromkeys(_of_encoders(paper, file)))


def _of_encoders(paper: dict[str, Any], file: str) -> Iterator[str]:
    """A system starts from a network that reads what it reads itself."""
    for preset in paper["presets"]:
        specs = {name: merged(layers) for name, layers in system_layers(paper, preset, file=file).items()}
        for name, spec in specs.items():
            encoder = spec.get("encoder", {}).get("system")
            if encoder not in specs:  # none, or one that `serflow.plan.references` names
                continue
            place, lent = f"{file}: systems.{name}.encoder.system", specs[encoder]
            if lent["learner"] != "network":
                yield f"{place}: {encoder!r} is of learner {lent['learner']!r}; name a system of learner 'network'"
            elif lent["features"] != spec["features"]:
                read = f"reads features {lent['features']!r}, and {name!r} {spec['features']!r}"
                yield f"{place}: {encoder!r} {read} under preset {preset!r}; give both the same"


def misspelt_in(
    layers: Sequence[Layer], kind: Any, *, features: Sequence[str], teachers: Sequence[str]
) -> Iterator[tuple[Place, str, bool]]:
    """Of one resolved spec: place and message of each fault; whether the place's last key is the fault itself."""
    spec = merged(layers)
    found = faults(spec, kind)
    for fault in found:
        yield origin(layers, fault.path), fault.message, fault.inside
    transfer = not found and spec["parameters"].get("transfer")
    if transfer and transfer["teacher"] not in teachers:
        message = f"{transfer['teacher']!r} is not declared{nearest(transfer['teacher'], teachers)}"
        yield origin(layers, ("parameters", "transfer", "teacher")), message, False
    named = spec.get("features")
    if isinstance(named, str) and named not in features:
        message = f"{named!r} is not in workflow/features.yaml{nearest(named, features)}"
        yield origin(layers, ("features",)), message, False
    for path, place in useless_nulls(layers):
        known = keys_at(kind, path[:-1])
        if known and path[-1] not in known:  # nothing is known within a key that is unknown itself
            yield place, f"null takes {path[-1]!r} away, which is not there{nearest(path[-1], known)}", False


def _resolved(paper: dict[str, Any], file: str) -> Iterator[tuple[str, list[Layer], Any]]:
    """Everything that is resolved, under every preset: what it is called, its layers, its type."""
    for preset, declared in paper["presets"].items():
        systems = system_layers(paper, preset, file=file)
        for name, layers in systems.items():
            yield f"system {name!r}", layers, system_type()
        for name, layers in teacher_layers(paper, preset, file=file).items():
            yield f"teacher {name!r}", layers, Teacher
        for sweep in declared.get("sweeps", {}):
            system = paper.get("sweeps", {}).get(sweep, {}).get("system")
            if system not in systems:  # which `serflow.plan.references` says
                continue
            for _, layer in sweep_points(paper, preset, sweep, file=file):
                yield f"system {system!r}", [*systems[system], layer], system_type()
