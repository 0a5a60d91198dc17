"""What a run remembers: validation UA by hand, the best epoch, the files."""

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from serflow.jobs.record import SMALLEST, Judged, TrainingRecord, described_training
from serflow.metrics import calibration

CLASSES = ["angry", "sad", "neutral"]
VALIDATION = {"v1": 0, "v2": 0, "v3": 0, "v4": 1}  # three angry, one sad, no neutral
TEST = {"t1": 2, "t2": 1}
OWN = {"random10/fold1": Judged("validation_ua", "validation", None)}


def scores(*predicted):
    """Probabilities whose largest stands at the predicted class."""
    rows = np.full((len(predicted), 3), 0.25)
    rows[np.arange(len(predicted)), predicted] = 0.5
    return rows


def add(record, epoch, validation, test=(2, 1)):
    row = {"epoch": epoch, "lr": 0.1 / epoch, "loss": 1.5, "steps": 7 * epoch}
    predictions = {"validation": (list(VALIDATION), scores(*validation)), "test": (list(TEST), scores(*test))}
    return record.add(row, predictions)


@pytest.fixture
def record():
    return TrainingRecord(classes=CLASSES, truth={"validation": VALIDATION, "test": TEST}, judged=OWN)


@pytest.mark.parametrize(
    ("predicted", "ua"),
    [
        ((0, 0, 0, 0), 1 / 2),  # angry 3/3, sad 0/1; neutral has no utterance and does not count
        ((0, 1, 2, 1), 2 / 3),  # 1/3 and 1/1
        ((1, 1, 2, 0), 0.0),
    ],
)
def test_validation_ua_is_the_mean_recall_of_the_classes_present(record, predicted, ua):
    add(record, 1, predicted)
    assert record.history[0]["validation_ua"] == pytest.approx(ua, abs=1e-12)


def test_the_best_epoch_is_the_earliest_of_equals(record):
    half, two_thirds, zero = (0, 0, 0, 0), (0, 1, 2, 1), (1, 1, 2, 0)
    best = [add(record, i, p) for i, p in enumerate([half, two_thirds, zero, two_thirds, half], start=1)]
    assert best == [True, True, False, False, False]
    assert record.best == {"random10/fold1": 2}


def test_the_test_part_has_no_say_in_the_best_epoch(record):
    add(record, 1, (0, 0, 0, 0), test=(0, 0))
    add(record, 2, (0, 0, 0, 0), test=(2, 1))
    assert record.best == {"random10/fold1": 1}


def test_without_validation_no_epoch_is_best():
    record = TrainingRecord(classes=CLASSES, truth={"test": TEST}, judged=OWN)
    row = {"epoch": 1, "lr": 0.1, "loss": 1.5, "steps": 7}
    assert record.add(row, {"test": (list(TEST), scores(2, 1))}) is False
    assert (record.best, record.history[0]["validation_ua"]) == ({}, None)


def test_predictions_hold_every_epoch_part_and_utterance(record, tmp_path):
    add(record, 1, (0, 0, 0, 1))
    add(record, 2, (1, 1, 1, 1), test=(0, 0))
    record.write_predictions(tmp_path / "predictions.parquet")
    table = pq.read_table(tmp_path / "predictions.parquet")
    names = ["epoch", "part", "utterance", "class", "p_angry", "p_sad", "p_neutral"]
    assert table.schema.names == names
    assert table.schema.types == [pa.int16(), *[pa.string()] * 3, *[pa.float32()] * 3]
    rows = [tuple(row.values()) for row in table.to_pylist()]
    assert len(rows) == 2 * (4 + 2)
    assert rows[0] == (1, "validation", "v1", "angry", 0.5, 0.25, 0.25)
    assert rows[3] == (1, "validation", "v4", "sad", 0.25, 0.5, 0.25)
    assert rows[4] == (1, "test", "t1", "neutral", 0.25, 0.25, 0.5)
    assert rows[10:] == [
        (2, "test", "t1", "neutral", 0.5, 0.25, 0.25),
        (2, "test", "t2", "sad", 0.5, 0.25, 0.25),
    ]


def test_utterances_that_a_system_drops_are_absent(tmp_path):
    record = TrainingRecord(classes=CLASSES, truth={"test": TEST}, judged=OWN)
    record.add({"epoch": 1, "lr": 0.1, "loss": 1.5, "steps": 7}, {"test": (["t2"], scores(1))})
    record.write_predictions(tmp_path / "predictions.parquet")
    assert pq.read_table(tmp_path / "predictions.parquet")["utterance"].to_pylist() == ["t2"]


def test_history_has_a_row_an_epoch_and_leaves_unknown_values_empty(tmp_path):
    record = TrainingRecord(classes=CLASSES, truth={"test": TEST}, judged=OWN)
    record.add({"epoch": 1, "lr": 0.001, "loss": 1.25, "steps": 7}, {"test": (list(TEST), scores(2, 1))})
    record.write_history(tmp_path / "history.csv")
    lines = (tmp_path / "history.csv").read_text().splitlines()
    assert lines == ["epoch,lr,loss,steps,validation_ua,train_loss,train_ua", "1,0.001,1.25,7,,,"]


@pytest.fixture
def with_sample():
    """After an epoch of which the training sample is known: three angry, one sad; the sad one is taken for angry."""
    record = TrainingRecord(classes=CLASSES, truth={"test": TEST, "train": VALIDATION | {"never": 2}}, judged=OWN)
    row = {"epoch": 1, "lr": 0.001, "loss": 1.25, "steps": 7, "steps_at_initial_rate": 5}
    sample = np.array([[0.5, 0.25, 0.25], [1.0, 0.0, 0.0], [0.25, 0.5, 0.25], [1.0, 0.0, 0.0]])
    record.add(row, {"test": (list(TEST), scores(2, 1)), "train": (list(VALIDATION), sample)})
    return record


def test_loss_and_ua_of_the_training_sample_by_hand(with_sample, tmp_path):
    (row,) = with_sample.history
    assert row["train_ua"] == pytest.approx((2 / 3 + 0) / 2, abs=1e-12)
    # a probability of zero counts as 1e-7, as in the NLL of the tables
    assert row["train_loss"] == pytest.approx((np.log(2) + 0 + np.log(4) - np.log(SMALLEST)) / 4, abs=1e-12)
    assert SMALLEST == calibration.SMALLEST
    with_sample.write_history(tmp_path / "history.csv")
    assert (tmp_path / "history.csv").read_text().splitlines()[1].startswith("1,0.001,1.25,7,,4.")


def test_the_training_sample_has_no_say_in_the_best_epoch(with_sample):
    assert with_sample.best == {}


def test_what_is_described_of_a_training_by_gradients(with_sample):
    described = described_training(with_sample.history)
    (row,) = with_sample.history
    names = ("lr", "loss", "train_loss", "train_ua", "validation_ua")
    assert described == {"steps": 7, "steps_at_initial_rate": 5, "final": {name: row[name] for name in names}}
    del row["steps_at_initial_rate"]  # a classical learner has no rate
    assert described_training([row]) is None


def test_of_a_teacher_the_last_rate_and_loss_are_described():
    rows = [{"epoch": 1, "lr": 0.5, "loss": 2.0, "steps": 3, "steps_at_initial_rate": 3}]
    rows.append({"epoch": 2, "lr": 0.25, "loss": 1.0, "steps": 6, "steps_at_initial_rate": 4})
    expected = {"steps": 6, "steps_at_initial_rate": 4, "final": {"lr": 0.25, "loss": 1.0}}
    assert described_training(rows) == expected
