"""What a teacher wrote against what was said, counted plainly: nothing of `serflow.metrics`, no library of distances.

Errors are the fewest substitutions, deletions and insertions that make the hypothesis of the reference; a rate is all
errors over all that was said, so that each word (or phone) counts alike. Which word phones become:
docs/fidelity/zhao2021.md.
"""

import json
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from serflow.audit.comparison import Units, deviation, intervals, over_seeds

__all__ = ["Recognised", "Transcribed", "Words", "edits", "read_lines"]

BORDER, UNKNOWN = "|", "<unk>"  # between words; in place of the phones of a word that the dictionary lacks
TOKENS = {"per": "phone", "wer": "word"}

Pronunciations = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Transcribed:
    """One test utterance: its name, whether no training utterance says the same, whether it is improvised.

    `counts`: unit -> (errors, length).
    """

    name: str
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
) -> list[Transcribed]:
    """What a teacher wrote after its last epoch, in the order of its file.

    Parameters
    ----------
    folder, record : of the run, and the content of its run.json.
    rows : its fold: utterance, part.
    said, pronunciations : words of each utterance as they are written, phones of each word.
    improvised : the utterances that are improvised.
    """
    words = Words(json.loads((folder / "model/last/lexicon.json").read_text(encoding="utf-8")))
    table = pq.read_table(folder / "hypotheses.parquet").to_pylist()
    last = (record["epochs"], record["spec"]["parameters"]["beam"])
    bare = {name: [word.strip("'") for word in said[name]] for name in rows["utterance"]}
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
            lines.append(Transcribed(name, unseen, name in improvised, counts))
    return lines


class Recognised:
    """The error rates of one teacher, of all lines or of those that a metric's ending chooses.

    Parameters
    ----------
    runs : fold, seed and lines of each, in the order of the folds.
    units : utterance -> speaker and utterance -> session, from the fold table.
    metric : per or wer; with `_unseen` or `_improvised` where the rate is of such lines alone.
    """

    def __init__(self, runs: Sequence[tuple[int, int, list[Transcribed]]], units: Units, metric: str):
        kind = metric.partition("_")[2]
        self.metric, self.units = metric, units
        self.runs = [(*key, [one for one in lines if not kind or getattr(one, kind)]) for *key, lines in runs]
        self.seeds = sorted({seed for _, seed, _ in runs})

    def row(self) -> dict[str, float | int | None] | None:
        """What the line of scores.csv must hold; None: nothing of the kind was said."""
        unit = TOKENS[self.metric.partition("_")[0]]
        pooled = [
            _rate([one for _, own, lines in self.runs if own == seed for one in lines], unit) for seed in self.seeds
        ]
        pooled = [float(rate) for rate in pooled if rate is not None]
        if not pooled:
            return None
        names, _ = self.by_utterance
        rates = [float(rate) for _, _, lines in self.runs if (rate := _rate(lines, unit)) is not None]
        found = {"pooled": float(np.mean(pooled)), "mean": float(np.mean(rates))}
        found |= {"sd": deviation(rates), "sd_seeds": deviation(pooled)}
        found |= {"folds": len({fold for fold, _, _ in self.runs}), "seeds": len(self.seeds), "utterances": len(names)}
        found |= {unit: len({whose[name] for name in names}) for unit, whose in self.units.items()}
        return found | intervals(self, self.metric)

    @cached_property
    def by_utterance(self) -> tuple[list[str], np.ndarray]:
        """Utterances with words, sorted, and errors and length of each in each seed, by unit: (U, S, 2, 2)."""
        names = sorted({one.name for _, _, lines in self.runs for one in lines})
        place = {name: i for i, name in enumerate(names)}
        added = np.zeros((len(names), len(self.seeds), len(TOKENS), 2))
        for _, seed, lines in self.runs:
            for one in lines:
                added[place[one.name], self.seeds.index(seed)] += [one.counts[unit] for unit in TOKENS.values()]
        return names, added

    def of_sums(self, sums: np.ndarray, metric: str) -> np.ndarray:
        """The rate (...) of sums (..., S, 2, 2), averaged over the seeds; NaN where no word is."""
        errors, length = np.moveaxis(sums[..., [*TOKENS].index(metric.partition("_")[0]), :], -1, 0)
        rates = np.divide(errors, length, out=np.full(length.shape, np.nan), where=length > 0)
        return over_seeds(rates)


def _rate(lines: list[Transcribed], unit: str) -> Fraction | None:
    """Errors over what was said; None where nothing was."""
    length = sum(line.counts[unit][1] for line in lines)
    return Fraction(sum(line.counts[unit][0] for line in lines), length) if length else None
