"""A run that is stopped at any epoch and begun anew ends with the bytes of one that was never stopped."""

import json
import re
import shutil

import pytest

from helpers import tiny_job
from helpers.tiny_job import SPEC, Stop, changed, contents, make_job, stop_at
from serflow.errors import UserError
from serflow.files import file_digest, read_json
from serflow.jobs import train as jobs
from serflow.jobs.checkpoint import Checkpoint
from serflow.jobs.record import TrainingRecord
from serflow.jobs.train import run_job
from serflow.learners.network import Network
from serflow.parquet import read_columns
from serflow.training import gradient
from serflow.training.adam import Adam
from serflow.training.batches import endless_batches

SIX = changed(SPEC, train__epochs=6, train__optimizer__lr=0.1, normalise="standard")


def resumed_after(capsys):
    """The epoch that the log says the run was resumed after; None: from the start."""
    log = capsys.readouterr().err
    found = re.search(r"resumed after epoch (\d+)", log)
    assert found or "from the start" in log
    return int(found[1]) if found else None


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return tmp_path_factory.mktemp("whole")


@pytest.fixture(scope="module")
def trained(place, whole):
    """What run.json says of the training that nothing stopped."""
    return json.loads((place / "run/run.json").read_text())["training"]


@pytest.fixture(scope="module")
def whole(data, place):
    """Outputs of the run that nothing stopped."""
    run_job(make_job(data, place, spec=SIX))
    assert not list((place / "checkpoints").glob("*")), "a finished run leaves no checkpoint"
    kept = json.loads((place / "run/model/epochs.json").read_text())
    assert kept["best"] == {"random10/fold1": kept["best"]["random10/fold1"]} != {"random10/fold1": kept["last"]}
    assert None not in contents(place).values()
    return contents(place)


def test_the_same_job_twice_gives_the_same_bytes(data, tmp_path, whole):
    run_job(make_job(data, tmp_path, spec=SIX))
    assert contents(tmp_path) == whole


def test_another_seed_gives_other_weights(data, tmp_path, whole):
    run_job(make_job(data, tmp_path, spec=SIX, seed=2))
    name = "model/last/weights.safetensors"
    assert (tmp_path / "run" / name).read_bytes() != whole[name]
    assert (tmp_path / "run/predictions.parquet").read_bytes() != whole["predictions.parquet"]


@pytest.mark.parametrize(
    ("owner", "name", "call", "epoch"),
    [
        (Network, "_step", 2, None),
        (Network, "_step", "middle of 3", 2),
        (Network, "_step", "middle of 6", 5),
        (Network, "predict", 3, None),
        (Network, "predict", 4, 1),
        (Network, "predict", 6, 1),
        (TrainingRecord, "add", 5, 4),
        (Checkpoint, "save", 1, None),
        (Checkpoint, "save", 3, 2),
    ],
)
def test_a_run_stopped_anywhere_ends_with_the_same_bytes(
    data, tmp_path, capsys, whole, trained, monkeypatch, owner, name, call, epoch
):
    if isinstance(call, str):
        steps = int(whole["history.csv"].split(b"\n")[1].split(b",")[3])
        assert steps >= 3
        call = (int(call[-1]) - 1) * steps + 2
    with monkeypatch.context() as patch, pytest.raises(Stop):
        stop_at(patch, owner, name, call)
        run_job(make_job(data, tmp_path, spec=SIX))
    assert resumed_after(capsys) is None
    assert not (tmp_path / "run/run.json").exists()
    run_job(make_job(data, tmp_path, spec=SIX))
    assert resumed_after(capsys) == epoch
    assert contents(tmp_path) == whole
    record = json.loads((tmp_path / "run/run.json").read_text())
    assert record["resumed_after_epoch"] == (epoch or 0)
    assert record["training"] == trained
    assert not list((tmp_path / "checkpoints").glob("*"))


@pytest.mark.parametrize("writer", ["write_history", "write_predictions"])
def test_a_run_stopped_while_its_files_are_written_can_be_resumed(data, tmp_path, capsys, whole, monkeypatch, writer):
    with monkeypatch.context() as patch, pytest.raises(Stop):
        stop_at(patch, TrainingRecord, writer, 1)
        run_job(make_job(data, tmp_path, spec=SIX))
    capsys.readouterr()
    run_job(make_job(data, tmp_path, spec=SIX))
    assert resumed_after(capsys) == 6
    assert contents(tmp_path) == whole


def optimiser_forgotten(self, tensors):
    """Restores nothing."""


def batches_from_the_start(frames, *, first, **given):
    return endless_batches(frames, first=0, **given)


@pytest.mark.parametrize(
    ("owner", "name", "mutant"),
    [(Adam, "restore", optimiser_forgotten), (gradient, "endless_batches", batches_from_the_start)],
    ids=["optimiser_forgotten", "batches_from_the_start"],
)
def test_a_resume_that_forgets_something_would_be_seen(data, tmp_path, whole, monkeypatch, owner, name, mutant):
    with monkeypatch.context() as patch, pytest.raises(Stop):
        stop_at(patch, Checkpoint, "save", 3)
        run_job(make_job(data, tmp_path, spec=SIX))
    monkeypatch.setattr(owner, name, mutant)
    run_job(make_job(data, tmp_path, spec=SIX))
    assert contents(tmp_path) != whole


def test_a_run_stopped_in_every_epoch_ends_with_the_same_bytes(data, tmp_path, capsys, whole, monkeypatch):
    epochs = []
    for _ in range(6):
        with monkeypatch.context() as patch, pytest.raises(Stop):
            stop_at(patch, Checkpoint, "save", 2)
            run_job(make_job(data, tmp_path, spec=SIX))
            raise Stop  # the last of them comes to its end
        epochs.append(resumed_after(capsys))
    assert epochs == [None, 1, 2, 3, 4, 5]
    assert contents(tmp_path) == whole


