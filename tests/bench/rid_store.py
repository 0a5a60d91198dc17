"""A feature store of one frame an utterance: `python -m bench.rid_store write|open MANIFEST STORE`."""

import sys
from collections.abc import Iterator

import numpy as np
import pyarrow.parquet as pq

from serflow.features.store import Store, write_store

DIMS = 17


def main() -> None:
    """Write it, or open it and touch every utterance."""
    what, manifest, folder = sys.argv[1:]
    names = pq.read_table(manifest, columns=["utterance"])["utterance"].to_pylist()
    if what == "write":
        write_store(folder, spec={}, dims=DIMS, hop_seconds=0.005, versions={}, utterances=_frames(names))
        return
    store = Store.open(folder)
    touched = sum(len(store.frames(name)) for name in names)
    if touched != len(store):
        raise RuntimeError(f"{touched} frames of {len(store)} utterances, expected one each")


def _frames(names: list[str]) -> Iterator[tuple[str, np.ndarray]]:
    """The manifest's own order is by increasing id, as a store wants it."""
    return ((name, np.full((1, DIMS), number, dtype=np.float32)) for number, name in enumerate(names))


if __name__ == "__main__":
    main()
