"""Stored frames against their digests: a store is hashed once, and again only where it changed since the last audit."""

import os
import time
from contextlib import suppress
from functools import cache
from pathlib import Path

import numpy as np

from serflow.audit.findings import Step
from serflow.errors import UserError
from serflow.features.store import Store
from serflow.files import SETTLED_NS, digest, file_stamp, read_json, write_json
from serflow.paths import AUDITED

__all__ = ["frames_step"]

FILES = ("frames.npy", "index.parquet")


def frames_step(store: Store, utterances: list[str], *, deep: bool = False) -> Step:
    """The bytes of these utterances' frames against the index; `deep`: although they were found right and unchanged."""
    folder = Path(store.folder)
    stamps = tuple(file_stamp((folder / name).stat()) for name in FILES)
    before = not deep and _remembered().get(os.path.abspath(folder)) == " ".join(stamps)
    wrong = {} if before else _hashed(folder.resolve(), stamps)
    for name in utterances:
        if name in wrong:
            expected = store.digests[name][:12]
            return Step("frames", False, f"{folder}: frames of {name} differ from their digest", expected)
    if not wrong and not before and all(_is_settled(folder / name) for name in FILES):
        with suppress(OSError):  # of a folder that may not be written, nothing is remembered
            write_json(AUDITED, _remembered() | {os.path.abspath(folder): " ".join(stamps)})
    how = ", unchanged since an audit hashed them" if before else ""
    return Step("frames", True, f"of {len(utterances)} utterances have the digests of the index{how}")


@cache
def _hashed(folder: Path, stamps: tuple[str, ...]) -> dict[str, str]:
    """The digests of the frames of a store, as they are, of those utterances of which the index has another one."""
    store = Store.open(folder, verified=False)
    found = {name: digest(np.ascontiguousarray(store.frames(name), dtype="<f4").tobytes()) for name in store.digests}
    return {name: one for name, one in found.items() if one != store.digests[name]}


def _remembered() -> dict[str, str]:
    """Folder of a store -> stamps of its files when all its frames were as in its index; empty where nobody looked."""
    try:
        content = read_json(AUDITED)
    except UserError:
        return {}
    return content if isinstance(content, dict) else {}


def _is_settled(path: Path) -> bool:
    return max(path.stat().st_mtime_ns, path.stat().st_ctime_ns) < time.time_ns() - SETTLED_NS
