"""A paper's table as tidy rows: the reported numbers beside those that this workflow produced, never mixed.

Only the standard library is imported: a report has many tables, and start-up would dominate them.
"""

from collections import defaultdict
from pathlib import Path
from typing import Any

from serflow.errors import UserError
from serflow.metrics.names import CALIBRATION, DEVELOPMENT, IMPROVISED, UNDERTRAINED, UNSEEN, UNSHARED, WHOLE
from serflow.reporting.claims import claim_rows
from serflow.reporting.groups import group_lines
from serflow.reporting.holm import correct
from serflow.reporting.rows import COLUMNS, Line
from serflow.reporting.scores import (
    no_line,
    read_contrast,
    read_pair,
    read_score,
    read_unscored,
    scored_classes,
    scored_selections,
)
from serflow.reporting.undertrained import TESTS
from serflow.reporting.verdicts import CLAIM_COLUMNS
from serflow.reporting.wording import in_unit, metric_name, text_in_unit

REPORTED_ONLY = "reported by its authors, not a system of this workflow"


def table_columns(spec: dict[str, Any]) -> list[str]:
    """The columns of a table's CSV, which are the keys of its rows."""
    return CLAIM_COLUMNS if spec.get("kind") == "claims" else COLUMNS


def table_rows(spec: dict[str, Any]) -> list[Line]:
    """Tell a table as tidy rows: one for each row, column and protocol of the spec.

    Parameters
    ----------
    spec : dict
        ``id``, ``published_on`` (the corpus of the reported numbers), ``columns``,
        ``protocols`` (each ``name``, ``split``, ``select``), ``comparable`` (whether
        differences from the reported numbers mean anything; told only of the protocols ``as_published...``, which
        the reported numbers have too), ``rows`` (each ``id``, ``name``, perhaps ``variant``, ``reported``, ``system``,
        ``seeded``: whether the system depends on a seed, ``comparable``: as the table's, ``experiment``, ``scores``:
        protocol name -> folder or None, ``missing``: protocol name -> reason, ``note``, ``ablated``: ``id`` and
        ``system`` of the row with one component fewer, or None, ``contrasts``: path of contrasts.csv or None, perhaps
        ``given``: whether the system was trained elsewhere), for
        paired tests ``reference`` (a system), for the paper's own z-test perhaps ``z_test`` (``against``: a system)
        and perhaps ``contrasts`` (each ``from`` and ``to``, names of protocols that are compared).

    Returns
    -------
    list of dict
        Keys as `COLUMNS`; all values are text: shares in per cent, what is no share as it is, p in 0..1. Each test has
        its own p and the one that Holm's correction gives it among the tests of its kind in the same column under the
        same protocol. A row without a system gives one line a column with an empty protocol. A spec of ``kind``
        "counts" is told by `serflow.reporting.class_counts`; in one of ``kind`` "asr" a `system` is a teacher, and
        values are error rates; in one of ``kind`` "groups" the lines of UA are followed by those of its groups; in one
        of ``kind`` "cross" lines name their classes; one of ``kind`` "claims" is told by `serflow.reporting.claims`,
        with columns of its own.

    Raises
    ------
    UserError
        Where a score is neither present nor explained, or a column is no metric.
    """
    if spec.get("kind") == "claims":
        return claim_rows(spec)
    if spec.get("kind") == "counts":
        from serflow.reporting.class_counts import counts_rows  # pandas, which the other tables do without

        return counts_rows(spec)
    rows = []
    for row in spec["rows"]:
        for column in spec["columns"]:
            metric_name(column)
            if row.get("system") is None:
                rows.append({**_identity(spec, row, column), "note": row.get("note") or REPORTED_ONLY})
                continue
            made = [_reproduced(spec, row, column, protocol) for protocol in spec["protocols"]]
            if spec.get("kind") == "groups" and column == "ua":
                made += [part for line in made for part in group_lines(line, row["scores"].get(line["protocol"]))]
            rows += made
    lines = [{key: line.get(key, "") for key in COLUMNS} for line in rows]
    families = defaultdict(list)  # Holm's correction is over the tests of a kind in one column under one protocol
    for line in lines:
        families[line["column"], line["protocol"]].append(line)
    for test in TESTS:
        for family in families.values():
            correct(family, test)
    return lines


