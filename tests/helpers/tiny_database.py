"""A tiny database in audformat, made by the library: a table of labels and one of speakers, by file or by part."""

import audformat
import pandas as pd

from serflow.corpora.readers import audformat as reader

PEOPLE = {"anna": {"gender": "female", "age": 31}, "ben": {"gender": "male", "age": 44}}
COLUMNS = {
    "label": {"table": "emotion", "column": "emotion"},
    "speaker": {"table": "files", "column": "speaker"},
    "sex": {"table": "files", "column": "speaker", "map": "gender"},
}


def database(labels, speakers, *, parts=None, people=PEOPLE, classes=("angry", "happy", "neutral", "sad", "calm")):
    """A database, not yet saved: `labels` and `speakers` map files to values, `parts` has (file, start, end, label)."""
    made = audformat.Database("tiny")
    made.schemes["emotion"] = audformat.Scheme("str", labels=list(classes))
    made.schemes["speaker"] = audformat.Scheme("str", labels=people)
    if parts is None:
        index = audformat.filewise_index(list(labels))
        values = list(labels.values())
    else:
        files, starts, ends, values = zip(*parts, strict=True)
        index = audformat.segmented_index(files, [pd.Timedelta(s, "s") for s in starts], ends)
    made["emotion"] = audformat.Table(index)
    made["emotion"]["emotion"] = audformat.Column(scheme_id="emotion")
    made["emotion"]["emotion"].set(list(values))
    made["files"] = audformat.Table(audformat.filewise_index(list(speakers)))
    made["files"]["speaker"] = audformat.Column(scheme_id="speaker")
    made["files"]["speaker"].set(list(speakers.values()))
    return made


def read(release, corpus, **changes):
    return reader.read(release, corpus=corpus | changes)
