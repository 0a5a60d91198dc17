"""Given predictions on disk, made of those of runs that `helpers.random_runs` writes."""

import numpy as np
import pandas as pd

from helpers.random_runs import CLASSES
from serflow.files import write_json
from serflow.given.predictions import write_given
from serflow.given.stored import Given
from serflow.splits import split_digest

PLACE = {"corpus": "demo", "paper": "xu2020", "experiment": "improvised", "split": "speaker"}


def last_predictions(entries):
    """Test predictions of runs after their last epoch: utterance, fold, seed, probabilities."""
    found = []
    for (fold, seed), entry in entries.items():
        table = pd.read_parquet(f"{entry['folder']}/predictions.parquet")
        rows = table[(table["part"] == "test") & (table["epoch"] == table["epoch"].max())]
        found.append(rows.assign(fold=np.int16(fold), seed=np.int32(seed)))
    columns = ["utterance", "fold", "seed", *(f"p_{name}" for name in CLASSES)]
    return pd.concat(found).sort_values(["fold", "seed", "utterance"], ignore_index=True)[columns]


def classes_of(table):
    """The same with the most probable class alone."""
    columns = [f"p_{name}" for name in CLASSES]
    guess = [CLASSES[place] for place in table[columns].to_numpy().argmax(1)]
    return table.drop(columns=columns).assign(**{"class": guess})


def give(table, folds, *, name="mine", **change):
    """Store predictions as given for a fold table; `change`: keys of given.json."""
    record = PLACE | {"name": name, "title": name.title(), "classes": CLASSES, "seeded": True}
    record |= {"probabilities": "class" not in table, "file": f"{name}.csv", "file_digest": "f" * 64}
    record |= {key: sorted(map(int, table[column].unique())) for key, column in (("folds", "fold"), ("seeds", "seed"))}
    return write_given(table, record | {"fold_table": split_digest(folds)} | change)


def record_given(name="mine", folds=range(1, 11), **change):
    """Write given.json alone, of four classes and one seed, for what reads no predictions; `change`: other keys."""
    record = PLACE | {"name": name, "title": "My system", "probabilities": True, "seeded": True}
    record |= {
        "classes": ["angry", "sad", "excited", "neutral"],
        "folds": list(folds),
        "seeds": [1],
        "file": "mine.csv",
    }
    record |= dict.fromkeys(("file_digest", "predictions", "fold_table"), "0" * 64)
    given = Given(**record | change)
    write_json(given.record, given.model_dump())
    return given
