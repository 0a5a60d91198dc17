"""A paper's table as tidy rows: the reported numbers beside those that this workflow produced, never mixed.

Only the standard library is imported: a report has many tables, and start-up would dominate them.
"""

import csv
from pathlib import Path
from typing import Any

from serflow.errors import UserError
from serflow.metrics.names import DEVELOPMENT, UNSEEN, UNSHARED
from serflow.reporting.rows import COLUMNS
from serflow.reporting.wording import metric_name, percent

REPORTED_ONLY = "reported by its authors, not a system of this workflow"


def table_rows(spec: dict[str, Any]) -> list[dict[str, str]]:
    """Tell a table as tidy rows: one for each row, column and protocol of the spec.

    Parameters
    ----------
    spec : dict
        ``id``, ``columns``, ``protocols`` (each ``name``, ``split``, ``select``), ``comparable`` (whether
        differences from the reported numbers mean anything; told only of the protocols ``as_published...``, which
        the reported numbers have too), ``rows`` (each ``id``, ``name``, perhaps ``variant``, ``reported``, ``system``,
        ``experiment``, ``scores``: protocol name -> folder or None, ``missing``: protocol name -> reason,
        ``note``, ``ablated``: ``id`` and ``system`` of the row with one component fewer, or None), for paired
        tests ``reference`` (a system), for the paper's own z-test perhaps ``z_test`` (``against``: a system) and,
        for the caption, perhaps ``contrasts`` (pairs of protocols).

    Returns
    -------
    list of dict
        Keys as `COLUMNS`; all values are text, accuracies in per cent. A row without a system gives one line
        a column with an empty protocol. A spec of ``kind`` "counts" is told by `serflow.reporting.class_counts`;
        in one of ``kind`` "asr" a `system` is a teacher, and values are error rates.

    Raises
    ------
    UserError
        Where a score is neither present nor explained, or a column is no metric.
    """
    if spec.get("kind") == "counts":
        from serflow.reporting.class_counts import counts_rows  # pandas, which the other tables do without

        return counts_rows(spec)
    cache: dict[Path, dict] = {}
    rows = []
    for row in spec["rows"]:
        for column in spec["columns"]:
            metric_name(column)
            if row.get("system") is None:
                rows.append({**_identity(spec, row, column), "note": row.get("note") or REPORTED_ONLY})
                continue
            rows += [_reproduced(spec, row, column, protocol, cache) for protocol in spec["protocols"]]
    return [{key: line.get(key, "") for key in COLUMNS} for line in rows]


def _identity(spec: dict[str, Any], row: dict[str, Any], column: str) -> dict[str, str]:
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
    }


def _reproduced(
    spec: dict[str, Any], row: dict[str, Any], column: str, protocol: dict[str, str], cache: dict[Path, dict]
) -> dict[str, str]:
    line = _identity(spec, row, column) | {key: protocol[key] for key in ("split", "select")}
    line |= {"protocol": protocol["name"], "note": row.get("note") or ""}
    folder = row["scores"].get(protocol["name"])
    if folder is None:
        return line | {"note": _reason(spec, row, protocol["name"])}
    line |= _score(Path(folder), row["system"], protocol["select"], column, cache)
    if not line.get("reproduced"):
        return line
    if (
        spec["comparable"]
        and row.get("comparable", True)
        and line["reported"]
        and protocol["name"].startswith("as_published")
    ):
        line |= _comparison(line)
    if spec.get("reference"):
        line |= _test(Path(folder), row["system"], spec["reference"], protocol["select"], column, cache)
    if spec.get("z_test"):
        line |= _z_test(Path(folder), row["system"], spec["z_test"]["against"], protocol["select"], column, cache)
    if row.get("ablated"):
        line |= _gain(Path(folder), row["system"], row["ablated"], protocol["select"], column, cache)
    return line


def _reason(spec: dict[str, Any], row: dict[str, Any], protocol: str) -> str:
    reason = (row.get("missing") or {}).get(protocol)
    if not reason:
        raise UserError(
            f"table {spec['id']}, row {row['id']}, protocol {protocol}: no scores and no reason for it; "
            "give `scores` a folder or `missing` a reason"
        )
    return reason


