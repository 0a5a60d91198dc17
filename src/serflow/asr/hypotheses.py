"""One teacher's stored hypotheses: checked against what it must have been trained with, as phones and words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from serflow.asr.lexicon import Lexicon, Pronunciations, decode, encode, spoken
from serflow.files import file_digest
from serflow.provenance.run_record import check_record, stale

__all__ = ["Hypotheses", "read_hypotheses"]

READ = ("hypotheses.parquet", "model/last/lexicon.json")


@dataclass(frozen=True)
class Hypotheses:
    """What a teacher wrote for the test part of its fold.

    Attributes
    ----------
    teacher, fold, seed : which one.
    speakers : true speaker of each utterance (N).
    unseen : bool (N), whether no training utterance has the same words.
    reference : "phone", "word" -> what was said in each utterance (N).
    hypothesis : "phone", "word" -> what was written in its place after the last epoch (N), by the beam of the spec.
    greedy : "phone", "word" -> the same after each epoch (E, N), by greedy decoding.
    """

    teacher: str
    fold: int
    seed: int
    speakers: np.ndarray
    unseen: np.ndarray
    reference: dict[str, list[Sequence[str]]]
    hypothesis: dict[str, list[Sequence[str]]]
    greedy: dict[str, list[list[Sequence[str]]]]

    def lines(self, which: str) -> np.ndarray:
        """Places of all utterances, or of those whose lines training never saw."""
        return np.flatnonzero(self.unseen) if which == "unseen" else np.arange(len(self.unseen))


def read_hypotheses(
    entry: Mapping[str, Any], table: pd.DataFrame, said: Mapping[str, Sequence[str]], pronunciations: Pronunciations
) -> Hypotheses:
    """Read and check what the teacher in `entry["folder"]` wrote.

    Parameters
    ----------
    entry : also the run key as `run`, the SHA-256 of the expected spec as `digest_spec`, and as `inputs` digests, by
        name, of what it must have been trained with; `alignments` is None where it is given no runs of words.
    table : the fold table.
    said, pronunciations : words of each utterance, phones of each word.

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
    lines = {tuple(said[name]) for name in rows.index[rows["part"] == "train"]}
    lexicon = Lexicon.read(folder / "model/last/lexicon.json")
    by_epoch = written[written["beam"] == 1].groupby("epoch", sort=True)
    greedy = [_read_as(group["tokens"].tolist(), lexicon) for _, group in by_epoch]
    return Hypotheses(
        teacher=record["run"]["system"],
        fold=record["run"]["fold"],
        seed=record["run"]["seed"],
        speakers=rows.loc[names, "speaker"].to_numpy(object),
        unseen=np.array([tuple(said[name]) not in lines for name in names]),
        reference={
            "phone": [spoken(decode(encode(said[name], pronunciations))) for name in names],
            "word": [said[name] for name in names],
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
