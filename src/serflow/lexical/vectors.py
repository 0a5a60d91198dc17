"""A vector for each word: word2vec trained on the transcripts of a training part, or looked up in a given table.

T. Mikolov, K. Chen, G. Corrado and J. Dean, "Efficient estimation of word representations in vector space", 2013, by
gensim.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from serflow.errors import UserError
from serflow.files import digest

__all__ = ["WordVectors", "trained_vectors"]


@dataclass(frozen=True, eq=False)
class WordVectors:
    """Words and their vectors.

    Attributes
    ----------
    words : each once.
    vectors : float32 (V, D), in the order of `words`.
    """

    words: list[str]
    vectors: np.ndarray

    def __post_init__(self) -> None:
        if len(self.words) != len(self.vectors):
            raise ValueError(f"word vectors: {len(self.words)} words and {len(self.vectors)} vectors")
        object.__setattr__(self, "_place", {word: place for place, word in enumerate(self.words)})

    def __contains__(self, word: object) -> bool:
        return word in self._place

    @property
    def digest(self) -> str:
        """SHA-256 (hex) of words and values."""
        return digest([self.words, digest(np.ascontiguousarray(self.vectors, dtype="<f4").tobytes())])

    @property
    def dims(self) -> int:
        """Values a vector."""
        return self.vectors.shape[1]

    def sequence(self, words: Sequence[str]) -> np.ndarray:
        """Vectors float32 (K, D) of the words that have one, in their order; K may be 0."""
        return self.vectors[[self._place[word] for word in words if word in self._place]]

    def without(self, transcripts: Iterable[Sequence[str]]) -> int:
        """How many words of these transcripts, counted as often as they are said, have no vector."""
        return sum(word not in self._place for words in transcripts for word in words)


def trained_vectors(
    transcripts: Sequence[Sequence[str]], settings: dict[str, Any], *, dims: int, seed: int
) -> WordVectors:
    """Word2vec of these transcripts: give those of a training part only.

    One thread, so that equal input and seed give equal vectors.

    Parameters
    ----------
    transcripts : words of each utterance.
    settings : `window` (words to each side), `skip_gram` (else continuous bag of words), `negative` (noise
        words a true one), `epochs`, `min_count` (rarer words get no vector).
    dims : values a vector.

    Raises
    ------
    UserError
        If no word is frequent enough.
    """
    from gensim.models import Word2Vec  # slow to import, and only text needs it

    model = Word2Vec(
        vector_size=dims,
        window=settings["window"],
        sg=int(settings["skip_gram"]),
        negative=settings["negative"],
        epochs=settings["epochs"],
        min_count=settings["min_count"],
        sample=0,  # of a few thousand utterances no word is so frequent that it should be thinned out
        workers=1,
        seed=seed % 2**31,
    )
    model.build_vocab(transcripts)
    if not len(model.wv):
        raise UserError(
            f"word vectors: no word stands {settings['min_count']} times in the {len(transcripts)} training "
            "transcripts; lower parameters.text.vectors.min_count, or name a file of vectors (lexical.vectors)"
        )
    model.train(transcripts, total_examples=model.corpus_count, epochs=settings["epochs"])
    words = sorted(model.wv.index_to_key)
    return WordVectors(words, np.ascontiguousarray(model.wv[words], dtype=np.float32))
