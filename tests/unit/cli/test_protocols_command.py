"""Rule `protocols`: what cannot be had is gathered, and said once."""

import pandas as pd

from serflow.cli.protocols import main
from serflow.files import read_json, write_json

WHOLE = {"train": {"angry": 4, "sad": 4}, "validation": {"angry": 2, "sad": 1}, "test": {"angry": 1, "sad": 1}}


def told(folder, *options, **splits):
    """Run the rule on the fingerprints of splits of one view; what it writes."""
    files = []
    for name, content in splits.items():
        files.append(folder / "full/splits" / f"{name}.json")
        write_json(files[-1], {"split": {"name": name, "kind": "given" if name == "official" else "other"}} | content)
    main(["--paper", "xu2020", "--output", str(folder / "protocols.json"), "--splits", *map(str, files), *options])
    return read_json(folder / "protocols.json")


def test_what_cannot_be_had_is_gathered_and_the_same_reason_is_said_once(tmp_path, capsys):
    refused = {"unavailable": "this view has 3 speakers: too few"}
    found = told(tmp_path, random10={"folds": {"1": WHOLE}}, session_out=refused, speaker=refused)
    refusals = dict.fromkeys(("full/session_out", "full/speaker"), refused["unavailable"])
    assert found == {"unavailable": refusals, "short": {}}
    assert capsys.readouterr().out == (
        "xu2020: full/session_out, full/speaker: not run: this view has 3 speakers: too few\n"
    )


def test_nothing_is_said_where_all_is_well(tmp_path, capsys):
    assert told(tmp_path, random10={"folds": {"1": WHOLE}}) == {"unavailable": {}, "short": {}}
    assert capsys.readouterr().out == ""


def test_a_class_that_a_part_lacks_is_named_with_its_folds(tmp_path, capsys):
    lacking = WHOLE | {"test": {"sad": 1}}
    folds = {"2": lacking, "10": lacking, "1": WHOLE | {"validation": {}}}
    assert told(tmp_path, speaker={"folds": folds})["unavailable"] == {}
    assert capsys.readouterr().out == "xu2020: full/speaker: no test utterance of angry in folds 2 10\n"


def test_pairs_of_groups_are_said(tmp_path, capsys):
    told(tmp_path, speaker={"folds": {"1": WHOLE}, "groups": {"pair1a": ["a", "b"], "pair1b": ["c"]}})
    assert "3 speakers in 1 pairs of groups, listed in *_groups.csv" in capsys.readouterr().out


def test_utterances_that_are_shorter_than_a_piece_are_counted(tmp_path, capsys):
    (tmp_path / "full").mkdir()
    pd.DataFrame({"duration": [1.2, 1.9, 2.0, 3.5]}).to_parquet(tmp_path / "full/view.parquet")
    found = told(tmp_path, "--pieces", '{"full": [1.0, 2.0]}', random10={"folds": {"1": WHOLE}})
    assert found["short"] == {"full": {"2": [2, 4]}}
    assert capsys.readouterr().out == "xu2020: full: 2 of 4 utterances are shorter than a piece of 2 s\n"


def test_speakers_in_two_parts_of_the_corpus_s_own_division_are_said(tmp_path, capsys):
    folds = {"folds": {"1": WHOLE, "2": WHOLE, "3": WHOLE}, "speakers_shared": {"1": 2, "2": 0, "3": 5}}
    assert told(tmp_path, official=folds, random10=folds)["shared"] == {"full/official": {"1": 2, "3": 5}}
    assert capsys.readouterr().out == (
        "xu2020: full/official: the corpus's own division: in folds 1 3 up to 5 of its test speakers train or validate "
        "too\n"
    )
