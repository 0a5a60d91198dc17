"""The words of a part's utterances: their own, or dealt out anew, so that what text is worth is seen."""

from typing import Any

import numpy as np

from serflow.training.seeding import derive

__all__ = ["words_of_part"]


def words_of_part(
    said: dict[str, list[str]], utterances: list[str], *, spec: dict[str, Any], run: dict[str, Any], part: str
) -> list[list[str]]:
    """Words of these utterances; where the spec says `transcripts: shuffled`, dealt out anew among them.

    The order is drawn by the run's seed and fold; no transcript leaves its part.
    """
    words = [said[utterance] for utterance in utterances]
    if spec["parameters"]["text"]["transcripts"] == "shuffled":
        key = derive("shuffled transcripts", run["seed"], run["fold"], part)
        words = [words[i] for i in np.random.default_rng(key).permutation(len(words))]
    return words
