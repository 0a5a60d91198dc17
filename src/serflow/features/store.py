"""The packed feature store: all frames of a feature set in one mapped array, an index, and their origin."""

import hashlib
import itertools
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import ConfigDict

from serflow.errors import UserError, remade
from serflow.files import atomic_path, read_json, write_json
from serflow.formats import STORE, check_format
from serflow.parquet import read_columns
from serflow.validation import Count, Positive, Strict, Text, validate

FRAMES, INDEX, META = "frames.npy", "index.parquet", "store.json"
SCHEMA = pa.schema([("utterance", pa.string()), ("start", pa.int64()), ("frames", pa.int64()), ("sha256", pa.string())])
ROW_GROUP = 4096


class _Meta(Strict):
    """store.json, as far as a store is opened by it."""

    model_config = ConfigDict(extra="allow")

    spec: dict[str, Any]
    dims: Count
    hop_seconds: Positive | None
    utterances: Count
    frames: Count
    digest: Text


def write_store(
    folder: str | Path,
    *,
    spec: Mapping[str, Any],
    dims: int,
    hop_seconds: float | None,
    versions: Mapping[str, str],
    utterances: Iterable[tuple[str, np.ndarray]],
) -> None:
    """Write a store in one pass, in constant memory; equal input gives equal bytes.

    Parameters
    ----------
    folder : written whole or not at all.
    spec : what the features were made with, kept as it is.
    dims : values a frame (D).
    hop_seconds : seconds from one frame to the next; None: one row an utterance.
    versions : package -> version, kept as it is.
    utterances : pairs of an id and its frames (T, D), T >= 1, by increasing id.

    Raises
    ------
    UserError
        If there is no utterance.
    ValueError
        If ids do not increase or frames have another shape.
    """
    with atomic_path(folder) as temporary:
        temporary.mkdir()
        with _Writer(temporary, dims) as writer:
            for utterance, frames in utterances:
                writer.add(utterance, frames)
        if writer.last is None:
            raise UserError(f"{folder}: no utterance to extract; the manifest is empty")
        meta = {
            "format": STORE.number,
            "spec": dict(spec),
            "dims": dims,
            "hop_seconds": hop_seconds,
            "utterances": writer.count,
            "frames": writer.total,
            "digest": writer.digest.hexdigest(),
            "versions": dict(versions),
        }
        write_json(temporary / META, meta)


class _Writer:
    """Appends utterances to a frame file and its index."""

    def __init__(self, folder: Path, dims: int) -> None:
        self.dims = dims
        self.total = 0
        self.count = 0
        self.last: str | None = None
        self.digest = hashlib.sha256()
        self._rows: list[dict[str, Any]] = []
        self._file = open(folder / FRAMES, "wb")  # noqa: SIM115 (closed in __exit__)
        self._body = self._write_header()
        self._index = pq.ParquetWriter(folder / INDEX, SCHEMA)

    def __enter__(self) -> "_Writer":
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            if kind is None:
                self._flush()
                # numpy leaves room in the header for axis 0 to grow, so the final one fits over the first.
                self._file.seek(0)
                if self._write_header() != self._body:
                    raise ValueError(f"{FRAMES}: numpy changed the length of its header between two calls")
        finally:
            self._index.close()
            self._file.close()

    def add(self, utterance: str, frames: np.ndarray) -> None:
        """Append one utterance's frames (T, D)."""
        if self.last is not None and utterance <= self.last:
            raise ValueError(f"{utterance}: came after {self.last}, but utterances must come by increasing id")
        if frames.ndim != 2 or frames.shape[0] == 0 or frames.shape[1] != self.dims:
            raise ValueError(f"{utterance}: frames of shape {frames.shape}, expected (T >= 1, {self.dims})")
        data = np.ascontiguousarray(frames, dtype="<f4").tobytes()
        sha256 = hashlib.sha256(data).hexdigest()
        self._file.write(data)
        row = {"utterance": utterance, "start": self.total, "frames": len(frames), "sha256": sha256}
        self._rows.append(row)
        self.digest.update(_line(utterance, sha256))
        self.total += len(frames)
        self.count += 1
        self.last = utterance
        if len(self._rows) == ROW_GROUP:
            self._flush()

    def _flush(self) -> None:
        self._index.write_table(pa.Table.from_pylist(self._rows, schema=SCHEMA))
        self._rows.clear()

    def _write_header(self) -> int:
        header = {"descr": "<f4", "fortran_order": False, "shape": (self.total, self.dims)}
        np.lib.format.write_array_header_1_0(self._file, header)
        return self._file.tell()


