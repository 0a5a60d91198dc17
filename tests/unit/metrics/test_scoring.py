import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from serflow.cli.score_runs import main, write_csv
from serflow.errors import UserError
from serflow.files import read_json, write_json
from serflow.metrics.run_files import Folds, read_run
from serflow.metrics.scoring import PAIRS
from serflow.metrics.system_scores import SystemScores
from serflow.provenance.run_key import RunKey


def perfect(part, epoch, turn):
    return True


def half(part, epoch, turn):
    """Turns 0, 1 and 2 right: of the sad turns 0, 2, 4 two, of the angry turns 1, 3, 5 one."""
    return turn < 3


def worse_later(part, epoch, turn):
    return turn < 7 - epoch


def make(split, entries, permutations=50):
    folds = Folds(split)
    return SystemScores([read_run(entry, folds) for entry in entries], folds, permutations=permutations)


def pick(table, **wanted):
    for column, value in wanted.items():
        table = table[table[column] == value]
    return table


def test_pooled_mean_and_sd_by_hand(split, write_run):
    # Fold 1 perfect; fold 2 perfect for seed 1, half right (UA = 1/2) for seed 2.
    entries = [write_run("a", fold, seed, half if (fold, seed) == (2, 2) else perfect)
               for fold in (1, 2) for seed in (1, 2)]  # fmt: skip
    row = pick(make(split, entries).scores_table(), select="last", metric="ua").iloc[0]
    assert row["pooled"] == pytest.approx((1 + 0.75) / 2)
    assert row["mean"] == pytest.approx(3.5 / 4)
    assert row["sd"] == pytest.approx(0.25)
    assert (row["folds"], row["seeds"], row["utterances"]) == (2, 2, 12)
    assert np.isnan(row["low_speakers"]) and np.isnan(row["high_speakers"])
    assert row["low_utterances"] <= row["pooled"] <= row["high_utterances"]


def test_confusion_is_the_mean_over_seeds_of_counts_pooled_over_folds(split, write_run):
    entries = [write_run("a", fold, seed, half if seed == 2 else perfect) for fold in (1, 2) for seed in (1, 2)]
    table = pick(make(split, entries).confusion_table(), system="a", select="best_validation")
    counts = table.set_index(["truth", "predicted"])["count"]
    assert counts.to_dict() == {
        ("sad", "sad"): 5.0, ("sad", "angry"): 1.0, ("angry", "sad"): 2.0, ("angry", "angry"): 4.0
    }  # fmt: skip


def test_the_share_of_a_fold_is_averaged_over_folds_and_seeds_and_not_over_their_utterances(split, write_run):
    # fold 1: of the sad turns 0, 2, 4 two are right; fold 2 has turn 1 (angry) and 4 (sad) alone, the latter wrong
    entries = [write_run("a", 1, 1, half), write_run("a", 2, 1, half, keep=lambda turn: turn in (1, 4))]
    table = pick(make(split, entries).confusion_table(), select="last").set_index(["truth", "predicted"])
    assert table.loc[("sad", "sad"), ["count", "fold_share"]].tolist() == [2, pytest.approx((2 / 3 + 0) / 2)]
    assert table.loc[("angry", "angry"), ["count", "fold_share"]].tolist() == [2, pytest.approx((1 / 3 + 1) / 2)]


def test_a_fold_without_a_class_is_left_out_of_that_class_s_mean(split, write_run):
    entries = [write_run("a", 1, 1, half), write_run("a", 2, 1, half, keep=lambda turn: turn in (1, 3))]
    table = pick(make(split, entries).confusion_table(), select="last").set_index(["truth", "predicted"])["fold_share"]
    assert table["sad", "sad"] == pytest.approx(2 / 3)  # of fold 1 alone
    assert table["angry", "angry"] == pytest.approx((1 / 3 + 1 / 2) / 2)


def test_best_of_each_has_a_mean_but_nothing_pooled(split, write_run):
    table = make(split, [write_run("a", fold, 1, worse_later) for fold in (1, 2, 3)]).scores_table()
    row = pick(table, select="best_test_each", metric="wa").iloc[0]
    assert row["mean"] == 1
    assert row[["pooled", "low_utterances", "high_speakers"]].isna().all()
    assert pick(table, select="last", metric="wa")["pooled"].item() == pytest.approx(5 / 6)


