"""Rule `view`: the utterances and classes of one experiment, out of a manifest.

Where a class has no utterance, the fingerprint says why the view cannot be used (`unavailable`): it has no folds, and
other views go on.
"""

import argparse
import json
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from serflow.cli import run
from serflow.errors import UserError
from serflow.files import atomic_path, file_digest, write_json
from serflow.parquet import intact
from serflow.view import require_classes, view_classes

COLUMNS = ["label", "style", "duration"]


def main(argv: list[str] | None = None) -> None:
    """Read a manifest, keep the experiment's utterances, write them with their class."""
    parser = argparse.ArgumentParser(prog="python -m serflow.cli.view", description=main.__doc__)
    parser.add_argument("--manifest", required=True, help="manifest.parquet")
    parser.add_argument("--experiment", required=True, type=json.loads, help="JSON: style, classes")
    parser.add_argument("--corpus-spec", required=True, type=json.loads, help="JSON: missing_labels")
    parser.add_argument("--view", required=True, help="the Parquet file to write")
    args = parser.parse_args(argv)
    # Rows are taken in Arrow, so that nested columns (words) keep their type even where they are empty.
    manifest = pq.read_table(intact(args.manifest)).replace_schema_metadata(None)
    labelled = manifest.select(COLUMNS).to_pandas()
    classes = view_classes(labelled, args.experiment, args.corpus_spec)
    names = pa.array(classes.tolist(), pa.string())
    view = manifest.take(pa.array(classes.index)).append_column("class", names)
    with atomic_path(args.view) as temporary:
        pq.write_table(view, temporary)
    fingerprint = {"digest": file_digest(args.view), "utterances": len(view)}
    try:
        require_classes(classes, labelled, args.experiment, args.corpus_spec)
    except UserError as error:
        print(error)
        fingerprint["unavailable"] = str(error)
    write_json(Path(args.view).with_suffix(".json"), fingerprint)


if __name__ == "__main__":
    sys.exit(run(main))
