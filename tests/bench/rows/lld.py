"""The 17 low-level descriptors of every recording, 40 ms every 10 ms: rule `features` on all cores against a bare loop
of `opensmile.Smile.process_file` in one process. Budget: 0.9 x cores times faster."""

from bench.extracting import compare
from bench.measure import Row
from bench.runner import Bench


def run(bench: Bench) -> list[Row]:
    """LLDs as li2019icassp has them."""
    return compare(bench, "lld17_40ms", loop="bench.plain.lld_loop", rows=1000, repetitions=3)