def test_with_three_speakers_there_is_an_interval_over_them(split, write_run):
    entries = [write_run("a", fold, 1, perfect if fold < 3 else half) for fold in (1, 2, 3)]
    row = pick(make(split, entries).scores_table(), select="last", metric="wa").iloc[0]
    # two speakers at 1 and one at 1/2, as many utterances each: mean 5/6, standard error 1/6
    assert row["pooled"] == pytest.approx(5 / 6)
    assert row["low_speakers"] == pytest.approx(5 / 6 - 4.302653 / 6)
    assert row["high_speakers"] == 1
    assert (row["speakers"], row["sessions"]) == (3, 2)
    assert np.isnan(row["low_sessions"])  # of two sessions there is no interval


def test_the_rows_of_a_system_that_drops_utterances_count_its_own(split, write_run):
    entries = [write_run("a", 1, 1, perfect), write_run("b", 1, 1, perfect, keep=lambda turn: turn > 0)]
    table = pick(make(split, entries).scores_table(), select="last", metric="ua")
    assert dict(zip(table["system"], table["utterances"], strict=True)) == {"a": 6, "b": 5}


def test_a_split_without_validation_has_no_validation_rule(split, write_run):
    without = split.assign(part=split["part"].replace("validation", "train"))
    entry = write_run("a", 1, 1, perfect, table=without)
    assert set(make(without, [entry]).scores_table()["select"]) == {"last", "best_test", "best_test_each"}


def test_runs_table_names_the_selected_epoch(split, write_run):
    table = make(split, [write_run("a", 1, 1, worse_later)]).runs_table()
    assert table.set_index("select")["epoch"].drop("best_test_each").to_dict() == {
        "last": 2,
        "best_validation": 1,
        "best_test": 1,
    }
    assert table.set_index("select")["epoch"].isna()["best_test_each"]


def test_each_pair_is_compared_in_its_direction(split, write_run):
    entries = [write_run(name, fold, 1, right) for fold in (1, 2, 3) for name, right in
               {"a": perfect, "b": half, "c": half}.items()]  # fmt: skip
    wanted = [["b", "a"], ["c", "a"], ["a", "b"], ["c", "b"]]
    pairs = pick(make(split, entries).pairs_table(wanted), select="last", metric="wa")
    found = {(row.system, row.against): row.difference for row in pairs.itertuples()}
    assert found == {("b", "a"): -0.5, ("c", "a"): -0.5, ("a", "b"): 0.5, ("c", "b"): 0.0}
    assert pick(pairs, system="c", against="b")["p"].item() == 1


def test_no_p_where_the_epoch_is_chosen_on_the_tested_fold(split, write_run):
    entries = [write_run(name, fold, 1, right) for fold in (1, 2, 3) for name, right in
               {"a": perfect, "b": half}.items()]  # fmt: skip
    pairs = pick(make(split, entries).pairs_table([["b", "a"]]), metric="wa").set_index("select")
    assert pairs["difference"].to_dict() == {"last": -0.5, "best_validation": -0.5, "best_test": -0.5}
    # Three speakers that agree: 2 of 8 swaps.
    assert pairs["p"].to_dict() == {
        "last": 0.25,
        "best_validation": 0.25,
        "best_test": pytest.approx(np.nan, nan_ok=True),
    }
    assert pairs["p_utterances"].notna().to_dict() == {"last": True, "best_validation": True, "best_test": False}
    assert pairs["p_z"].notna().to_dict() == pairs["z"].notna().to_dict() == pairs["p_utterances"].notna().to_dict()


def test_utterances_that_one_system_lacks_count_for_neither(split, write_run):
    entries = [
        write_run(name, fold, 1, right, keep=(lambda turn: turn > 0) if name == "a" else (lambda turn: True))
        for fold in (1, 2, 3)
        for name, right in {"a": half, "b": perfect}.items()
    ]
    everywhere = [write_run(name, fold, 1, half if name == "c" else perfect, keep=lambda turn: turn > 0)
                  for fold in (1, 2, 3) for name in "cd"]  # fmt: skip
    numbers = ["difference", "low", "high", "p", "p_utterances"]
    expected = make(split, everywhere).pairs_table([["c", "d"]])[numbers]
    pd.testing.assert_frame_equal(make(split, entries).pairs_table([["a", "b"]])[numbers], expected)


