"""Captions of tables: what is a table's own. What all tables share is said once, in `serflow.reporting.reading`."""

from os.path import commonprefix
from typing import Any

from serflow.metrics.names import DEVELOPMENT, IMPROVISED, UNDERTRAINED, UNSEEN, WHOLE
from serflow.reporting.groups import WORST
from serflow.reporting.rows import Line
from serflow.reporting.undertrained import LEVEL, SIGN, TESTS, marked, of_one_seed, significant, stars
from serflow.reporting.wording import (
    count,
    full_name,
    label_in_text,
    listing,
    selection_text,
    sentence,
    signed,
)


def table_caption(spec: dict[str, Any], rows: list[Line]) -> str:
    """Write what is a table's own: runs, utterances tested, what its tests found; signs are read on the first pages."""
    scored = [row for row in rows if row["reproduced"]]
    others = (DEVELOPMENT, UNSEEN, IMPROVISED, WHOLE)
    tested = [row for row in scored if not row["column"].endswith(others)] or scored
    whole = [row for row in scored if row["column"].endswith(WHOLE)]
    parts = [_turns(spec) if spec.get("kind") == "asr" else ""]
    parts.append(_crossed(spec, scored) if spec.get("kind") == "cross" else "")
    parts.append(_runs(spec, tested))
    parts.append(f"Of them hold a whole segment: {_range(whole, 'utterances', '')}." if whole else "")
    parts += spec.get("limits", []) if scored else []
    parts.append(_development([row for row in scored if row["column"].endswith(DEVELOPMENT)]))
    for ending, what in ((UNSEEN, "New lines"), (IMPROVISED, "Improvised, of every label")):
        some = [row for row in scored if row["column"].endswith(ending)]
        parts.append(f"{what}: {_range(some, 'utterances', '')} utterances." if some else "")
    parts.append(_undertrained(scored))
    parts.append(contrasts(spec.get("contrasts", []), scored))
    parts.append(smallest_p(scored, {protocol["name"]: label_in_text(protocol) for protocol in spec["protocols"]}))
    if any(row["p_z"] for row in scored):
        parts.append(_z(_row_name(spec["z_test"]["against"], rows), scored))
    if any(row["p"] for row in scored):
        parts.append(_star(_row_name(spec["reference"], rows, elsewhere=spec["reference_name"]), scored))
    parts.append(_one_seed(scored))
    parts.append(_not_compared(spec, rows))
    parts.append(_below_chance(spec, scored))
    parts.append(spec.get("note", ""))
    return " ".join(part for part in parts if part)


def _turns(spec: dict[str, Any]) -> str:
    return (
        "Turns with words of the fold's test speaker, both styles and every label; decoded with a beam of "
        f"{spec['beam']} by the network of the last epoch. Rates may exceed 100."
    )


def _crossed(spec: dict[str, Any], rows: list[Line]) -> str:
    """Say what predicts what, over which classes, and what a number, its interval and its test are of."""
    other = spec["protocols"][-1]
    said = (
        "Every network of strict, each fold's at the epoch that its own validation part chose, predicts every "
        f"utterance of {spec['tested']}. A number is the mean over these networks, of all folds and seeds; its "
        "interval leaves each speaker of that corpus out once, and tests swap these speakers, utterances paired. What "
        f"standardises features, and every word vector, is of {spec['trained']}."
    )
    said += "".join(f" {title} is synthesised." for title, speech in spec["speech"].items() if speech == "synthesised")
    by_classes: dict[str, list[str]] = {}
    for row in rows:
        if row["protocol"] == other["name"]:
            by_classes.setdefault(row["classes"], []).append(row["experiment"])
    for classes in by_classes:
        names = [name.replace("_", " ") for name in classes.split()]
        said += f" Classes that both have: {listing(names)}, of which chance gives a UA of {100 / len(names):.1f}."
    if by_classes:
        said += " Probabilities are divided by their sum over these classes, and utterances of others left out."
    if spec["first_seed"]:
        said += " Networks of the first seed alone, since config.yaml keeps no other's weights (keep_weights)."
    if given := spec.get("given"):
        said += f" Not here: {listing(given)}, of which predictions of {spec['trained']} were given, and no network."
    return f"{said} Strict, for scale, tests {spec['trained']} itself."


def _z(against: str, rows: list[Line]) -> str:
    """Say what the paper's own z-test finds, how much of it is left after Holm, and what the paired test says of it."""
    read = [row for row in rows if row["p_z"] and not marked(row, "p_z") and not of_one_seed(row, "p_z")]
    better = [row for row in read if significant(row, "p_z")]
    if not better:
        return f"In the paper's z-test no system is better than {against}." if read else ""
    left = sum(significant(row, "p_z", corrected=True) for row in better)
    found = f"†: better than {against}; {left} of {len(better)} remain after Holm's correction."
    tested = [row for row in better if row["p_paired"] and _may_be_significant(row, tails=1)]
    if not tested:
        return f"{found} Too few speakers are tested for the paired test to say whether it agrees."
    agree = sum(float(row["p_paired"]) < LEVEL for row in tested)
    return (
        f"{found} The paired permutation of speakers, one-tailed too, finds {agree} of {len(tested)} such differences "
        f"at p < {LEVEL}."
    )


def _star(reference: str, rows: list[Line]) -> str:
    """Say what a star is against, or that no difference has one; nothing where none could have one."""
    read = [row for row in rows if row["p"] and not marked(row) and not of_one_seed(row, "p")]
    tested = [row for row in read if _may_be_significant(row)]
    found = sorted({stars(row, "p") for row in tested} - {""})
    if found:
        return f"{listing(found)}: differs from {reference}."
    return f"No tested difference from {reference} is significant." if tested else ""


