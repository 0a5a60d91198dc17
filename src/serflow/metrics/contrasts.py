"""contrasts.csv: each system under one protocol against itself under another, on the same utterances.

Two protocols of a view that both test every utterance once differ in who trains, or in how the epoch is chosen; of the
same utterances that is a paired comparison. Where a system tests other utterances under the two (folds that were not
all run, recordings that hold no segment), other people would be compared: there is no number, but a reason. Where one
of them chose the epoch on the test part there is a difference and an interval, but no p: that it is ahead is no
question.
"""

from collections.abc import Collection, Iterable, Mapping

import numpy as np
import pandas as pd

from serflow.metrics.scoring import COMPARED, UNTESTED, compared, match_seeds, without_p
from serflow.metrics.selected import Selected
from serflow.metrics.system_families import system_families
from serflow.metrics.system_scores import without_calibration

__all__ = ["CONTRASTS", "contrasts_table"]

Protocol = tuple[str, str]  # split and selection

SIDES = ["system", "from_split", "from_select", "to_split", "to_select", "metric"]
CONTRASTS = [*SIDES, *COMPARED, "speakers_shared", "reason"]


def contrasts_table(
    splits: Mapping[str, Selected],
    pairs: Iterable[tuple[Protocol, Protocol]],
    *,
    shared: Mapping[str, bool],
    unseeded: Collection[str],
    permutations: int,
    classes_only: Collection[str] = (),
) -> pd.DataFrame:
    """`CONTRASTS`: of each pair of protocols the first minus the second, for every system that has both.

    Parameters
    ----------
    splits : the outputs of each split, all of one view.
    pairs : (split, selection) twice.
    shared : of each split, whether in some fold a speaker is both trained on and tested.
    unseeded : systems that no seed changes.
    permutations : as of `serflow.metrics.paired.compare`.
    classes_only : systems that give a class and no probabilities: there are no lines of their calibration.
    """
    found = []
    for first, second in pairs:
        one, other = splits[first[0]], splits[second[0]]
        systems = sorted({system for system, select in one.outputs if select == first[1]})
        for system in systems:
            if (system, second[1]) in other.outputs:
                sides = [one.outputs[system, first[1]], other.outputs[system, second[1]]]
                table = _contrast(one, other, sides, seeded=system not in unseeded, permutations=permutations)
                table = without_p(table) if {first[1], second[1]} & set(UNTESTED) else table
                names = dict(zip(SIDES, (system, *first, *second), strict=False))
                found.append(table.assign(**names, speakers_shared="yes" if shared[first[0]] else "no"))
    if not found:
        return pd.DataFrame(columns=CONTRASTS)
    table = without_calibration(pd.concat(found, ignore_index=True)[CONTRASTS], classes_only)
    # a line with a reason has no numbers: those of the others stay numbers beside it
    counts = ["seeds", "utterances", "speakers", "sessions"]
    numbers = [name for name in COMPARED if name not in ("by_seed", *counts)]
    return table.astype(dict.fromkeys(numbers, float) | dict.fromkeys(counts, "Int64"))


def _contrast(
    first: Selected, second: Selected, sides: list[dict[int, np.ndarray]], *, seeded: bool, permutations: int
) -> pd.DataFrame:
    families = system_families(first.classes)
    names = [name for family in families for name in family.names]
    tested = [_tested(of, side) for of, side in zip((first, second), sides, strict=True)]
    if tested[0] != tested[1]:
        counts = f"{len(tested[0]):,} and {len(tested[1]):,}, of which {len(tested[0] & tested[1]):,} are the same"
        return pd.DataFrame({"metric": names, "reason": f"they test other utterances: {counts}"}, columns=CONTRASTS)
    utterances = np.array(sorted(tested[0]), object)
    places = [np.searchsorted(of.utterances, utterances) for of in (first, second)]
    order = [second.classes.index(name) for name in first.classes]
    mine = {seed: output[places[0]] for seed, output in sides[0].items()}
    others = {seed: output[places[1]][:, order] for seed, output in sides[1].items()}
    both = match_seeds(mine, others)
    if not both.shape[1]:
        return pd.DataFrame({"metric": names, "reason": "they have no seed in common"}, columns=CONTRASTS)
    people = {name: getattr(first, name)[places[0]] for name in ("truth", "speakers", "sessions")}
    used = ~np.isnan(both[..., 0]).any(0)
    table = compared(families, both, used, **people, permutations=permutations, seeded=seeded)
    return table.assign(reason="")


def _tested(of: Selected, side: dict[int, np.ndarray]) -> set[str]:
    """The utterances that all seeds of a side test."""
    there = np.logical_and.reduce([~np.isnan(output[:, 0]) for output in side.values()])
    return set(of.utterances[there])
