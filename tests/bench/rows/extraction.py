"""MFCC of every recording: rule `features` on all cores (processes by `serflow.cli.features`, a packed store written)
against a bare loop of `librosa.feature.mfcc` in one process. Budget: 0.9 x cores times faster."""

from bench.extracting import compare
from bench.measure import Row
from bench.runner import Bench


def run(bench: Bench) -> list[Row]:
    """MFCC as xu2020 has them."""
    return compare(bench, "mfcc13", loop="bench.plain.mfcc_loop", rows=2000, repetitions=3)
