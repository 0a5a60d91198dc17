"""Fold tables: which utterance trains, validates and tests in which fold."""

import difflib
import hashlib
import itertools
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from serflow.errors import UserError
from serflow.given_split import PARTS, UNUSED, given_parts
from serflow.parquet import check_beside, fold_digest, readable
from serflow.speaker_groups import sessions_of_two, speaker_groups
from serflow.split_kinds import VALIDATES, fold_name, session_of

MATES = ("validates", "trains")
UNPAIRED = ("random", "marker", "given")  # kinds that no pairs of groups of speakers stand in for
COLUMNS = ["utterance", "class", "speaker", "session", "duration", "fold", "part"]  # and, of some, VALIDATES

Split = Mapping[str, Any]


def make_split(view: pd.DataFrame, split: Split, judged: Mapping[str, Split] | None = None) -> pd.DataFrame:
    """Fold table of a view.

    Parameters
    ----------
    view : one row an utterance: utterance, class, speaker, wearer, session, duration; `sex` and `group` where known.
    split : `kind`, `folds` (how many must come out) and the kind's parameters. `random` (validation, seed):
        part i tests in fold i, part i + 1 (wrapping) validates if asked. `speaker` (mate): one fold a speaker,
        who tests; the session's other speaker validates, or trains, and then one of the next session (wrapping)
        validates. `marker` (mate): the same by marker wearer. `session`: one fold a session, which tests.
        `session_parts`: one fold a session, one of its speakers tests, the other validates. `session_parts_random`
        (seed): one fold a session, whose halves are drawn. Where sessions are not of two speakers each, as many as
        `folds` wants, pairs of groups of speakers (`paired`) stand for all but `marker` in place of sessions of two.
        `given` (validation): as `serflow.given_split` reads the corpus's own folds.
    judged : of a split of kind `session`, the splits whose folds its networks judge, by name.

    Returns
    -------
    DataFrame with `COLUMNS`, each utterance once a fold (of `given`, unless it is unused there), folds from 1, sorted
    by fold and utterance. With `judged` also `VALIDATES`: the folds ("speaker/fold2 session_parts/fold1") of those
    splits that the utterance, left out, validates. `speaker` is who speaks; `session` is the pair of groups, where
    there are such.
    """
    kind = split_kind(split)
    view = paired(view.sort_values("utterance", ignore_index=True), split)
    base = view[["utterance", "class", "speaker", "session", "duration"]]
    folds = [
        base.assign(fold=np.int16(number), part=pd.Series(np.asarray((*PARTS, UNUSED))[parts], dtype="str"))
        for number, parts in enumerate(_BUILDERS[kind](view, split), start=1)
    ]
    if len(folds) != split["folds"]:
        advice = (
            "set `division.folds` in the corpus's YAML, or look for a fold that has no utterance of this view"
            if kind == "given"
            else "set `folds` in workflow/protocols.yaml, or look for a speaker or session that is missing"
        )
        raise UserError(f"split {kind!r}: this view makes {len(folds)} folds, expected {split['folds']}; {advice}")
    table = pd.concat(folds, ignore_index=True)[COLUMNS]
    if kind == "given":
        table = table[table["part"] != UNUSED].reset_index(drop=True)
    return table if judged is None else table.assign(**{VALIDATES: _validated_folds(view, table, judged)})


def _validated_folds(view: pd.DataFrame, table: pd.DataFrame, judged: Mapping[str, Split]) -> pd.Series:
    """Of each row of a table of left-out sessions, the folds of the judged splits that it validates, in one text."""
    names: dict[tuple[int, str], list[str]] = {}
    for name, split in sorted(judged.items()):
        try:
            folds = make_split(view, split)
        except UserError:  # said where somebody asks for this split
            continue
        for fold, utterance in folds.loc[folds["part"] == "validation", ["fold", "utterance"]].itertuples(index=False):
            names.setdefault((session_of(split, fold), utterance), []).append(fold_name(name, fold))
    return pd.Series([" ".join(names.get(key, ())) for key in zip(table["fold"], table["utterance"], strict=True)])


def paired(view: pd.DataFrame, split: Split) -> pd.DataFrame:
    """The view with a column `person`, who tests alone: the speaker.

    Where a split by speaker or session finds no sessions of two, as many as its folds want, `session` is the pair and
    `person` the group of `serflow.speaker_groups`.
    """
    if split["kind"] in UNPAIRED:
        return view.assign(person=view["wearer"] if split["kind"] == "marker" else view["speaker"])
    groups = groups_of(view, split)
    if groups is None:
        return view.assign(person=view["speaker"])
    groups = groups.set_index("speaker")
    names = {"session": "pair", "person": "group"}
    return view.assign(**{column: view["speaker"].map(groups[name]) for column, name in names.items()})


