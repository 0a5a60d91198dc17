from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from serflow.errors import UserError
from serflow.files import read_json, write_json
from serflow.metrics.run_files import Folds, read_run


def better_late(part, epoch, turn):
    """All right in the last epoch, turns below 2 right before."""
    return epoch == 2 or turn < 2


def better_early(part, epoch, turn):
    return epoch == 1 or turn < 2


def test_a_run_is_reduced_to_epochs_metrics_and_predictions(split, write_run):
    run = read_run(write_run("acnn", 1, 5, better_early), Folds(split))
    assert (run.system, run.fold, run.seed, run.classes) == ("acnn", 1, 5, ["sad", "angry"])
    assert run.epochs == {"last": 2, "best_validation": 1, "best_test": 1}
    # Of three sad and three angry turns one each is right.
    assert run.metrics["last"][:2] == pytest.approx([1 / 3, 1 / 3])
    assert run.metrics["best_validation"][0] == 1
    # Fold 1 tests the first speaker, whose utterances are the first six: sad, angry, ...
    assert run.tested.tolist() == [0, 1, 2, 3, 4, 5]
    assert run.outputs["last"].argmax(1).tolist() == [0, 1, 1, 0, 1, 0]
    assert run.outputs["last"].max(1) == pytest.approx([0.9] * 6)


def test_changing_the_test_rows_changes_nothing_in_the_epoch_selected_on_validation(split, write_run):
    def inverted(frame):
        tested = frame["part"] == "test"
        frame.loc[tested, ["p_sad", "p_angry"]] = frame.loc[tested, ["p_angry", "p_sad"]].to_numpy()
        return frame

    folds = Folds(split)
    plain = read_run(write_run("plain", 1, 0, better_early), folds)
    turned = read_run(write_run("turned", 1, 0, better_early, change=inverted), folds)
    assert plain.epochs["best_test"] != turned.epochs["best_test"]
    assert plain.epochs["best_validation"] == turned.epochs["best_validation"] == 1


def test_the_order_of_rows_does_not_matter(split, write_run):
    folds = Folds(split)
    plain = read_run(write_run("plain", 2, 0, better_late), folds)
    mixed = read_run(
        write_run("mixed", 2, 0, better_late, change=lambda frame: frame.sample(frac=1, random_state=1)),
        folds,
    )
    assert plain.epochs == mixed.epochs
    for select in plain.outputs:
        assert (plain.outputs[select] == mixed.outputs[select]).all()


def test_a_system_may_drop_utterances(split, write_run):
    run = read_run(write_run("acnn", 1, 0, better_late, keep=lambda turn: turn != 3), Folds(split))
    assert run.tested.tolist() == [0, 1, 2, 4, 5]
    assert run.outputs["last"].shape == (5, 2)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"digest_spec": "0" * 64}, r"spec is not the present one \(digest .*, expected 000000000000\)"),
        ({"training": {"seed": 6}}, "run has seed 5, expected 6"),
        ({"training": {"system": "other"}}, "run has system 'acnn', expected 'other'"),
        ({"training": {"paper": "zhao2021"}}, "run has paper 'xu2020', expected 'zhao2021'"),
        ({"inputs": {"code": "other"}}, "it was trained by other code than the present one"),
    ],
)
def test_a_run_of_another_spec_or_name_is_refused(split, write_run, change, message):
    entry = write_run("acnn", 1, 5, better_late)
    change = {name: entry[name] | value if isinstance(value, dict) else value for name, value in change.items()}
    with pytest.raises(UserError, match=f"stale results: .*{message}.* delete .*forcerun train"):
        read_run(entry | change, Folds(split))


def rename(frame):
    return frame.assign(utterance=frame["utterance"].replace("Ses01F_0", "Ses09F_0"))


def relabel(frame):
    return frame.assign(**{"class": frame["class"].where(frame["utterance"] != "Ses01F_0", "angry")})


def swap_parts(frame):
    return frame.assign(part=frame["part"].map({"test": "validation", "validation": "test", "train": "train"}))


def lose_a_row(frame):
    return frame.drop(index=frame.index[0])


def drop_part(part):
    return lambda frame: frame[frame["part"] != part]


def not_a_number(frame):
    return frame.assign(p_sad=np.where(np.arange(len(frame)) == 3, np.nan, frame["p_sad"]).astype(np.float32))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (rename, "utterance Ses09F_0 is not in the split"),
        (relabel, "utterance Ses01F_0 has another class than in the split"),
        (swap_parts, "utterance Ses01F_0 is not in the validation part of fold 1"),
        (lose_a_row, "validation: not every utterance once in each of the epochs 1 to 2"),
        (drop_part("test"), "no utterance of the test part"),
        (drop_part("validation"), "no utterance of the validation part"),
        (drop_part("train"), "no utterance of the train part"),
        (lambda frame: frame.assign(part=frame["part"].replace("test", "train")), "is not in the train part of fold 1"),
        (not_a_number, "is not a finite number"),
        (
            lambda frame: frame.rename(columns={"p_sad": "p_happy"}),
            "classes happy, angry, the split has angry, sad",
        ),
        (lambda frame: frame.assign(epoch=frame["epoch"] - 1), "an epoch below 1"),
        (lambda frame: frame.drop(columns="part"), "no column part"),
    ],
    ids=lambda value: "" if callable(value) else value,
)
def test_predictions_that_do_not_fit_the_fold_are_refused(split, write_run, change, message):
    with pytest.raises(UserError, match=message):
        read_run(write_run("acnn", 1, 5, better_late, change=change), Folds(split))


def test_a_run_of_another_fold_table_is_refused(split, write_run):
    entry = write_run("acnn", 1, 5, better_late)
    moved = split.copy()
    moved.loc[moved.query("fold == 4 and part == 'train'").index[0], "part"] = "validation"
    with pytest.raises(UserError, match="run.json: stale results: it was trained on another fold table"):
        read_run(entry, Folds(moved))


def test_predictions_that_were_changed_after_the_run_wrote_them_are_refused(split, write_run):
    entry = write_run("acnn", 1, 5, better_late)
    path = Path(entry["folder"]) / "predictions.parquet"
    frame = pd.read_parquet(path)
    frame.loc[0, "p_sad"] += np.float32(1e-6)  # chooses no other class
    frame.to_parquet(path, index=False)
    with pytest.raises(UserError, match="changed after the run wrote it .* delete .* and run snakemake"):
        read_run(entry, Folds(split))


def test_a_record_without_digests_of_its_files_is_refused(split, write_run):
    entry = write_run("acnn", 1, 5, better_late)
    path = Path(entry["folder"]) / "run.json"
    record = read_json(path)
    del record["outputs"]
    write_json(path, record)
    with pytest.raises(UserError, match="no .* `outputs` in it"):
        read_run(entry, Folds(split))


def test_a_missing_or_mangled_file_is_named(split, write_run):
    entry = write_run("acnn", 1, 5, better_late)
    path = Path(entry["folder"]) / "predictions.parquet"
    path.write_bytes(b"PAR1")
    with pytest.raises(UserError, match="predictions.parquet: not readable"):
        read_run(entry, Folds(split))
    path.unlink()
    with pytest.raises(UserError, match="predictions.parquet: this file is missing"):
        read_run(entry, Folds(split))
