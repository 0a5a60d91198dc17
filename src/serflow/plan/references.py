"""Names that one part of a paper's YAML uses and another declares: each must be there."""

import itertools
from collections.abc import Iterator
from typing import Any

from serflow.config import nearest
from serflow.errors import UserError

Use = tuple[str, str, list[str]]  # place, name used, names declared


def check_references(
    paper: dict[str, Any],
    *,
    yardsticks: dict,
    splits: dict,
    protocols: list[str],
    features: list[str],
    corpora: list[str],
    where: str,
) -> None:
    """Raise one `UserError` for all systems, experiments, splits, energies and so on that are used and not declared."""
    systems = [*paper["systems"], *yardsticks]
    own = paper.get("protocols", {})
    uses = [
        ("as_published.split", paper["as_published"]["split"], list(splits)),
        *((f"protocols.{key}.split", protocol["split"], list(splits)) for key, protocol in own.items()),
        *_of_tables(paper, systems, ["as_published", *protocols, *own]),
        *_of_figures(paper, systems, features),
        *_of_grids(paper, systems),
        *_of_presets(paper, systems),
        *_of_encoders(paper),
        *(
            (f"experiments.{key}.corpus", view["corpus"], corpora)
            for key, view in paper["experiments"].items()
            if "corpus" in view
        ),
    ]
    wrong = [
        f"{where}: {place}: {name!r} is not declared{nearest(name, known)}"
        for place, name, known in uses
        if name not in known
    ]
    if wrong:
        raise UserError("\n".join(wrong))


def _of_encoders(paper: dict[str, Any]) -> Iterator[Use]:
    """A system starts from one that starts from none."""
    first = [name for name, system in paper["systems"].items() if "encoder" not in system]
    for key, system in paper["systems"].items():
        if "encoder" in system:
            yield f"systems.{key}.encoder.system", system["encoder"]["system"], first


def _of_tables(paper: dict[str, Any], systems: list[str], protocols: list[str]) -> Iterator[Use]:
    experiments = list(paper["experiments"])
    for key, table in paper["tables"].items():
        yield f"tables.{key}.experiment", table["experiment"], experiments
        for row in table["rows"]:
            place = f"tables.{key}.rows.{row['id']}"
            if "system" in row:
                yield f"{place}.system", row["system"], systems
            if "experiment" in row:
                yield f"{place}.experiment", row["experiment"], experiments
        of_experiment = [row["id"] for row in table["rows"] if "system" in row and "experiment" not in row]
        for row in itertools.chain.from_iterable(table.get("components", [])):
            yield f"tables.{key}.components", row, of_experiment
        for name in table.get("protocols", []):
            yield f"tables.{key}.protocols", name, protocols
        for name in itertools.chain.from_iterable(table.get("contrasts", [])):
            yield f"tables.{key}.contrasts", name, table.get("protocols", protocols)


def _of_figures(paper: dict[str, Any], systems: list[str], features: list[str]) -> Iterator[Use]:
    experiments, grids = list(paper["experiments"]), list(paper.get("grids", {}))
    known = {"system": systems, "experiment": experiments, "grid": grids, "energy": features}
    for key, figure in paper["figures"].items():
        for name, declared in known.items():
            if name in figure:
                yield f"figures.{key}.{name}", figure[name], declared
        view = paper["experiments"].get(figure.get("experiment"))
        if view and "class" in figure:
            yield f"figures.{key}.class", figure["class"], list(view["classes"])


def _of_grids(paper: dict[str, Any], systems: list[str]) -> Iterator[Use]:
    for key, grid in paper.get("grids", {}).items():
        yield f"grids.{key}.system", grid["system"], systems
        yield f"grids.{key}.experiment", grid["experiment"], list(paper["experiments"])
        for preset, values in paper["presets"].items():
            yield f"presets.{preset}.grids", key, list(values.get("grids", {}))


def _of_presets(paper: dict[str, Any], systems: list[str]) -> Iterator[Use]:
    for preset, values in paper["presets"].items():
        for protocol, named in values["named"].items():
            for system in named if isinstance(named, list) else []:
                yield f"presets.{preset}.named.{protocol}", system, systems
