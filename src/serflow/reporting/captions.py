"""Captions of tables: what is a table's own. What all tables share is said once, in `serflow.reporting.reading`."""

from os.path import commonprefix
from typing import Any

from serflow.metrics.names import DEVELOPMENT, IMPROVISED, UNDERTRAINED, UNSEEN, WHOLE
from serflow.reporting.rows import Line
from serflow.reporting.undertrained import SIGN, marked, significant
from serflow.reporting.wording import (
    count,
    full_name,
    label_in_text,
    listing,
    sentence,
    signed,
)

ONE_SPEAKER_A_FOLD = ("speaker", "speaker_one_out", "session_parts")  # splits that test a true speaker in each fold


def table_caption(spec: dict[str, Any], rows: list[Line]) -> str:
    """Write what is a table's own: runs, utterances tested, what its tests found; signs are read on the first pages."""
    scored = [row for row in rows if row["reproduced"]]
    others = (DEVELOPMENT, UNSEEN, IMPROVISED, WHOLE)
    tested = [row for row in scored if not row["column"].endswith(others)] or scored
    whole = [row for row in scored if row["column"].endswith(WHOLE)]
    parts = [_turns(spec) if spec.get("kind") == "asr" else "", _runs(spec, tested)]
    parts.append(f"Of them hold a whole segment: {_range(whole, 'utterances', '')}." if whole else "")
    parts.append(_development([row for row in scored if row["column"].endswith(DEVELOPMENT)]))
    for ending, what in ((UNSEEN, "New lines"), (IMPROVISED, "Improvised, of every label")):
        some = [row for row in scored if row["column"].endswith(ending)]
        parts.append(f"{what}: {_range(some, 'utterances', '')} utterances." if some else "")
    parts.append(_undertrained(scored))
    parts.append(contrasts(spec.get("contrasts", []), scored))
    parts.append(smallest_p(scored, {protocol["name"]: label_in_text(protocol) for protocol in spec["protocols"]}))
    if any(row["p_z"] and not marked(row, "p_z") for row in scored):
        parts.append(_z(_row_name(spec["z_test"]["against"], rows), scored))
    if any(row["p"] for row in scored):
        parts.append(_star(_row_name(spec["reference"], rows, elsewhere=spec["reference_name"]), scored))
    parts.append(spec.get("note", ""))
    return " ".join(part for part in parts if part)


def _turns(spec: dict[str, Any]) -> str:
    return (
        "Turns with words of the fold's test speaker, both styles and every label; decoded with a beam of "
        f"{spec['beam']} by the network of the last epoch. Rates may exceed 100."
    )


def _z(against: str, rows: list[Line]) -> str:
    """Say what the paper's own z-test finds, and how many of these differences the paired test finds, too."""
    better = [row for row in rows if significant(row, "p_z")]
    if not better:
        return f"In the paper's z-test no system is better than {against}."
    found = f"†: better than {against}."
    tested = [row for row in better if row["p_paired"] and _may_be_significant(row)]
    if not tested:
        return f"{found} Too few speakers are tested for the paired test to say whether it agrees."
    agree = sum(float(row["p_paired"]) < 0.05 for row in tested)
    return f"{found} The paired permutation of speakers finds {agree} of {len(tested)} such differences at p < 0.05."


def _star(reference: str, rows: list[Line]) -> str:
    """Say what a star is against, or that no difference has one; nothing where none could have one."""
    tested = [row for row in rows if row["p"] and not marked(row) and _may_be_significant(row)]
    if any(significant(row, "p") for row in tested):
        return f"*: differs from {reference}."
    return f"No tested difference from {reference} is significant." if tested else ""


def _row_name(system: str, rows: list[Line], *, elsewhere: str = "") -> str:
    """What the table calls a system; of several rows, what their names have in common; of none, as `elsewhere`."""
    names = list(dict.fromkeys(full_name(row) for row in rows if row["system"] == system))
    if len(names) == 1:
        return names[0]
    return f"{commonprefix(names).strip(' ,:(') or elsewhere} on the same data"


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
    return f"Reported numbers alone. {sentence(reason) if reason else ''}".rstrip()


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
                sign = SIGN if marked(first) or marked(second) else ""
                changes.append(f"{signed(points, 'ua')}{sign} ({full_name(first)})")
        if changes:
            said.append(f"{sentence(contrast['what'])[:-1]} is worth {listing(changes)} points of UA.")
    return " ".join([*said, "The utterances are the same; no interval of these differences is made."] if said else [])


