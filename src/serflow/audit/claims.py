"""A paper's claims: what was measured of each, Holm's p and the verdict, made anew from the predictions.

The rule (docs/fidelity/all_papers.md): a claim is held where the difference has the claimed sign and the p of its t
test over speakers, after Holm's correction over the claims that are judged under the protocol, is at most 0.05;
contradicted where it has the other sign at that level; else not shown. Why a claim is not judged: `REASONS`.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from serflow.audit.findings import Step
from serflow.audit.items import TableCell
from serflow.audit.lines import only_line, same
from serflow.audit.statistics import holm

__all__ = ["Measured", "verdict_steps", "verdicts"]

LEVEL = 0.05
REASONS = ("not run", "chosen on test", "undertrained", "one seed", "no interval")  # the first that applies is told
Measured = Mapping[str, Any]  # direction, per_cent, select, undertrained (of both systems), row (of pairs.csv, or None)


def verdict_steps(path: str, cells: list[TableCell], measured: Callable[[TableCell], Measured]) -> Iterator[Step]:
    """Verdict, reason and Holm's p of every claim in a table's CSV.

    `cells`: every claim under every protocol. `measured`: of one that is run, what its predictions give.
    """
    judged = 0
    for protocol in dict.fromkeys(cell.protocol for cell in cells):
        mine = [cell for cell in cells if cell.protocol == protocol]
        made = verdicts([None if cell.reason else measured(cell) for cell in mine])
        number = sum(p is not None for _, _, p in made)
        judged += number
        for cell, (verdict, reason, p) in zip(mine, made, strict=True):
            line = only_line(path, {"item": cell.item, "protocol": protocol})
            if isinstance(line, Step):
                yield line
                continue
            where = f"{path}: {cell.name}"
            for key, value in (("verdict", verdict), ("reason", reason)):
                if line[key] != value:
                    yield Step("verdict", False, f"{where}: {key} is {line[key] or 'empty'}", value or "empty")
            # the file corrects p of six decimals
            if not same(line["p_holm"], p, absolute=1.5e-6 * max(1, number)):
                expected = "empty" if p is None else f"{p:.6f} among the {number} that are judged"
                yield Step("Holm", False, f"{where}: p_holm is {line['p_holm'] or 'empty'}", expected)
    yield Step("verdicts", True, f"{path}: {len(cells)} claims under a protocol, {judged} of them judged: made anew")


def verdicts(claims: list[Measured | None]) -> list[tuple[str, str, float | None]]:
    """Verdict, reason and Holm's p of the claims of one paper under one protocol; None: one that is not run."""
    reasons = [_reason(claim) for claim in claims]
    ps = {i: claims[i]["row"]["p_interval"] for i, reason in enumerate(reasons) if not reason}
    corrected = holm(ps)
    found = []
    for i, (claim, reason) in enumerate(zip(claims, reasons, strict=True)):
        if reason:
            found.append(("not judged", reason, None))
            continue
        signed = claim["row"]["difference"] * (1 if claim["direction"] == "above" else -1)
        told = round(100 * signed, 2) if claim["per_cent"] else round(signed, 4)  # as the table has it
        verdict = "not shown" if corrected[i] > LEVEL or not told else "held" if told > 0 else "contradicted"
        found.append((verdict, "", corrected[i]))
    return found


def _reason(claim: Measured | None) -> str:
    """Why a claim is not judged; empty where it is."""
    if claim is None:
        return REASONS[0]
    row = claim["row"]
    applies = [
        claim["select"].startswith("best_test"),
        any(state in ("yes", "encoder") for state in claim["undertrained"]),
        row is not None and row["seeds"] == 1,
        row is None or row["p_interval"] is None,
    ]
    return next((reason for reason, true in zip(REASONS[1:], applies, strict=True) if true), "")
