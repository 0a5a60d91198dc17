"""The stand-in at the size of the corpus, 10,039 labelled turns: written by `serflow demo-release` and read by rule
`manifest`, all cores for the former, one for the latter. Minutes: run by `make bench BENCH=full_size` alone, and
once. The reference of the reading is reading the bytes of the same audio files and no more.
"""

import time

from bench.machine import cores
from bench.measure import Row
from bench.runner import Bench
from bench.speech import read_release, write_stand_in

ONLY_BY_NAME = True


def run(bench: Bench) -> list[Row]:
    """Seconds to write, seconds to read."""
    release, turns = bench.folder / "full_size", bench.size(10039, quick=225)
    before = time.perf_counter()
    write_stand_in(release, turns=turns)
    written = time.perf_counter() - before
    read, bare = [], []
    for _ in range(bench.repetitions(1)):
        before = time.perf_counter()
        read_release(release, bench.folder / "full_size.parquet", corpus="demo")
        read.append(time.perf_counter() - before)
        before = time.perf_counter()
        held = sum(len(path.read_bytes()) for path in release.rglob("*.wav"))
        bare.append(time.perf_counter() - before)
    return [
        Row(
            "writing the stand-in",
            "s",
            [written],
            note=f"{turns} turns, {cores()} processes, {held / 1e6:.0f} MB of audio",
        ),
        Row("reading it", "s", read, bare),
    ]
