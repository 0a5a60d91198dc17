"""What a fold table promises, checked against the view that it was made from."""

import pandas as pd

from serflow.errors import MAKE, UserError
from serflow.given_split import UNUSED, given_parts
from serflow.split_kinds import session_of
from serflow.splits import Split, paired, people_by_session, sessions_left_out, split_kind

# kind -> (column whose values stay on one side, groups of parts that are the sides)
_APART = {
    "speaker": ("speaker", {"train": 0, "validation": 1, "test": 2}),
    "marker": ("wearer", {"train": 0, "validation": 1, "test": 2}),
    "session": ("session", {"train": 0, "test": 1}),
    "session_parts": ("speaker", {"train": 0, "validation": 1, "test": 2}),
    "session_parts_random": ("speaker", {"train": 0, "validation": 1, "test": 1}),
}
_HELD_OUT = {"session_parts": ("validation", "test"), "session_parts_random": ("validation", "test")}


def check_split(table: pd.DataFrame, view: pd.DataFrame, split: Split) -> None:
    """Raise a `UserError` naming fold and utterance, speaker or class where `table` breaks a promise.

    All kinds: each utterance of the view once a fold, no empty part, every class in training, each utterance
    tested once over the folds (`session_parts*`: tested or validated once). `speaker`, `session_parts`: no
    speaker on two sides; `session_parts_random`: none both in training and outside; `marker`: as `speaker`,
    but for wearers; `session`: no session on two sides. Folds that the networks of a split by session judge each leave
    out the session that those did. Where the view has a column `group`, no value of it is in two parts. `given`: each
    utterance has in each fold the part that the corpus says, and is tested in one fold at most.
    """
    kind = split_kind(split)
    view = paired(view, split)
    if kind in ("speaker", "marker", "session_parts"):
        people_by_session(view, kind)
    validates = kind != "session" and (kind != "random" or split["validation"])
    parts = ["train", "test"] + (["validation"] if validates else [])
    said = given_parts(view, split["validation"]) if kind == "given" else None
    for fold, rows in table.groupby("fold"):
        where = f"split {kind!r}, fold {fold}"
        if said is None:
            _check_utterances(rows, view, where)
        else:
            part = pd.Series(said[fold - 1], view["utterance"])
            _check_utterances(rows, view[(part != UNUSED).to_numpy()], where)
            _check_said(rows, part, where)
        _check_parts(rows, parts, where)
        if kind in _APART:
            _check_apart(rows, view, kind, where)
        if "group" in view:
            _check_groups(rows, view, where)
        _check_classes(rows, sorted(view["class"].unique()), where)
    _check_coverage(table, view, kind)
    if "networks" in split:
        _check_networks(table, view, split)


def _check_utterances(rows: pd.DataFrame, view: pd.DataFrame, where: str) -> None:
    twice = rows.loc[rows["utterance"].duplicated(), "utterance"]
    if len(twice):
        sides = ", ".join(rows.loc[rows["utterance"] == twice.iloc[0], "part"])
        raise UserError(f"{where}: utterance {twice.iloc[0]} is there {sides}, expected once; {_REMAKE}")
    known = view.set_index("utterance")[["class", "speaker"]]
    for wrong, what in (
        (known.index.difference(rows["utterance"]), "is missing from the fold"),
        (pd.Index(rows["utterance"]).difference(known.index), "is not in the view"),
    ):
        if len(wrong):
            raise UserError(f"{where}: utterance {wrong[0]} {what}; {_REMAKE}")
    given = rows.set_index("utterance")[["class", "speaker"]].loc[known.index]
    differs = (given != known).any(axis=1)
    if differs.any():
        name = differs.idxmax()
        raise UserError(f"{where}: utterance {name} has another class or speaker than the view; {_REMAKE}")


def _check_said(rows: pd.DataFrame, said: pd.Series, where: str) -> None:
    differs = rows["part"].to_numpy() != said.loc[rows["utterance"]].to_numpy()
    if differs.any():
        row = rows[differs].iloc[0]
        expected = said[row["utterance"]]
        raise UserError(f"{where}: utterance {row['utterance']} is in {row['part']}, expected {expected}; {_REMAKE}")


def _check_parts(rows: pd.DataFrame, parts: list[str], where: str) -> None:
    there = set(rows["part"])
    if there != set(parts):
        raise UserError(
            f"{where}: parts {', '.join(sorted(there))}, expected {', '.join(sorted(parts))}, "
            "none of them empty; use fewer folds or a larger view"
        )


def _check_apart(rows: pd.DataFrame, view: pd.DataFrame, kind: str, where: str) -> None:
    column, sides = _APART[kind]
    person = rows["utterance"].map(view.set_index("utterance")[column])
    crossing = rows["part"].map(sides).groupby(person).nunique()
    if (crossing > 1).any():
        name = crossing.index[crossing > 1][0]
        found = ", ".join(sorted(rows.loc[person == name, "part"].unique()))
        raise UserError(f"{where}: {column} {name} is on several sides ({found}), expected one; {_REMAKE}")


def _check_groups(rows: pd.DataFrame, view: pd.DataFrame, where: str) -> None:
    groups = view.loc[view["group"] != ""].set_index("utterance")["group"]
    parts = rows.set_index("utterance")["part"].reindex(groups.index)
    parted = parts.groupby(groups).nunique()
    if (parted > 1).any():
        name = parted.index[parted > 1][0]
        found = ", ".join(sorted(parts[groups == name].unique()))
        raise UserError(
            f"{where}: group {name!r} is in several parts ({found}), expected one, since no split may part a `group`; "
            "choose another split, or correct the column `group`"
        )


def _check_classes(rows: pd.DataFrame, classes: list[str], where: str) -> None:
    trained = set(rows.loc[rows["part"] == "train", "class"])
    absent = [name for name in classes if name not in trained]
    if absent:
        raise UserError(
            f"{where}: no training utterance of class {', '.join(absent)}, expected at least one of each of "
            f"{', '.join(classes)}; use another split, or leave the class out of the experiment"
        )


def _check_coverage(table: pd.DataFrame, view: pd.DataFrame, kind: str) -> None:
    counted = _HELD_OUT.get(kind, ("test",))
    times = table.loc[table["part"].isin(counted), "utterance"].value_counts()
    times = times.reindex(sorted(view["utterance"]), fill_value=0)
    wrong = times > 1 if kind == "given" else times != 1
    if wrong.any():
        utterance = times.index[wrong][0]
        folds = table.loc[(table["utterance"] == utterance) & table["part"].isin(counted), "fold"]
        raise UserError(
            f"split {kind!r}: utterance {utterance} is in the {' or '.join(counted)} part of "
            f"{times[utterance]} folds ({', '.join(map(str, folds)) or 'none'}), expected 1; "
            + (
                "give each utterance to the test part of one fold, since folds are pooled"
                if kind == "given"
                else _REMAKE
            )
        )


def _check_networks(table: pd.DataFrame, view: pd.DataFrame, split: Split) -> None:
    sessions = sorted(view["session"].unique())
    for fold, left_out in sessions_left_out(table).items():
        expected = sessions[session_of(split, int(fold)) - 1]
        if left_out != expected:
            raise UserError(
                f"split {split['kind']!r}, fold {fold}: leaves out session {left_out}, expected {expected}, which the "
                f"networks of {split['networks']!r} were not trained on; take the key `networks` out of this split"
            )


_REMAKE = f"delete the fold table and {MAKE}"