def _one_seed(rows: list[Line]) -> str:
    """Say why tests that were made have no mark, where they compare networks of one seed."""
    one = any(of_one_seed(row, test) for row in rows for test in TESTS if row[test])
    return "A difference of networks of one seed is not called significant." if one else ""


def _not_compared(spec: dict[str, Any], rows: list[Line]) -> str:
    """Say once of which rows the reported numbers are of another setting, where the table compares the others."""
    apart = {row["id"] for row in spec["rows"] if not row.get("comparable", True)}
    names = dict.fromkeys(full_name(row) for row in rows if row["row"] in apart and row["reproduced"])
    if not names or not any(row["difference"] for row in rows):
        return ""
    return f"{listing(list(names))}: the reported numbers are of other features or folds, so that no Δ is printed."


def _below_chance(spec: dict[str, Any], rows: list[Line]) -> str:
    """Say where a pooled UA below chance comes from, of a system that always says the most frequent class."""
    guessing, chance = spec.get("guessing", []), 100 / spec.get("classes", 1)
    mine = [row for row in rows if row["system"] in guessing and (row["column"], row["statistic"]) == ("ua", "pooled")]
    below = dict.fromkeys(full_name(row) for row in mine if float(row["reproduced"]) < chance - 0.005)
    if not below:
        return ""
    return (
        f"{listing(list(below))}: a UA below chance ({chance:.1f}) is of the pooling. In each fold the most frequent "
        "class of its training part is said; which one that is differs from fold to fold, and the class that is "
        "frequent in training is the rarer one in test."
    )


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
        parts.append(f"Italic: published, of {spec['published_on']} ({spec['published']['source']}).")
        if found and spec["comparable"]:
            parts.append("A number that differs is red.")
        elif found:
            parts.append("This is not the corpus that they are of, so that no difference is marked.")
    return " ".join([*parts, *([sentence(spec["note"])] if spec["note"] else [])])


def groups_caption(spec: dict[str, Any], rows: list[Line]) -> str:
    """Write the caption of a table of groups: under which protocol, of how many runs, and how to take the worst."""
    protocol = spec["protocols"][0]
    made = [row for row in rows if row["column"] == "ua" and row["reproduced"]]
    where = f"{label_in_text(protocol)} ({selection_text(protocol['select'])})"
    parts = [f"Under {where}" + ("." if spec["strict"] else ", as strict is not configured.")]
    speakers = {row["speakers"] for row in rows if row["column"] == WORST}
    if made:
        parts += [_runs(spec, made), _undertrained(made)]
        parts.append("Below the labels: test utterances. No test holds groups against each other.")
    if speakers:
        parts.append(
            "Worst: the speaker of the lowest UA; the lowest of several lies below the others by chance alone."
        )
    parts += [sentence(note) for note in dict.fromkeys(row["note"] for row in made) if note]
    return " ".join(part for part in parts if part)


def quoted_caption(reason: str, corpus: str) -> str:
    """Write the caption of a table that no number of this run stands in, which `reason` says why.

    `corpus`: what the reported numbers are of; empty where there are none.
    """
    said = [f"Reported numbers alone, of {corpus}."] if corpus else []
    return " ".join([*said, *([sentence(reason)] if reason else [])])


def contrasts(declared: list[dict[str, str]], rows: list[Line]) -> str:
    """Say of each declared contrast of two protocols what its second is worth, in UA, a row at a time.

    A row of which there is no number is named with the reason.
    """
    said = []
    for contrast in declared:
        lines = [row for row in rows if row["protocol"] == contrast["from"] and row["contrast_to"] == contrast["to"]]
        mine = [row for row in lines if row["column"] == "ua"]
        if changes := [f"{_worth(row)} ({full_name(row)})" for row in mine if row["contrast"]]:
            said.append(f"{sentence(contrast['what'])[:-1]} is worth {listing(changes)} points of UA.")
        if without := [f"{full_name(row)} ({row['contrast_reason']})" for row in mine if not row["contrast"]]:
            said.append(f"What it is worth {contrast['what']} is not said of {listing(without)}.")
    return " ".join(said)


def _worth(row: Line) -> str:
    """A contrast with its interval, and its stars or the mark of an undertrained network."""
    worth, low, high = (
        row[key] and signed(float(row[key]), row["column"]) for key in ("contrast", "contrast_low", "contrast_high")
    )
    sign = SIGN if marked(row, "contrast_p") else stars(row, "contrast_p")
    return f"{worth}{sign} [{low}, {high}]" if low else f"{worth}{sign}"


def smallest_p(rows: list[Line], labels: dict[str, str]) -> str:
    """Say where so few speakers are tested that no difference can be significant; empty where nowhere.

    `labels` has what a printed protocol is called, by its name.
    """
    protocols: dict[str, int] = {}
    for row in rows:
        tested = row["against"] or row["ablated"] or row["z_against"]
        if tested and row["protocol"] in labels and not _may_be_significant(row):
            label = labels[row["protocol"]]
            protocols[label] = max(int(row["speakers"]), protocols.get(label, 0))
    by_speakers: dict[int, list[str]] = {}
    for label, speakers in protocols.items():
        by_speakers.setdefault(speakers, []).append(label)
    return " ".join(
        sentence(f"{listing(names)}: {speakers} test speakers, so that no p can be below {2 / 2**speakers:.2g}")
        for speakers, names in by_speakers.items()
    )


def _may_be_significant(row: Line, *, tails: int = 2) -> bool:
    """Whether the permutation of speakers can give a p below 0.05: of all swaps, none and all differ by as much.

    `tails`: 2, or 1 where the swap of all counts for the other side.
    """
    return not row["speakers"] or tails / 2 ** int(row["speakers"]) < LEVEL


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
