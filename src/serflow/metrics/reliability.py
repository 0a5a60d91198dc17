"""How often a system is right where it is so sure: accuracy and mean top probability in the bins of the ECE."""

import numpy as np
import pandas as pd

from serflow.metrics.calibration import BINS, bins_of
from serflow.metrics.family import ratio
from serflow.metrics.selection import POOLED_SELECTIONS
from serflow.metrics.system_scores import SystemScores

__all__ = ["RELIABILITY", "reliability_table"]

RELIABILITY = ["system", "select", "bin", "low", "high", "utterances", "confidence", "accuracy"]


def reliability_table(scores: SystemScores) -> pd.DataFrame:
    """reliability.csv: of each system and selection that names one epoch, the bins of the top probability.

    There are none of systems that give a class and no probabilities.

    Returns
    -------
    DataFrame
        Columns as `RELIABILITY`: `bin` from 1; `low` and `high`, its borders, of which it holds the upper one;
        `utterances`, pooled over the folds, mean over the seeds; `confidence`, their mean top probability;
        `accuracy`, the share of them that is right. Of several seeds the last two are over all their utterances
        together, empty where there are none. Of one seed the sum of utterances x |accuracy - confidence| over all
        utterances is the ECE.
    """
    cells = [cell for cell in scores.cells(POOLED_SELECTIONS) if cell[0] not in scores.classes_only]
    return pd.concat([_bins(scores, *cell) for cell in cells], ignore_index=True)


def _bins(scores: SystemScores, system: str, select: str) -> pd.DataFrame:
    outputs, used = scores.stacked(system, select)
    top = outputs[used].max(-1).astype(np.float64)
    right = outputs[used].argmax(-1) == np.broadcast_to(scores.truth, used.shape)[used]
    place = bins_of(top)
    number, sure, hits = (np.bincount(place, weights, BINS) for weights in (None, top, right))
    columns = {
        "system": system,
        "select": select,
        "bin": np.arange(1, BINS + 1),
        "low": np.arange(BINS) / BINS,
        "high": np.arange(1, BINS + 1) / BINS,
        "utterances": number / len(outputs),
        "confidence": ratio(sure, number),
        "accuracy": ratio(hits, number),
    }
    return pd.DataFrame(columns)[RELIABILITY]
