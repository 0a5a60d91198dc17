"""UA by group: of each sex, style, range of durations, and of each speaker alone.

A group's UA is that of its test utterances, pooled over the folds and averaged over the seeds; it is the mean over the
classes that the group has. Groups are parts of the same test utterances; nothing is trained or selected anew for them.
"""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from serflow.errors import UserError, remade
from serflow.metrics.family import Family
from serflow.metrics.intervals import by_group, metric_interval, pooled
from serflow.metrics.scoring import Scores, parts_of
from serflow.metrics.selection import POOLED_SELECTIONS

__all__ = ["DURATIONS", "GROUPS", "duration_groups", "groups_table", "read_groups"]

GROUPS = ["system", "select", "group", "value", "utterances", "speakers", "seeds", "classes", "ua", "low", "high"]
# Ours, before any number was looked at: what fills no segment of two seconds (xu2020), and what fills several.
SHORT, LONG = 2.0, 7.5
DURATIONS = ("under 2 s", "2 to 7.5 s", "above 7.5 s")


def duration_groups(seconds: np.ndarray) -> np.ndarray:
    """Which of `DURATIONS` (objects) each length in seconds falls into; both borders belong to the middle one."""
    place = np.where(seconds < SHORT, 0, np.where(seconds <= LONG, 1, 2))
    return np.array(DURATIONS, object)[place]


def read_groups(view: Path, utterances: pd.Index) -> dict[str, np.ndarray]:
    """Read of a view's table what group each utterance is in: sex, style, duration, speaker -> objects (U,).

    A sex or style that the corpus does not know is "".

    Raises
    ------
    UserError
        If the view lacks one of the utterances.
    """
    table = pd.read_parquet(view, columns=["utterance", "sex", "style", "duration", "speaker"]).set_index("utterance")
    if len(missing := utterances.difference(table.index)):
        raise UserError(f"{view}: no utterance {missing[0]}, which the split has; {remade(view)}")
    rows = table.loc[utterances]
    found = {name: rows[name].to_numpy(object) for name in ("sex", "style")}
    found["duration"] = duration_groups(rows["duration"].to_numpy())
    return found | {"speaker": rows["speaker"].to_numpy(object)}


def groups_table(scores: Scores, groups: Mapping[str, np.ndarray]) -> pd.DataFrame:
    """groups.csv: UA by system, selection that names one epoch, group and value, with an interval over speakers.

    Parameters
    ----------
    scores : runs of systems, one of whose families has `ua`.
    groups : kind of group -> each utterance's value (U,); those of value "" are in no group of that kind.

    Returns
    -------
    DataFrame
        Columns as `GROUPS`. `utterances`, `speakers` and `classes` count what is tested of the group; UA is over these
        classes. No interval of fewer than three speakers. A value that no test utterance has gets no row.
    """
    family = next(family for family in scores.families if "ua" in family.names)
    rows = []
    for system, select in scores.cells(POOLED_SELECTIONS):
        outputs, used = scores.stacked(system, select)
        parts, tested = parts_of(family, scores.truth, outputs, used), used.any(0)
        for kind, values in groups.items():
            for value in _in_order(kind, values[tested]):
                members = tested & (values == value)
                classes = len(np.unique(scores.truth[members]))
                speakers = scores.people["speakers"][members]
                counts = [members.sum(), len(np.unique(speakers)), len(outputs), classes]
                rows.append([system, select, kind, value, *counts, *_ua(family, parts[members], speakers)])
    return pd.DataFrame(rows, columns=GROUPS)


def _in_order(kind: str, values: np.ndarray) -> list[str]:
    """The values that there are: durations from short to long, others by name."""
    there = set(values) - {""}
    return [value for value in DURATIONS if value in there] if kind == "duration" else sorted(there)


def _ua(family: Family, parts: np.ndarray, speakers: np.ndarray) -> tuple[float, float, float]:
    """UA of utterances, by what they add to the sums of each seed (U, S, *P), and its interval over speakers."""
    place = family.names.index("ua")
    low, high = metric_interval(family, by_group(parts, speakers))
    return pooled(family, parts.sum(0))[place], low[place], high[place]