def _identity(spec: dict[str, Any], row: dict[str, Any], column: str) -> Line:
    reported = (row.get("reported") or {}).get(column)
    return {
        "item": f"{spec['id']}/{row['id']}/{column}",
        "row": row["id"],
        "name": row["name"],
        "variant": row.get("variant") or "",
        "column": column,
        "system": row.get("system") or "",
        "experiment": row.get("experiment") or "",
        "reported": "" if reported is None else str(reported),
        "reported_on": "" if reported is None else spec["published_on"],
    }


def _reproduced(spec: dict[str, Any], row: dict[str, Any], column: str, protocol: dict[str, str]) -> Line:
    line = _identity(spec, row, column) | {key: protocol[key] for key in ("split", "select")}
    line |= {"protocol": protocol["name"], "note": row.get("note") or ""}
    scores = row["scores"].get(protocol["name"])
    if scores is None:
        return line | {"note": _reason(spec, row, protocol["name"])}
    folder, key = Path(scores), {"system": row["system"], "select": protocol["select"], "metric": column}
    line |= _score(folder, given=row.get("given", False), **key)
    if not line.get("reproduced"):
        return line
    if spec.get("kind") == "cross":
        line["classes"] = " ".join(scored_classes(folder))
    if (
        spec["comparable"]
        and row.get("comparable", True)
        and line["reported"]
        and protocol["name"].startswith("as_published")
    ):
        line |= _comparison(line, seeded=row.get("seeded", True))
    if spec.get("reference"):
        line |= _test(folder, spec["reference"], key)
    if spec.get("z_test"):
        line |= _z_test(folder, spec["z_test"]["against"], key)
    if row.get("ablated"):
        line |= _gain(folder, row["ablated"], key)
    for contrast in spec.get("contrasts", []):
        if contrast["from"] == protocol["name"]:
            line |= _contrast(spec, row, contrast["to"], protocol, column)
    return line


def _reason(spec: dict[str, Any], row: dict[str, Any], protocol: str) -> str:
    reason = (row.get("missing") or {}).get(protocol)
    if not reason:
        raise UserError(
            f"table {spec['id']}, row {row['id']}, protocol {protocol}: no scores and no reason for it; "
            "give `scores` a folder or `missing` a reason"
        )
    return reason


def _score(folder: Path, system: str, select: str, metric: str, *, given: bool) -> Line:
    score = read_score(folder, system=system, select=select, metric=metric)
    reason = _none_given(folder, system, metric) if given and score is None else None
    reason = reason or _none_of(metric, select, scored_selections(folder))
    if score is None and not reason:
        raise no_line(folder / "scores.csv", system, select, f", metric {metric}")
    if score is None or metric.endswith((UNSEEN, IMPROVISED)) and not (score["pooled"] or score["mean"]):
        return {"note": reason}
    statistic = "pooled" if score["pooled"] else "mean"
    values = {"reproduced": score[statistic], "low": score["low_speakers"], "high": score["high_speakers"]}
    others = ("low_sessions", "high_sessions", "low_utterances", "high_utterances", "mean", "sd", "sd_seeds")
    values |= {key: score[key] for key in others}
    texts = {key: text_in_unit(value, metric) for key, value in values.items()}
    if score.get("ua_train"):  # a teacher has none
        texts |= {"ua_train": in_unit(float(score["ua_train"]), "ua"), "undertrained": score["undertrained"]}
    counts = ("folds", "seeds", "utterances", "speakers", "sessions")
    return texts | {"statistic": statistic} | {key: score[key] for key in counts}


def _none_given(folder: Path, system: str, metric: str) -> str | None:
    """Why there is no line of a system that was trained elsewhere; None where that is for no reason of its own."""
    if reason := read_unscored(folder, system=system):
        return reason
    if metric.endswith(DEVELOPMENT):
        return "given: predictions of the test part alone"
    return "given: a class alone, and no probabilities" if metric.startswith(CALIBRATION) else None


