"""What the page of findings says: a sentence each, and the caption; all of it is computed from the page's rows."""

from statistics import median
from typing import Any

from serflow.reporting.findings import (
    CHOSEN,
    CHOSEN_HERE,
    DIFFERENCE,
    HEARS_NOTHING,
    NO_EPOCHS,
    PROTOCOLS,
    SAME,
    SHARED,
    UNMADE,
    stars,
)
from serflow.reporting.rows import Line
from serflow.reporting.undertrained import SIGN
from serflow.reporting.verdicts import LEVEL, NOT_JUDGED, REASONS, VERDICTS
from serflow.reporting.wording import count, label_in_text, listing, protocol_label, rounded, sentence, signed

__all__ = ["brief", "caption", "letters", "sentences"]

METRIC = "ua"


def sentences(spec: dict[str, Any], rows: list[Line], verdicts: list[Line]) -> list[str]:
    """Say who leads under strict, what became of the claims, what choosing on the test part and shared speakers give.

    Parameters
    ----------
    spec : dict
        Of `serflow.reporting.findings.findings_rows`.
    rows : list of dict
        What it gave.
    verdicts : list of dict
        Of `serflow.reporting.findings.verdict_rows`.

    Returns
    -------
    list of str
        A text each. Of a contrast: the median over systems with its range, how many are significant, how many are left
        out as undertrained, and of each paper that it says nothing of, why.
    """
    return [
        _leaders(spec, rows),
        *_claims(spec, verdicts),
        _worth(spec, rows, CHOSEN, "Choosing the epoch on the test part in place of the validation part"),
        _worth(spec, rows, CHOSEN_HERE, "The same choice by strict's own networks, in its own folds,"),
        _worth(spec, rows, SHARED, "Speakers whom training and test share"),
    ]


def _leaders(spec: dict[str, Any], rows: list[Line]) -> str:
    """Which system leads each paper's first view under strict, and where the reference yardstick stands."""
    parts = [f"in {paper['key']} {_leader(paper, rows)}" for paper in spec["papers"]]
    left_out = sum(line["strict_undertrained"] == "yes" for line in _of_first_views(spec, rows))
    name = spec["papers"][0]["reference"]["name"].removeprefix("Yardstick: ")
    text = f"Under strict leads, by UA, {'; '.join(parts)}. The yardstick: {name}. "
    return f"{text}The order is read off the numbers; no test goes with it.{_left_out(left_out)}"


def _of_first_views(spec: dict[str, Any], rows: list[Line]) -> list[Line]:
    first = {paper["key"]: paper["experiments"][0]["name"] for paper in spec["papers"] if paper["experiments"]}
    return [line for line in rows if first.get(line["paper"]) == line["experiment"]]


def _leader(paper: dict[str, Any], rows: list[Line]) -> str:
    run = [line for line in _of_first_views({"papers": [paper]}, rows) if line["strict"]]
    trained = [line for line in run if line["strict_undertrained"] == "no"]
    if not run:
        return "none: nothing is run under strict"
    if not trained:
        return f"none: all {len(run)} systems are undertrained"
    values = [float(line["strict"]) for line in trained]
    first = [line for line in trained if float(line["strict"]) == max(values)]
    names = ["the yardstick itself" if line["reference"] == "yes" else line["name"] for line in first]
    text = f"{listing(names)} with {_value(first[0])}"
    reference = next((line for line in run if line["reference"] == "yes"), None)
    if reference is None:
        return f"{text}, first of {len(trained)}, the yardstick not among them"
    if reference in first:
        return f"{text}, first of {len(trained)}"
    place = 1 + sum(value > float(reference["strict"]) for value in values)
    return f"{text}, the yardstick {_ordinal(place)} of {len(trained)} with {_value(reference)}"


def _value(line: Line) -> str:
    value, low, high = (
        line[f"strict{what}"] and rounded(line[f"strict{what}"], METRIC) for what in ("", "_low", "_high")
    )
    return f"{value} %" + (f" [{low}–{high}]" if low else "")


def _ordinal(number: int) -> str:
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{'th' if number % 100 in (11, 12, 13) else ending}"


