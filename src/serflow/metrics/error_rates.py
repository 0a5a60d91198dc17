"""How well speech recognisers write what was said: error rates over folds, and epoch by epoch.

Equation 13 of Zhao et al. (2021) for words, and the same for phones. An utterance adds its errors and the length of
its reference, so that every word counts alike; each rate is a family of its own, since each is tested by itself.
"""

from collections.abc import Iterable, Sequence
from functools import partial

import numpy as np
import pandas as pd

from serflow.asr.error_counts import count_errors
from serflow.asr.hypotheses import Hypotheses
from serflow.metrics.family import Family, ratio
from serflow.metrics.names import IMPROVISED, UNSEEN
from serflow.metrics.scored_run import ScoredRun
from serflow.metrics.scoring import PAIRS, SCORES, Scores

__all__ = ["CURVES", "curves_table", "pairs_table", "scores_table"]

CURVES = [
    "teacher", "fold", "seed", "epoch", "part", "lines", "unit",
    "substitutions", "deletions", "insertions", "reference",
]  # fmt: skip
LINES = {"all": "", "unseen": UNSEEN, "improvised": IMPROVISED}  # which lines, and how the metric's name ends
TOKENS = {"phone": "per", "word": "wer"}


def _parts(place: int, lengths: np.ndarray, errors: np.ndarray) -> np.ndarray:
    """Errors and length of the reference (..., U, 2), of lengths (U, 2) and errors (..., U, 2) in phones and words."""
    return np.stack(np.broadcast_arrays(errors[..., place], lengths[:, place]), -1).astype(np.float64)


def _values(sums: np.ndarray) -> np.ndarray:
    """Rates (..., 1) of errors and lengths (..., 2); of no word there is none."""
    return ratio(sums[..., :1], sums[..., 1:])


FAMILIES = tuple(Family((name,), partial(_parts, place), _values) for place, name in enumerate(TOKENS.values()))


def curves_table(runs: Iterable[Hypotheses]) -> pd.DataFrame:
    """curves.csv: errors by epoch, lines and unit, of each run."""
    rows = []
    for run in runs:
        for lines in LINES:
            chosen = run.lines(lines)
            for unit in TOKENS:
                references = [run.reference[unit][place] for place in chosen]
                for epoch, greedy in enumerate(run.greedy[unit], start=1):
                    errors = count_errors(references, [greedy[place] for place in chosen])
                    rows.append([run.teacher, run.fold, run.seed, epoch, "test", lines, unit, *vars(errors).values()])
    return pd.DataFrame(rows, columns=CURVES)


def scores_table(runs: Sequence[Hypotheses], *, permutations: int) -> pd.DataFrame:
    """scores.csv of teachers, in the columns of the systems' own: rates as shares; `select` is "last".

    Without an unseen line there is no `per_unseen` and no `wer_unseen`; so with improvised ones.
    """
    found = []
    for teacher in dict.fromkeys(run.teacher for run in runs):
        for lines, scores in _scores([run for run in runs if run.teacher == teacher], permutations):
            table = scores.scores_table().dropna(subset="pooled")
            found.append(table.assign(metric=table["metric"] + LINES[lines]))
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=SCORES)


def pairs_table(runs: Sequence[Hypotheses], pairs: Iterable[Sequence[str]], *, permutations: int) -> pd.DataFrame:
    """pairs.csv of teachers, in the columns of the systems' own: of each pair the first's rate minus the second's.

    A metric of lines of which there are none has no row; `z` and `p_z` stay empty.

    Raises
    ------
    ValueError
        If the two of a pair were not tested on the same utterances.
    """
    found = []
    for pair in pairs:
        sides = [sorted((run for run in runs if run.teacher == name), key=_place) for name in pair]
        tested = [
            [(*_place(run), run.reference, run.unseen.tolist(), run.improvised.tolist()) for run in side]
            for side in sides
        ]
        if not sides[0] or tested[0] != tested[1]:
            raise ValueError(
                "two teachers are compared on the same folds, seeds and utterances; these are not the same"
            )
        for lines, scores in _scores([*sides[0], *sides[1]], permutations):
            table = scores.pairs_table([pair]).dropna(subset="difference")
            found.append(table.assign(metric=table["metric"] + LINES[lines]))
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=PAIRS)


def _place(run: Hypotheses) -> tuple[int, int]:
    return run.fold, run.seed


def _scores(runs: Sequence[Hypotheses], permutations: int) -> Iterable[tuple[str, Scores]]:
    """Of all lines, then of the unseen and of the improvised ones, the scores of runs that test the same utterances.

    Utterances stand fold after fold, in the order in which a run has them.
    """
    folds = {run.fold: run for run in sorted(runs, key=_place)}
    first = dict(zip(folds, np.cumsum([0, *(len(run.unseen) for run in folds.values())]), strict=False))
    lengths = [[len(run.reference[unit][i]) for unit in TOKENS] for run in folds.values() for i in run.lines("all")]
    people = {name: np.concatenate([getattr(run, name) for run in folds.values()]) for name in ("speakers", "sessions")}
    for lines in LINES:
        scored = [_scored(run, run.lines(lines), first[run.fold]) for run in runs if len(run.lines(lines))]
        if scored:
            yield lines, Scores(scored, FAMILIES, truth=np.array(lengths), **people, permutations=permutations)


def _scored(run: Hypotheses, chosen: np.ndarray, first: int) -> ScoredRun:
    """A run's errors in these of its utterances, of which its fold's first has the place `first` among all."""
    errors = [
        [count_errors([run.reference[unit][i]], [run.hypothesis[unit][i]]).total for unit in TOKENS] for i in chosen
    ]
    lengths = np.array([[len(run.reference[unit][i]) for unit in TOKENS] for i in chosen])
    output = np.array(errors, np.float32)
    rates = [family.values(family.parts(lengths, output).sum(0)) for family in FAMILIES]
    return ScoredRun(
        system=run.teacher,
        fold=run.fold,
        seed=run.seed,
        classes=[],
        epochs={},
        metrics={"last": np.concatenate(rates)},
        outputs={"last": output},
        tested=first + chosen,
    )
