"""Names that one part of a paper's YAML uses and another declares: each must be there, and no two alike."""

import itertools
from collections.abc import Iterator
from typing import Any, NamedTuple

from serflow.config import nearest
from serflow.metrics.names import DEVELOPMENT, IMPROVISED, OF_SYSTEMS, OF_TEACHERS, RECALL, UNSEEN, UNSHARED, WHOLE
from serflow.plan.own_classes import OWN, OWN_TABLE
from serflow.split_kinds import folds_a_session

SCALE = "train_per_class"  # the parameter that a figure of kind data_scale shows

Use = tuple[str, str, list[str]]  # place, name used, names declared


class Shared(NamedTuple):
    """What files beside a paper's declare, and a paper may name."""

    yardsticks: dict[str, dict[str, Any]]
    splits: dict[str, dict[str, Any]]
    protocols: dict[str, dict[str, Any]]
    features: dict[str, dict[str, Any]]
    corpora: list[str]


def reference_faults(paper: dict[str, Any], shared: Shared, *, where: str) -> list[str]:
    """What is said of all systems, experiments, splits, energies and so on that are used and not declared."""
    protocols, splits = list(shared.protocols), list(shared.splits)
    energies = [name for name, spec in shared.features.items() if spec["extractor"] == "energy"]
    systems = [*paper["systems"], *shared.yardsticks]
    own = paper.get("protocols", {})
    known_protocols = ["as_published", *protocols, *own]
    uses = [
        ("corpus", paper["corpus"], shared.corpora),
        ("as_published.split", paper["as_published"]["split"], splits),
        *((f"protocols.{key}.split", protocol["split"], splits) for key, protocol in own.items()),
        *_of_tables(paper, systems, known_protocols),
        *_of_claims(paper, systems),
        *_of_figures(paper, systems, energies),
        *_of_sweeps(paper, systems),
        *_of_presets(paper, systems, known_protocols),
        *_of_encoders(paper),
        *_of_teachers(paper, splits),
        *(
            (f"experiments.{key}.corpus", view["corpus"], shared.corpora)
            for key, view in paper["experiments"].items()
            if "corpus" in view
        ),
    ]
    wrong = dict.fromkeys(  # several presets may use one name
        f"{where}: {place}: {name!r} is not declared{nearest(name, list(dict.fromkeys(map(str, known))))}"
        for place, name, known in uses
        if name not in known
    )
    faults = [
        *_doubled(paper, shared),
        *_of_ids(paper),
        *_of_selections(paper, shared.splits),
        *_of_chains(paper),
        *_of_claim_pairs(paper),
        *_of_encoder_chains(paper),
        *_of_teacher_view(paper, shared.splits),
        *_of_maps(paper),
        *_of_data_scale(paper),
    ]
    return [*wrong, *(f"{where}: {fault}" for fault in faults)]


def _doubled(paper: dict[str, Any], shared: Shared) -> Iterator[str]:
    for name in sorted({"as_published", *shared.protocols} & set(paper.get("protocols", {}))):
        yield f"protocols.{name}: there is a protocol of that name already; choose another"
    for name in sorted(set(paper["systems"]) & set(shared.yardsticks)):
        yield f"systems.{name}: there is a yardstick of that name already; choose another"
    for name in sorted(set(paper["tables"]) & set(paper["figures"])):
        yield f"figures.{name}: there is a table of that name already; choose another"
    for kind, name in (("experiments", OWN), ("tables", OWN_TABLE)):
        if name in paper[kind]:
            yield f"{kind}.{name}: that name is for a corpus's own classes (its key `own_classes`); choose another"


def _of_ids(paper: dict[str, Any]) -> Iterator[str]:
    """The workflow tells a table from a figure by its id."""
    for name in paper["tables"]:
        if not name.startswith("table"):
            yield f"tables.{name}: the id of a table starts with `table`; rename it, as table_{name}"
    for name in paper["figures"]:
        if name.startswith("table"):
            yield f"figures.{name}: the id of a figure does not start with `table`; rename it, as figure_{name}"


