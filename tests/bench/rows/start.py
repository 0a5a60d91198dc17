"""A training process, from its start to its first batch: a real process of `serflow.cli.train` on a corpus of
IEMOCAP's size (5,531 utterances of noise, the four classes' full part), which ends itself once the first batch is
collated. The reference is `python -c "import torch"`, up to the end of the import. Budget: 4 s.
"""

import os

from bench.clock import CPU, clock
from bench.measure import Budget, Row, in_turn
from bench.processes import python
from bench.runner import Bench
from bench.training import job, job_arguments, spec_of, write_corpus

IMPORT = "import torch; from bench.clock import clock; print('imported at', clock())"


def run(bench: Bench) -> list[Row]:
    """Seconds from the start of the process."""
    folder = bench.folder / "start"
    size = bench.size(5531, quick=60)
    arguments = job_arguments(job(write_corpus(folder, utterances=size), spec_of()))
    measured = in_turn(
        lambda: _until(" at ", "-m", "bench.first_batch", *arguments, folder=folder),
        lambda: _until(" at ", "-c", IMPORT, folder=folder),
        repetitions=bench.repetitions(5),
    )
    return [
        Row("start to first batch", "s", *measured, Budget(ours=4), f"{size} utterances in the split and the store")
    ]


def _until(mark: str, *arguments: str, folder) -> float:
    """Seconds from before the process is started until what it says after `mark`; its processor time starts at 0."""
    before = 0 if CPU in os.environ else clock()
    return float(python(*arguments, folder=folder).rpartition(mark)[2]) - before
