"""From the audio of a manifest to a feature store, in parallel over utterances."""

import contextlib
import importlib.metadata
import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Iterator, Mapping
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from tqdm import tqdm

from serflow.errors import MAKE, UserError
from serflow.features.store import write_store
from serflow.files import file_digest
from serflow.parquet import intact, read_arrow
from serflow.recordings import (
    SAMPLE_RATE,
    Unusable,
    converted,
    converted_length,
    decode,
    mixed_down,
    own_position,
)
from serflow.registry import EXTRACTORS
from serflow.workers import workers

COLUMNS = [
    "utterance", "path", "sample_rate", "samples", "offset", "file_samples", "file_rate", "file_channels", "mixdown",
    "sha256",
]  # fmt: skip
CHUNK = 8  # utterances a task: hides the cost of the hand-over, keeps all workers busy to the end
AHEAD = 4  # tasks a worker that may wait: bounds the memory whatever the corpus
THREAD_SETTINGS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


class Extractor(Protocol):
    """What a file named by `extractor:` offers; `packages` are those that decide the values.

    `dims` and `hop_seconds` follow from the values that it is made of: a plan asks for them and extracts nothing. So
    one that has weights loads them at its first call, and not when it is made.
    """

    packages: tuple[str, ...]
    sample_rate: int
    dims: int
    hop_seconds: float | None

    def __call__(self, samples: np.ndarray) -> np.ndarray:
        """Turn samples float32 (n,) into features float32 (T, dims)."""
        ...


def build(spec: Mapping[str, Any]) -> Extractor:
    """Make the extractor that `spec["extractor"]` names (a file of this folder) from the other values.

    Raises
    ------
    UserError
        If there is no such extractor or it does not take these values.
    """
    name = spec["extractor"]
    maker = EXTRACTORS.load(name, where="features: ")
    values = {key: value for key, value in spec.items() if key != "extractor"}
    wanted = set(EXTRACTORS.arguments(name))
    if wrong := wanted.symmetric_difference(values):
        raise UserError(f"features, extractor {name}: keys {sorted(wrong)}: expected exactly {sorted(wanted)}")
    return maker(**values)


def extract(
    *, manifest: str | Path, release: str | Path, spec: Mapping[str, Any], jobs: int, folder: str | Path
) -> None:
    """Write the store of all utterances of a manifest.

    Parameters
    ----------
    manifest : Parquet file with the columns `COLUMNS`. Of a file, only the utterance's part is read.
    release : folder that the manifest's paths start from.
    spec : one entry of the features file.
    jobs : worker processes; the result does not depend on it.
    folder : the store to write.

    Raises
    ------
    UserError
        If the spec has another sample rate than the manifest, or a file cannot be read, differs from the manifest, or
        gives features that are not finite.
    """
    extractor = build(spec)
    rows = read_arrow(intact(manifest), COLUMNS)
    rows = rows.take(pc.sort_indices(rows["utterance"]))
    _check_rates(rows, extractor.sample_rate)
    with contextlib.closing(_in_parallel(rows, release, spec, jobs)) as pairs:
        write_store(
            folder,
            spec=spec,
            dims=extractor.dims,
            hop_seconds=extractor.hop_seconds,
            versions={name: importlib.metadata.version(name) for name in (*extractor.packages, *_resamplers(rows))},
            # disable=None: a bar only on a terminal, none in a log file.
            utterances=tqdm(pairs, total=rows.num_rows, unit="utterance", disable=None),
        )


def _check_rates(rows: pa.Table, expected: int) -> None:
    wrong = rows.filter(pc.not_equal(rows["sample_rate"], expected))
    if wrong.num_rows:
        first = wrong.slice(0, 1).to_pylist()[0]
        more = f" (and {wrong.num_rows - 1} more files)" if wrong.num_rows > 1 else ""
        raise UserError(
            f"{first['path']}{more}: sample rate {first['sample_rate']} Hz, "
            f"the features expect {expected} Hz; "
            "change sample_rate in the features file"
        )


def _resamplers(rows: pa.Table) -> tuple[str, ...]:
    """The package that decides values where some file has another rate."""
    return ("soxr",) if pc.any(pc.not_equal(rows["file_rate"], rows["sample_rate"])).as_py() else ()


