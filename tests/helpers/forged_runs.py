"""What somebody may do to a finished run's files, with or without its record made to fit."""

from pathlib import Path

import pandas as pd

from serflow.features.fingerprint import fingerprint
from serflow.features.store import Store, write_store
from serflow.files import digest, file_digest, read_json, write_json


def record_again(folder, **change):
    """Let run.json record the files as they are now, as a careful forger would."""
    record = read_json(folder / "run.json")
    names = {*record["outputs"], *(path.relative_to(folder).as_posix() for path in folder.glob("model/*/*"))}
    record["outputs"] = {name: file_digest(folder / name) for name in sorted(names) if (folder / name).is_file()}
    write_json(folder / "run.json", record | change)


def edit_predictions(folder, change, **record):
    """Apply `change` to the table of predictions."""
    frame = pd.read_parquet(folder / "predictions.parquet")
    change(frame).to_parquet(folder / "predictions.parquet", index=False)
    record_again(folder, **record)


def edit_epochs(folder, **change):
    """Set keys of model/epochs.json."""
    write_json(folder / "model/epochs.json", read_json(folder / "model/epochs.json") | change)
    record_again(folder)


def edit_history(folder, change):
    """Apply `change` to the history."""
    change(pd.read_csv(folder / "history.csv")).to_csv(folder / "history.csv", index=False)
    record_again(folder)


def edit_features(store, views, runs, change):
    """Apply `change` to the frames of each utterance of a store, and let all that names their digests follow.

    `views`: fingerprint of a view's features -> its utterances. `runs`: folders of the runs that read them.
    """
    old = Store.open(Path(store))
    frames = [(name, change(name, old.frames(name).copy())) for name in old.digests]
    kept = {"spec": old.spec, "dims": old.dims, "hop_seconds": old.hop_seconds, "versions": {}}
    write_store(Path(store), utterances=frames, **kept)
    for path, names in views.items():
        content = fingerprint(sorted(names), Store.open(Path(store)))
        write_json(path, content)
        for folder in runs:
            record = read_json(f"{folder}/run.json")
            record["inputs"]["features"] = content["digest"]
            record["digest"] = digest({key: record[key] for key in ("run", "spec", "inputs", "device")})
            write_json(f"{folder}/run.json", record)