@pytest.mark.parametrize("change", ["spec", "split", "features", "seed", "code"])
def test_a_checkpoint_of_another_spec_data_seed_or_code_is_not_used(data, tmp_path, capsys, monkeypatch, change):
    copy = tmp_path / "data"
    shutil.copytree(data, copy)
    with monkeypatch.context() as patch, pytest.raises(Stop):
        stop_at(patch, Checkpoint, "save", 3)
        run_job(make_job(copy, tmp_path))
    capsys.readouterr()
    job = make_job(copy, tmp_path)
    if change == "spec":
        job = make_job(copy, tmp_path, spec=changed(SPEC, train__optimizer__lr=0.02))
    elif change == "seed":
        job = make_job(copy, tmp_path, seed=2)
    elif change == "code":
        monkeypatch.setattr(jobs, "closure_digest", lambda *modules: "other code")
    elif change == "split":
        columns = read_columns(copy / "split.parquet")
        tiny_job.write_folds(copy, columns | {"session": ["2"] * len(columns["session"])})
    else:
        (copy / f"{change}.json").write_text('{"digest": "other"}')
    run_job(job)
    assert resumed_after(capsys) is None
    if change == "spec":
        fresh = tmp_path / "fresh"
        run_job(make_job(copy, fresh, spec=job.spec))
        assert contents(tmp_path) == contents(fresh)


def test_without_kept_weights_only_predictions_and_history_are_written(data, tmp_path):
    run_job(make_job(data, tmp_path, spec=changed(SPEC, keep_weights=False)))
    assert sorted(path.name for path in (tmp_path / "run/model").iterdir()) == ["epochs.json"]
    assert (tmp_path / "run/predictions.parquet").exists()


def test_no_label_of_validation_or_test_reaches_the_learner(data, tmp_path, monkeypatch):
    seen = {"fit": [], "predict": []}

    class Watched(Network):
        def fit(self, train):
            seen["fit"].append(train)
            yield from super().fit(train)

        def predict(self, examples):
            seen["predict"].append(examples)
            return super().predict(examples)

    monkeypatch.setattr("serflow.learners.network.Network", Watched)
    run_job(make_job(data, tmp_path))
    assert [examples.utterances for examples in seen["fit"]] == [[f"clip{i:03d}" for i in range(16)]]
    parts = {tuple(examples.utterances) for examples in seen["predict"]}
    sample = tuple(f"clip{i:03d}" for i in range(16) if i % 6 != 2)  # those are too short to be trained on
    assert parts == {sample, *(tuple(f"clip{i:03d}" for i in range(a, a + 4)) for a in (16, 20))}
    assert all(examples.labels is None for examples in seen["predict"])


def test_other_test_labels_change_no_probability(data, tmp_path):
    """Exchange the classes of test and validation: what the network says stays the same."""
    copy = tmp_path / "data"
    shutil.copytree(data, copy)
    columns = read_columns(copy / "split.parquet")
    classes = columns["class"]
    tiny_job.write_folds(copy, columns | {"class": classes[:16] + classes[17:] + classes[16:17]})
    probabilities = []
    for place, given in (("a", data), ("b", copy)):
        run_job(make_job(given, tmp_path / place))
        frame = tiny_job.pq.read_table(tmp_path / place / "run/predictions.parquet")
        probabilities.append((frame.drop_columns(["class"]).to_pylist(), frame["class"].to_pylist()))
    assert probabilities[0][0] == probabilities[1][0]
    assert probabilities[0][1] != probabilities[1][1]


def test_run_json_holds_what_decides_the_run(data, tmp_path):
    run_job(make_job(data, tmp_path))
    kept = json.loads((tmp_path / "run/run.json").read_text())
    assert (kept["run"], kept["spec"], kept["device"], kept["epochs"]) == (tiny_job.RUN, SPEC, "cpu", 4)
    assert kept["inputs"]["split"] == read_json(data / "split.json")["digest"]
    assert kept["inputs"]["features"] == json.loads((data / "features.json").read_text())["digest"]
    assert kept["counts"]["validation"] == kept["counts"]["test"] == 4
    assert kept["counts"]["train_utterances"] == 16


def test_run_json_holds_the_digest_of_every_file_that_the_run_wrote(data, tmp_path):
    run_job(make_job(data, tmp_path, spec=SIX))
    folder = tmp_path / "run"
    kept = json.loads((folder / "run.json").read_text())["outputs"]
    files = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert set(kept) == files - {"run.json"}
    (best,) = json.loads((folder / "model/epochs.json").read_text())["best"].values()
    assert {f"model/epoch{best}/weights.safetensors", "model/last/model.json", "history.csv"} <= files
    for name, recorded in kept.items():
        assert recorded == file_digest(folder / name)


def test_a_split_without_validation_has_no_best_model(tmp_path):
    run_job(make_job(tiny_job.write_data(tmp_path, validation=False), tmp_path))
    kept = json.loads((tmp_path / "run/model/epochs.json").read_text())
    assert kept == {"best": {}, "kept": True, "last": 4}
    assert sorted(path.name for path in (tmp_path / "run/model").iterdir()) == ["epochs.json", "last"]


def test_a_fold_that_the_split_lacks_is_refused(data, tmp_path):
    with pytest.raises(UserError, match="no fold 7"):
        run_job(make_job(data, tmp_path, fold=7))
