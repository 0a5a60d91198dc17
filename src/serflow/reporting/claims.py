"""A paper's claims as tidy rows: under each protocol the difference that was measured, and the verdict.

Only the standard library is imported: a report has many tables, and start-up would dominate them.
"""

from pathlib import Path
from typing import Any

from serflow.metrics.names import WHOLE
from serflow.reporting.rows import Line
from serflow.reporting.scores import no_line, read_pair, read_score
from serflow.reporting.verdicts import CLAIM_COLUMNS, judge
from serflow.reporting.wording import text_in_unit

__all__ = ["claim_rows"]

NO_UTTERANCE = "no test utterance holds a whole segment"
IN_UNIT = {"gain": "difference"} | {f"gain_{name}": name for name in ("low", "high", "sd_seeds", "by_seed")}
OF_PAIR = ("p_interval", "utterances", "speakers", "sessions")


def claim_rows(spec: dict[str, Any]) -> list[Line]:
    """Tell the claims of a paper as tidy rows: one for each claim and protocol of the spec, in this order.

    Parameters
    ----------
    spec : dict
        ``id``, ``published_on`` (the corpus that the paper claims it of),
        ``protocols`` (each ``name``, ``split``, ``select``), ``rows`` (a claim each: ``id``, ``text``,
        ``source``, ``system``, ``against``, ``metric``, ``direction``: above or below, ``size`` in points or None,
        ``experiment``, ``scores``: protocol name -> folder or None, ``missing``: protocol name -> reason, ``note``).

    Returns
    -------
    list of dict
        Keys as `CLAIM_COLUMNS`; all values are text. `gain`, its interval over speakers and its spread over seeds are
        of `system` minus `against`, shares in points. `serflow.reporting.verdicts.judge` gives the verdicts.

    Raises
    ------
    UserError
        Where scores that the spec names are missing.
    """
    columns = [judge([_line(spec, claim, protocol) for claim in spec["rows"]]) for protocol in spec["protocols"]]
    return [
        {key: line.get(key, "") for key in CLAIM_COLUMNS}
        for of_claim in zip(*columns, strict=True)
        for line in of_claim
    ]


def _line(spec: dict[str, Any], claim: dict[str, Any], protocol: dict[str, str]) -> Line:
    """A claim under a protocol, before it is judged."""
    line = dict.fromkeys(CLAIM_COLUMNS, "")
    line |= {key: claim[key] for key in ("text", "source", "system", "against", "direction")}
    line |= {"item": f"{spec['id']}/{claim['id']}/{claim['metric']}", "claim": claim["id"], "column": claim["metric"]}
    line |= {"size": "" if claim["size"] is None else str(claim["size"]), "experiment": claim["experiment"] or ""}
    line["claimed_on"] = spec["published_on"]
    line |= {"protocol": protocol["name"], "split": protocol["split"], "select": protocol["select"]}
    folder = claim["scores"][protocol["name"]]
    if folder is None:
        return line | {"note": claim["missing"][protocol["name"]]}
    return line | {"note": claim["note"] or ""} | _measured(Path(folder), line)


def _measured(folder: Path, line: Line) -> Line:
    """What scores.csv and pairs.csv say of the two systems under the line's protocol."""
    key = {"select": line["select"], "metric": line["column"]}
    score, other = (_score(folder, line[name], **key) for name in ("system", "against"))
    found = {"folds": score["folds"], "seeds": score["seeds"], "undertrained": score.get("undertrained", "")}
    found |= {"against_undertrained": other.get("undertrained", "")}
    pair = read_pair(folder, system=line["system"], against=line["against"], **key)
    if pair is None and score["metric"] == line["column"] == other["metric"]:
        raise no_line(folder / "pairs.csv", line["system"], line["select"], f", against {line['against']}")
    if pair is None:
        return found | {"note": NO_UTTERANCE}
    points = {name: text_in_unit(pair[key], line["column"]) for name, key in IN_UNIT.items()}
    return found | points | {"gain_seeds": pair["seeds"]} | {name: pair[name] for name in OF_PAIR}


def _score(folder: Path, system: str, select: str, metric: str) -> Line:
    """A system's line of scores.csv; of utterances of which there may be none, that of all where there are none."""
    for name in dict.fromkeys((metric, metric.removesuffix(WHOLE))):
        if score := read_score(folder, system=system, select=select, metric=name):
            return score
    raise no_line(folder / "scores.csv", system, select, f", metric {metric}")
