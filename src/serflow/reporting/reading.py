"""How to read the tables and figures: what each printed sign means, said once, before the first paper."""

from typing import Any

from serflow.metrics.names import UNDERTRAINED_RULE, metric_of
from serflow.reporting.claims_layout import claims_reading
from serflow.reporting.rows import Line
from serflow.reporting.undertrained import SIGN, TESTS, marked, of_one_seed, significant, stars
from serflow.reporting.wording import metric_formula, metric_name, over_seeds, rounded

CONFUSIONS = (
    "a row is a true class and sums to 100 %: large, its share; small, utterances, pooled over the folds and averaged "
    "over the seeds"
)
CURVES = (
    "line: mean of the runs; band: smallest to largest; mark: the epoch that a selection takes in each run, at its UA "
    "on the test part"
)
RELIABILITY = (
    "accuracy of the utterances whose top probability falls into the same of 15 equally wide bins, against their mean "
    "top probability; below the dotted diagonal a system is surer than it is right, above it less sure than it might "
    "be; beneath, the share of the utterances in each bin: bins of few scatter"
)
UTTERANCE = (
    "a chosen example, not evidence: of its class in the fold's test part the one with the highest probability of it, "
    "among those that are classified correctly, or among all where none is"
)
# kinds of figures that show one utterance, drawn from what the rule `attention` writes
OF_AN_UTTERANCE = ("attention", "attention_energy", "attention_maps", "correlation_matrices", "informativeness")
KINDS = {"confusion": ("Confusions", CONFUSIONS), "training_curves": ("Training curves", CURVES)}
KINDS |= {"reliability": ("Reliability", RELIABILITY)}
KINDS |= dict.fromkeys(OF_AN_UTTERANCE, ("An utterance", UTTERANCE))


def how_to_read(tables: list[tuple[dict[str, Any], list[Line]]], kinds: list[str]) -> list[dict[str, str]]:
    """Explain the signs that the report prints, and no others.

    Parameters
    ----------
    tables : list of (spec, rows)
        The specs of `serflow.reporting.table_rows.table_rows` and the tidy rows that they gave.
    kinds : list of str
        Kinds of the report's figures.

    Returns
    -------
    list of dict
        ``sign``, ``text`` and ``style``: "italic" for a sign that is printed so, else "".
    """
    scored = [(spec, rows) for spec, rows in tables if spec.get("kind") not in ("counts", "claims")]
    claims = [row for spec, rows in tables if spec.get("kind") == "claims" for row in rows]
    entries = [*_numbers([row for _, rows in scored for row in rows]), *_metrics(scored), *_tests(scored)]
    entries += [(*entry, "") for entry in claims_reading(claims)]
    entries += [(*entry, "") for entry in dict.fromkeys(KINDS[kind] for kind in KINDS if kind in kinds)]
    return [{"sign": sign, "text": text, "style": style} for sign, text, style in entries]


Entry = tuple[str, str, str]


def _numbers(rows: list[Line]) -> list[Entry]:
    made = [row for row in rows if row["reproduced"]]
    entries = []
    if pooled := [row for row in made if row["statistic"] == "pooled"]:
        example = max(pooled, key=lambda row: (bool(row["low"]), bool(row["sd_seeds"])))
        text = "from this run, in per cent: counts pooled over the folds, averaged over the seeds"
        if example["sd_seeds"]:
            text += "; after ± the standard deviation of the pooled number over the seeds"
        if example["low"]:
            text += (
                "; in brackets the 95 % interval over speakers, where three or more are tested: the standard error of "
                "the jackknife, which leaves them out one by one, times the t of one fewer than there are"
            )
        entries.append((_printed(example), text, ""))
    if spread := [row for row in made if row["statistic"] == "mean" and row["sd"]]:
        text = "mean and standard deviation of the runs, each metric at its own best test epoch"
        entries.append((_printed(spread[0]), text, ""))
    if reported := [row["reported"] for row in rows if row["reported"]]:
        entries.append(
            (
                reported[0],
                "reported in the literature, of the corpus above the column; not produced by this run",
                "italic",
            )
        )
    if any(row["system"] and not row["reproduced"] for row in rows):
        entries.append(("– with a letter", "no number, for the reason below the table", ""))
    if any(not row["system"] for row in rows):
        entries.append(("blank", "of a row that is only quoted", ""))
    if any(row["difference"] for row in made):
        entries.append(
            (
                "Δ",
                "reproduced minus reported, in points, under the paper's own protocol only: the reported number lies "
                "within the interval, or the reproduced one above or below it",
                "",
            )
        )
    if any(marked(row) for row in made):
        entries.append((SIGN, f"undertrained: {UNDERTRAINED_RULE}; no star, dagger or verdict is printed with it", ""))
    return entries


