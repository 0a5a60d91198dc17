"""The words of a part's utterances: their own, or dealt out anew, so that what text is worth is seen."""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq

from serflow.lexical.vectors import WordVectors
from serflow.training.seeding import derive

__all__ = ["read_transcripts", "read_vectors", "words_of_part"]


def read_transcripts(path: Path) -> dict[str, list[str]]:
    """Words of each utterance, from the table of rule `transcripts`."""
    table = pq.read_table(path).to_pydict()
    return dict(zip(table["utterance"], table["words"], strict=True))


def read_vectors(path: Path) -> WordVectors:
    """Word vectors, from the table of rule `word_vectors`."""
    table = pq.read_table(path)
    values = table["vector"].combine_chunks().flatten().to_numpy().copy()  # Arrow's own memory is read-only
    return WordVectors(table["word"].to_pylist(), values.reshape(table.num_rows, -1))


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