def _claims(spec: dict[str, Any], verdicts: list[Line]) -> list[str]:
    """How many of the papers' claims have which verdict under each protocol, and why some have none."""
    made_on = listing(list(dict.fromkeys(paper["published_on"] for paper in spec["papers"])))
    texts = []
    for protocol in dict.fromkeys(line["protocol"] for line in verdicts):
        of = [line for line in verdicts if line["protocol"] == protocol]
        totals = {word: sum(int(line[word]) for line in of) for word in (*VERDICTS, *REASONS)}
        judged = any(totals[verdict] for verdict in VERDICTS if verdict != NOT_JUDGED)
        found = [f"{totals[verdict]} {verdict}" for verdict in VERDICTS] if judged else ["none is judged"]
        why = [f"{totals[reason]} {reason}" for reason in REASONS if totals[reason]]
        number = count(sum(totals[verdict] for verdict in VERDICTS), "claim")
        because = f" ({', '.join(why)})" if totals[NOT_JUDGED] else ""
        texts.append(f"of {number} under {protocol_label({'name': protocol})} {listing(found)}{because}")
    return [f"The papers' claims, made on {made_on}: {'; '.join(texts)}."] if texts else []


def _worth(spec: dict[str, Any], rows: list[Line], contrast: str, what: str) -> str:
    """What a contrast is worth in UA over the systems that it could be measured on."""
    measured = [line for line in rows if line[contrast]]
    lines = [line for line in measured if line[f"{contrast}_undertrained"] == "no"]
    unsaid = _unsaid(spec, rows, contrast)
    left_out = _left_out(len(measured) - len(lines))
    if not lines:
        return f"{_singular(what)} cannot be told here: {unsaid}."
    values = [float(line[contrast]) for line in lines]
    of = [paper for paper in spec["papers"] if any(line["paper"] == paper["key"] for line in lines)]
    pairs: dict[str, list[str]] = {}
    for paper in of:
        pairs.setdefault(_pair(paper, contrast), []).append(paper["key"])
    text = f"{what} {_verb(what)} worth {signed(median(values), METRIC)} points of UA"
    if len(values) > 1:
        text += f" at the median of {len(values)} systems"
        text += f", from {signed(min(values), METRIC)} to {signed(max(values), METRIC)}"
    else:
        text += " of 1 system"
    measured_by = "; ".join(f"{pair}: {', '.join(keys)}" for pair, keys in pairs.items())
    text += f" ({measured_by}); {_tested(lines, contrast)}."
    return text + left_out + (f" Not told of {unsaid}." if unsaid else "")


def _verb(what: str) -> str:
    return "are" if what.startswith("Speakers") else "is"


def _singular(what: str) -> str:
    return f"What {what[0].lower()}{what[1:].rstrip(',')} {_verb(what)} worth"


def _pair(paper: dict[str, Any], contrast: str) -> str:
    """The protocols of a contrast, first beside second."""
    if contrast == CHOSEN_HERE:
        return "under strict"
    pair = paper["effects"][contrast]
    return f"{label_in_text(pair['first'])} beside {label_in_text(pair['second'])}"


def _tested(lines: list[Line], contrast: str) -> str:
    tested = [line for line in lines if line[f"{contrast}_p"]]
    if not tested:
        seeds = "one seed" if any(line[f"{contrast}_seeds"] == "1" for line in lines) else "too few speakers"
        reason = seeds if contrast == SHARED else "the test part chose"
        return f"no test goes with it ({reason})"
    marks = [stars(line, contrast) for line in tested]
    text = f"{sum(map(bool, marks))} of {len(tested)} that are tested differ at p < {LEVEL}"
    return f"{text}, {marks.count('**')} also after Holm's correction within the paper"


def _left_out(number: int) -> str:
    if not number:
        return ""
    return f" {count(number, 'undertrained system').capitalize()} {'is' if number == 1 else 'are'} left out."


def _unsaid(spec: dict[str, Any], rows: list[Line], contrast: str) -> str:
    """The papers of which a contrast says nothing, each with why; papers of one reason stand together."""
    reasons: dict[str, list[str]] = {}
    for paper in spec["papers"]:
        mine = [line for line in rows if line["paper"] == paper["key"] and line["given"] == "no"]
        if any(line[contrast] and line[f"{contrast}_undertrained"] == "no" for line in mine):
            continue
        notes = dict.fromkeys(_of_both(brief(line[f"{contrast}_note"])) for line in mine)
        why = [note for note in notes if note not in ("", HEARS_NOTHING, NO_EPOCHS)]
        why = ["all are undertrained"] if any(line[contrast] for line in mine) else why or ["nothing is run"]
        reasons.setdefault(listing(sorted(why)), []).append(paper["key"])
    return "; ".join(f"{listing(keys)} ({reason})" for reason, keys in reasons.items())


