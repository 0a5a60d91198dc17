"""Which turns a stand-in release holds: dialogs, turn names, labels."""

from collections import Counter

import numpy as np

from serflow.standin import traps, wearers
from serflow.standin.allocation import allocate
from serflow.standin.dialogs import Dialog, choose_dialogs
from serflow.standin.draws import draws
from serflow.standin.published import LABELS, SESSIONS, SEXES, STYLES, TURNS
from serflow.standin.turns import Turn
from serflow.standin.words import script_leaning

_FOLLOWS_THE_LINE = 0.45  # share of scripted turns whose label is what the line leans to


def plan_release(turns: int, *, seed: int, floor: int) -> dict[Dialog, list[Turn]]:
    """Plan the turns of each dialog, grouped by speaker; dialogs sorted by name."""
    cells = allocate(turns, floor)
    dialogs = choose_dialogs(cells)
    crossed = wearers.crossed_turns(cells) if turns == TURNS else {}
    planned: dict[Dialog, list[Turn]] = {dialog: [] for dialog in dialogs}
    for sex in SEXES:
        for session in SESSIONS:
            for style in STYLES:
                pool = Counter({c.label: n for c, n in cells.items() if c[:3] == (session, style, sex)})
                group = [d for d in dialogs if (d.session, d.style) == (session, style)]
                for turn in _deal(group, sex, pool, seed, crossed.get((session, style, sex))):
                    planned[turn.dialog].append(turn)
    return wearers.exchange_labels(planned, seed=seed, fixed=unaligned(planned)) if crossed else planned


def _deal(dialogs: list[Dialog], sex: str, pool: Counter[str], seed: int, crossed: int | None) -> list[Turn]:
    """Give every turn of one speaker in one style a seat, then each seat a label."""
    rng = draws(seed, "deal", dialogs[0].name, sex)
    weights = [traps.DIALOG_SIZES.get(dialog.name) or rng.uniform(0.7, 1.3) for dialog in dialogs]
    least = [traps.LEAST_TURNS.get((dialog.name, sex), 1) for dialog in dialogs]
    sizes = wearers.sizes(dialogs, sex, pool.total(), crossed, weights, least)
    seats = [(dialog, rank) for dialog, size in zip(dialogs, sizes, strict=True) for rank in range(size)]
    fixed = _fixed_labels(dialogs, sex, sizes)
    pool = pool - Counter(fixed.values())
    labels = {}
    for index in rng.permutation(len(seats)):
        seat = seats[index]
        labels[seat] = fixed.get(seat) or _draw_label(seat, sex, pool, seed, rng)
        if seat not in fixed:
            pool[labels[seat]] -= 1
    return [Turn(dialog, sex, rank, labels[dialog, rank]) for dialog, rank in seats]


def _fixed_labels(dialogs: list[Dialog], sex: str, sizes: list[int]) -> dict[tuple[Dialog, int], str]:
    """Return the labels of the seats whose turn has no alignment."""
    fixed = {}
    for dialog, size in zip(dialogs, sizes, strict=True):
        for trap in traps.UNALIGNED:
            if (trap.dialog, trap.sex) == (dialog.name, sex):
                fixed[dialog, min(trap.rank, size - 1)] = trap.label
    return fixed


def _draw_label(seat: tuple[Dialog, int], sex: str, pool: Counter[str], seed: int, rng: np.random.Generator) -> str:
    """Draw a label from those left; a scripted seat often takes the one that its line leans to."""
    dialog, rank = seat
    follows = rng.random() < _FOLLOWS_THE_LINE
    if dialog.style == "scripted" and follows:
        leaning = script_leaning(seed, dialog.script, sex, rank)
        if pool[leaning] > 0:
            return leaning
    left = np.array([max(pool[label], 0) for label in LABELS], float)
    return LABELS[rng.choice(len(LABELS), p=left / left.sum())]


def unaligned(planned: dict[Dialog, list[Turn]]) -> set[str]:
    """Return the names of the two turns without forced alignment.

    They are Ses03M_impro03_M001 and Ses03F_impro07_M030, as in the corpus; where a small stand-in's dialog
    has no M030, its last male turn takes that place.
    """
    names = set()
    for trap in traps.UNALIGNED:
        ranks = [turn for dialog, turns in planned.items() if dialog.name == trap.dialog
                 for turn in turns if turn.sex == trap.sex and turn.rank <= trap.rank]  # fmt: skip
        names.add(max(ranks, key=lambda turn: turn.rank).name)
    return names