def _score(folder: Path, system: str, select: str, metric: str, cache: dict[Path, dict]) -> dict[str, str]:
    path = folder / "scores.csv"
    scores = _lookup(path, ("system", "select", "metric"), cache)
    if (system, select, metric) not in scores:
        if reason := _none_of(metric, select, scores):
            return {"note": reason}
        raise UserError(
            f"{path}: no line for system {system}, rule {select}, metric {metric}; run snakemake again to "
            "score it, or give the table's row a reason under `missing`"
        )
    score = scores[system, select, metric]
    if metric.endswith(UNSEEN) and not (score["pooled"] or score["mean"]):
        return {"note": _none_of(metric, select, scores)}
    statistic = "pooled" if score["pooled"] else "mean"
    values = {"reproduced": score[statistic], "low": score["low_speakers"], "high": score["high_speakers"]}
    values |= {key: score[key] for key in ("low_utterances", "high_utterances", "mean", "sd")}
    texts = {key: percent(float(value)) if value else "" for key, value in values.items()}
    return texts | {"statistic": statistic} | {key: score[key] for key in ("folds", "seeds", "utterances")}


def _none_of(metric: str, select: str, scores: dict) -> str | None:
    """Why there rightly is no line of a metric of other utterances than the test part's; None where there must be."""
    if metric.endswith(UNSHARED):
        return "the words of every test utterance were trained on"
    if metric.endswith(UNSEEN):
        return "every line of the test part was trained on"
    if metric.endswith(DEVELOPMENT) and not any(select == "best_validation" for _, select, _ in scores):
        return "this split has no validation part"
    if metric.endswith(DEVELOPMENT) and select.startswith("best_test"):
        return "the validation part is not scored where the test part chooses the epoch"
    return None


def _comparison(line: dict[str, str]) -> dict[str, str]:
    reported = float(line["reported"])
    difference = f"{float(line['reproduced']) - reported:+.2f}"
    if not line["low"]:
        return {"difference": difference}
    if reported > float(line["high"]):
        verdict = "below"
    else:
        verdict = "above" if reported < float(line["low"]) else "within"
    return {"difference": difference, "verdict": verdict}


def _test(
    folder: Path, system: str, reference: str, select: str, metric: str, cache: dict[Path, dict]
) -> dict[str, str]:
    pair = _pair(folder, (system, reference, select, metric), cache)
    return {"against": reference} | {key: pair[key] for key in ("p", "p_utterances")} if pair else {}


def _z_test(
    folder: Path, system: str, against: str, select: str, metric: str, cache: dict[Path, dict]
) -> dict[str, str]:
    """The one-tailed p that the row's system is better, in the test that the paper used, and the paired test's p."""
    pair = _pair(folder, (system, against, select, metric), cache)
    return {"z_against": against, "p_z": pair["p_z"], "p_paired": pair["p"]} if pair and pair["p_z"] else {}


def _pair(folder: Path, key: tuple[str, str, str, str], cache: dict[Path, dict]) -> dict[str, str] | None:
    """The line of pairs.csv of a system, what it is tested against, rule and metric; None without one."""
    path = folder / "pairs.csv"
    pairs = _lookup(path, ("system", "against", "select", "metric"), cache) if path.is_file() else {}
    return pairs.get(key)


def _gain(
    folder: Path, system: str, ablated: dict[str, str], select: str, metric: str, cache: dict[Path, dict]
) -> dict[str, str]:
    """What the row has over the one with a component fewer, in points, on the utterances that both scored."""
    pair = _pair(folder, (system, ablated["system"], select, metric), cache)
    if pair is None:
        return {}
    names = {"gain": "difference", "gain_low": "low", "gain_high": "high"}
    texts = {name: percent(float(pair[key])) if pair[key] else "" for name, key in names.items()}
    return {"ablated": ablated["id"], "gain_p": pair["p"]} | texts


def _lookup(path: Path, keys: tuple[str, ...], cache: dict[Path, dict]) -> dict[tuple[str, ...], dict]:
    if path not in cache:
        if not path.is_file():
            raise UserError(f"{path}: this file is missing; run snakemake again to make it")
        with open(path, encoding="utf-8", newline="") as file:
            cache[path] = {tuple(line[key] for key in keys): line for line in csv.DictReader(file)}
    return cache[path]
