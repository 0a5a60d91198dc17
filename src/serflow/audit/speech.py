"""What teachers were trained with beside sound: the words of their view, their phones, and their times."""

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

import pyarrow.parquet as pq

from serflow.asr.pronunciations import read_dictionary
from serflow.asr.word_tables import read_alignments, read_pronunciations
from serflow.audit.data import Data
from serflow.audit.findings import Step, agree
from serflow.files import digest, read_json
from serflow.plan.systems import Systems
from serflow.plan.workflow import Workflow

__all__ = ["Speech"]


class Speech(Data):
    """The data of a paper's teachers."""

    def __init__(self, workflow: Workflow, paper: str):
        teacher = workflow.papers[paper]["teacher"]
        super().__init__(workflow, paper, teacher["experiment"], teacher["split"])

    @cached_property
    def pronunciations(self) -> dict[str, tuple[str, ...]]:
        """Phones of the view's words, looked up anew: as written, else without apostrophes at their edges."""
        known = read_dictionary(self.workflow.pronunciations)
        different = {word for words in self.words_as_written.values() for word in words}
        forms = ((word, word if word in known else word.strip("'")) for word in sorted(different))
        return {word: known[form] for word, form in forms if form in known}

    @cached_property
    def improvised(self) -> frozenset[str]:
        """Utterances that the manifest calls improvised."""
        return frozenset(self.manifest.loc[self.manifest["style"] == "improvised", "utterance"])

    @property
    def aligned(self) -> bool:
        """Whether teachers are given runs of words, for which it must be known when each is said."""
        return Systems(self.workflow, self.paper).cuts_at_words

    @property
    def pronunciations_digest(self) -> str:
        """What stands for the phones of the view's words on disk."""
        return read_json(self.view.words_fingerprint("pronunciations"))["digest"]

    @property
    def alignments_digest(self) -> str:
        """What stands for the times of the view's words on disk."""
        return read_json(self.view.words_fingerprint("alignments"))["digest"]

    def speech_steps(self) -> Iterator[Step]:
        """Phones on disk against dictionary and transcripts, times, where they are read, against the manifest."""
        recorded = self.pronunciations_digest
        yield agree(
            "pronunciations", recorded, _of(self.pronunciations), said="the dictionary's, of the manifest's words"
        )
        stored = _of(read_pronunciations(Path(self.view.words("pronunciations"))))
        yield agree("table", stored, recorded, said="the table of pronunciations is as fingerprinted")
        if not self.aligned:
            return
        recorded = self.alignments_digest
        yield agree("alignments", recorded, digest(self._aligned()), said="the times of the manifest's words")
        stored = digest(read_alignments(Path(self.view.words("alignments"))))
        yield agree("table", stored, recorded, said="the table of times is as fingerprinted")

    def _aligned(self) -> dict[str, list[dict]]:
        columns = pq.read_table(self.corpus.manifest, columns=["utterance", "words"]).to_pydict()
        found = dict(zip(columns["utterance"], columns["words"], strict=True))
        return {name: found[name] or [] for name in self.words}


def _of(pronunciations: dict[str, tuple[str, ...]]) -> str:
    return digest({word: list(phones) for word, phones in pronunciations.items()})
