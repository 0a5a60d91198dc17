"""How well speech recognisers write what was said: error rates over folds, and epoch by epoch.

Equation 13 of Zhao et al. (2021) for words, and the same for phones. Rates are of all utterances together, so that
every word counts alike; their intervals are over speakers, as those of `serflow.metrics.intervals`, and two teachers
are compared as `serflow.metrics.paired` compares systems.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from serflow.asr.error_counts import Errors, count_errors
from serflow.metrics.counts import by_group
from serflow.metrics.intervals import LEAST_SPEAKERS, percentile_interval, resampled
from serflow.metrics.paired import compare_counts
from serflow.metrics.scoring import GENERATOR_SEED, PAIRS, SCORES

__all__ = ["CURVES", "Hypotheses", "curves_table", "pairs_table", "recognition_table"]

CURVES = [
    "teacher", "fold", "seed", "epoch", "part", "lines", "unit",
    "substitutions", "deletions", "insertions", "reference",
]  # fmt: skip
LINES = {"all": "", "unseen": "_unseen"}  # which lines, and how the metric's name ends
TOKENS = {"phone": "per", "word": "wer"}


@dataclass(frozen=True)
class Hypotheses:
    """What a teacher wrote for the test part of its fold.

    Attributes
    ----------
    teacher, fold, seed : which one.
    speakers : true speaker of each utterance (N).
    unseen : bool (N), whether no training utterance has the same words.
    truth : "phone", "word" -> what was said in each utterance (N).
    written : "phone", "word" -> what was written in its place after the last epoch (N), by the beam of the spec.
    greedy : "phone", "word" -> the same after each epoch (E, N), by greedy decoding.
    """

    teacher: str
    fold: int
    seed: int
    speakers: np.ndarray
    unseen: np.ndarray
    truth: dict[str, list[Sequence[str]]]
    written: dict[str, list[Sequence[str]]]
    greedy: dict[str, list[list[Sequence[str]]]]

    def lines(self, which: str) -> np.ndarray:
        """Places of all utterances, or of those whose lines training never saw."""
        return np.flatnonzero(self.unseen) if which == "unseen" else np.arange(len(self.unseen))


def curves_table(runs: Iterable[Hypotheses]) -> pd.DataFrame:
    """curves.csv: errors by epoch, lines and unit, of each run."""
    rows = []
    for run in runs:
        for lines in LINES:
            chosen = run.lines(lines)
            for unit in TOKENS:
                for epoch, written in enumerate(run.greedy[unit], start=1):
                    errors = _errors(run.truth[unit], written, chosen)
                    rows.append([run.teacher, run.fold, run.seed, epoch, "test", lines, unit, *vars(errors).values()])
    return pd.DataFrame(rows, columns=CURVES)


def recognition_table(runs: Sequence[Hypotheses], *, replicates: int) -> pd.DataFrame:
    """scores.csv of teachers, in the columns of the systems' own: rates as shares; rule "last".

    Without an unseen line there is no `per_unseen` and no `wer_unseen`.
    """
    rows = []
    for teacher in dict.fromkeys(run.teacher for run in runs):
        mine = _of(runs, teacher)
        for lines, ending in LINES.items():
            for unit, metric in TOKENS.items():
                row = _score(mine, lines, unit, replicates)
                if row:
                    rows.append({"system": teacher, "select": "last", "metric": f"{metric}{ending}", **row})
    return pd.DataFrame(rows, columns=SCORES)


def pairs_table(runs: Sequence[Hypotheses], pairs: Iterable[Sequence[str]], *, replicates: int) -> pd.DataFrame:
    """pairs.csv of teachers, in the columns of the systems' own: of each pair the first's rate minus the second's.

    A metric of lines of which there are none has no row; `z` and `p_z` stay empty.

    Raises
    ------
    ValueError
        If the two of a pair were not tested on the same utterances.
    """
    rows = []
    for first, second in pairs:
        ours, theirs = _of(runs, first), _of(runs, second)
        for lines, ending in LINES.items():
            for unit, metric in TOKENS.items():
                found = _compare(ours, theirs, lines, unit, replicates)
                named = {"select": "last", "metric": f"{metric}{ending}", "system": first, "against": second}
                rows += [named | found] if found else []
    return pd.DataFrame(rows, columns=PAIRS)


def _of(runs: Iterable[Hypotheses], teacher: str) -> list[Hypotheses]:
    """A teacher's runs, by fold and seed."""
    return sorted((run for run in runs if run.teacher == teacher), key=lambda run: (run.fold, run.seed))


