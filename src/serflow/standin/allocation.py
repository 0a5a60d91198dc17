"""How many turns of each label each speaker of each session gets in each style.

At 10,039 turns the answer is the published tables themselves. What they leave open is settled by rule: the
labels beyond the five main classes are spread over session x style in proportion to both margins, by largest
remainder, so that both hold; a main class is split over style x speaker in proportion, within both margins;
the other labels are halved between a session's speakers, the odd turn going to the woman in odd sessions.
"""

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from serflow.errors import UserError
from serflow.standin import published
from serflow.standin.published import LABELS, MAIN, SESSIONS, STYLES


class Cell(NamedTuple):
    """One entry of the joint table."""

    session: int
    style: str
    sex: str
    label: str


def apportion(total: int, weights: Sequence[int | float], floors: Sequence[int]) -> list[int]:
    """Split `total` into whole numbers in proportion to `weights`, none under its floor (largest remainder).

    Raises `ValueError` where the floors alone exceed `total`.
    """
    if sum(floors) > total:
        raise ValueError(f"floors sum to {sum(floors)}, more than {total}")
    exact = [Fraction(weight) for weight in weights]
    shares = [Fraction(floor) for floor in floors]
    free = {i for i, weight in enumerate(exact) if weight > 0}
    while free:
        left = total - sum(floors[i] for i in range(len(exact)) if i not in free)
        scale = left / sum(exact[i] for i in free)
        low = {i for i in free if scale * exact[i] < floors[i]}
        free -= low
        if not low:
            shares = [scale * exact[i] if i in free else share for i, share in enumerate(shares)]
            break
    counts = [int(share) for share in shares]
    order = sorted(range(len(counts)), key=lambda i: (counts[i] - shares[i], i))
    for i in order[: total - sum(counts)]:
        counts[i] += 1
    return counts


def published_cells() -> dict[Cell, int]:
    """Return the joint table at 10,039 turns; its margins are the published tables."""
    cells: dict[Cell, int] = {}
    for column, label in enumerate(LABELS):
        improvised = _improvised(column)
        for session in SESSIONS:
            everything = published.tables().by_session[session][column]
            in_style = (improvised[session], everything - improvised[session])
            if label in MAIN:
                women = _women_of_main(everything, in_style, published.tables().women_by_session[session][column])
            else:
                women = [(count + session % 2) // 2 for count in in_style]
            for style, count, female in zip(STYLES, in_style, women, strict=True):
                cells[Cell(session, style, "F", label)] = female
                cells[Cell(session, style, "M", label)] = count - female
    return cells


def _improvised(column: int) -> dict[int, int]:
    """Count the improvised turns of one label by session."""
    if LABELS[column] in MAIN:
        return {session: published.tables().improvised_by_session[session][column] for session in SESSIONS}
    total = published.tables().by_style["improvised"][column]
    by_session = [published.tables().by_session[session][column] for session in SESSIONS]
    return dict(zip(SESSIONS, apportion(total, by_session, [0] * 5), strict=True))


def _women_of_main(everything: int, in_style: tuple[int, int], female: int) -> list[int]:
    """Return the woman's improvised and scripted turns, in proportion and within both margins."""
    improvised, scripted = in_style
    share = round(Fraction(improvised * female, everything))
    share = min(max(share, female - scripted), improvised, female)
    return [share, female - share]


def floors(floor: int) -> dict[Cell, int]:
    """Return the least number of turns in each cell, for `floor` turns of each main class by each speaker.

    Half of the floor, rounded up, is improvised, so that this view too has each class in each session by
    both speakers. Each speaker has a frustrated and an undecided scripted turn (enough for two scripted
    dialogs a session), each rare label one turn, in its largest cell, and the second turn without alignment
    is an undecided one.
    """
    weights = published_cells()
    least = dict.fromkeys(weights, 0)
    for cell in weights:
        if cell.label in MAIN:
            least[cell] = (floor + 1) // 2 if cell.style == "improvised" else floor // 2
        elif cell.style == "scripted" and cell.label in ("fru", "xxx"):
            least[cell] = 1
    for label in ("fea", "sur", "dis", "oth"):
        least[max((cell for cell in weights if cell.label == label), key=weights.__getitem__)] = 1
    least[Cell(3, "improvised", "M", "xxx")] = 1
    return least


def allocate(turns: int, floor: int) -> dict[Cell, int]:
    """Return the turns in each cell, summing to `turns`; exactly the published counts at 10,039 turns.

    Raises
    ------
    UserError
        Where `turns` cannot hold `floor` turns of each main class by each speaker beside one of every label.
    """
    if floor < 1:
        raise UserError(f"floor {floor}: expected a whole number of at least 1; give a larger one")
    weights, least = published_cells(), floors(floor)
    minimum = sum(least.values())
    if turns < minimum:
        raise UserError(
            f"turns {turns}: expected at least {minimum} with a floor of {floor} (of each main class by each "
            "speaker); ask for more turns or a lower floor"
        )
    counts = apportion(turns, list(weights.values()), list(least.values()))
    return dict(zip(weights, counts, strict=True))


def speaker_turns(cells: dict[Cell, int], session: int, style: str, sex: str) -> int:
    """Count the turns of one speaker in one style."""
    return sum(cells[Cell(session, style, sex, label)] for label in LABELS)
