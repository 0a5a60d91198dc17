"""How many turns are spoken by somebody else than the wearer of the markers, whom the name's prefix names.

At full size there are as many as in the corpus, of all turns and of those of the four classes (with excited).
Rule: each speaker and style has its share of them in proportion to its turns; then, within a speaker and
style, labels are exchanged between turns of the two kinds, drawn at random, until the four classes agree.
"""

from collections.abc import Sequence
from dataclasses import replace

from serflow.standin.allocation import Cell, apportion
from serflow.standin.dialogs import Dialog
from serflow.standin.draws import draws
from serflow.standin.published import CROSSED, CROSSED_OF_FOUR, MAIN
from serflow.standin.turns import Turn

Group = tuple[int, str, str]  # session, style, sex of the speaker


def crossed_turns(cells: dict[Cell, int]) -> dict[Group, int]:
    """Return how many crossed turns each speaker has in each style, of `CROSSED` in all."""
    totals: dict[Group, int] = {}
    for cell, count in cells.items():
        totals[cell[:3]] = totals.get(cell[:3], 0) + count
    shares = apportion(CROSSED, list(totals.values()), [0] * len(totals))
    return dict(zip(totals, shares, strict=True))


def sizes(
    dialogs: list[Dialog], sex: str, total: int, crossed: int | None, weights: Sequence[float], least: Sequence[int]
) -> list[int]:
    """Return the number of a speaker's turns in each dialog; `crossed` of them in the other's dialogs, if given."""
    if crossed is None:
        return apportion(total, weights, least)
    counts = [0] * len(dialogs)
    for own, share in ((True, total - crossed), (False, crossed)):
        places = [i for i, dialog in enumerate(dialogs) if (dialog.wearer == sex) is own]
        parts = apportion(share, [weights[i] for i in places], [least[i] for i in places])
        for place, count in zip(places, parts, strict=True):
            counts[place] = count
    return counts


def exchange_labels(planned: dict[Dialog, list[Turn]], *, seed: int, fixed: set[str]) -> dict[Dialog, list[Turn]]:
    """Exchange labels until `CROSSED_OF_FOUR` turns of the four classes are crossed; never those of `fixed`."""
    turns = [turn for group in planned.values() for turn in group]
    surplus = sum(turn.crossed and turn.label in MAIN for turn in turns) - CROSSED_OF_FOUR
    rng = draws(seed, "wearers")
    free = [turn for turn in (turns[i] for i in rng.permutation(len(turns))) if turn.name not in fixed]
    givers = [turn for turn in free if turn.crossed and (turn.label in MAIN) is (surplus > 0)]
    takers = [turn for turn in free if not turn.crossed and (turn.label in MAIN) is (surplus < 0)]
    labels: dict[str, str] = {}
    for giver in givers[: abs(surplus)]:
        taker = next(turn for turn in takers if _group(turn) == _group(giver))
        takers.remove(taker)
        labels |= {giver.name: taker.label, taker.name: giver.label}
    return {
        dialog: [replace(turn, label=labels.get(turn.name, turn.label)) for turn in group]
        for dialog, group in planned.items()
    }


def _group(turn: Turn) -> Group:
    return turn.dialog.session, turn.dialog.style, turn.sex