def smallest_p(rows: list[Line], labels: dict[str, str]) -> str:
    """Say where so few speakers are tested that no difference can be significant; empty where nowhere.

    `labels` has what a printed protocol is called, by its name.
    """
    protocols: dict[str, int] = {}
    for row in rows:
        tested = row["against"] or row["ablated"] or row["z_against"]
        if tested and row["protocol"] in labels and not _may_be_significant(row):
            label = labels[row["protocol"]]
            protocols[label] = max(int(float(row["folds"])), protocols.get(label, 0))
    by_speakers: dict[int, list[str]] = {}
    for label, speakers in protocols.items():
        by_speakers.setdefault(speakers, []).append(label)
    return " ".join(
        sentence(f"{listing(names)}: {speakers} test speakers, so that no p can be below {_least_p(speakers):.2g}")
        for speakers, names in by_speakers.items()
    )


def _may_be_significant(row: Line) -> bool:
    """Whether the permutation of speakers can give a p below 0.05."""
    return row["split"] not in ONE_SPEAKER_A_FOLD or not row["folds"] or _least_p(int(float(row["folds"]))) < 0.05


def _least_p(speakers: int) -> float:
    """Of all swaps of speakers, none and all differ by as much as what is tested."""
    return 2 / 2**speakers


def _development(rows: list[Line]) -> str:
    """Say of how many utterances the numbers of the validation part are, and that they flatter where it chooses."""
    if not rows:
        return ""
    said = f"Development: {_range(rows, 'utterances', '')} utterances of the same runs"
    flattered = any(row["select"] == "best_validation" for row in rows)
    return f"{said}; where this part chooses the epoch, its own numbers flatter." if flattered else f"{said}."


def _undertrained(rows: list[Line]) -> str:
    """Say what the mark of undertrained networks stands for, where there are some."""
    itself, encoder = UNDERTRAINED
    known = [float(row["ua_train"]) for row in rows if row["undertrained"] == itself]
    said = []
    if known:
        span = "–".join(dict.fromkeys(f"{value:.1f}" for value in (min(known), max(known))))
        said.append(f"undertrained (UA on a sample of its own training part: {span})")
    if any(row["undertrained"] == encoder for row in rows):
        said.append("rests on an undertrained network")
    return f"{SIGN}: {', or '.join(said)}; no finding about the system." if said else ""


def _runs(spec: dict[str, Any], scored: list[Line]) -> str:
    """Say of how many folds and seeds the numbers are, and how many utterances each protocol tests."""
    tested: dict[str, dict[str, list[str]]] = {}
    for protocol in spec["protocols"]:
        mine = [row for row in scored if row["protocol"] == protocol["name"]]
        if mine:
            runs = " × ".join(_range(mine, key, noun) for key, noun in (("folds", "fold"), ("seeds", "seed")))
            tested.setdefault(runs, {}).setdefault(_tested(mine), []).append(label_in_text(protocol))
    return " ".join(
        f"{runs}. Utterances tested: {', '.join(f'{number} {listing(labels)}' for number, labels in numbers.items())}."
        for runs, numbers in tested.items()
    )


def _tested(rows: list[Line]) -> str:
    """The utterances that the rows test: one number, one with the row that differs, or a range."""
    numbers = {full_name(row): int(float(row["utterances"])) for row in rows}
    most = max(numbers.values(), key=[*numbers.values()].count)
    others = {name: number for name, number in numbers.items() if number != most}
    if len(others) == 1 and len(numbers) > 2:
        ((name, number),) = others.items()
        return f"{most:,} ({name}: {number:,})"
    return _range(rows, "utterances", "")


def _range(rows: list[Line], key: str, noun: str) -> str:
    values = sorted({int(float(row[key])) for row in rows})
    if len(values) == 1:
        return count(values[0], noun) if noun else f"{values[0]:,}"
    return f"{values[0]:,}–{values[-1]:,} {noun}s".removesuffix(" s")
