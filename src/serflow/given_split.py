"""Folds that a corpus gives itself: what its table says of who trains, validates and tests, fold by fold."""

import hashlib
import re

import numpy as np
import pandas as pd

from serflow.errors import MAKE, UserError

__all__ = ["PARTS", "UNKNOWN", "UNUSED", "given_parts"]

PARTS = ("train", "validation", "test")
UNUSED = "unused"  # an utterance that a fold leaves out
UNKNOWN = "unknown"  # a value of the table that the corpus's YAML gives no meaning
SHARE = 0.1  # of the training utterances, that drawn speakers validate


def given_parts(view: pd.DataFrame, validation: str) -> list[np.ndarray]:
    """The part of each utterance of a view, train, validation, test or unused, as str (U,), fold by fold.

    Parameters
    ----------
    view : `fold` and `part` as in `serflow.corpora.manifest`, and utterance, class, speaker. Of a part alone there is
        one fold; of a fold alone, that fold tests the utterance; of both, fold by fold the part.
    validation : where the validation part is from. `given`: the table. `next_fold`: what the next fold tests, wrapping.
        `speakers`: speakers of the training part, whole, until they have a tenth of its utterances; in the order of
        SHA-256 of their names, and none of them without whom a class would not train.

    Raises
    ------
    UserError
        If the corpus gives no folds, an utterance has no part in one of them, or no speaker can be spared.
    """
    if not {"fold", "part"} <= set(view.columns):
        raise UserError(
            "split 'given': the manifest has no columns `fold` and `part`; say in `division` of the corpus's YAML "
            f"which columns of its table are read, and {MAKE}"
        )
    folds, parts = ([text.split() for text in view[name]] for name in ("fold", "part"))
    names = sorted({name for of_one in folds for name in of_one}, key=_natural)
    if not names:
        found = [view["part"].to_numpy(object)]
    elif not any(parts):
        found = [np.array([_tests(name, of_one) for of_one in folds], object) for name in names]
    else:
        known = [dict(zip(*both, strict=True)) for both in zip(folds, parts, strict=True)]
        found = [np.array([one.get(name, UNKNOWN) for one in known], object) for name in names]
    for number, fold in enumerate(found, start=1):
        _require_parts(fold, view, number)
    if validation == "next_fold":
        tested = [fold == "test" for fold in found]
        for fold, following in zip(found, [*tested[1:], tested[0]], strict=True):
            fold[following] = "validation"
    elif validation == "speakers":
        for number, fold in enumerate(found, start=1):
            fold[_spared(fold, view, number)] = "validation"
    return found


def _natural(name: str) -> list[tuple[int, int, str]]:
    """Fold 10 comes after fold 9."""
    return [(1, int(text), "") if text.isdecimal() else (0, 0, text) for text in re.split(r"(\d+)", name)]


def _tests(name: str, folds: list[str]) -> str:
    if not folds:
        return UNKNOWN
    return "test" if name in folds else "train"


def _require_parts(fold: np.ndarray, view: pd.DataFrame, number: int) -> None:
    none = ~np.isin(fold, [*PARTS, UNUSED])
    if none.any():
        raise UserError(
            f"split 'given', fold {number}: {none.sum():,} of {len(fold):,} utterances have no part in the corpus's "
            f"table, {view['utterance'][none].min()} among them; expected train, validation, test or unused of each: "
            "correct the table, or `division` in the corpus's YAML"
        )


def _spared(fold: np.ndarray, view: pd.DataFrame, number: int) -> np.ndarray:
    """Which utterances of the training part validate, bool (U,)."""
    speakers, classes = view["speaker"].to_numpy(object), view["class"].to_numpy(object)
    training = fold == "train"
    needed = set(classes[training])
    chosen, wanted = np.zeros(len(fold), bool), SHARE * training.sum()
    for speaker in sorted(set(speakers[training]), key=lambda name: hashlib.sha256(name.encode()).digest()):
        more = chosen | (training & (speakers == speaker))
        if set(classes[training & ~more]) == needed:
            chosen = more
        if chosen.sum() >= wanted:
            break
    if not chosen.any():
        raise UserError(
            f"split 'given', fold {number}: no training speaker can be spared for validation, as none trains without "
            "whom every class still has utterances; mark a validation part in the table, and set `division.validation: "
            "given` in the corpus's YAML"
        )
    return chosen
