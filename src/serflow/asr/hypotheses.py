"""One teacher's stored hypotheses: checked against what it must have been trained with, as phones and words."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from serflow.asr.lexicon import Lexicon, Pronunciations, decode, encode, spoken
from serflow.files import file_digest
from serflow.lexical.words import bare
from serflow.provenance.run_record import check_record, stale

__all__ = ["Hypotheses", "read_hypotheses"]

READ = ("hypotheses.parquet", "model/last/lexicon.json")


@dataclass(frozen=True)
class Hypotheses:
    """What a teacher wrote for the test part of its fold.

    Attributes
    ----------
    teacher, fold, seed : which one.
    speakers, sessions : true speaker of each utterance (N), and the session.
    unseen : bool (N), whether no training utterance has the same words.
    improvised : bool (N), whether it is an improvised turn.
    reference : "phone", "word" -> what was said in each utterance (N); words bare, since nobody hears whether an
        apostrophe at a word's edge was written.
    hypothesis : "phone", "word" -> what was written in its place after the last epoch (N), by the beam of the spec.
    greedy : "phone", "word" -> the same after each epoch (E, N), by greedy decoding.
    """

    teacher: str
    fold: int
    seed: int
    speakers: np.ndarray
    sessions: np.ndarray
    unseen: np.ndarray
    improvised: np.ndarray
    reference: dict[str, list[Sequence[str]]]
    hypothesis: dict[str, list[Sequence[str]]]
    greedy: dict[str, list[list[Sequence[str]]]]

    def lines(self, which: str) -> np.ndarray:
        """Places of `all` utterances, of the `unseen` or of the `improvised` ones."""
        return np.arange(len(self.unseen)) if which == "all" else np.flatnonzero(getattr(self, which))


def read_hypotheses(
    entry: Mapping[str, Any],
    table: pd.DataFrame,
    said: Mapping[str, Sequence[str]],
    pronunciations: Pronunciations,
    improvised: Container[str],
) -> Hypotheses:
    """Read and check what the teacher in `entry["folder"]` wrote.

    Parameters
    ----------
    entry : also the run key as `run`, the SHA-256 of the expected spec as `digest_spec`, and as `inputs` digests, by
        name, of what it must have been trained with; `alignments` is None where it is given no runs of words.
    table : the fold table.
    said, pronunciations : words of each utterance as they are written, phones of each word.
    improvised : the utterances that are improvised.

    Raises
    ------
    UserError
        If the run differs from these, or a file is not as the run wrote it.
    """
    folder = Path(entry["folder"])
    record = check_record(folder, key=entry["run"], spec=entry["digest_spec"], inputs=entry["inputs"], teacher=True)
    for name in READ:
        if not (folder / name).is_file() or file_digest(folder / name) != record["outputs"].get(name):
            raise stale(folder / name, "it is missing, or was changed after the run wrote it", teacher=True)
    rows = table[table["fold"] == record["run"]["fold"]].set_index("utterance")
    written = pq.read_table(folder / "hypotheses.parquet").to_pandas()
    last = written[(written["epoch"] == record["epochs"]) & (written["beam"] == record["spec"]["parameters"]["beam"])]
    names = last["utterance"].tolist()
    words = {name: [bare(word) for word in said[name]] for name in rows.index}
    lines = {tuple(words[name]) for name in rows.index[rows["part"] == "train"]}
    lexicon = Lexicon.read(folder / "model/last/lexicon.json")
    by_epoch = written[written["beam"] == 1].groupby("epoch", sort=True)
    greedy = [_read_as(group["tokens"].tolist(), lexicon) for _, group in by_epoch]
    return Hypotheses(
        teacher=record["run"]["system"],
        fold=record["run"]["fold"],
        seed=record["run"]["seed"],
        speakers=rows.loc[names, "speaker"].to_numpy(object),
        sessions=rows.loc[names, "session"].to_numpy(object),
        unseen=np.array([tuple(words[name]) not in lines for name in names]),
        improvised=np.array([name in improvised for name in names]),
        reference={
            "phone": [spoken(decode(encode(said[name], pronunciations))) for name in names],
            "word": [words[name] for name in names],
        },
        hypothesis=_read_as(last["tokens"].tolist(), lexicon),
        greedy={unit: [epoch[unit] for epoch in greedy] for unit in ("phone", "word")},
    )


def _read_as(hypotheses: list[Sequence[str]], lexicon: Lexicon) -> dict[str, list[Sequence[str]]]:
    """Tokens as phones, and as the words that the teacher's lexicon makes of them."""
    return {
        "phone": [spoken(tokens) for tokens in hypotheses],
        "word": [lexicon.words(tokens) for tokens in hypotheses],
    }