def groups_of(view: pd.DataFrame, split: Split) -> pd.DataFrame | None:
    """The pairs of groups of speakers that a split makes, as `speaker_groups` gives them; None where it makes none."""
    if split["kind"] in UNPAIRED:
        return None
    pairs = split["folds"] // (2 if split["kind"] == "speaker" else 1)
    if sessions_of_two(view, pairs):
        return None
    return speaker_groups(view, pairs)


def split_kind(split: Split) -> str:
    """Kind of a split, after checking that the mapping holds exactly the kind's parameters."""
    kind = split.get("kind")
    if kind not in _PARAMETERS:
        near = difflib.get_close_matches(str(kind), _PARAMETERS, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"expected one of {', '.join(_PARAMETERS)}"
        raise UserError(f"split kind {kind!r}: unknown; {hint}")
    if set(split) - {"kind", "networks"} != _PARAMETERS[kind]:
        expected = ", ".join(sorted(_PARAMETERS[kind])) or "none"
        given = ", ".join(sorted(set(split) - {"kind", "networks"})) or "none"
        raise UserError(f"split {kind!r}: parameters {given}, expected {expected}; correct the protocols file")
    return kind


def people_by_session(view: pd.DataFrame, kind: str) -> dict[str, tuple[str, str]]:
    """Session -> the two of it who test alone (`person` of a `paired` view), sorted; a `UserError` unless it has two.

    Of a split by wearer alone it may have more, or fewer.
    """
    pairs = {}
    for session, people in view.groupby("session")["person"].unique().sort_index().items():
        if len(people) != 2:
            raise UserError(
                f"split {kind!r}: session {session!r} has {len(people)} wearer(s) in this view "
                f"({', '.join(sorted(people))}), expected 2; choose another split, or mend the manifest"
            )
        pairs[session] = tuple(sorted(people))
    sessions = view.groupby("person")["session"].nunique()
    for person in sessions.index[sessions > 1]:
        raise UserError(
            f"split {kind!r}: wearer {person!r} is in {sessions[person]} sessions, expected 1; "
            "choose another split, or mend the manifest"
        )
    return pairs


def sessions_left_out(table: pd.DataFrame) -> dict[str, str | None]:
    """Per fold, the session that alone is validated and tested, and does not train; None where there is no such one."""
    left_out: dict[str, str | None] = {}
    for fold, rows in table.groupby("fold"):
        training = rows["part"] == "train"
        scored = set(rows.loc[~training, "session"])
        alone = len(scored) == 1 and not scored & set(rows.loc[training, "session"])
        left_out[str(fold)] = scored.pop() if alone else None
    return left_out


def shared_speakers(table: pd.DataFrame) -> dict[str, int]:
    """Per fold, how many true speakers of the test part also train or validate (0 if kept apart)."""
    shared = {}
    for fold, rows in table.groupby("fold"):
        tested = rows["part"] == "test"
        shared[str(fold)] = len(set(rows.loc[tested, "speaker"]) & set(rows.loc[~tested, "speaker"]))
    return shared


def split_digest(table: pd.DataFrame) -> str:
    """SHA-256 of the table's content, whatever the order of its rows."""
    return fold_digest({column: table[column].tolist() for column in (*COLUMNS, VALIDATES) if column in table})


def read_folds(path: Path) -> pd.DataFrame:
    """A fold table, held against the fingerprint beside it; raises as `serflow.parquet.check_beside`."""
    with readable(path):
        table = pd.read_parquet(path)
    check_beside(path, split_digest(table))
    return table


def fingerprint(table: pd.DataFrame, name: str, split: Split, groups: pd.DataFrame | None = None) -> dict[str, Any]:
    """Describe a fold table: digest, split, utterances by fold, part and class, shared speakers, sessions left out.

    `groups`: of pairs of groups of speakers (`groups_of`), the speakers of each group; without, there is no such key.
    """
    counts = table.groupby(["fold", "part", "class"]).size()
    folds: dict[str, dict[str, dict[str, int]]] = {}
    for fold in sorted(table["fold"].unique()):
        folds[str(fold)] = {part: {} for part in PARTS}
    for (fold, part, label), n in counts.items():
        folds[str(fold)][part][label] = int(n)
    return {
        "digest": split_digest(table),
        "split": {"name": name, **split},
        "folds": folds,
        "speakers_shared": shared_speakers(table),
        "sessions_left_out": sessions_left_out(table),
    } | ({} if groups is None else {"groups": groups.groupby("group")["speaker"].agg(list).to_dict()})


def _shuffled_rank(view: pd.DataFrame, seed: int) -> np.ndarray:
    """Rank of each utterance in an order drawn by `seed`; utterances of one `group` have the rank of their first.

    The order is that of SHA-256(seed, utterance or group), not of a random generator: it needs no library to stay as
    it is, does not depend on the order of rows, and, cut into consecutive parts, one utterance more or less
    moves at most one utterance across each border.
    """
    grouped = view["group"].where(view["group"] != "", view["utterance"]) if "group" in view else view["utterance"]
    keys = [hashlib.sha256(f"{seed}:{name}".encode()).digest() for name in grouped]
    if "group" in view:  # an utterance that is called as a group is not of it
        keys = [key + group.encode() for key, group in zip(keys, view["group"], strict=True)]
    order = sorted(range(len(keys)), key=keys.__getitem__)
    rank = np.empty(len(keys), np.int64)
    rank[order] = np.arange(len(keys))
    first: dict[bytes, int] = {}
    if len(set(keys)) < len(keys):
        rank = np.array([first.setdefault(keys[row], place) for place, row in enumerate(order)])[rank]
    return rank


def _random(view: pd.DataFrame, split: Split) -> Iterator[np.ndarray]:
    folds, least = split["folds"], 3 if split["validation"] else 2
    if not least <= folds <= len(view):
        expected = f"{least} to {len(view)}, the utterances of the view"
        raise UserError(f"split 'random', folds {folds}: expected {expected}; correct `folds`")
    part = _shuffled_rank(view, split["seed"]) * folds // len(view)
    for fold in range(folds):
        validation = (part == (fold + 1) % folds) & split["validation"]
        yield _codes(validation, part == fold)


def _person(view: pd.DataFrame, split: Split) -> Iterator[np.ndarray]:
    if split["mate"] not in MATES:
        raise UserError(
            f"split {split['kind']!r}, mate {split['mate']!r}: expected {' or '.join(MATES)}; correct `mate`"
        )
    pairs = people_by_session(view, split["kind"])
    sessions = list(pairs)
    for number, place in itertools.product(range(len(sessions)), (0, 1)):
        person = pairs[sessions[number]][place]
        if split["mate"] == "trains":
            # the one of the same place in the pair: IEMOCAP's pairs sort by sex
            validating = pairs[sessions[(number + 1) % len(sessions)]][place]
        else:
            validating = pairs[sessions[number]][1 - place]
        yield _codes(view["person"] == validating, view["person"] == person)


def _session(view: pd.DataFrame, split: Split) -> Iterator[np.ndarray]:
    for session in sorted(view["session"].unique()):
        yield _codes(np.zeros(len(view), bool), view["session"] == session)


def _session_parts(view: pd.DataFrame, split: Split) -> Iterator[np.ndarray]:
    for number, (session, pair) in enumerate(people_by_session(view, split["kind"]).items()):
        # The test side alternates: IEMOCAP's speakers sort by sex, and testing one sex only is another task.
        tested = view["person"] == pair[number % 2]
        yield _codes((view["session"] == session) & ~tested, tested)


def _session_halves(view: pd.DataFrame, split: Split) -> Iterator[np.ndarray]:
    for session in sorted(view["session"].unique()):
        inside = (view["session"] == session).to_numpy()
        rank = _shuffled_rank(view[inside], split["seed"])
        tested = np.zeros(len(view), bool)
        tested[inside] = rank >= len(rank) // 2
        yield _codes(inside & ~tested, tested)


def _given(view: pd.DataFrame, split: Split) -> Iterator[np.ndarray]:
    for parts in given_parts(view, split["validation"]):
        yield pd.Index([*PARTS, UNUSED]).get_indexer(parts)


def _codes(validation: Any, test: Any) -> np.ndarray:
    """Position in `PARTS` of each utterance."""
    return np.asarray(validation, np.int8) + 2 * np.asarray(test, np.int8)


_PARAMETERS: dict[str, set[str]] = {
    "random": {"folds", "validation", "seed"},
    "speaker": {"folds", "mate"},
    "marker": {"folds", "mate"},
    "session": {"folds"},
    "session_parts": {"folds"},
    "session_parts_random": {"folds", "seed"},
    "given": {"folds", "validation"},
}
_BUILDERS: dict[str, Callable[[pd.DataFrame, Split], Iterator[np.ndarray]]] = {
    "random": _random,
    "speaker": _person,
    "marker": _person,
    "session": _session,
    "session_parts": _session_parts,
    "session_parts_random": _session_halves,
    "given": _given,
}
