"""Captions of tables: which value is printed, from how many runs, and what its marks mean."""

from typing import Any

from serflow.metrics.names import DEVELOPMENT, UNSEEN
from serflow.reporting.wording import (
    count,
    full_name,
    listing,
    metric_formula,
    metric_name,
    protocol_label,
    sentence,
    signed,
)

Line = dict[str, str]

ONE_SPEAKER_A_FOLD = ("speaker", "speaker_one_out", "session_parts")  # splits that test a true speaker in each fold


def table_caption(spec: dict[str, Any], rows: list[Line]) -> str:
    """Write the caption of a table from its spec and its tidy rows."""
    formulas = [f"{metric_name(column)}, {metric_formula(column)}" for column in spec["columns"]]
    parts = [f"In per cent: {'; '.join(formulas)}."]
    if spec.get("kind") == "asr":
        parts.append(
            "Errors: the lower the better; with many insertions more than 100. Of all turns with words of the fold's "
            f"test speaker, of both styles and every label, decoded with a beam of {spec['beam']} by the network of "
            "the last epoch."
        )
    if any(row["reported"] for row in rows):
        parts.append("Italic: reported in the literature, not produced by this run.")
    scored = [row for row in rows if row["reproduced"]]
    statistics = {row["statistic"] for row in scored}
    if "pooled" in statistics:
        parts.append(
            "Upright: reproduced, counts pooled over the folds and averaged over the seeds; in brackets the "
            "95% percentile-bootstrap interval over speakers."
        )
    parts += [_mean_note(protocol) for protocol in spec["protocols"] if protocol["select"] == "best_test_each"]
    parts.append(_runs(spec, [row for row in scored if not row["column"].endswith((DEVELOPMENT, UNSEEN))] or scored))
    parts.append(_development([row for row in scored if row["column"].endswith(DEVELOPMENT)]))
    unseen = [row for row in scored if row["column"].endswith(UNSEEN)]
    parts.append(f"New lines: n = {_range(unseen, 'utterances', '')}." if unseen else "")
    if any(row["statistic"] == "pooled" and not row["low"] for row in scored):
        parts.append("No interval where fewer than three speakers are tested.")
    if any(not row["system"] for row in rows):
        parts.append("Rows without numbers of this run are quoted only.")
    if any(row["difference"] for row in scored):
        parts.append(
            "Δ: reproduced minus reported, in points, under the paper's protocol only; a reported number inside the "
            "interval is “within”, else the reproduced one lies “above” or “below” it."
        )
    if any(row["ablated"] for row in scored):
        parts.append(_gains(spec))
    parts.append(contrasts(spec.get("contrasts", []), scored))
    parts.append(smallest_p(scored))
    if any(row["p_z"] for row in scored):
        against = _row_name(spec["z_test"]["against"], rows)
        parts.append(
            f"†: better than {against} at p < 0.05 in a one-tailed z-test, as the paper claims by one (how it takes UA "
            "is ours). It takes utterances for independent, and the two systems, too: neither is so, where few "
            f"speakers say what both systems are tested on. {_paired(scored)}"
        )
    if any(row["p"] for row in scored):
        parts.append(
            f"*: differs from {_row_name(spec['reference'], rows)} at p < 0.05 (paired permutation of speakers, not "
            "corrected for several tests; not tested where the epoch is chosen on the test part)."
        )
    return " ".join(part for part in parts if part)


def _gains(spec: dict[str, Any]) -> str:
    if spec.get("kind") == "asr":
        return (
            "Below: a row's errors minus those of the row named beside it, in points, on the same turns, with the "
            "interval; * at p < 0.05 (paired permutation of speakers)."
        )
    return (
        "Below: what each component adds to the row named beside it, on the same utterances, with its interval; * "
        "at p < 0.05, tested as the rows are. Widths may differ too, where a paper balances parameters."
    )


def _paired(rows: list[Line]) -> str:
    """Say how many of the numbers that the z-test marks the paired test finds different, too."""
    marked = [row for row in rows if row["p_z"] and float(row["p_z"]) < 0.05]
    tested = [row for row in marked if row["p_paired"] and _may_be_significant(row)]
    if not marked:
        return "No number has it."
    if not tested:
        return "Too few speakers are tested for the paired test to say whether it agrees."
    found = sum(float(row["p_paired"]) < 0.05 for row in tested)
    return f"The paired permutation of speakers finds {found} of {len(tested)} such differences at p < 0.05."


def _row_name(system: str, rows: list[Line]) -> str:
    """What the table calls a system; its key where no row or several rows show it."""
    names = {full_name(row) for row in rows if row["system"] == system}
    return names.pop() if len(names) == 1 else f"{system} on the same data"


