"""The 151 dialogs of IEMOCAP by name, and which of them a smaller stand-in holds."""

from collections.abc import Iterator
from typing import NamedTuple

from serflow.standin.allocation import Cell, speaker_turns
from serflow.standin.published import SESSIONS, SEXES, STYLES

TURNS_PER_DIALOG = 12
_SCRIPTS = ("script01_1", "script01_2", "script01_3", "script02_1", "script02_2", "script03_1", "script03_2")
# In every stand-in, whatever its size: letter suffixes and the dialogs of the two turns without alignment.
_ALWAYS = {
    (3, "improvised", "F"): ("impro07",),
    (3, "improvised", "M"): ("impro03", "impro05a", "impro05b"),
    (5, "scripted", "M"): ("script01_1b",),
}


class Dialog(NamedTuple):
    """One recorded dialog: session, wearer of the markers (F or M), scene (such as `impro05a`)."""

    session: int
    wearer: str
    scene: str

    @property
    def name(self) -> str:
        """Name on disk, such as `Ses03M_impro05a`."""
        return f"Ses{self.session:02d}{self.wearer}_{self.scene}"

    @property
    def style(self) -> str:
        """`improvised` or `scripted`."""
        return "improvised" if self.scene.startswith("impro") else "scripted"

    @property
    def script(self) -> str:
        """The scene without its letter suffix: takes of one scene share it."""
        return self.scene.rstrip("ab")


def all_dialogs() -> list[Dialog]:
    """Return every dialog of the corpus, sorted by name."""
    return sorted(Dialog(session, wearer, scene) for session in SESSIONS for wearer in SEXES
                  for scene in _scenes(session, wearer))  # fmt: skip


def _scenes(session: int, wearer: str) -> Iterator[str]:
    for number in range(1, 8 if session == 1 else 9):
        letters = ("a", "b") if (session, wearer) == (3, "M") and number in (5, 8) else ("",)
        yield from (f"impro{number:02d}{letter}" for letter in letters)
    yield from _SCRIPTS
    if (session, wearer) == (5, "M"):
        yield "script01_1b"


def choose_dialogs(cells: dict[Cell, int]) -> list[Dialog]:
    """Choose the dialogs of a release with these turns, sorted by name: about one for each twelve turns.

    Every session has both styles with both wearers, and no style more dialogs than a speaker has turns in it.
    """
    groups = {(session, style, wearer): _by_preference(session, style, wearer)
              for style in STYLES for wearer in SEXES for session in SESSIONS}  # fmt: skip
    chosen = {key: ranked[: max(1, len(_ALWAYS.get(key, ())))] for key, ranked in groups.items()}
    wanted = sum(cells.values()) // TURNS_PER_DIALOG
    grew = True
    while grew:
        grew = False
        for key, ranked in groups.items():
            if sum(map(len, chosen.values())) < wanted and _has_room(cells, chosen, key, ranked):
                chosen[key] = ranked[: len(chosen[key]) + 1]
                grew = True
    return sorted(dialog for group in chosen.values() for dialog in group)


def _has_room(cells: dict[Cell, int], chosen: dict[tuple, list[Dialog]], key: tuple, ranked: list[Dialog]) -> bool:
    session, style, _ = key
    dialogs = sum(len(chosen[session, style, wearer]) for wearer in SEXES)
    fewest = min(speaker_turns(cells, session, style, sex) for sex in SEXES)
    return len(chosen[key]) < len(ranked) and dialogs + 1 < fewest


def _by_preference(session: int, style: str, wearer: str) -> list[Dialog]:
    """Rank a group's dialogs: those of every stand-in first; groups differ in where the scenes start."""
    group = [d for d in all_dialogs() if (d.session, d.style, d.wearer) == (session, style, wearer)]
    shift = (2 * session + (wearer == "M")) % len(group) if style == "improvised" else 0
    group = group[shift:] + group[:shift]
    always = _ALWAYS.get((session, style, wearer), ())
    return sorted(group, key=lambda d: always.index(d.scene) if d.scene in always else len(always))