def test_the_z_test_counts_the_utterances_that_both_systems_predict(split, write_run):
    entries = [write_run("a", fold, seed, perfect) for fold in (1, 2) for seed in (1, 2)]
    entries += [write_run("b", fold, seed, half, keep=lambda turn: turn > 0) for fold in (1, 2) for seed in (1, 2)]
    row = pick(make(split, entries).pairs_table([["a", "b"]]), select="last", metric="wa").iloc[0]
    # 10 of 10 against 4 of 10 (turns 1 and 2 of five, two speakers): together 70%
    assert row["z"] == pytest.approx(0.6 / (0.7 * 0.3 * 2 / 10) ** 0.5)
    assert row["p_z"] == pytest.approx(0.0017, abs=5e-5)  # z = 2.928


def test_no_p_over_two_speakers_but_one_over_their_utterances(split, write_run):
    entries = [write_run(name, fold, 1, right) for fold in (1, 2) for name, right in
               {"a": perfect, "b": half}.items()]  # fmt: skip
    row = pick(make(split, entries).pairs_table([["b", "a"]]), select="last", metric="wa").iloc[0]
    assert np.isnan(row["p"]) and row["p_utterances"] == 2 / 2**6


def test_a_system_of_one_seed_is_paired_with_each_seed_of_the_other(split, write_run):
    entries = [write_run("svm", 1, 0, half)]
    entries += [write_run("net", 1, seed, perfect if seed == 1 else half) for seed in (1, 2)]
    pairs = pick(make(split, entries).pairs_table([["net", "svm"], ["svm", "net"]]), select="last", metric="wa")
    found = dict(zip(pairs["system"], pairs["difference"], strict=True))
    assert found == {"net": pytest.approx((0.5 + 0) / 2), "svm": pytest.approx((-0.5 + 0) / 2)}


def test_systems_without_a_common_seed_are_not_paired(split, write_run):
    entries = [write_run("a", 1, seed, perfect) for seed in (1, 2)]
    entries += [write_run("b", 1, seed, half) for seed in (3, 4)]
    assert len(make(split, entries).pairs_table([["b", "a"]])) == 0


@pytest.mark.parametrize(("systems", "message"), [((), "list of runs is empty"), (("a", "a"), "listed twice")])
def test_a_wrong_list_of_runs_is_refused(split, write_run, systems, message):
    entry = write_run("a", 1, 1, perfect)
    with pytest.raises(UserError, match=message):
        make(split, [entry for _ in systems])


def test_a_pair_of_a_system_without_runs_is_refused(split, write_run):
    with pytest.raises(UserError, match="no runs of system 'acn'; systems with runs: a"):
        make(split, [write_run("a", 1, 1, perfect)]).pairs_table([["a", "acn"]])


@pytest.fixture
def command(tmp_path, fold_table, shared_key, spec, expected):
    """Score the runs written below the temporary folder; gives the output folder."""

    def call(systems, name="scores", pairs=(("b", "a"),), spec=spec, learns=None, maps=()):
        told = dict.fromkeys(systems, expected(spec, learns=learns))
        wanted = ["--run", json.dumps(shared_key), "--systems", json.dumps(told)]
        rest = ["--view", "view.json", "--pairs", json.dumps(pairs), "--permutations", "20", "--output", name]
        main([*wanted, "--split", fold_table, *rest, "--maps", *map(str, maps)])
        return tmp_path / name

    return call


@pytest.fixture
def written(write_run):
    """Runs of system a (perfect) and b (half right), three folds, one seed."""
    for fold in (1, 2, 3):
        write_run("a", fold, 1, perfect)
        write_run("b", fold, 1, half)


