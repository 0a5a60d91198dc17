"""Of a table whose rows must not leave, the columns that may."""

import io

import pandas as pd

from serflow.crate.data_files import FOLDS_KEPT
from serflow.crate.result_files import PREDICTIONS_KEPT
from serflow.crate.withheld import trimmed

ROW = {"utterance": "Ses01F_impro01_F000", "class": "angry", "part": "test"}


def kept(columns, **more):
    data = io.BytesIO()
    pd.DataFrame([ROW | more]).to_parquet(data, index=False)
    found = trimmed(data.getvalue(), columns)
    assert found == trimmed(data.getvalue(), columns)
    assert b"angry" not in found and b"Ses01F\0" not in found
    return pd.read_parquet(io.BytesIO(found)).iloc[0].to_dict()


def test_of_folds_the_name_fold_and_part_leave():
    more = {"fold": 1, "speaker": "Ses01F", "session": "1", "duration": 1.5}
    assert kept(FOLDS_KEPT, **more) == {"utterance": ROW["utterance"], "part": "test", "fold": 1}


def test_of_predictions_all_but_the_true_class():
    found = kept(PREDICTIONS_KEPT, epoch=3, p_sad=0.25, p_happy=0.75)
    assert found == {"utterance": ROW["utterance"], "part": "test", "epoch": 3, "p_sad": 0.25, "p_happy": 0.75}