def _compare(
    first: list[Hypotheses], second: list[Hypotheses], lines: str, unit: str, replicates: int
) -> dict[str, float]:
    """Difference, interval and p of one rate; empty where nothing was said."""
    tested = [[(run.fold, run.seed, run.truth[unit], run.unseen.tolist()) for run in runs] for runs in (first, second)]
    if not first or tested[0] != tested[1]:
        raise ValueError("two teachers are compared on the same folds, seeds and utterances; these are not the same")
    sides = [np.concatenate([_counts(run, run.lines(lines), unit) for run in runs]) for runs in (first, second)]
    if not sides[0][:, 1].sum():
        return {}
    speakers = np.concatenate([run.speakers[run.lines(lines)] for run in first])
    found = compare_counts(np.stack(sides, 1), speakers, _rates, replicates=replicates, seed=GENERATOR_SEED)
    return {name: value[0] for name, value in vars(found).items()}


def _score(runs: list[Hypotheses], lines: str, unit: str, replicates: int) -> dict[str, float | int]:
    """Pooled rate, mean and deviation of the folds, and intervals; empty where nothing was said."""
    by_run = [_counts(run, run.lines(lines), unit) for run in runs]
    counts = np.concatenate(by_run)  # errors and reference of each utterance
    if not counts[:, 1].sum():
        return {}
    rates = [one[:, 0].sum() / one[:, 1].sum() for one in by_run if one[:, 1].sum()]
    found = {
        "pooled": counts[:, 0].sum() / counts[:, 1].sum(),
        "mean": float(np.mean(rates)),
        "sd": float(np.std(rates, ddof=1)) if len(rates) > 1 else np.nan,
        "folds": len({run.fold for run in runs}),
        "seeds": len({run.seed for run in runs}),
        "utterances": len(counts),
    }
    speakers = np.concatenate([run.speakers[run.lines(lines)] for run in runs])
    for name, units in (("speakers", by_group(counts, speakers)), ("utterances", counts)):
        if name == "utterances" or len(units) >= LEAST_SPEAKERS:
            found |= _interval(units, name, replicates)
    return found


def _counts(run: Hypotheses, chosen: np.ndarray, unit: str) -> np.ndarray:
    """Errors and reference (N, 2) of each of these utterances."""
    found = [_errors(run.truth[unit], run.written[unit], [place]) for place in chosen]
    rows = [[one.total, one.reference] for one in found]
    return np.array(rows, dtype=np.int64).reshape(-1, 2)


def _interval(units: np.ndarray, name: str, replicates: int) -> dict[str, float]:
    """Bounds of the rate where units (N, 2) are drawn with replacement."""
    low, high = percentile_interval(_rates(resampled(units, replicates=replicates, seed=GENERATOR_SEED)))
    return {f"low_{name}": low[0], f"high_{name}": high[0]}


def _rates(counts: np.ndarray) -> np.ndarray:
    """Rates (..., 1) of errors and reference (..., 2); of no word there is none."""
    errors, reference = counts[..., :1], counts[..., 1:]
    return np.divide(errors, reference, out=np.full(errors.shape, np.nan), where=reference > 0)


def _errors(truth: list[Sequence[str]], written: list[Sequence[str]], chosen: Iterable[int]) -> Errors:
    places = list(chosen)
    return count_errors([truth[i] for i in places], [written[i] for i in places])
