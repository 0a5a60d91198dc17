"""`serflow score`: predictions are stored with their digests, listed and taken away; what does not fit is refused."""

import pandas as pd
import pytest

from helpers.exported import CLASSES, predictions, project
from serflow.cli.score import main
from serflow.errors import UserError
from serflow.files import file_digest, read_json, write_json
from serflow.given.stored import stored

PLACE = ["--paper", "xu2020", "--experiment", "improvised", "--protocol", "strict"]
FOLDER = "results/demo/given/mine/xu2020/improvised/speaker"


@pytest.fixture
def table(tmp_path, monkeypatch):
    """The fold table of a project in the working folder, with predictions of it in mine.csv."""
    monkeypatch.chdir(tmp_path)
    table = project(tmp_path)
    predictions(table, seeds=(1, 2)).to_csv("mine.csv", index=False)
    return table


def test_what_is_stored_says_what_it_is_of(table, capsys):
    main(["mine.csv", "--as", "mine", "--title", "My system", *PLACE])
    assert capsys.readouterr().out.startswith(
        f"{FOLDER}: 10 folds x 2 seeds, probabilities; xu2020, improvised, strict"
    )
    main(["mine.csv", "--as", "mine", "--title", "My system", *PLACE, "--config", "folds=2"])
    assert capsys.readouterr().out.endswith("after: snakemake --cores 2 reports/all_tables.pdf --config folds=2\n")
    (given,) = stored("demo")
    assert (given.title, given.folds, given.seeds) == ("My system", list(range(1, 11)), [1, 2])
    assert (given.classes, given.probabilities, given.seeded) == (CLASSES, True, True)
    assert given.fold_table == read_json("data/demo/xu2020/improvised/splits/speaker.json")["digest"]
    assert (given.file, given.file_digest) == ("mine.csv", file_digest("mine.csv"))
    assert given.predictions == file_digest(given.table)
    kept = pd.read_parquet(given.table)
    assert list(kept) == ["utterance", "fold", "seed", *(f"p_{name}" for name in CLASSES)]
    assert len(kept) == 160


def test_a_file_that_is_given_again_takes_the_place_of_the_one_before(table):
    main(["mine.csv", "--as", "mine", *PLACE])
    pd.read_csv("mine.csv").query("seed == 1").to_csv("again.csv", index=False)
    main(["again.csv", "--as", "mine", "--deterministic", *PLACE])
    (given,) = stored("demo")
    assert (given.file, given.seeds, given.seeded) == ("again.csv", [1], False)


def test_of_the_papers_first_experiment_without_an_option(table):
    main(["mine.csv", "--as", "mine", "--paper", "xu2020", "--split", "speaker"])
    assert str(stored("demo")[0].folder) == FOLDER


def test_a_fold_that_is_left_out_is_refused_and_nothing_is_stored(table):
    pd.read_csv("mine.csv").query("fold != 2").to_csv("less.csv", index=False)
    with pytest.raises(UserError, match="fold 2, seed 1: all of its 8 test utterances have no prediction"):
        main(["less.csv", "--as", "mine", *PLACE])
    assert stored("demo") == []


def test_folds_that_the_configuration_does_not_score_may_be_left_out(table):
    pd.read_csv("mine.csv").query("fold <= 2").to_csv("less.csv", index=False)
    main(["less.csv", "--as", "mine", *PLACE])
    assert stored("demo")[0].folds == [1, 2]
    with pytest.raises(UserError, match="fold 3, seed 1: all"):
        main(["less.csv", "--as", "mine", *PLACE, "--config", "folds=10"])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--as", "acnn", *PLACE], "xu2020 has a system of that name; choose another"),
        (["--as", "svm_compare", *PLACE], "has a system of that name"),
        (["--as", "tcn_self", *PLACE], "zhao2021 has a system of that name"),
        (["--as", "My system", *PLACE], "expected small letters, digits and _"),
        (PLACE, "name the system: --as NAME"),
        (["--as", "mine"], "of which paper are these predictions"),
        (["--as", "mine", "--paper", "xu2020"], "add --protocol, one of as_published, random10, strict$"),
        (["--as", "mine", "--deterministic", *PLACE], "has 2 seeds; expected one with --deterministic"),
        (["--as", "mine", *PLACE[:-1], "random10"], "this fold table is not made yet; rule `split` makes it"),
        (["--as", "mine", "--remove", "mine"], "takes a name alone"),
    ],
)
def test_what_does_not_fit_is_refused(table, arguments, said):
    with pytest.raises(UserError, match=said):
        main(["mine.csv", *arguments])
    assert stored("demo") == []


def test_what_is_stored_is_listed_and_taken_away(table, tmp_path, capsys):
    main([])
    assert capsys.readouterr().out.startswith("nothing is given of demo")
    main(["mine.csv", "--as", "mine", "--title", "My system", *PLACE])
    main(["mine.csv", "--as", "other", *PLACE])
    capsys.readouterr()
    main([])
    first, second = capsys.readouterr().out.splitlines()
    assert first == "mine: --paper xu2020 --experiment improvised --split speaker: My system, from mine.csv"
    assert second.startswith("other: ")
    with pytest.raises(UserError, match="did you mean 'mine'"):
        main(["--remove", "mien"])
    with pytest.raises(UserError, match="it was not given there; it was for --paper xu2020"):
        main(["--remove", "mine", "--paper", "xu2020", "--protocol", "random10"])
    main(["--remove", "mine", "--protocol", "strict"])
    assert [given.name for given in stored("demo")] == ["other"]
    assert not (tmp_path / "results/demo/given/mine").exists()


def test_other_folds_are_told_in_the_list(table, capsys):
    main(["mine.csv", "--as", "mine", *PLACE])
    path = "data/demo/xu2020/improvised/splits/speaker.json"
    write_json(path, read_json(path) | {"digest": "0" * 64})
    capsys.readouterr()
    main([])
    assert "has changed since mine.csv was given, so that it is not scored" in capsys.readouterr().out