def _in_parallel(
    rows: pa.Table, release: str | Path, spec: Mapping[str, Any], jobs: int
) -> Iterator[tuple[str, np.ndarray]]:
    """Utterances and frames in the order of `rows`; at most AHEAD * jobs tasks are under way at a time."""
    # Even one job has its worker, so that no number of jobs changes a bit: numpy's thread pools are sized when it is
    # loaded.
    waiting: deque[Future] = deque()
    try:
        with _single_threaded(), workers(jobs, _start_worker, dict(spec), str(release)) as pool:
            for start in range(0, rows.num_rows, CHUNK):
                waiting.append(pool.submit(_work, rows.slice(start, CHUNK).to_pylist()))
                if len(waiting) == AHEAD * jobs:
                    yield from pool.result(waiting.popleft())
            while waiting:
                yield from pool.result(waiting.popleft())
    except BrokenProcessPool as error:
        raise UserError(
            "features: a worker process died (killed for want of memory, or openSMILE failed); "
            "run again with fewer cores, then look at the system's log"
        ) from error


@contextlib.contextmanager
def _single_threaded() -> Iterator[None]:
    before = {name: os.environ.get(name) for name in THREAD_SETTINGS}
    os.environ.update(dict.fromkeys(THREAD_SETTINGS, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


class _Worker:
    """What a worker process keeps between its tasks."""

    extractor: Extractor
    release: Path
    known: set[str]  # recordings that were seen to be those of the manifest


def _start_worker(spec: dict[str, Any], release: str) -> None:
    # The parent handles Ctrl-C and then stops its workers; if it is killed, they end themselves.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    threading.Thread(target=lambda: (parent.join(), os._exit(1)), daemon=True).start()
    _Worker.extractor = build(spec)
    _Worker.release = Path(release)
    _Worker.known = set()


def _work(rows: list[dict[str, Any]]) -> list[tuple[str, np.ndarray]]:
    found = []
    for row in rows:
        found.append((row["utterance"], utterance_features(_Worker.extractor, _Worker.release, row)))
        if row["path"] not in _Worker.known:  # many utterances may be parts of one file
            check_recording(_Worker.release / row["path"], row["sha256"])
            _Worker.known.add(row["path"])
    return found


def check_recording(path: Path, sha256: str) -> None:
    """Refuse a recording that is not, byte for byte, the one that the manifest lists."""
    if file_digest(path) != sha256:
        raise UserError(
            f"{path}: not the recording that the manifest lists (its SHA-256 differs); restore it from your copy of "
            f"the release or, if it was changed on purpose, delete inventory.tsv beside the manifest and {MAKE}: the "
            "release is read anew"
        )


def utterance_features(extractor: Extractor, release: Path, row: Mapping[str, Any]) -> np.ndarray:
    """Features (T, D) of one row of the manifest; `UserError` where its audio or they are not usable."""
    samples = utterance_samples(release, row)
    frames = extractor(samples)
    if not np.isfinite(frames).all():
        columns = np.flatnonzero(~np.isfinite(frames).all(axis=0))
        raise UserError(
            f"{row['path']} (utterance {row['utterance']}): {len(columns)} of {frames.shape[1]} features are "
            f"NaN or infinite (the first is column {columns[0]}); is the audio, {len(samples)} samples, "
            "too short or not finite? Mend it or leave it out of the corpus"
        )
    return frames


def utterance_samples(release: Path, row: Mapping[str, Any]) -> np.ndarray:
    """Samples float32 (n,) of one row of the manifest at `SAMPLE_RATE`: its part of the file, then converted.

    Raises
    ------
    UserError
        If the file cannot be read or is another than the manifest says.
    """
    path, rate, count, offset = release / row["path"], row["file_rate"], row["samples"], row["offset"]
    if count == 0:
        raise UserError(f"{path}: no samples in it; restore the file or leave it out of the corpus")
    end = None if offset + count == row["file_samples"] else own_position(offset + count, rate)
    try:
        found = decode(path, start=own_position(offset, rate), stop=end)
    except Unusable as broken:
        raise UserError(f"{path}: cannot be read as audio ({broken.message}); restore the file") from None
    # To the end of a file its samples count, and not the frames that its header has, which may be some more.
    whole = own_position(offset, rate) + len(found.samples) if end is None else found.frames
    length = converted_length(whole, found.rate)
    expected = (rate, row["file_channels"], row["file_samples"])
    if (found.rate, found.channels, length) != expected:
        raise UserError(
            f"{path}: {length} samples at {SAMPLE_RATE} Hz of {found.channels} channel(s) at {found.rate} Hz; expected "
            f"{row['file_samples']} of {row['file_channels']} channel(s) at {rate} Hz; "
            f"if the file was changed, have the corpus read again: delete its manifest.parquet and {MAKE}"
        )
    return converted(mixed_down(found.samples, row["mixdown"] or "first"), rate, count=count)
