"""One teacher's stored transcriptions: checked against what it must have been taught with, as phones and words."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from serflow.asr.lexicon import Lexicon, Pronunciations, decode, encode, spoken
from serflow.files import file_digest
from serflow.metrics.recognition import Hypotheses
from serflow.provenance.run_record import check_record, stale

__all__ = ["read_hypotheses"]

READ = ("hypotheses.parquet", "model/last/lexicon.json")


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
        truth={
            "phone": [spoken(decode(encode(said[name], pronunciations))) for name in names],
            "word": [said[name] for name in names],
        },
        written=_read_as(last["tokens"].tolist(), lexicon),
        greedy={unit: [epoch[unit] for epoch in greedy] for unit in ("phone", "word")},
    )


def _read_as(written: list[Sequence[str]], lexicon: Lexicon) -> dict[str, list[Sequence[str]]]:
    """Tokens as phones, and as the words that the teacher's lexicon makes of them."""
    return {"phone": [spoken(tokens) for tokens in written], "word": [lexicon.words(tokens) for tokens in written]}
