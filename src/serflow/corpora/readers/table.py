"""Reader of a table of one's own: a CSV or Parquet file with a row an utterance, beside its audio or elsewhere.

Columns `path`, `label` and `speaker` must be there; `utterance`, `session`, `dialog`, `group`, `style`, `sex`, `text`,
`start` and `end` may be: `serflow.corpora.rows` says what they mean. `columns` of the corpus's YAML says what the table
calls them.

Not to be mistaken for `serflow.corpora.manifest`, which is what every reader makes.
"""

from pathlib import Path
from typing import Any

import pandas as pd

from serflow.corpora import assembling, rows, table_file
from serflow.corpora.findings import Findings


def read(release: Path, *, corpus: dict[str, Any]) -> tuple[pd.DataFrame, Findings]:
    """Read the table `corpus["table"]` of a folder; the rest is as in `serflow.corpora.readers.iemocap.read`."""
    release = Path(release)
    assembling.require_folder(release, holds="the corpus's table")
    findings = Findings()
    table = table_file.load(release, corpus.get("table"), findings=findings, columns=corpus.get("columns"))
    return rows.finish(table, release=release, corpus=corpus, findings=findings)
