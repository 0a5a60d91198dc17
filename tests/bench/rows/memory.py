"""Peak anonymous memory (RssAnon of the process and all below it, sampled every 10 ms; mapped pages do not count)
at two sizes of the corpus. "Ours" is the larger corpus and "reference" the smaller one, so that a ratio of 1 is
memory that does not grow with the corpus; taken as constant from 0.9 on. Extraction: rule `features` with a worker
a core. Training's data path: a real process of `serflow.cli.train`, one epoch of the same number of steps at both
sizes, then the whole test part; a network of tiny widths, so that it is the data that would show.
"""

from functools import partial
from pathlib import Path

from bench.machine import cores
from bench.measure import Budget, Row, in_turn
from bench.processes import peak_private
from bench.project import features
from bench.runner import Bench
from bench.speech import repeated, speech
from bench.training import job, job_arguments, spec_of, write_corpus
from serflow.features.store import Store
from serflow.files import canonical_json

CONSTANT = Budget(ratio=0.9)
TINY = {"parallel": 2, "channels": [2, 2, 2, 2], "n_head": 1, "n_size": 2}


def run(bench: Bench) -> list[Row]:
    """Extraction and training, each at two sizes."""
    return [_extraction(bench), _training(bench)]


def _extraction(bench: Bench) -> Row:
    found, folder = speech(bench.folder), bench.folder
    small = bench.size(300, quick=16)
    spec = canonical_json(features("mfcc13"))

    def peak(manifest: Path) -> float:
        where = ["--manifest", manifest, "--release", found.release, "--output", folder / "memory_store"]
        return peak_private("-m", "serflow.cli.features", *where, "--spec", spec, "--jobs", cores(), folder=folder)

    large, least = (partial(peak, repeated(found, size)) for size in (4 * small, small))
    measured = in_turn(large, least, repetitions=bench.repetitions(3))
    return Row(f"extraction, {4 * small} against {small} turns", "MB", *measured, CONSTANT)


def _training(bench: Bench) -> Row:
    small = bench.size(1000, quick=30)
    spec = spec_of()
    settings = spec["parameters"]
    settings["model"] |= TINY
    settings["train"] |= {"epochs": 1}
    spec["steps"] = bench.size(20, quick=2)

    def peak(folder: Path) -> float:
        return peak_private("-m", "serflow.cli.train", *job_arguments(job(folder, spec)), folder=folder)

    sizes = {size: write_corpus(bench.folder / f"memory_{size}", utterances=size) for size in (10 * small, small)}
    measured = in_turn(*(partial(peak, folder) for folder in sizes.values()), repetitions=bench.repetitions(3))
    bulk = [Store.open(folder / "store").packed.nbytes / 1e6 for folder in sizes.values()]
    note = f"the frames of the two stores are {bulk[0]:.1f} and {bulk[1]:.1f} MB; {spec['steps']} steps are trained"
    return Row(f"training, {10 * small} against {small} utterances", "MB", *measured, CONSTANT, note)