def counts_caption(spec: dict[str, Any], rows: list[Line]) -> str:
    """Write the caption of a table of counts."""
    found = any(row["reproduced"] for row in rows)
    parts = ["Utterances by session and class, counted from the release."] if found else []
    if spec["published"]:
        parts.append(f"Italic: published ({spec['published']['source']}).")
        if found and spec["comparable"]:
            parts.append("A number that differs is red.")
        elif found:
            parts.append("This is not the corpus that they are of, so that no difference is marked.")
    return " ".join([*parts, *([sentence(spec["note"])] if spec["note"] else [])])


def quoted_caption(reason: str) -> str:
    """Write the caption of a table that no number of this run stands in, which `reason` says why."""
    return f"In per cent; italic: reported in the literature. {sentence(reason) if reason else ''}".rstrip()


def contrasts(declared: list[dict[str, str]], rows: list[Line]) -> str:
    """Say of each declared contrast of two protocols what its second is worth, in UA, a row at a time.

    Rows are left out where the two test other utterances, as with an odd number of folds that are not all.
    """
    ua = {(row["row"], row["protocol"]): row for row in rows if row["column"] == "ua" and row["reproduced"]}
    said = []
    for contrast in declared:
        changes = []
        for (name, protocol), first in ua.items():
            second = ua.get((name, contrast["to"]))
            if protocol == contrast["from"] and second and first["utterances"] == second["utterances"]:
                points = float(second["reproduced"]) - float(first["reproduced"])
                changes.append(f"{signed(points)} ({full_name(first)})")
        if changes:
            said.append(f"{sentence(contrast['what'])[:-1]} is worth {listing(changes)} points of UA.")
    return " ".join([*said, "The utterances are the same; no interval of these differences is made."] if said else [])


def smallest_p(rows: list[Line]) -> str:
    """Say on which splits so few speakers are tested that no difference can be significant; empty where none is so."""
    splits: dict[str, int] = {}
    for row in rows:
        if (row["against"] or row["ablated"] or row["z_against"]) and not _may_be_significant(row):
            splits[row["split"]] = max(int(float(row["folds"])), splits.get(row["split"], 0))
    by_speakers: dict[int, list[str]] = {}
    for split, speakers in splits.items():
        by_speakers.setdefault(speakers, []).append(split)
    return " ".join(
        f"With {speakers} test speakers no p on the split{'s' * (len(names) > 1)} {listing(names)} can be below "
        f"{_least_p(speakers):.2g}."
        for speakers, names in by_speakers.items()
    )


def _may_be_significant(row: Line) -> bool:
    """Whether the permutation of speakers can give a p below 0.05."""
    return row["split"] not in ONE_SPEAKER_A_FOLD or not row["folds"] or _least_p(int(float(row["folds"]))) < 0.05


def _least_p(speakers: int) -> float:
    """Of all swaps of speakers, none and all differ by as much as what is tested."""
    return 2 / 2**speakers


def _mean_note(protocol: dict[str, str]) -> str:
    label = protocol_label(protocol)
    return sentence(f"{label}: each metric at its own best test epoch, mean ± standard deviation of the runs")


def _development(rows: list[Line]) -> str:
    """Say of how many utterances the numbers of the validation part are, and that they flatter where it chooses."""
    if not rows:
        return ""
    said = f"Development: of the same runs, n = {_range(rows, 'utterances', '')}"
    flattered = any(row["select"] == "best_validation" for row in rows)
    return f"{said}; where this part chooses the epoch, its own numbers flatter." if flattered else f"{said}."


def _runs(spec: dict[str, Any], scored: list[Line]) -> str:
    clauses: dict[str, list[str]] = {}
    for protocol in spec["protocols"]:
        mine = [row for row in scored if row["protocol"] == protocol["name"]]
        if mine:
            numbers = [_range(mine, key, noun) for key, noun in (("folds", "fold"), ("seeds", "seed"))]
            clause = f"{' × '.join(numbers)}, n = {_range(mine, 'utterances', '')}"
            clauses.setdefault(clause, []).append(protocol_label(protocol))
    return sentence("; ".join(f"{listing(labels)}: {clause}" for clause, labels in clauses.items()))


def _range(rows: list[Line], key: str, noun: str) -> str:
    values = sorted({int(float(row[key])) for row in rows})
    if len(values) == 1:
        return count(values[0], noun) if noun else f"{values[0]:,}"
    return f"{values[0]:,}–{values[-1]:,} {noun}s".removesuffix(" s")