def _of_selections(paper: dict[str, Any], splits: dict[str, dict[str, Any]]) -> Iterator[str]:
    own = {f"protocols.{name}": protocol for name, protocol in paper.get("protocols", {}).items()}
    for place, protocol in {"as_published": paper["as_published"], **own}.items():
        if fault := selection_fault(protocol, splits):
            yield f"{place}.{fault}"


def selection_fault(protocol: dict[str, Any], splits: dict[str, dict[str, Any]]) -> str | None:
    """What is wrong with an epoch that is selected on validation, where the protocol's split has none."""
    split = splits.get(protocol["split"], {})
    validates = split.get("validation", split.get("kind") != "session")
    if protocol["select"] != "best_validation" or validates:
        return None
    return f"select: 'best_validation', but split {protocol['split']!r} has no validation part; name another of either"


def _of_chains(paper: dict[str, Any]) -> Iterator[str]:
    """What a table compares: a row with one other, and UA where it has it."""
    for key, table in paper["tables"].items():
        added = [row for chain in table.get("ablation", []) for row in chain[1:]]
        for row in sorted({row for row in added if added.count(row) > 1}):
            yield f"tables.{key}.ablation: {row!r} follows two rows; give one of the comparisons a table of its own"
        if "contrasts" in table and "ua" not in table["columns"]:
            yield f"tables.{key}.contrasts: they are told in UA; add ua to `columns`"


def _of_encoder_chains(paper: dict[str, Any]) -> Iterator[str]:
    for key, system in paper["systems"].items():
        encoder = paper["systems"].get(system.get("encoder", {}).get("system"), {})
        if "encoder" in encoder:
            name = system["encoder"]["system"]
            yield f"systems.{key}.encoder.system: {name!r} starts from a network itself; name one that starts from none"


def _of_teacher_view(paper: dict[str, Any], splits: dict[str, Any]) -> Iterator[str]:
    """Teachers are trained on whole sessions, of a view that no system is trained on."""
    teacher = paper.get("teacher")
    if teacher is None or teacher["split"] not in splits:
        return
    if folds_a_session(splits[teacher["split"]]) != 1:
        yield f"teacher.split: {teacher['split']!r} does not leave a session out in each fold; name session_parts"
    own = teacher["experiment"]
    for key, table in paper["tables"].items():
        seen = {entry.get("experiment") for entry in (table, *table.get("rows", [])) if "teacher" not in entry}
        if table.get("kind") != "asr" and own in seen:
            yield f"tables.{key}: systems are not run on {own!r}, which is what teachers are trained on"
        shown = {entry["experiment"] for entry in (table, *table.get("rows", [])) if "experiment" in entry}
        if table.get("kind") == "asr" and shown != {own}:
            yield f"tables.{key}.experiment: teachers are scored on the view that they are trained on; name {own!r}"
    for key, figure in paper["figures"].items():
        if "teachers" in figure and figure["experiment"] != own:
            yield f"figures.{key}.experiment: teachers are scored on the view that they are trained on; name {own!r}"


def _of_maps(paper: dict[str, Any]) -> Iterator[str]:
    """Attention maps are drawn of a student, beneath those of its teacher."""
    shared = paper["system"]["parameters"].get("transfer")
    for key, figure in paper["figures"].items():
        if figure["kind"] != "attention_maps" or figure["system"] not in paper["systems"]:
            continue
        if not paper["systems"][figure["system"]].get("parameters", {}).get("transfer", shared):
            name = figure["system"]
            yield f"figures.{key}.system: {name!r} learns from no teacher; name one with `parameters.transfer`"


def _of_data_scale(paper: dict[str, Any]) -> Iterator[str]:
    for key, figure in paper["figures"].items():
        if figure["kind"] == "data_scale":
            sweeps = (preset.get("sweeps", {}).get(figure["sweep"], {}) for preset in paper["presets"].values())
            others = {name for varied in sweeps for name in varied} - {SCALE}
            if others:
                varies = ", ".join(sorted(others))
                yield f"figures.{key}.sweep: {figure['sweep']!r} varies {varies}; name one that varies {SCALE} alone"


