"""ComParE 2016 functionals (6,373 values) of every recording: rule `features` on all cores against a bare loop of
`opensmile.Smile.process_file` in one process. Budget: 0.9 x cores times faster."""

from bench.extracting import compare
from bench.measure import Row
from bench.runner import Bench


def run(bench: Bench) -> list[Row]:
    """Functionals as the SVM yardstick has them."""
    return compare(bench, "compare", loop="bench.plain.functionals_loop", rows=200, repetitions=3)
