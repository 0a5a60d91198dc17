"""The clock that counts: the wall's, or (`--cpu`) processor time, which a busy machine can still tell."""

import os
import time

__all__ = ["CPU", "clock"]

CPU = "SERFLOW_BENCH_CPU"  # an environment variable: set, processor time counts, here and in the processes started


def clock() -> float:
    """Seconds, of which only differences tell; processor time counts from the start of the process."""
    return time.process_time() if CPU in os.environ else time.monotonic()