def _of_teachers(paper: dict[str, Any], splits: list[str]) -> Iterator[Use]:
    if "teacher" in paper:
        yield "teacher.experiment", paper["teacher"]["experiment"], list(paper["experiments"])
        yield "teacher.split", paper["teacher"]["split"], splits


def _of_encoders(paper: dict[str, Any]) -> Iterator[Use]:
    for key, system in paper["systems"].items():
        if "encoder" in system:
            yield f"systems.{key}.encoder.system", system["encoder"]["system"], list(paper["systems"])


def _of_tables(paper: dict[str, Any], systems: list[str], protocols: list[str]) -> Iterator[Use]:
    experiments, segments = list(paper["experiments"]), _cuts_segments(paper)
    text = any(view.get("inputs", "acoustic") != "acoustic" for view in paper["experiments"].values())
    for key, table in paper["tables"].items():
        if "experiment" not in table:
            continue
        yield f"tables.{key}.experiment", table["experiment"], experiments
        known = columns_of(table, paper["experiments"].get(table["experiment"]), text=text, segments=segments)
        declared = set(table.get("columns", [])) <= set(known)
        yield from ((f"tables.{key}.columns", column, known) for column in table.get("columns", []))
        for row in table.get("rows", []):
            place = f"tables.{key}.rows.{row['id']}"
            if "system" in row:
                yield f"{place}.system", row["system"], systems
            if "teacher" in row:
                yield f"{place}.teacher", row["teacher"], list(paper.get("teachers", {}))
            for metric in row.get("reported", {}) if declared else ():
                yield f"{place}.reported", metric, table["columns"]
            if "experiment" in row:
                yield f"{place}.experiment", row["experiment"], experiments
        shown = [row["system"] for row in table.get("rows", []) if "system" in row]
        if "z_test" in table:
            yield f"tables.{key}.z_test.against", table["z_test"]["against"], shown
        made_by = "teacher" if table.get("kind") == "asr" else "system"
        of_experiment = [row["id"] for row in table.get("rows", []) if made_by in row and "experiment" not in row]
        for row in itertools.chain.from_iterable(table.get("ablation", [])):
            yield f"tables.{key}.ablation", row, of_experiment
        for name in table.get("protocols", []):
            yield f"tables.{key}.protocols", name, protocols
        for contrast in table.get("contrasts", []):
            for end in ("from", "to"):
                yield f"tables.{key}.contrasts.{end}", contrast[end], table.get("protocols", protocols)


def _cuts_segments(paper: dict[str, Any]) -> bool:
    first, shared = next(iter(paper["systems"].values())), paper["system"]["parameters"].get("segments")
    return bool(first.get("parameters", {}).get("segments", shared))


def _of_claims(paper: dict[str, Any], systems: list[str]) -> Iterator[Use]:
    """What a claim is of; its metric is one of the test part that pairs of systems are compared in."""
    for claim in paper.get("claims", []):
        place, view = f"claims.{claim['id']}", paper["experiments"].get(claim["experiment"])
        yield f"{place}.experiment", claim["experiment"], list(paper["experiments"])
        yield from ((f"{place}.{key}", claim[key], systems) for key in ("system", "against"))
        known = columns_of({}, view, text=False, segments=_cuts_segments(paper))
        yield f"{place}.metric", claim["metric"], [name for name in known if not name.endswith(DEVELOPMENT)]


