"""What of a corpus may leave the machine: all of it, or no more than the names of its turns."""

import io
from collections.abc import Collection

import pyarrow as pa
import pyarrow.parquet as pq

__all__ = ["RULE", "trimmed"]

RULE = (
    "show_text of the corpus's YAML decides. true: all leaves but recordings, features and weights. false: of an "
    "utterance its name, the SHA-256 of its recording and of its features with their number of frames, its folds and "
    "parts, and what systems predict of it leave; its label, speaker, session and words do not, nor a file made of "
    "them row by row"
)


def trimmed(data: bytes, kept: Collection[str]) -> bytes:
    """The bytes of a Parquet table with those of its columns alone that are kept: equal input gives equal bytes.

    `kept` may end in * for columns that begin so.
    """
    table = pq.read_table(pa.BufferReader(data)).replace_schema_metadata(None)
    beginnings = tuple(name.removesuffix("*") for name in kept if name.endswith("*"))
    names = [name for name in table.column_names if name in kept or beginnings and name.startswith(beginnings)]
    written = io.BytesIO()
    pq.write_table(table.select(names), written, compression="zstd")
    return written.getvalue()