class PackedFrames:
    """Frames of utterances, one utterance after the other in one array.

    Parameters
    ----------
    packed : float32 (F, D), taken as read-only.
    utterances : ids (N).
    start, count : first row, and rows, of each utterance (N).
    hop_seconds : seconds from one frame to the next; None: frames are no steps of time.
    """

    def __init__(
        self,
        packed: np.ndarray,
        *,
        utterances: Sequence[str],
        start: Sequence[int],
        count: Sequence[int],
        hop_seconds: float | None,
    ) -> None:
        self.packed, self.hop_seconds = packed, hop_seconds
        self.dims: int = packed.shape[1]
        self._row = {utterance: row for row, utterance in enumerate(utterances)}
        self._start, self._count = start, count

    @classmethod
    def of(cls, frames: Mapping[str, np.ndarray], *, hop_seconds: float | None) -> "PackedFrames":
        """A copy of frames float32 (T, D) by utterance, in this order."""
        counts = [len(rows) for rows in frames.values()]
        start = [0, *itertools.accumulate(counts)][:-1]
        packed = np.concatenate(list(frames.values()))
        return cls(packed, utterances=list(frames), start=start, count=counts, hop_seconds=hop_seconds)

    @property
    def utterances(self) -> list[str]:
        """Ids, in the order of their frames."""
        return list(self._row)

    def __len__(self) -> int:
        return len(self._row)

    def __contains__(self, utterance: object) -> bool:
        return utterance in self._row

    def frames(self, utterance: str) -> np.ndarray:
        """Frames of an utterance, float32 (T, D): a view.

        Raises
        ------
        UserError
            If it has none here.
        """
        row = self._found(utterance)
        return self.packed[self._start[row] : self._start[row] + self._count[row]]

    def length(self, utterance: str) -> int:
        """How many frames an utterance has; they are not read. Raises as `frames`."""
        return self._count[PackedFrames._found(self, utterance)]

    def starts(self, utterances: Iterable[str]) -> np.ndarray:
        """The rows of `packed` that these utterances begin with, int64 (K); raises as `frames`."""
        return np.array([self._start[self._found(utterance)] for utterance in utterances], dtype=np.int64)

    def _found(self, utterance: str) -> int:
        row = self._row.get(utterance)
        if row is None:
            raise UserError(self._missing(utterance))
        return row

    def _missing(self, utterance: str) -> str:
        return f"no frames of utterance {utterance}"


class Store(PackedFrames):
    """A store to read from; frames stay on disk until they are touched, and views of them are read-only.

    An utterance's frames are held against their SHA-256 when they are first asked for: `frames` and `starts` raise a
    `UserError` where they are not those that were extracted (not of a store that was opened with `verified=False`).
    """

    def __init__(
        self, folder: Path, meta: Mapping[str, Any], index: Mapping[str, list], frames: np.ndarray, *, verified: bool
    ) -> None:
        self.folder = folder
        self._wanting = set(index["utterance"]) if verified else set()  # whose frames nobody has asked for yet
        self.spec: dict[str, Any] = meta["spec"]
        self.digest: str = meta["digest"]
        self._sha256 = index["sha256"]
        super().__init__(
            frames,
            utterances=index["utterance"],
            start=index["start"],
            count=index["frames"],
            hop_seconds=meta["hop_seconds"],
        )

    @classmethod
    def open(cls, folder: str | Path, *, verified: bool = True) -> "Store":
        """Map a store; `verified=False` for who compares digests by itself.

        Raises
        ------
        UserError
            If a file is missing or of another format, or the three do not belong together.
        """
        folder = Path(folder)
        meta = read_json(folder / META)
        check_format(folder / META, meta, STORE)
        validate(meta, _Meta, where=f"{folder / META}: {remade(folder)}")
        try:
            frames = np.asarray(np.load(folder / FRAMES, mmap_mode="r", allow_pickle=False))
            index = read_columns(folder / INDEX)
            if missing := set(SCHEMA.names) - set(index):
                raise ValueError(f"{INDEX}: no column {', '.join(sorted(missing))}")
            if len(set(index["utterance"])) < len(index["utterance"]):
                raise ValueError(f"{INDEX}: an utterance stands twice")
        except Exception as error:  # numpy reads its header as Python, and says so where that is mangled
            raise UserError(f"{folder}: the feature store cannot be read ({error}); {remade(folder)}") from error
        whole = frames.shape == (meta["frames"], meta["dims"]) and len(index["utterance"]) == meta["utterances"]
        if not whole:
            raise UserError(
                f"{folder}: {FRAMES} {frames.shape} and {INDEX} ({len(index['utterance'])} rows) do not fit {META} "
                f"({meta['frames']} frames of {meta['dims']}, {meta['utterances']} utterances); "
                f"{remade(folder)}"
            )
        store = cls(folder, meta, index, frames, verified=verified)
        if verified and (found := store._index_digest()) != store.digest:
            raise UserError(
                f"{folder / INDEX}: not the index that was written (its digest is {found[:12]}, that in {META} "
                f"{store.digest[:12]}); {remade(folder)}"
            )
        return store

    def _found(self, utterance: str) -> int:
        """Place of an utterance, whose frames are as they were extracted."""
        row = super()._found(utterance)
        if utterance in self._wanting:
            frames = self.packed[self._start[row] : self._start[row] + self._count[row]]
            if hashlib.sha256(np.ascontiguousarray(frames, dtype="<f4")).hexdigest() != self._sha256[row]:
                raise UserError(
                    f"{self.folder / FRAMES}: the frames of utterance {utterance} are not those that were extracted "
                    f"(their SHA-256 is not the one in {INDEX}); {remade(self.folder)}"
                )
            self._wanting.discard(utterance)
        return row

    def _index_digest(self) -> str:
        """SHA-256 over utterances and the digests of their frames, as `_Writer` makes it."""
        return hashlib.sha256(b"".join(_line(*entry) for entry in self.digests.items())).hexdigest()

    def _missing(self, utterance: str) -> str:
        return f"{self.folder}: no features of utterance {utterance}; {remade(self.folder)}"

    @property
    def digests(self) -> dict[str, str]:
        """Utterance -> SHA-256 (hex) of its frames' bytes."""
        return dict(zip(self._row, self._sha256, strict=True))


def _line(utterance: str, sha256: str) -> bytes:
    """What a store's digest is made of: an utterance and the digest of its frames."""
    return f"{utterance}\t{sha256}\n".encode()