def test_the_command_writes_tables_that_do_not_depend_on_the_order_of_systems(written, command):
    first, second = command(["a", "b"]), command(["b", "a"], "again")
    names = [f"{name}.csv" for name in ("confusion", "groups", "pairs", "reliability", "runs", "scores", "unscored")]
    others = ["libraries.json", "made_from.json", "selected.parquet"]
    assert sorted(path.name for path in first.iterdir()) == sorted([*names, *others])
    for name in [*names, "selected.parquet"]:
        assert (first / name).read_bytes() == (second / name).read_bytes()
    header, row = (first / "scores.csv").read_text().splitlines()[:2]
    assert header == ("system,select,metric,pooled,mean,sd,sd_seeds,folds,seeds,utterances,speakers,sessions,"
                      "low_speakers,high_speakers,low_sessions,high_sessions,low_utterances,high_utterances,"
                      "ua_train,undertrained")  # fmt: skip
    one = "1.000000"
    assert row == f"a,last,ua,{one},{one},0.000000,,3,1,18,3,2,{one},{one},,,{one},{one},{one},no"


def test_numbers_have_six_decimals_and_zero_has_no_sign(tmp_path):
    write_csv(pd.DataFrame({"a": [-1e-9, np.nan, 1 / 3], "b": [1, 2, 3]}), tmp_path / "t.csv")
    assert (tmp_path / "t.csv").read_text() == "a,b\n0.000000,1\n,2\n0.333333,3\n"


def test_without_pairs_their_table_is_a_header(written, command):
    out = command(["a"], pairs=[])
    assert (out / "pairs.csv").read_text() == ",".join(PAIRS) + "\n"


def test_a_stale_run_leaves_the_former_scores_in_place(written, command):
    out = command(["a"], pairs=[])
    before = (out / "scores.csv").read_text()
    with pytest.raises(UserError, match="stale results"):
        command(["a"], spec={})
    assert (out / "scores.csv").read_text() == before
    assert len(pd.read_csv(out / "runs.csv")) == 3 * 4


def write_maps(folder, fold, *, system="tcn_self", **change):
    """Attention maps of the teacher that a session did not train, and its run.json; gives the store."""
    train_speakers = [f"Ses0{session}{sex}" for session in (1, 2, 3) for sex in "FM" if session != fold]
    place = folder / f"{system}/fold{fold}/seed1"
    spec = {
        "teacher": {"system": system, "fold": fold},
        "digest": f"teacher {fold}",
        "train_speakers": train_speakers,
        "p": 2.0,
    }
    store = place / "maps/improvised_p2/store.json"
    write_json(store, {"spec": spec | change, "digest": f"maps of {system} {fold}"})
    write_json(place / "run.json", {"digest": f"teacher {fold}"})
    return store


def learn(entry, maps):
    path = Path(entry["folder"]) / "run.json"
    record = read_json(path)
    record["inputs"]["maps"] = maps
    write_json(path, record)


@pytest.fixture
def map_stores(tmp_path, write_run):
    """Runs of a system on both speakers of session 1 and one of session 2, with the maps of their teachers."""
    for fold, session in ((1, 1), (2, 1), (3, 2)):
        learn(write_run("a", fold, 1, perfect), f"maps of tcn_self {session}")
    return [write_maps(tmp_path, session) for session in (1, 2)]


OTHERS = "trained with another teacher's attention than the present one"


def test_runs_that_have_learned_the_present_maps_are_scored_in_whatever_order_these_are_named(map_stores, command):
    for maps in (map_stores, map_stores[::-1]):
        out = command(["a"], pairs=[], learns={"teacher": "tcn_self", "p": 2}, maps=maps)
        assert len(pd.read_csv(out / "runs.csv")) == 3 * 4


def test_a_run_that_has_learned_other_maps_than_the_present_is_refused(map_stores, command):
    write_json(map_stores[1], read_json(map_stores[1]) | {"digest": "made anew"})
    with pytest.raises(UserError, match=f"fold3/seed1/run.json: stale .* {OTHERS}"):
        command(["a"], pairs=[], learns={"teacher": "tcn_self", "p": 2}, maps=map_stores)


def test_a_run_that_has_learned_the_maps_of_another_folds_teacher_is_refused(map_stores, command, tmp_path, shared_key):
    """They are there, too: of a teacher that was trained on who is tested."""
    learn({"folder": RunKey(**shared_key, system="a", fold=3, seed=1).folder}, "maps of tcn_self 1")
    with pytest.raises(UserError, match=f"fold3/seed1/run.json: stale .* {OTHERS}"):
        command(["a"], pairs=[], learns={"teacher": "tcn_self", "p": 2}, maps=map_stores)


