"""Whether views, folds, words and features are known to be what they were when they were last made.

Snakemake builds every job behind a checkpoint a second time, which is half of what a plan of thousands of jobs takes.
Where nothing that these files are made of has changed since a run made them all, the rules that make them need be none.
Where this is wrong (a rule is forced), the plan holds jobs more that look at what is finished and train nothing: never
a stale result. Whether these files are there is for `serflow.plan.made` to say.
"""

from pathlib import Path
from typing import Any

from serflow.files import digest, write_json
from serflow.paths import PRONUNCIATIONS, VECTORS, CorpusPaths
from serflow.plan.unavailable import read_made
from serflow.plan.workflow import Workflow
from serflow.provenance.closure import closure_digest
from serflow.registry import EXTRACTORS, READERS

__all__ = ["RULES", "Prepared"]

RULES = (  # that make all this
    "manifest", "accept", "view", "split", "protocols", "features", "fingerprint", "transcripts", "word_vectors",
    "pronunciations", "alignments",
)  # fmt: skip


class Prepared:
    """What is made before any training is made of, by paper: now, and when a run last made it all."""

    def __init__(self, workflow: Workflow, *, dictionary: str):
        self.workflow, self.dictionary = workflow, dictionary
        self.path = Path(CorpusPaths(workflow.config["corpus"]).prepared)
        self._now, self._then = self._made_of(), read_made(self.path)

    def holds(self) -> bool:
        """Whether nothing has changed for any of the configured papers."""
        then = self._then.get("made_of", {})
        return all(then.get(paper) == now for paper, now in self._now.items())

    def remember(self) -> None:
        """Keep what it is now, when a run has made all of this; it may have made the release itself."""
        made_of = self._then.get("made_of", {}) | self._made_of()
        if self._then != (now := {"made_of": made_of}):
            write_json(self.path, now)

    def _made_of(self) -> dict[str, str]:
        shared = digest(self._shared())
        return {paper: digest([shared, data["experiments"]]) for paper, data in self.workflow.papers.items()}

    def _shared(self) -> dict[str, Any]:
        workflow = self.workflow
        files = [CorpusPaths(workflow.config["corpus"]).release_fingerprint, VECTORS, PRONUNCIATIONS]
        modules = [EXTRACTORS.module(spec["extractor"]) for spec in workflow.features.values()]
        commands = [f"serflow.cli.{rule}" for rule in RULES]
        return {
            "files": {file: read_made(file) for file in files},
            "code": closure_digest(*commands, READERS.module(workflow.corpus["reader"]), *sorted(set(modules))),
            "corpus": workflow.corpus,
            "splits": workflow.splits,
            "features": workflow.features,
            "config": {key: workflow.config[key] for key in ("release", "skip_broken", "lexical")},
            "dictionary": self.dictionary,
        }
