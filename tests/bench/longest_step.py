"""One training step on all of a store, in a process of its own: `python -m bench.longest_step STORE SPEC`.

Prints the highest resident memory of the process before and after it, in bytes, as JSON.
"""

import json
import sys
from pathlib import Path

import numpy as np

from serflow.examples import Examples
from serflow.features.store import Store
from serflow.learners.network import Network
from serflow.training.malloc import keep_freed_memory


def peak() -> int:
    """Highest resident memory so far (Linux). Unlike ru_maxrss it does not start at what the parent process had."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmHWM:"))


def main() -> None:
    """Train for one epoch of one step: the batch size of the spec is at least the number of utterances."""
    store, spec = Store.open(sys.argv[1]), json.loads(sys.argv[2])
    names = list(store.digests)
    frames = np.array([len(store.frames(name)) for name in names])
    labels = np.arange(len(names)) % len(spec["classes"])
    train = Examples(utterances=names, labels=labels, store=store, durations=frames * store.hop_seconds)
    keep_freed_memory()
    before = peak()
    learner = Network(spec=spec, classes=spec["classes"], device="cpu", seed=1)
    row = next(learner.fit(train))
    if row["steps"] != 1:
        raise RuntimeError(f"{row['steps']} steps were trained, expected one")
    print(json.dumps({"before": before, "peak": peak()}))


if __name__ == "__main__":
    main()