def _none_of(metric: str, select: str, selections: set[str]) -> str | None:
    """Why there rightly is no line of a metric of other utterances than the test part's; None where there must be.

    `selections`: those that anything is scored by.
    """
    if not selections:
        return "fewer than two of the classes have an utterance there"
    if metric.endswith(UNSHARED):
        return "the words of every test utterance were trained on"
    if metric.endswith(WHOLE):
        return "no test utterance holds a whole segment"
    if metric.endswith(UNSEEN):
        return "every line of the test part was trained on"
    if metric.endswith(IMPROVISED):
        return "no turn of the test part is improvised"
    if metric.endswith(DEVELOPMENT) and "best_validation" not in selections:
        return "this split has no validation part"
    if metric.endswith(DEVELOPMENT) and select.startswith("best_test"):
        return "the validation part is not scored where the test part chooses the epoch"
    return None


def _comparison(line: Line, *, seeded: bool) -> Line:
    reported = float(line["reported"])
    decimals = len(line["reproduced"].partition(".")[2])
    difference = f"{float(line['reproduced']) - reported:+.{decimals}f}"
    if line.get("undertrained") in UNDERTRAINED:  # above, within or below would be a finding about the system
        return {"difference": difference, "verdict": "undertrained"}
    if not line["low"]:
        return {"difference": difference}
    if seeded and int(line["seeds"]) < 2:
        return {"difference": difference, "verdict": "one seed"}
    if reported > float(line["high"]):
        verdict = "below"
    else:
        verdict = "above" if reported < float(line["low"]) else "within"
    return {"difference": difference, "verdict": verdict}


def _test(folder: Path, reference: str, key: dict[str, str]) -> Line:
    pair = read_pair(folder, against=reference, **key)
    names = ("p", "p_sessions", "p_utterances")
    return {"against": reference, "test_seeds": pair["seeds"]} | {name: pair[name] for name in names} if pair else {}


def _z_test(folder: Path, against: str, key: dict[str, str]) -> Line:
    """The one-tailed p that the row's system is better, in the test that the paper used, and the paired test's.

    That is half of its two-sided p where the row's system is ahead.
    """
    pair = read_pair(folder, against=against, **key)
    if not pair or not pair["p_z"]:
        return {}
    half = float(pair["p"]) / 2 if pair["p"] else None
    ahead = half if float(pair["difference"]) > 0 or half is None else 1 - half
    found = {"z_against": against, "z_seeds": pair["seeds"], "p_z": pair["p_z"]}
    found |= {"p_paired": "" if ahead is None else f"{ahead:.6f}"}
    return found | {"z_against_undertrained": _undertrained(folder, against, key)}


def _gain(folder: Path, ablated: dict[str, str], key: dict[str, str]) -> Line:
    """The row minus the one with a component fewer, in the metric's unit, on the utterances that both scored."""
    pair = read_pair(folder, against=ablated["system"], **key)
    if pair is None:
        return {}
    texts = _difference("gain", pair, key["metric"]) | {"ablated": ablated["id"]}
    return texts | {"ablated_undertrained": _undertrained(folder, ablated["system"], key)}


def _difference(what: str, pair: Line, metric: str) -> Line:
    """A difference of pairs.csv or contrasts.csv with all that is said of it, in columns that begin with `what`."""
    names = {what: "difference"} | {f"{what}_{name}": name for name in ("low", "high", "sd_seeds", "by_seed")}
    texts = {name: text_in_unit(pair[column], metric) for name, column in names.items()}
    return texts | {f"{what}_{name}": pair[name] for name in ("seeds", "p", "p_sessions")}


def _contrast(spec: dict[str, Any], row: dict[str, Any], to: str, first: dict[str, str], column: str) -> Line:
    """What the protocol `to` is worth in place of `first`: the second minus the first, on the same utterances."""
    second = next(protocol for protocol in spec["protocols"] if protocol["name"] == to)
    if row["scores"].get(to) is None:
        return {}
    places = {"first": (second["split"], second["select"]), "second": (first["split"], first["select"])}
    found = read_contrast(Path(row["contrasts"]), system=row["system"], metric=column, **places)
    if found is None:
        return {}
    key = {"system": row["system"], "select": second["select"], "metric": column}
    texts = _difference("contrast", found, column) | {"contrast_to": to, "contrast_reason": found["reason"]}
    return texts | {"contrast_undertrained": _undertrained(Path(row["scores"][to]), row["system"], key)}


def _undertrained(folder: Path, system: str, key: dict[str, str]) -> str:
    """What scores.csv says of the training of a system that a line is held against."""
    score = read_score(folder, **key | {"system": system})
    return score.get("undertrained", "") if score else ""
