"""`serflow folds`: fold tables as CSV, and what of them a licence keeps private."""

import pandas as pd
import pytest

from helpers.exported import CLASSES, project
from serflow.cli.folds import main
from serflow.errors import UserError

STRICT = ["--export", "out", "--paper", "xu2020", "--experiment", "improvised", "--protocol", "strict"]
IEMOCAP = ["--config", "corpus=iemocap", "release=somewhere"]


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_row_is_an_utterance_and_fold(folder, capsys):
    table = project(folder)
    main(STRICT)
    assert capsys.readouterr().out == "out/demo_xu2020_improvised_speaker.csv: 80 utterances, 10 folds\n"
    found = pd.read_csv("out/demo_xu2020_improvised_speaker.csv")
    assert list(found) == ["utterance", "speaker", "class", "fold", "part"]
    expected = table[list(found)].astype({"fold": "int64"})
    pd.testing.assert_frame_equal(found, expected, check_dtype=False)
    readme = (folder / "out/README.txt").read_text()
    assert f"demo_xu2020_improvised_speaker.csv: classes {', '.join(CLASSES)}" in readme
    assert "--paper xu2020 --experiment improvised --split speaker" in readme


def test_of_a_private_corpus_there_are_names_of_turns_alone(folder, capsys):
    project(folder, "iemocap")
    main([*STRICT, *IEMOCAP])
    found = pd.read_csv("out/iemocap_xu2020_improvised_speaker.csv")
    assert list(found) == ["utterance", "fold", "part"] and len(found) == 800
    assert "names alone, as its licence keeps speakers and labels private" in capsys.readouterr().out


def test_private_true_shows_them(folder):
    project(folder, "iemocap")
    main([*STRICT, *IEMOCAP, "private=true"])
    assert {"speaker", "class"} < set(pd.read_csv("out/iemocap_xu2020_improvised_speaker.csv"))


def test_a_table_that_is_not_made_is_told_with_the_command_that_makes_it(folder):
    project(folder)
    said = r"random10.parquet: this fold table is not made yet; rule `split` makes it: snakemake .*/random10.json$"
    with pytest.raises(UserError, match=said):
        main([*STRICT[:-1], "random10"])
    with pytest.raises(UserError, match=r"speaker.json --config corpus=iemocap release=somewhere$"):
        main([*STRICT, *IEMOCAP])
    assert not (folder / "out").exists()


@pytest.mark.parametrize(
    ("place", "said"),
    [
        (["--paper", "xu202"], r"--paper 'xu202'.*did you mean 'xu2020'"),
        (["--paper", "xu2020", "--experiment", "improvise"], "did you mean 'improvised'"),
        (["--paper", "xu2020", "--protocol", "strickt"], "did you mean 'strict'"),
        (["--paper", "xu2020", "--split", "speakers"], "did you mean 'speaker'"),
        (["--paper", "li2019ijcai", "--experiment", "improvised", "--split", "speaker"], "none of li2019ijcai"),
    ],
)
def test_a_name_that_there_is_none_of_is_refused(folder, place, said):
    project(folder)
    with pytest.raises(UserError, match=said):
        main(["--export", "out", *place])


def test_a_file_in_the_folders_place_is_left_alone(folder):
    project(folder)
    (folder / "out").write_text("mine")
    with pytest.raises(UserError, match="is a file; name a folder"):
        main(STRICT)
