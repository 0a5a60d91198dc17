"""What becomes of a paper's claims: the verdicts, the reasons for none, and the one rule that gives them.

Only the standard library is imported: a report has many tables, and start-up would dominate them.
"""

from collections import Counter

from serflow.metrics.names import UNDERTRAINED
from serflow.reporting.holm import holm
from serflow.reporting.rows import Line

__all__ = ["CLAIM_COLUMNS", "LEVEL", "NOT_JUDGED", "REASONS", "RULE", "VERDICTS", "judge", "verdict_counts"]

LEVEL = 0.05
HELD, NOT_SHOWN, CONTRADICTED, NOT_JUDGED = VERDICTS = ("held", "not shown", "contradicted", "not judged")
# why a claim has no verdict: the first of these that applies
NOT_RUN, ON_TEST, UNTRAINED, ONE_SEED, NO_INTERVAL = REASONS = (
    "not run",
    "chosen on test",
    "undertrained",
    "one seed",
    "no interval",
)
RULE = (  # as `judge` has it, for captions
    "a claim is held where the difference has the claimed sign and the t test that its 95 % interval over speakers "
    f"inverts has p ≤ {LEVEL} after Holm's correction over all claims of the paper that are judged under the protocol; "
    "contradicted where it has the other sign at the same level; else not shown"
)
CLAIM_COLUMNS = [
    "item", "claim", "text", "source", "experiment", "system", "against", "column", "direction", "size",
    "claimed_on", "protocol", "split", "select",
    "gain", "gain_low", "gain_high", "gain_seeds", "gain_sd_seeds", "gain_by_seed",
    "p_interval", "p_holm", "folds", "seeds", "utterances", "speakers", "sessions",
    "undertrained", "against_undertrained", "verdict", "reason", "note",
]  # fmt: skip


def verdict_counts(rows: list[Line]) -> dict[str, tuple[Counter[str], Counter[str]]]:
    """Protocol -> how many claims have each verdict, and how many of those not judged each reason."""
    found: dict[str, tuple[Counter[str], Counter[str]]] = {}
    for line in rows:
        verdicts, reasons = found.setdefault(line["protocol"], (Counter(), Counter()))
        verdicts[line["verdict"]] += 1
        reasons.update([line["reason"]] if line["reason"] else [])
    return found


def judge(lines: list[Line]) -> list[Line]:
    """Give the claims of one paper under one protocol their verdicts, by a rule that is older than any number.

    A claim says that `system` has a higher (`direction` above) or a lower value (below) of a metric than `against`.

    1. It is *not judged*, for the first of these `reason` s that applies:

       - not run: one of the two systems has no scores here;
       - chosen on test: the scored epoch was chosen on the very utterances that test it;
       - undertrained: the network of one of the two, or one that it rests on, did not learn its training part;
       - one seed: a system depends on a seed, and fewer than two seeds were compared;
       - no interval: fewer than three speakers are tested, or no utterance of the metric's.

    2. The p of the others is that of the two-sided t test over speakers which the printed interval inverts
       (`serflow.metrics.intervals`). It is about these trained networks, on other speakers.
    3. Holm's correction (`serflow.reporting.holm`) is over all claims of the paper that are judged under the protocol.
    4. At a corrected p <= `LEVEL` a claim is *held* where the difference has the claimed sign, and *contradicted* where
       it has the other one.
    5. Every other one is *not shown*: the data do not tell.

    The claim's `size` has no say, nor has the corpus: a claim is judged on whatever speech was scored.

    Parameters
    ----------
    lines : a line a claim, with the keys of `CLAIM_COLUMNS` down to `against_undertrained`; `gain` is `system` minus
        `against`, empty where nothing was scored, `gain_seeds` the seeds compared, empty where neither depends on one.

    Returns
    -------
    list of dict
        The lines, each with `p_holm` (empty where not judged), `verdict` (of `VERDICTS`) and `reason` (of `REASONS`).
    """
    reasons = [_reason(line) for line in lines]
    tested = [float(line["p_interval"]) for line, reason in zip(lines, reasons, strict=True) if not reason]
    corrected = iter(holm(tested))
    judged = []
    for line, reason in zip(lines, reasons, strict=True):
        if reason:
            judged.append(line | {"p_holm": "", "verdict": NOT_JUDGED, "reason": reason})
            continue
        p = next(corrected)
        judged.append(line | {"p_holm": f"{p:.6f}", "verdict": _verdict(line, p), "reason": ""})
    return judged


def _reason(line: Line) -> str:
    """Why a claim is not judged; empty where it is."""
    applies = {
        NOT_RUN: not line["folds"],
        ON_TEST: line["select"].startswith("best_test"),
        UNTRAINED: any(line[key] in UNDERTRAINED for key in ("undertrained", "against_undertrained")),
        ONE_SEED: line["gain_seeds"] != "" and int(float(line["gain_seeds"])) < 2,
        NO_INTERVAL: not line["p_interval"],
    }
    return next((reason for reason in REASONS if applies[reason]), "")


def _verdict(line: Line, p: float) -> str:
    gain = float(line["gain"])
    if p > LEVEL or gain == 0:
        return NOT_SHOWN
    return HELD if (gain > 0) == (line["direction"] == "above") else CONTRADICTED
