"""The words of utterances as a network's input: a sequence of word vectors an utterance, standardised like frames."""

from collections import Counter
from dataclasses import replace
from typing import Any

import numpy as np

from serflow.errors import UserError
from serflow.examples import Examples
from serflow.features.store import PackedFrames
from serflow.lexical import FROM_FILE
from serflow.lexical.vectors import WordVectors, trained_vectors
from serflow.training.seeding import derive

__all__ = ["Text"]


class Text:
    """Word vectors of a training part, and what makes sequences of them.

    A word without a vector is left out of its utterance's sequence; an utterance of which nothing is left counts as
    one step at the mean of the training words.

    Parameters
    ----------
    settings : `parameters.text` of a spec; its `vectors` are word2vec's settings, or `FROM_FILE`.
    seed : of the run.
    given : the vectors of a file, where the settings say so.
    """

    def __init__(self, settings: dict[str, Any], *, seed: int, given: WordVectors | None):
        if (settings["vectors"] == FROM_FILE) != (given is not None):
            raise ValueError("text: vectors must be given where the settings say so, and only there")
        self.settings, self.seed, self.vectors = settings, seed, given
        self.mean_std: tuple[np.ndarray, np.ndarray] | None = None

    def fit(self, train: Examples) -> None:
        """Train the vectors, unless they were given, and the mean and deviation of the words said in training."""
        said = _words(train)
        if self.vectors is None:
            seed = derive("words", self.seed)
            self.vectors = trained_vectors(said, self.settings["vectors"], dims=self.settings["dims"], seed=seed)
        if self.vectors.dims != self.settings["dims"]:
            raise UserError(
                f"word vectors of {self.vectors.dims} values; expected {self.settings['dims']}, as "
                "parameters.text.dims of the system says; change that or name other vectors (lexical.vectors)"
            )
        times = Counter(word for words in said for word in words if word in self.vectors)
        if not times:
            raise UserError("word vectors: no word of the training transcripts has a vector; name other vectors")
        vectors, weights = self.vectors.sequence(list(times)).astype(np.float64), np.array(list(times.values()))
        mean = np.average(vectors, axis=0, weights=weights)
        variance = np.average((vectors - mean) ** 2, axis=0, weights=weights)
        self.mean_std = mean.astype(np.float32), np.sqrt(np.maximum(variance, 1e-12)).astype(np.float32)

    def view(self, examples: Examples) -> Examples:
        """The same utterances with sequences of word vectors for frames: a step is a word."""
        spoken = map(self._sequence, _words(examples))
        store = PackedFrames.of(dict(zip(examples.utterances, spoken, strict=True)), hop_seconds=None)
        return replace(examples, store=store, words=None)

    def counts(self, examples: Examples) -> dict[str, int]:
        """Words said in a part, and how many of them have no vector."""
        said = _words(examples)
        return {"words": sum(map(len, said)), "without_vector": self.vectors.without(said)}

    def _sequence(self, words: list[str]) -> np.ndarray:
        """Vectors float32 (K, D) of an utterance's words, K at least 1."""
        sequence = self.vectors.sequence(words)
        return sequence if len(sequence) else self.mean_std[0][None]


def _words(examples: Examples) -> list[list[str]]:
    if examples.words is None:
        raise UserError("text: these utterances came without transcripts, which this system reads; give it some")
    return examples.words
