"""One teacher against its own record and its data: its training speakers and words, and its hypotheses."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq

from serflow.audit.findings import Step, agree
from serflow.audit.records import file_steps, record_steps, versions_step
from serflow.files import digest, read_json
from serflow.provenance.run_key import RunKey
from serflow.provenance.run_record import read_record

__all__ = ["ExpectedTeacher", "teacher_steps"]

UNKNOWN = "<unk>"


@dataclass(frozen=True)
class ExpectedTeacher:
    """What the configuration and the files on disk say of a teacher.

    Attributes
    ----------
    spec : the resolved spec.
    inputs : digests of code, fold table, features, words, their phones and their times (None: of no runs of words).
    table : rows of the fold: utterance, speaker, duration, part.
    words, pronunciations : words of each utterance as they are written, phones of each word.
    """

    spec: dict[str, Any]
    inputs: dict[str, str | None]
    table: pd.DataFrame
    words: Mapping[str, list[str]]
    pronunciations: Mapping[str, tuple[str, ...]]

    def part(self, name: str) -> pd.DataFrame:
        """Rows of a part."""
        return self.table[self.table["part"] == name]

    @property
    def train_speakers(self) -> list[str]:
        """True speakers of the training part, sorted."""
        return sorted(set(self.part("train")["speaker"]))


def teacher_steps(run: RunKey, expected: ExpectedTeacher) -> Iterator[Step]:
    """Check one teacher.

    Raises
    ------
    UserError
        If a file is missing, mangled or of another format; other errors come from a record that lacks what
        every teacher records.
    """
    folder = Path(run.folder)
    record = read_record(folder, teacher=True)
    yield from record_steps(record, run, expected.spec, expected.inputs)
    yield versions_step(record)
    yield from file_steps(record, folder, teacher=True)
    path = folder / "model/epochs.json"
    kept = {"last": record["epochs"], "best": {}, "kept": True}
    yield agree("kept epochs", read_json(path), kept, said=f"{path}: of the last epoch, none chosen")
    said = f"the {len(expected.train_speakers)} speakers of the fold's training part"
    yield agree("train_speakers", ", ".join(record["train_speakers"]), ", ".join(expected.train_speakers), said=said)
    yield _lexicon(folder, expected)
    yield _fold(record, folder, expected)


def _lexicon(folder: Path, expected: ExpectedTeacher) -> Step:
    """The words that phones may become: those of the training part alone, and how often each is said."""
    path = folder / "model/last/lexicon.json"
    words = [word for name in expected.part("train")["utterance"] for word in expected.words[name]]
    said = Counter(word if word in expected.pronunciations else UNKNOWN for word in words)
    made = {
        word: {"said": times, "phones": " ".join(expected.pronunciations.get(word, (UNKNOWN,)))}
        for word, times in said.items()
    }
    return agree("lexicon", digest(read_json(path)), digest(made), said=f"{path}: words of the training part alone")


def _fold(record: Mapping[str, Any], folder: Path, expected: ExpectedTeacher) -> Step:
    """Every test utterance with words once in each epoch, greedily, and after the last with the spec's beam."""
    epochs, beam = record["epochs"], expected.spec["parameters"]["beam"]
    table = pq.read_table(folder / "hypotheses.parquet", columns=["epoch", "beam", "utterance"]).to_pylist()
    tested = [name for name in expected.part("test")["utterance"] if expected.words[name]]
    passes = {(epoch, 1) for epoch in range(1, epochs + 1)} | {(epochs, beam)}
    wanted = Counter((*one, name) for one in passes for name in tested)
    if Counter((row["epoch"], row["beam"], row["utterance"]) for row in table) != wanted:
        said = f"{folder}/hypotheses.parquet: {len(table)} rows are not those of {len(tested)} test utterances"
        return Step(
            "fold", False, said, f"one a test utterance with words and epoch, and of beam {beam} after the last"
        )
    return Step("fold", True, f"{len(tested)} test utterances in each of {epochs} epochs, all that say something")
