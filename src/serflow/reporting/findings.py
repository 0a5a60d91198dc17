"""The page of findings as tidy rows: every system under strict and as published, and what pairs of protocols isolate.

Only the standard library is imported: what reads these rows need not draw them.
"""

from pathlib import Path
from typing import Any

from serflow.metrics.names import UNDERTRAINED
from serflow.reporting.holm import correct
from serflow.reporting.rows import Line
from serflow.reporting.scores import no_line, read_contrast, read_score, read_unscored
from serflow.reporting.verdicts import LEVEL, REASONS, VERDICTS, verdict_counts
from serflow.reporting.wording import in_unit, listing, protocol_label, text_in_unit

__all__ = [
    "COLUMNS",
    "CONTRASTS",
    "GIVEN",
    "PROTOCOLS",
    "SAME",
    "VERDICT_COLUMNS",
    "findings_rows",
    "stars",
    "verdict_rows",
]

PROTOCOLS = ("strict", "as_published")
SCORED = ("", "_low", "_high", "_folds", "_seeds", "_utterances", "_speakers", "_undertrained", "_note")
DIFFERENCE, SHARED, CHOSEN, CHOSEN_HERE = CONTRASTS = (
    "difference",
    "shared_speakers",
    "test_choice",
    "test_choice_own",
)
COMPARED = ("", "_low", "_high", "_p", "_p_holm", "_seeds", "_undertrained", "_note")
COLUMNS = [
    *("paper", "experiment", "system", "name", "yardstick", "reference", "given", "chance"),
    *(name + what for name in PROTOCOLS for what in SCORED),
    *(name + what for name in CONTRASTS for what in COMPARED),
]
VERDICT_COLUMNS = ["paper", "protocol", *VERDICTS, *REASONS]
SAME = "the two protocols are one"
UNMADE = "not run under"
NO_EPOCHS = "no epoch is chosen"
HEARS_NOTHING = "it hears nothing"
GIVEN = "how a given system chose its epoch is not known"
UNGIVEN = "not given for"


def findings_rows(spec: dict[str, Any]) -> list[Line]:
    """Tell the page of findings as rows, one a system and view: by paper, view, and UA, the best first.

    Parameters
    ----------
    spec : dict
        ``metric``, ``papers``: each ``key``, ``reference`` (``system``, ``name``), ``protocols`` (of `PROTOCOLS`, each
        ``name``, ``split``, ``select``, ``folds``: of the split), ``effects`` ("shared_speakers" and "test_choice":
        ``first`` and ``second`` protocol, or a ``reason``), ``experiments``: each ``name``, ``classes`` (number),
        ``rows``: each ``system``, ``name``, ``yardstick``, ``hears`` (whether it has any input), ``epochs`` (whether
        one is chosen), ``scores``: protocol name -> folder or None, ``missing``: protocol name -> reason,
        ``contrasts``: path of contrasts.csv, or None, ``given``: whether the system was trained elsewhere.

    Returns
    -------
    list of dict
        Keys as `COLUMNS`; all values are text. UA, its interval and differences are in per cent or points.
        Of a protocol: value, interval over speakers, folds, seeds, utterances and speakers tested, whether it is
        undertrained, and why there is no value. Of a contrast, one selection or split minus another one: value,
        interval, p, p after Holm's correction over the paper's rows of the same contrast (both empty where nothing may
        be tested: the test part chose, one seed, undertrained), and why there is no value.
        ``difference`` is as published minus strict, ``shared_speakers`` and ``test_choice`` what `effects` says,
        ``test_choice_own`` the epoch chosen on the test part minus on the validation part, in strict's own folds.

    Raises
    ------
    UserError
        If a file is missing, or a line of it.
    """
    rows = []
    for paper in spec["papers"]:
        mine = []
        for experiment in paper["experiments"]:
            lines = [_line(spec["metric"], paper, experiment, row) for row in experiment["rows"]]
            mine += sorted(lines, key=_rank)
        for name in CONTRASTS:
            correct(mine, f"{name}_p")
        rows += mine
    return [{key: line.get(key, "") for key in COLUMNS} for line in rows]


def _rank(line: Line) -> tuple[bool, float]:
    """The better under strict the sooner, where it was run, else as published; last what was not run at all."""
    value = line.get("strict") or line.get("as_published")
    return not value, -float(value or 0)


def _line(metric: str, paper: dict[str, Any], experiment: dict[str, Any], row: dict[str, Any]) -> Line:
    line = {"paper": paper["key"], "experiment": experiment["name"], "system": row["system"], "name": row["name"]}
    line |= {"yardstick": _yes(row["yardstick"]), "reference": _yes(row["system"] == paper["reference"]["system"])}
    line["given"] = _yes(row["given"])
    line["chance"] = in_unit(1 / experiment["classes"], metric)
    for protocol in paper["protocols"]:
        name = protocol["name"]
        found = _score(row, protocol, metric) if row["scores"][name] else {"_note": row["missing"][name]}
        line |= {name + what: value for what, value in found.items()}
    for name, found in _contrasts(metric, paper, row).items():
        line |= {name + what: value for what, value in found.items()}
    return line


def _yes(value: bool) -> str:
    return "yes" if value else "no"


def _score(row: dict[str, Any], protocol: dict[str, str], metric: str) -> Line:
    if reason := _unscored(row, protocol):
        return {"_note": reason}
    score = _read(row, protocol, metric)
    keys = {"": "pooled", "_low": "low_speakers", "_high": "high_speakers"}
    texts = {what: text_in_unit(score[key], metric) for what, key in keys.items()}
    texts |= {f"_{key}": score[key] for key in ("folds", "seeds", "utterances", "speakers")}
    return texts | {"_undertrained": _yes(score["undertrained"] in UNDERTRAINED)}


