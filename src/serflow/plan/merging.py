"""What is merged into a system's or a teacher's spec, layer on layer, and where each value comes from."""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

__all__ = ["Layer", "Place", "SweepPoint", "merge", "merged", "origin", "sweep_points", "system_layers",
           "teacher_layers", "useless_nulls"]  # fmt: skip

Path = tuple[str | int, ...]
UNMERGED = ("published_parameters",)  # of a system: decides no result, and a sweep point must equal its named system


class Place(NamedTuple):
    """Where a value stands: a file, and its keys there."""

    file: str
    keys: Path

    def __str__(self) -> str:
        return f"{self.file}: {'.'.join(map(str, self.keys))}"


@dataclass(frozen=True)
class Layer:
    """A mapping of a YAML file that is laid over those before it.

    Attributes
    ----------
    file, keys
        Where it stands.
    values
        What it holds, as it is merged.
    left_out
        Keys before all others in `values` that the file leaves out: a sweep's are those of `parameters`.
    """

    file: str
    keys: Path
    values: dict[str, Any]
    left_out: int = 0

    def place(self, path: Path) -> Place:
        """Where the file has what is merged at `path`."""
        return Place(self.file, (*self.keys, *path[self.left_out :]))


class SweepPoint(NamedTuple):
    """A point of a sweep: the value of each varied parameter by its dotted name, and what is laid over the system."""

    values: dict[str, Any]
    layer: Layer


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


def merged(layers: Sequence[Layer]) -> dict[str, Any]:
    """The first layer with the others laid over it in turn."""
    first, *others = (layer.values for layer in layers)
    for change in others:
        first = merge(first, change)
    return first


def origin(layers: Sequence[Layer], path: Path) -> Place:
    """Where the value at `path` of what is merged comes from, or the null that took it away.

    Of what no layer has, it is the place beside its neighbours.
    """
    for layer in reversed(layers):
        depth = _depth(layer.values, path)
        if depth is not None:
            return layer.place(path[:depth])
    parent = origin(layers, path[:-1])
    return Place(parent.file, (*parent.keys, path[-1]))


def _depth(values: Any, path: Path) -> int | None:
    """How far a layer says what lies at `path`: all of it, or as far as what is no mapping; None if it does not."""
    for depth, part in enumerate(path):
        if isinstance(values, list):
            return len(path)
        if not isinstance(values, dict):
            return depth
        if part not in values:
            return None
        values = values[part]
    return len(path)


def system_layers(paper: dict[str, Any], preset: str, *, file: str) -> dict[str, list[Layer]]:
    """The layers of each named system: what all share, the preset's change of it, the system's own."""
    base = [
        Layer(file, ("system",), paper["system"]),
        Layer(file, ("presets", preset, "system"), paper["presets"][preset]["system"]),
    ]
    return {
        name: [*base, Layer(file, ("systems", name), {key: own[key] for key in own if key not in UNMERGED})]
        for name, own in paper["systems"].items()
    }


def teacher_layers(paper: dict[str, Any], preset: str, *, file: str) -> dict[str, list[Layer]]:
    """The layers of each teacher, as those of systems."""
    base = [
        Layer(file, ("teacher",), paper.get("teacher", {})),
        Layer(file, ("presets", preset, "teacher"), paper["presets"][preset].get("teacher", {})),
    ]
    return {name: [*base, Layer(file, ("teachers", name), own)] for name, own in paper.get("teachers", {}).items()}


def sweep_points(paper: dict[str, Any], preset: str, sweep: str, *, file: str) -> Iterator[SweepPoint]:
    """The points of a sweep under a preset: every value of each varied parameter with all of the others."""
    ranges = paper["presets"][preset]["sweeps"][sweep]
    for values in itertools.product(*ranges.values()):
        chosen = dict(zip(ranges, values, strict=True))
        layer = Layer(file, ("presets", preset, "sweeps", sweep), {"parameters": _nested(chosen)}, left_out=1)
        yield SweepPoint(chosen, layer)


def useless_nulls(layers: Sequence[Layer]) -> Iterator[tuple[Path, Place]]:
    """Nulls that take nothing away: their paths, and where they stand."""
    base = layers[0].values
    for layer in layers[1:]:
        yield from ((path, layer.place(path)) for path in _nulls(layer.values, base, ()))
        base = merge(base, layer.values)


def _nulls(change: dict[str, Any], base: Any, path: Path) -> Iterator[Path]:
    there = base if isinstance(base, dict) else {}
    for key, value in change.items():
        if value is None and key not in there:
            yield (*path, key)
        elif isinstance(value, dict):
            yield from _nulls(value, there.get(key), (*path, key))


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