def _of_claim_pairs(paper: dict[str, Any]) -> Iterator[str]:
    """Each claim stands once, and there is a table of them where there are some."""
    claims = paper.get("claims", [])
    shown = [key for key, table in paper["tables"].items() if table.get("kind") == "claims"]
    if claims and not shown:
        yield "claims: no table shows them; add one of `kind: claims` to `tables`"
    if shown and not claims:
        yield f"tables.{shown[0]}: the paper has no `claims` for it to show; add some, or remove the table"
    ids, pairs = set(), {}
    for claim in claims:
        if claim["id"] in ids:
            yield f"claims.{claim['id']}: that id stands twice; rename one"
        ids.add(claim["id"])
        of = (claim["experiment"], claim["metric"], frozenset((claim["system"], claim["against"])))
        if (first := pairs.setdefault(of, claim["id"])) != claim["id"]:
            yield f"claims.{claim['id']}: it is of the same systems and metric as {first!r}; keep one, with both places"


def _of_figures(paper: dict[str, Any], systems: list[str], energies: list[str]) -> Iterator[Use]:
    experiments, sweeps = list(paper["experiments"]), list(paper.get("sweeps", {}))
    known = {"system": systems, "beside": systems, "experiment": experiments, "sweep": sweeps, "energy": energies}
    for key, figure in paper["figures"].items():
        for name, declared in known.items():
            if name in figure:
                yield f"figures.{key}.{name}", figure[name], declared
        for name in figure.get("systems", []):
            yield f"figures.{key}.systems", name, systems
        for name in figure.get("teachers", []):
            yield f"figures.{key}.teachers", name, list(paper.get("teachers", {}))
        if figure["kind"] == "sweep":
            yield from _of_axes(paper, key, figure)
        view = paper["experiments"].get(figure.get("experiment"))
        if view and "class" in figure:
            yield f"figures.{key}.class", figure["class"], list(view["classes"])


def _of_axes(paper: dict[str, Any], key: str, figure: dict[str, Any]) -> Iterator[Use]:
    """What a figure of a sweep draws, which every preset must vary; what the paper reports, one preset at least."""
    ranges = [preset.get("sweeps", {}).get(figure["sweep"], {}) for preset in paper["presets"].values()]
    for axis in ("x", "panel"):
        yield from ((f"figures.{key}.{axis}", figure[axis], list(varied)) for varied in ranges if varied)
    panels, points = ([value for varied in ranges for value in varied.get(figure[axis], [])] for axis in ("panel", "x"))
    for panel, point in figure["best_reported"].items():
        if panels:  # none of an axis that is not varied, as is said above
            yield f"figures.{key}.best_reported", panel, panels
        if points:
            yield f"figures.{key}.best_reported.{panel}", point, points


def columns_of(table: dict[str, Any], view: dict[str, Any] | None, *, text: bool, segments: bool) -> list[str]:
    """The metrics that a table may have for columns; of classes, those of its view.

    Of words there are some where words are read, of whole segments where the paper's systems cut segments.
    """
    if table.get("kind") == "asr":
        return [f"{name}{lines}" for name in OF_TEACHERS for lines in ("", UNSEEN, IMPROVISED)]
    names = [*OF_SYSTEMS, *(f"{RECALL}{name}" for name in (view or {}).get("classes", []))]
    return [f"{name}{part}" for part in ("", *[UNSHARED] * text, *[WHOLE] * segments, DEVELOPMENT) for name in names]


def _of_sweeps(paper: dict[str, Any], systems: list[str]) -> Iterator[Use]:
    for key, sweep in paper.get("sweeps", {}).items():
        yield f"sweeps.{key}.system", sweep["system"], systems
        yield f"sweeps.{key}.experiment", sweep["experiment"], list(paper["experiments"])
        for preset, values in paper["presets"].items():
            yield f"presets.{preset}.sweeps", key, list(values.get("sweeps", {}))
    for preset, values in paper["presets"].items():
        yield from (
            (f"presets.{preset}.sweeps", key, list(paper.get("sweeps", {}))) for key in values.get("sweeps", {})
        )


def _of_presets(paper: dict[str, Any], systems: list[str], protocols: list[str]) -> Iterator[Use]:
    for preset, values in paper["presets"].items():
        for protocol, named in values["runs"].items():
            yield f"presets.{preset}.runs", protocol, protocols
            for system in named if isinstance(named, list) else []:
                yield f"presets.{preset}.runs.{protocol}", system, systems