def _unscored(row: dict[str, Any], protocol: dict[str, str]) -> str | None:
    """Why what was given of a system could not be scored; None where it was."""
    return read_unscored(Path(row["scores"][protocol["name"]]), system=row["system"]) if row["given"] else None


def _read(row: dict[str, Any], protocol: dict[str, str], metric: str) -> Line:
    folder = Path(row["scores"][protocol["name"]])
    score = read_score(folder, system=row["system"], select=protocol["select"], metric=metric)
    if score is None:
        raise no_line(folder / "scores.csv", row["system"], protocol["select"], f", metric {metric}")
    return score


def _contrasts(metric: str, paper: dict[str, Any], row: dict[str, Any]) -> dict[str, Line]:
    """Each contrast of a row, or why it has none."""
    protocols = {protocol["name"]: protocol for protocol in paper["protocols"]}
    found = {}
    if len(protocols) == len(PROTOCOLS):
        found[DIFFERENCE] = _contrast(metric, row, protocols["as_published"], protocols["strict"])
    for name, pair in paper["effects"].items():
        if "reason" in pair:
            found[name] = {"_note": pair["reason"]}
        elif name == SHARED and not row["hears"]:
            found[name] = {"_note": HEARS_NOTHING}
        elif name == CHOSEN and not row["epochs"]:
            found[name] = {"_note": _no_epochs(row)}
        else:
            found[name] = _contrast(metric, row, pair["first"], pair["second"], share=name == SHARED)
    if "strict" in protocols:
        found[CHOSEN_HERE] = _own_choice(metric, row, protocols["strict"])
    return found


def _no_epochs(row: dict[str, Any]) -> str:
    return GIVEN if row["given"] else NO_EPOCHS


def _contrast(
    metric: str, row: dict[str, Any], first: dict[str, str], second: dict[str, str], *, share: bool = False
) -> Line:
    """First minus second protocol; `share`: not where the first is known to train no speaker whom it tests."""
    places = [(protocol["split"], protocol["select"]) for protocol in (first, second)]
    unmade = [protocol_label(protocol) for protocol in (first, second) if not row["scores"][protocol["name"]]]
    if unmade:
        return {"_note": f"{UNGIVEN if row['given'] else UNMADE} {listing(unmade)}"}
    if places[0] == places[1]:
        return {"_note": SAME}
    if reason := next(filter(None, (_unscored(row, protocol) for protocol in (first, second))), None):
        return {"_note": reason}
    path = Path(row["contrasts"])
    pair = read_contrast(path, system=row["system"], first=places[0], second=places[1], metric=metric)
    if pair is None:
        selections = f"{'/'.join(places[0])} beside {'/'.join(places[1])}"
        raise no_line(path, row["system"], selections, f", metric {metric}")
    if pair["reason"] or share and pair["speakers_shared"] == "no":
        return {"_note": pair["reason"] or "no speaker is shared"}
    keys = {"": "difference", "_low": "low", "_high": "high"}
    found = {what: text_in_unit(pair[key], metric) for what, key in keys.items()}
    scores = [_read(row, protocol, metric) for protocol in (first, second)]
    undertrained = any(score["undertrained"] in UNDERTRAINED for score in scores)
    one_seed = pair["seeds"] != "" and int(float(pair["seeds"])) < 2
    p = "" if undertrained or one_seed else pair["p"]
    return found | {"_p": p, "_seeds": pair["seeds"], "_undertrained": _yes(undertrained)}


def _own_choice(metric: str, row: dict[str, Any], strict: dict[str, str]) -> Line:
    """What the same networks gain under strict where the test part chooses their epoch: two lines of one scores.csv."""
    if not row["scores"]["strict"]:
        return {"_note": row["missing"]["strict"]}
    if not row["epochs"]:
        return {"_note": _no_epochs(row)}
    best, chosen = (_read(row, strict | {"select": select}, metric) for select in ("best_test", "best_validation"))
    gain = float(best["pooled"]) - float(chosen["pooled"])
    return {"": in_unit(gain, metric), "_undertrained": _yes(chosen["undertrained"] in UNDERTRAINED)}


def stars(line: Line, contrast: str) -> str:
    """How a contrast is marked: `*` at p < 0.05, `**` also after Holm's correction over the paper's rows."""
    values = [line[f"{contrast}_p"], line[f"{contrast}_p_holm"]]
    return "*" * sum(bool(value) and float(value) < LEVEL for value in values)


def verdict_rows(claims: dict[str, list[Line]]) -> list[Line]:
    """How many of each paper's claims have which verdict under which protocol, and for which reason they have none.

    Parameters
    ----------
    claims : paper -> lines of its table of claims, one a claim and protocol (`serflow.reporting.verdicts`).

    Returns
    -------
    list of dict
        Keys as `VERDICT_COLUMNS`; a line a paper and protocol, numbers as text.
    """
    rows = []
    for paper, lines in claims.items():
        for protocol, (verdicts, reasons) in verdict_counts(lines).items():
            counts = {verdict: str(verdicts[verdict]) for verdict in VERDICTS}
            counts |= {reason: str(reasons[reason]) for reason in REASONS}
            rows.append({"paper": paper, "protocol": protocol} | counts)
    return rows
