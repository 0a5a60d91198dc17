"""A user's file of predictions, held against the fold table that it must cover."""

import difflib
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from serflow.errors import UserError

__all__ = ["KEYS", "PROBABILITY", "read_predictions_file"]

KEYS = ["utterance", "fold", "seed"]
PROBABILITY = "p_"
CLASS = "class"
SUM = 0.01  # that probabilities may be off 1: they may have been rounded to three decimals
SEARCHED = 5_000  # utterances among which the nearest to a misspelt one is looked for, in about a second
WHOLE = re.compile(r"[0-9]{1,9}(\.0+)?")  # pandas writes a column of whole numbers with a gap as 1.0


def read_predictions_file(
    path: Path, folds: pd.DataFrame, *, classes: Sequence[str], needed: Sequence[int]
) -> pd.DataFrame:
    """Read another system's predictions, and hold them against a fold table.

    Parameters
    ----------
    path : a CSV with `KEYS` and either `p_<class>` of every class or `class`; other columns are a mistake.
    folds : the fold table: utterance, fold, part.
    classes : of the experiment, in its order.
    needed : the folds that must be there. Of each fold that is there, every seed covers the whole test part.

    Returns
    -------
    DataFrame
        utterance, fold (int16), seed (int32), then `p_<class>` (float32) in the order of `classes`, or `class`; sorted
        by fold, seed and utterance.

    Raises
    ------
    UserError
        For whatever is missing, doubled, unknown or out of range.
    """
    table = _read(path)
    predicted = _columns(path, list(table), list(classes))
    table = table.assign(fold=_whole(path, table, "fold"), seed=_whole(path, table, "seed"))
    _check_rows(path, table, folds)
    _check_cover(path, table, folds, needed)
    if predicted == [CLASS]:
        _check_class(path, table, classes)
    else:
        table = table.assign(**_probabilities(path, table, predicted))
    table = table.sort_values(["fold", "seed", "utterance"], ignore_index=True)[[*KEYS, *predicted]]
    return table.astype({"fold": "int16", "seed": "int32"})


def _read(path: Path) -> pd.DataFrame:
    """Every cell as text: an id may begin with a zero, and be called NA."""
    try:
        table = pd.read_csv(
            path, dtype=str, keep_default_na=False, encoding="utf-8-sig", skipinitialspace=True, index_col=False
        )
    except FileNotFoundError:
        raise UserError(f"{path}: no such file; name the CSV with the predictions") from None
    except (OSError, ValueError) as error:  # pandas' errors of parsing are of the latter kind
        reason = str(error).strip().splitlines()[0]
        raise UserError(f"{path}: cannot be read as a CSV ({reason}); expected a comma between columns") from None
    table.columns = [str(name).strip() for name in table.columns]
    if not len(table):
        raise UserError(f"{path}: has no row below its head; expected one for each test utterance of each fold")
    return table