def test_a_run_that_has_learned_the_maps_of_another_teacher_is_refused(map_stores, command, tmp_path):
    others = [write_maps(tmp_path, session, system="blstm_self") for session in (1, 2)]
    with pytest.raises(UserError, match=f"fold1/seed1/run.json: stale .* {OTHERS}"):
        command(["a"], pairs=[], learns={"teacher": "blstm_self", "p": 2}, maps=[*map_stores, *others])


def test_maps_of_no_other_than_another_teacher_are_refused(map_stores, command):
    with pytest.raises(UserError, match="none are of teacher 'blstm_self' and of this fold's training speakers"):
        command(["a"], pairs=[], learns={"teacher": "blstm_self", "p": 2}, maps=map_stores)


def test_maps_of_no_other_than_another_folds_teacher_are_refused(map_stores, command):
    with pytest.raises(UserError, match="none are of teacher 'tcn_self' and of this fold's training speakers"):
        command(["a"], pairs=[], learns={"teacher": "tcn_self", "p": 2}, maps=map_stores[:1])


@pytest.mark.parametrize("more", ["Ses01F", "Ses01M"], ids=["tests", "validates"])
def test_maps_of_a_teacher_trained_on_who_tests_or_validates_are_refused(map_stores, command, tmp_path, more):
    store = write_maps(tmp_path, 1, train_speakers=["Ses02F", "Ses02M", "Ses03F", "Ses03M", more])
    with pytest.raises(UserError, match="none are of teacher 'tcn_self' and of this fold's training speakers"):
        command(["a"], pairs=[], learns={"teacher": "tcn_self", "p": 2}, maps=[store, map_stores[1]])


def test_maps_of_another_training_of_the_teacher_than_that_beside_them_are_refused(map_stores, command):
    write_json(map_stores[0].parents[2] / "run.json", {"digest": "trained anew"})
    message = "maps/improvised_p2/store.json: maps of another training of tcn_self than that in .*fold1/seed1; delete"
    with pytest.raises(UserError, match=message):
        command(["a"], pairs=[], learns={"teacher": "tcn_self", "p": 2}, maps=map_stores)


def test_a_run_that_has_learned_maps_is_refused_where_it_should_have_learned_none(map_stores, command):
    with pytest.raises(UserError, match=OTHERS):
        command(["a"], pairs=[], learns=None, maps=map_stores)


def test_the_spread_over_seeds_is_of_the_pooled_value(split, write_run):
    """Seed 1 right in all folds, seed 2 half right in all: folds do not differ, seeds do."""
    entries = [write_run("a", fold, seed, perfect if seed == 1 else half) for fold in (1, 2, 3) for seed in (1, 2)]
    row = pick(make(split, entries).scores_table(), select="last", metric="wa").iloc[0]
    assert row["pooled"] == pytest.approx(0.75)
    assert row["sd_seeds"] == pytest.approx(np.std([1, 0.5], ddof=1))


def test_a_pair_says_its_seeds_and_the_difference_in_each(split, write_run):
    entries = [write_run("a", fold, seed, perfect if seed == 1 else half) for fold in (1, 2, 3) for seed in (1, 2)]
    entries += [write_run("b", fold, 1, half) for fold in (1, 2, 3)]
    row = pick(make(split, entries).pairs_table([("a", "b")]), select="last", metric="wa").iloc[0]
    assert (row["seeds"], row["by_seed"]) == (2, "0.500000 0.000000")
    assert row["difference"] == pytest.approx(0.25)
    assert row["sd_seeds"] == pytest.approx(np.std([0.5, 0], ddof=1))


@pytest.mark.parametrize(("unseeded", "seeds"), [((), 1), (("a",), 1), (("a", "b"), None)])
def test_a_pair_that_no_seed_changes_has_no_number_of_seeds(split, write_run, unseeded, seeds):
    entries = [write_run(system, fold, 1, of) for fold in (1, 2, 3) for system, of in (("a", perfect), ("b", half))]
    folds = Folds(split)
    runs = [read_run(entry, folds) for entry in entries]
    scores = SystemScores(runs, folds, permutations=20, unseeded=unseeded)
    row = pick(scores.pairs_table([("a", "b")]), select="last", metric="wa").iloc[0]
    assert (None if pd.isna(row["seeds"]) else row["seeds"]) == seeds
