import csv

import numpy as np
import pytest

from serflow.cli.score_runs import write_csv
from serflow.errors import UserError
from serflow.metrics.confusion import confusion_family
from serflow.metrics.contrasts import contrasts_table
from serflow.metrics.paired import compare
from serflow.metrics.run_files import Folds, read_run
from serflow.metrics.selected import Selected, read_selected, write_selected
from serflow.metrics.system_scores import SystemScores

RANDOM, STRICT = ("random10", "best_validation"), ("speaker", "best_validation")
PUBLISHED = ("random10", "best_test")
CLASSES = ["a", "b"]


def selected(right, *, utterances=None, seeds=(1,), select="best_validation", system="net", classes=CLASSES):
    """Outputs of a system that recognises `right` (U,) of 24 utterances of six speakers in three sessions."""
    names = np.array([f"u{place:02d}" for place in range(24)], object)
    kept = np.arange(24) if utterances is None else np.array(utterances)
    truth = np.arange(24)[kept] % 2
    chosen = np.where(np.asarray(right)[kept], truth, 1 - truth)
    output = np.full((len(kept), 2), 0.2, np.float32)
    output[np.arange(len(kept)), chosen] = 0.8
    order = [CLASSES.index(name) for name in classes]
    speakers = np.array([f"s{place // 4}" for place in kept], object)
    sessions = np.array([f"{place // 8}" for place in kept], object)
    place_of = np.array([classes.index(CLASSES[t]) for t in truth])
    outputs = {(system, select): {seed: output[:, order] for seed in seeds}}
    return Selected(list(classes), names[kept], speakers, sessions, place_of, outputs)


ALL = np.ones(24, bool)
FEWER = np.arange(24) % 4 != 0  # of each speaker's four utterances one is wrong: UA and WA fall by a quarter


def contrast(first, second, pair=(RANDOM, STRICT), *, shared=True, unseeded=()):
    splits = {pair[0][0]: first, pair[1][0]: second}
    given = {"shared": {"random10": shared, "speaker": False}, "unseeded": unseeded, "permutations": 50}
    return contrasts_table(splits, [pair], **given).set_index("metric")


def test_the_first_protocol_minus_the_second_on_the_same_utterances():
    row = contrast(selected(ALL), selected(FEWER)).loc["wa"]
    assert row["difference"] == pytest.approx(0.25)
    assert (row["low"], row["high"]) == pytest.approx((0.25, 0.25))  # every speaker falls by as much
    assert (row["utterances"], row["speakers"], row["sessions"], row["seeds"]) == (24, 6, 3, 1)
    assert row["p"] == 2 / 2**6 and row["p_sessions"] == 2 / 2**3
    assert (row["speakers_shared"], row["reason"]) == ("yes", "")


def test_it_is_what_the_paired_comparison_of_two_systems_gives():
    generator = np.random.default_rng(0)
    first, second = generator.random((2, 24)) < 0.6
    row = contrast(selected(first), selected(second)).loc["ua"]
    family = confusion_family(CLASSES)
    sides = [selected(side) for side in (first, second)]
    pair = [family.parts(side.truth, side.outputs["net", "best_validation"][1])[:, None] for side in sides]
    args = np.stack(pair, 1), sides[0].speakers, sides[0].sessions
    expected = compare(family, *args, permutations=50, seed=20200101)
    for name in ("difference", "low", "high", "p", "p_interval", "p_sessions", "p_utterances"):
        assert row[name] == pytest.approx(getattr(expected, name)[0])


def test_the_order_of_utterances_and_classes_in_the_files_is_of_no_matter():
    row = contrast(selected(ALL), selected(FEWER, classes=["b", "a"])).loc["wa"]
    assert row["difference"] == pytest.approx(0.25)


def test_no_p_where_a_protocol_chose_the_epoch_on_the_test_part():
    row = contrast(selected(ALL, select="best_test"), selected(FEWER), (PUBLISHED, STRICT)).loc["wa"]
    assert row["difference"] == pytest.approx(0.25)
    assert row["low"] == pytest.approx(0.25)
    assert np.isnan([row[name] for name in ("p", "p_interval", "p_sessions", "p_utterances")]).all()


def test_of_other_utterances_there_is_a_reason_in_place_of_numbers():
    """As many utterances, but other people: nothing is compared."""
    table = contrast(selected(ALL, utterances=range(16)), selected(ALL, utterances=range(8, 24)))
    assert set(table["reason"]) == {"they test other utterances: 16 and 16, of which 8 are the same"}
    assert table["difference"].isna().all() and table["p"].isna().all()


def test_numbers_stay_numbers_beside_a_line_with_a_reason(tmp_path):
    first, second = selected(ALL), selected(FEWER)
    fewer = selected(ALL, utterances=range(16), system="other")
    first.outputs.update(selected(ALL, system="other").outputs)
    left_out = np.full((24, 2), np.nan, np.float32)
    left_out[:16] = fewer.outputs["other", "best_validation"][1]
    second.outputs["other", "best_validation"] = {1: left_out}
    write_csv(contrast(first, second).reset_index(), tmp_path / "contrasts.csv")
    lines = list(csv.DictReader((tmp_path / "contrasts.csv").open()))
    found = {line["system"]: line for line in lines if line["metric"] == "wa"}
    assert (found["net"]["difference"], found["net"]["utterances"]) == ("0.250000", "24")
    assert (found["other"]["difference"], found["other"]["utterances"]) == ("", "")


def test_whether_speakers_are_shared_is_the_first_splits_affair():
    assert set(contrast(selected(ALL), selected(ALL), shared=False)["speakers_shared"]) == {"no"}


def test_seeds_are_matched_and_one_that_no_seed_changes_has_none():
    row = contrast(selected(ALL, seeds=(1, 2)), selected(FEWER, seeds=(2, 3))).loc["wa"]
    assert (row["seeds"], row["by_seed"]) == (1, "0.250000")
    table = contrast(selected(ALL, seeds=(1, 2)), selected(FEWER, seeds=(3, 4)))
    assert set(table["reason"]) == {"they have no seed in common"}
    assert contrast(selected(ALL), selected(FEWER), unseeded=["net"])["seeds"].isna().all()


def test_a_system_that_one_protocol_lacks_has_no_line():
    assert contrast(selected(ALL), selected(ALL, system="other")).empty


def test_what_is_written_is_what_is_read(split, write_run, tmp_path):
    entries = [write_run("a", fold, seed, lambda part, epoch, turn: turn < 3) for fold in (1, 2) for seed in (1, 2)]
    folds = Folds(split)
    scores = SystemScores([read_run(entry, folds) for entry in entries], folds, permutations=5)
    write_selected(scores, folds, tmp_path / "selected.parquet")
    found = read_selected(tmp_path / "selected.parquet")
    assert sorted(found.outputs) == [("a", select) for select in ("best_test", "best_validation", "last")]
    tested = np.isin(folds.utterances, found.utterances)
    assert set(folds.speakers[tested]) == {"Ses01F", "Ses01M"} and set(found.sessions) == {"1"}
    assert (folds.labels[tested] == np.array(found.classes)[found.truth]).all()
    for key, of_seed in found.outputs.items():
        for seed, output in of_seed.items():
            assert (output == scores.outputs(*key)[seed][tested]).all()


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(UserError, match=r"selected\.parquet: this file is missing"):
        read_selected(tmp_path / "selected.parquet")
