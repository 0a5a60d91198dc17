"""A description of a crate's tables of utterances in Croissant 1.0: recordings, manifest and fold tables.

http://mlcommons.org/croissant/1.0: what loads such a description reads the tables of an unpacked crate.
"""

import io
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from serflow.crate.layout import RECORDINGS
from serflow.files import canonical_json, digest
from serflow.paths import CorpusPaths, ViewPaths
from serflow.plan.report import Report

__all__ = ["croissant", "described"]

TERMS = (
    "citeAs", "column", "data", "dataType", "equivalentProperty", "examples", "extract", "field", "fileProperty",
    "fileObject", "fileSet", "format", "includes", "isLiveDataset", "jsonPath", "key", "md5", "parentField", "path",
    "recordSet", "references", "regex", "repeated", "replace", "samplingRate", "separator", "source", "subField",
    "transform",
)  # fmt: skip
CONTEXT = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "sc": "https://schema.org/",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "dct": "http://purl.org/dc/terms/",
    "conformsTo": "dct:conformsTo",
    **{term: f"cr:{term}" for term in TERMS},
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "examples": {"@id": "cr:examples", "@type": "@json"},
}
MEDIA = {".csv": "text/csv", ".parquet": "application/x-parquet"}
COLUMNS = {  # what the columns of fold tables and manifests are
    "utterance": "name of the utterance",
    "sha256": "SHA-256 of its recording; of parts of one recording, that of the whole",
    "class": "class of the paper's experiment",
    "label": "label of the corpus, by its name in serflow",
    "speaker": "true speaker",
    "session": "session of two speakers",
    "duration": "seconds",
    "fold": "number of the fold",
    "part": "train, validation or test",
    "text": "transcript",
}


def croissant(report: Report, tables: Mapping[str, bytes], *, date: str) -> str:
    """The text of croissant.json: equal input gives equal text.

    Parameters
    ----------
    tables : bytes of the tables that are described, by their names in the crate (`described`).
    date : of the data, YYYY-MM-DD.
    """
    config, corpus = report.workflow.config, report.workflow.corpus
    content = {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "name": f"{config['corpus']}-folds",
        "description": f"Utterances of {corpus['title']} and the folds that systems were trained and tested on; "
        "recordings by their SHA-256 alone.",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "license": corpus["licence"],
        "version": "1.0.0",
        "datePublished": date,
        "citeAs": corpus["version"],
        "distribution": [_file(name, data) for name, data in sorted(tables.items())],
        "recordSet": [_records(name, data) for name, data in sorted(tables.items())],
    }
    return canonical_json(content) + "\n"


def described(report: Report, names: set[str]) -> list[str]:
    """Of a crate's files those that are tables of utterances: recordings, manifest, fold tables."""
    corpus = report.workflow.config["corpus"]
    tables = [ViewPaths(corpus, paper, experiment).fold_table(split) for paper, experiment, split in report.plan.folds]
    return sorted({RECORDINGS, CorpusPaths(corpus).manifest, *tables} & names)


def _file(name: str, data: bytes) -> dict[str, Any]:
    return {
        "@type": "cr:FileObject",
        "@id": name,
        "name": name,
        "contentUrl": name,
        "contentSize": f"{len(data)} B",
        "encodingFormat": MEDIA[PurePosixPath(name).suffix],
        "sha256": digest(data),
    }


def _records(name: str, data: bytes) -> dict[str, Any]:
    identity = str(PurePosixPath(name).with_suffix(""))
    return {
        "@type": "cr:RecordSet",
        "@id": identity,
        "name": identity,
        "field": [
            {
                "@type": "cr:Field",
                "@id": f"{identity}/{column}",
                "name": column,
                "description": COLUMNS.get(column, column.replace("_", " ")),
                "dataType": kind,
                "source": {"fileObject": {"@id": name}, "extract": {"column": column}},
            }
            for column, kind in _columns(name, data).items()
        ],
    }


def _columns(name: str, data: bytes) -> dict[str, str]:
    """Column -> data type of Croissant, of the columns that hold single values."""
    if name == RECORDINGS:
        return dict.fromkeys(pd.read_csv(io.BytesIO(data), nrows=0).columns, "sc:Text")
    kinds = {}
    for field in pq.read_schema(pa.BufferReader(data)):
        if pa.types.is_integer(field.type):
            kinds[field.name] = "sc:Integer"
        elif pa.types.is_floating(field.type):
            kinds[field.name] = "sc:Float"
        elif pa.types.is_boolean(field.type):
            kinds[field.name] = "sc:Boolean"
        elif not pa.types.is_nested(field.type):
            kinds[field.name] = "sc:Text"
    return kinds