def _columns(path: Path, found: list[str], classes: list[str]) -> list[str]:
    """The columns that predict; all others of the file are known."""
    wanted = [f"{PROBABILITY}{name}" for name in classes]
    either = f"either {', '.join(wanted)} or {CLASS}"
    if missing := [name for name in KEYS if name not in found]:
        there = ", ".join(found[:8])
        raise UserError(f"{path}: no column {missing[0]} (there are: {there}); expected {', '.join(KEYS)} and {either}")
    others = [name for name in found if name not in KEYS]
    probabilities = [name for name in others if name.startswith(PROBABILITY)]
    if CLASS in others and probabilities:
        raise UserError(f"{path}: has the columns {CLASS} and {probabilities[0]}; expected {either}, not both")
    known = [CLASS] if CLASS in others else wanted
    if unknown := [name for name in others if name not in known]:
        near = difflib.get_close_matches(unknown[0], known, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"expected {', '.join(KEYS)} and {either}"
        what = "names a class that the experiment has not" if unknown[0] in probabilities else "is unknown"
        raise UserError(f"{path}: column {unknown[0]!r} {what}; {hint}")
    if missing := [name for name in known if name not in others]:
        raise UserError(f"{path}: no column {missing[0]}; expected {', '.join(KEYS)} and {either}")
    return known


def _whole(path: Path, table: pd.DataFrame, column: str) -> pd.Series:
    text = table[column].str.strip()
    wrong = ~text.str.fullmatch(WHOLE)
    if wrong.any():
        raise UserError(f"{_line(path, wrong)}: {column} is {text[wrong].iloc[0]!r}; expected a whole number")
    return text.str.partition(".")[0].astype("int64")


def _check_rows(path: Path, table: pd.DataFrame, folds: pd.DataFrame) -> None:
    """Each row is of a test utterance of its fold, and there once."""
    known = set(folds["utterance"])
    unknown = ~table["utterance"].isin(known)
    if unknown.any():
        name = table.loc[unknown, "utterance"].iloc[0]
        near = difflib.get_close_matches(name, sorted(known)[:SEARCHED], n=1)
        hint = f"did you mean {near[0]!r}?" if near else "expected those of the exported fold table"
        raise UserError(f"{_line(path, unknown)}: utterance {name!r} is not in the fold table; {hint}")
    numbers = sorted(set(folds["fold"]))
    if (wrong := ~table["fold"].isin(numbers)).any():
        number = table.loc[wrong, "fold"].iloc[0]
        raise UserError(f"{_line(path, wrong)}: there is no fold {number}; expected {numbers[0]} to {numbers[-1]}")
    parts = table[["utterance", "fold"]].merge(folds[["utterance", "fold", "part"]], how="left")["part"]
    if (wrong := parts.to_numpy() != "test").any():
        row = table[wrong].iloc[0]
        part = {"train": "trains"}.get(parts[wrong].iloc[0], "validates")
        raise UserError(
            f"{_line(path, wrong)}: utterance {row['utterance']} {part} in fold {row['fold']}; expected rows of the "
            "test part alone"
        )
    if (double := table.duplicated(KEYS)).any():
        row = table[double].iloc[0]
        where = f"fold {row['fold']}, seed {row['seed']}"
        raise UserError(f"{_line(path, double)}: utterance {row['utterance']} stands twice in {where}; keep one row")


def _check_cover(path: Path, table: pd.DataFrame, folds: pd.DataFrame, needed: Sequence[int]) -> None:
    """Every seed covers the same folds, all that are needed among them, each as a whole."""
    seeds, there = sorted(set(table["seed"])), sorted({*table["fold"], *needed})
    tested = folds[folds["part"] == "test"].groupby("fold")["utterance"].agg(set)
    given = table.groupby(["fold", "seed"])["utterance"].agg(set)
    for fold in there:
        for seed in seeds:
            missing = tested[fold] - given.get((fold, seed), set())
            if missing:
                number = "all" if missing == tested[fold] else str(len(missing))
                raise UserError(
                    f"{path}: fold {fold}, seed {seed}: {number} of its {len(tested[fold])} test utterances have no "
                    f"prediction, {min(missing)} among them; expected one for each"
                )


def _check_class(path: Path, table: pd.DataFrame, classes: Sequence[str]) -> None:
    if (wrong := ~table[CLASS].isin(classes)).any():
        name, expected = table.loc[wrong, CLASS].iloc[0], ", ".join(classes)
        raise UserError(f"{_line(path, wrong)}: the experiment has no class {name!r}; expected one of {expected}")


def _probabilities(path: Path, table: pd.DataFrame, columns: list[str]) -> dict[str, np.ndarray]:
    """float32, as ours are stored; taken as they are, and not made to sum to 1."""
    values = table[columns].apply(pd.to_numeric, errors="coerce").to_numpy(np.float64)
    wrong = ~((values >= 0) & (values <= 1))  # what is no number, too
    if wrong.any():
        row = wrong.any(axis=1)
        column = columns[int(np.flatnonzero(wrong[row][0])[0])]
        text = table.loc[row, column].iloc[0]
        raise UserError(f"{_line(path, row)}: {column} is {text!r}; expected a probability, from 0 to 1")
    sums = values.sum(axis=1)
    if (wrong := np.abs(sums - 1) > SUM).any():
        found = f"{sums[wrong][0]:.4g}"
        raise UserError(f"{_line(path, wrong)}: the probabilities sum to {found}; expected 1, to {SUM:g}")
    return dict(zip(columns, values.T.astype(np.float32), strict=True))


def _line(path: Path, wrong: pd.Series | np.ndarray) -> str:
    """The file and its first line that is wrong, the head being the first; blank lines are not counted."""
    return f"{path}, line {int(np.flatnonzero(wrong)[0]) + 2}"
