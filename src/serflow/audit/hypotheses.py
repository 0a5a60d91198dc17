"""What a teacher wrote against what was said, counted plainly: nothing of `serflow.metrics`, no library of distances.

Errors are the fewest substitutions, deletions and insertions that make the hypothesis of the reference; a rate is all
errors over all that was said, so that each word (or phone) counts alike. Which word phones become:
docs/fidelity/zhao2021.md.
"""

import json
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from serflow.audit.recompute import FEWEST_SPEAKERS, resample

__all__ = ["TestedLine", "Words", "edits", "read_lines", "recognised"]

BORDER, UNKNOWN = "|", "<unk>"  # between words; in place of the phones of a word that the dictionary lacks
TOKENS = {"per": "phone", "wer": "word"}

Pronunciations = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class TestedLine:
    """One test utterance: its speaker, whether no training utterance says the same, whether it is improvised.

    `counts`: unit -> (errors, length).
    """

    speaker: str
    unseen: bool
    improvised: bool
    counts: dict[str, tuple[int, int]]


def edits(reference: Sequence[str], hypothesis: Sequence[str]) -> int:
    """The fewest changes, row by row of the table of all beginnings of the two."""
    above = list(range(len(hypothesis) + 1))
    for one in reference:
        row = [above[0] + 1]
        for place, other in enumerate(hypothesis):
            row.append(min(above[place + 1] + 1, row[place] + 1, above[place] + (one != other)))
        above = row
    return above[-1]


class Words:
    """Words by their phones: the nearest by edits over the longer length; of equals the most said, then the first."""

    def __init__(self, lexicon: Mapping[str, Mapping[str, Any]]):
        self.names = sorted(lexicon, key=lambda word: (-lexicon[word]["said"], word))
        phones = [lexicon[word]["phones"].split() for word in self.names]
        self.codes = {phone: code for code, phone in enumerate(sorted(set().union(*phones)))}
        self.lengths = np.array([len(one) for one in phones])
        self.table = np.full((self.lengths.max(), len(phones)), -2)  # a column a word
        for column, one in enumerate(phones):
            self.table[: len(one), column] = [self.codes[phone] for phone in one]
        self.found: dict[tuple[str, ...], str] = {}

    def of(self, tokens: Sequence[str]) -> list[str]:
        """What phones between borders become, no apostrophe at an edge; none between two borders are no word."""
        groups = " ".join(tokens).split(BORDER)
        return [self._nearest(tuple(group.split())).strip("'") for group in groups if group.strip()]

    def _nearest(self, phones: tuple[str, ...]) -> str:
        if phones not in self.found:
            shares = self.distances(phones) / np.maximum(self.lengths, len(phones))
            self.found[phones] = self.names[int(shares.argmin())]  # the first of equals
        return self.found[phones]

    def distances(self, phones: Sequence[str]) -> np.ndarray:
        """`edits` from every word at once: a row a phone, where a column's cells follow from those above it."""
        steps = np.arange(len(self.table) + 1)[:, None]
        row = steps + np.zeros(len(self.names), int)
        for phone in phones:
            other = self.table != self.codes.get(phone, -1)
            row = np.vstack([row[:1] + 1, np.minimum(row[1:] + 1, row[:-1] + other)])
            row = steps + np.minimum.accumulate(row - steps, axis=0)  # or from the left, one more a step
        return row[self.lengths, np.arange(len(self.names))]


def read_lines(
    folder: Path,
    record: Mapping[str, Any],
    rows: pd.DataFrame,
    said: Mapping[str, list[str]],
    pronunciations: Pronunciations,
    improvised: Container[str],
) -> list[TestedLine]:
    """What a teacher wrote after its last epoch, in the order of its file.

    Parameters
    ----------
    folder, record : of the run, and the content of its run.json.
    rows : its fold: utterance, speaker, part.
    said, pronunciations : words of each utterance as they are written, phones of each word.
    improvised : the utterances that are improvised.
    """
    words = Words(json.loads((folder / "model/last/lexicon.json").read_text(encoding="utf-8")))
    table = pq.read_table(folder / "hypotheses.parquet").to_pylist()
    last = (record["epochs"], record["spec"]["parameters"]["beam"])
    speakers = dict(zip(rows["utterance"], rows["speaker"], strict=True))
    bare = {name: [word.strip("'") for word in said[name]] for name in speakers}
    trained = {tuple(bare[name]) for name in rows.loc[rows["part"] == "train", "utterance"]}
    lines = []
    for row in table:
        if (row["epoch"], row["beam"]) == last:
            name, reference = row["utterance"], bare[row["utterance"]]
            phones = [phone for word in said[name] for phone in pronunciations.get(word, (UNKNOWN,))]
            counts = {
                "phone": (edits(phones, [token for token in row["tokens"] if token != BORDER]), len(phones)),
                "word": (edits(reference, words.of(row["tokens"])), len(reference)),
            }
            unseen = tuple(reference) not in trained
            lines.append(TestedLine(speakers[name], unseen, name in improvised, counts))
    return lines


def recognised(runs: Sequence[tuple[int, int, list[TestedLine]]], metric: str) -> dict[str, float | int | None] | None:
    """What the line of scores.csv must hold for per, wer, or these with an ending; None: nothing of the kind was said.

    `metric`: ends in `_unseen` or `_improvised` where the rate is of such lines alone. `runs`: fold, seed and lines of
    each, in the order of the folds.
    """
    name, _, kind = metric.partition("_")
    unit = TOKENS[name]
    chosen = [[line for line in lines if not kind or getattr(line, kind)] for _, _, lines in runs]
    every = [line for lines in chosen for line in lines]
    pooled = _rate(every, unit)
    if pooled is None:
        return None
    rates = [float(rate) for lines in chosen if (rate := _rate(lines, unit)) is not None]
    counts = np.array([line.counts[unit] for line in every], float)
    people = sorted({line.speaker for line in every})
    by_speaker = np.array([counts[[line.speaker == name for line in every]].sum(0) for name in people])
    low, high = _interval(by_speaker) if len(people) >= FEWEST_SPEAKERS else (None, None)
    found = {
        "pooled": float(pooled),
        "mean": float(np.mean(rates)),
        "sd": float(np.std(rates, ddof=1)) if len(rates) > 1 else None,
        "folds": len({fold for fold, _, _ in runs}),
        "seeds": len({seed for _, seed, _ in runs}),
        "utterances": len(every),
        "low_speakers": low,
        "high_speakers": high,
    }
    return found | dict(zip(("low_utterances", "high_utterances"), _interval(counts), strict=True))


def _rate(lines: list[TestedLine], unit: str) -> Fraction | None:
    """Errors over what was said; None where nothing was."""
    length = sum(line.counts[unit][1] for line in lines)
    return Fraction(sum(line.counts[unit][0] for line in lines), length) if length else None


def _interval(units: np.ndarray) -> tuple[float, float]:
    """The central 95 per cent of the rates of resamples; one that draws no word has none."""
    errors, length = resample(units).T
    low, high = np.percentile(errors[length > 0] / length[length > 0], [2.5, 97.5])
    return float(low), float(high)