def _of_both(note: str) -> str:
    """A reason of many rows: which of the two protocols some of them lack is theirs."""
    return "not run under both" if note.startswith(UNMADE) else note


def letters(rows: list[Line]) -> dict[str, str]:
    """Reasons why rows have no difference, as `brief` has them -> the letter that stands for each."""
    notes = dict.fromkeys(brief(line[f"{DIFFERENCE}_note"]) for line in rows)
    return {note: chr(ord("a") + place) for place, note in enumerate(note for note in notes if note not in ("", SAME))}


def brief(note: str) -> str:
    """A reason without its particulars, which the CSV has."""
    return note.partition(":")[0]


def caption(spec: dict[str, Any], rows: list[Line]) -> str:
    """How to read the picture, and what its numbers rest on."""
    parts = [
        "UA of every system of the papers' tables, best first. Dot and solid line: strict; diamond and dashed line: as "
        "published; lines: 95 % intervals over speakers, where three or more are tested; dotted: chance. Δ: as "
        "published minus strict, in points, on the same utterances (intervals: findings.csv)"
    ]
    signs = [
        f"* differs at p < {LEVEL}, ** also after Holm's correction over the paper's rows"
        if any(stars(line, DIFFERENCE) for line in rows)
        else _no_star(rows),
        *(["= the two protocols are one"] if any(line[f"{DIFFERENCE}_note"] == SAME for line in rows) else []),
        *(f"–{letter} {note}" for note, letter in letters(rows).items()),
    ]
    parts[0] += "; " + "; ".join(signs) + "."
    if any(line[f"{name}_undertrained"] == "yes" for line in rows for name in PROTOCOLS):
        parts.append(f"Grey and {SIGN}: undertrained, no finding about the system.")
    parts += [_runs(spec, rows, name) for name in PROTOCOLS]
    if any(_seeds(rows, paper["key"], name) == 1 for paper in spec["papers"] for name in PROTOCOLS):
        parts.append("One seed bears no star.")
    if any(line["given"] == "yes" for line in rows):
        parts.append("(given): trained elsewhere, its predictions scored here; how its epoch was chosen is not known.")
    parts.append(_absent(spec))
    return " ".join(part for part in parts if part)


def _no_star(rows: list[Line]) -> str:
    tested = any(line[f"{DIFFERENCE}_p"] for line in rows)
    return f"none differs at p < {LEVEL}" if tested else "none is tested"


def _seeds(rows: list[Line], paper: str, protocol: str) -> int:
    return max((int(float(line[f"{protocol}_seeds"] or 0)) for line in rows if line["paper"] == paper), default=0)


def _runs(spec: dict[str, Any], rows: list[Line], name: str) -> str:
    """Folds and seeds under a protocol; papers of the same stand together."""
    found: dict[str, list[str]] = {}
    for paper in spec["papers"]:
        protocol = next((protocol for protocol in paper["protocols"] if protocol["name"] == name), None)
        seeds = _seeds(rows, paper["key"], name)
        if protocol and seeds:
            folds = max(int(float(row[f"{name}_folds"] or 0)) for row in rows if row["paper"] == paper["key"])
            of = f"{folds} of {count(protocol['folds'], 'fold')}" if folds < protocol["folds"] else count(folds, "fold")
            found.setdefault(f"{of} × {count(seeds, 'seed')}", []).append(paper["key"])
    if not found:
        return ""
    texts = [text if len(found) == 1 else f"{text} ({', '.join(keys)})" for text, keys in found.items()]
    return f"{sentence(protocol_label({'name': name}))[:-1]}: {'; '.join(texts)}."


def _absent(spec: dict[str, Any]) -> str:
    """What is not in the picture: sweep points, and views that this corpus does not have."""
    unmade: dict[str, list[str]] = {}
    for paper in spec["papers"]:
        for view in paper["experiments"]:
            if view["missing"]:
                unmade.setdefault(view["missing"], []).append(f"{paper['key']} {view['name']}")
    texts = [f"{listing(names)} ({reason})" for reason, names in unmade.items()]
    swept = sum(paper["swept"] for paper in spec["papers"])
    texts += [f"{count(swept, 'sweep point')}, as published alone"] if swept else []
    return f"Not in the picture: {'; '.join(texts)}." if texts else ""