def _printed(row: Line) -> str:
    """The cell of a row as tables print it."""
    value, low, high, sd = (
        row[key] and rounded(row[key], row["column"]) for key in ("reproduced", "low", "high", "sd")
    )
    if row["statistic"] == "mean":
        return f"{value} ± {sd}"
    parts = [value, over_seeds(row, "sd_seeds"), f"[{low}–{high}]" if low else ""]
    return " ".join(part for part in parts if part)


def _metrics(tables: list[tuple[dict[str, Any], list[Line]]]) -> list[Entry]:
    """What the columns' metrics are, each once."""
    columns = dict.fromkeys(column for spec, _ in tables for column in spec["columns"])
    return [(metric_name(column), _meaning(column), "") for column in columns]


def _meaning(column: str) -> str:
    metric = metric_of(column)
    clauses = ["the lower the better"] * metric.lower_is_better + ["not in per cent"] * (not metric.per_cent)
    return "; ".join([metric_formula(column), *clauses])


def _tests(tables: list[tuple[dict[str, Any], list[Line]]]) -> list[Entry]:
    rows = [row for _, lines in tables for row in lines]
    entries = []
    found = {stars(row, test) for row in rows for test in TESTS if test != "p_z"} - {""}
    if found:
        entries.append(
            (
                "*",
                "differs, at p < 0.05, from the system that the caption names (beneath a table: from the row beside; "
                "within a caption: from the other protocol): paired permutation of speakers, two-sided, uncorrected; "
                "none where the test part chooses the epoch",
                "",
            )
        )
    if "**" in found:
        entries.append(
            ("**", "also after Holm's correction for all tests of its kind in its column: one metric, one protocol", "")
        )
    if any(significant(row, "p_z") for row in rows):
        entries.append(
            (
                "†",
                "better, at p < 0.05, than the system that the caption names in a one-tailed z-test, uncorrected, as "
                "the paper claims by one (how it takes UA is ours); it takes utterances and the two systems for "
                "independent, which they are not",
                "",
            )
        )
    if any(row[test] for row in rows for test in TESTS):
        entries.append(("a test's p", _about(rows), ""))
    if any(of_one_seed(row, test) for row in rows for test in TESTS):
        entries.append(("one seed", "no star, dagger or verdict: what another seed would change is not known", ""))
    if any(row["ablated"] for row in rows):
        entries.append(
            (
                "beneath a table",
                "what a row has more or less than the one beside it, in points, on the same utterances, with the "
                "interval; widths may differ too, where a paper balances parameters",
                "",
            )
        )
    return entries


def _about(rows: list[Line]) -> str:
    """What a p, and an interval, is about, and what it is not."""
    said = (
        "asks what other speakers would change, with these trained networks: neither other seeds nor other training "
        "data. Where a session is left out, one network judges both of its speakers"
    )
    sessions = [int(row["sessions"]) for row in rows if row["sessions"] and any(row[test] for test in TESTS)]
    if sessions:
        most = max(sessions)
        said += f"; p_sessions in the CSV swaps whole sessions and, of {most}, cannot be below {2 / 2**most:.2g}"
    return said
