"""Runs of words cut out of utterances by their alignment: the same words in other company."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from serflow.examples import Examples
from serflow.lexical.words import words_as_written
from serflow.training.seeding import derive
from serflow.training.segments import Segments

__all__ = ["Spans", "draw_spans"]

LEAST = 0.08  # s of a run at least: a shorter word is no longer than its alignment's error


class Spans(NamedTuple):
    """Segments of utterances, and the words said in each."""

    segments: Segments
    words: list[list[str]]


def draw_spans(
    examples: Examples,
    alignments: Mapping[str, Sequence[Mapping[str, Any]]],
    *,
    each: int,
    most_words: int,
    seed: int,
) -> Spans:
    """Runs of words, `each` drawn from every utterance, one word to `most_words` long.

    Drawn with replacement: a length, then a place, each as likely as any other. An utterance without an alignment
    gives none, and neither does a run of less than 80 ms.

    Parameters
    ----------
    examples : their store has frames, `hop_seconds` apart.
    alignments : words of each utterance in the order of time, with start and end in s.
    """
    hop, rows, said = examples.store.hop_seconds, [], []
    for index, utterance in enumerate(examples.utterances):
        words = alignments.get(utterance) or []
        frames = len(examples.frames(index))
        generator = np.random.default_rng(derive("spans", seed, utterance))
        for _ in range(each if words else 0):
            count = int(generator.integers(1, min(most_words, len(words)) + 1))
            first = int(generator.integers(0, len(words) - count + 1))
            run = words[first : first + count]
            start = int(run[0]["start"] / hop + 1e-6)
            end = min(frames, int(np.ceil(run[-1]["end"] / hop - 1e-6)))
            if (end - start) * hop >= LEAST - 1e-6:
                rows.append((index, start, end - start))
                said.append(words_as_written(" ".join(word["word"] for word in run)))
    return Spans(Segments(*np.array(rows, dtype=np.int64).reshape(-1, 3).T), said)
