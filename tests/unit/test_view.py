import json

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from serflow.cli.view import main
from serflow.errors import UserError
from serflow.files import read_json
from serflow.view import make_view


def manifest():
    return pd.DataFrame(
        {
            "utterance": ["a", "b", "c", "d", "e"],
            "label": ["angry", "happy", "excited", "other", "angry"],
            "style": ["improvised", "improvised", "scripted", "improvised", "scripted"],
            "duration": [1.0, 2.0, 3.0, 4.0, 5.0],
        }
    )


def experiment(style="any", **classes):
    return {"style": style, "classes": classes}


def test_a_class_may_gather_several_labels_and_other_labels_are_left_out():
    view = make_view(manifest(), experiment(angry=["angry"], happy=["happy", "excited"]), {})
    assert dict(zip(view["utterance"], view["class"], strict=True)) == {
        "a": "angry",
        "b": "happy",
        "c": "happy",
        "e": "angry",
    }


def test_style_keeps_only_its_utterances():
    view = make_view(manifest(), experiment("improvised", angry=["angry"], happy=["happy", "excited"]), {})
    assert list(view["utterance"]) == ["a", "b"]


def test_a_stand_in_label_serves_for_one_that_the_corpus_lacks():
    without = manifest().query("label != 'excited'")
    view = make_view(without, experiment(excited=["excited"]), {"missing_labels": {"excited": "happy"}})
    assert view[["utterance", "label", "class"]].values.tolist() == [["b", "happy", "excited"]]


def test_a_class_with_both_a_label_and_its_stand_in_counts_it_once():
    without = manifest().query("label != 'excited'")
    spec = {"missing_labels": {"excited": "happy"}}
    assert list(make_view(without, experiment(happy=["happy", "excited"]), spec)["utterance"]) == ["b"]


def test_a_stand_in_that_makes_one_label_serve_two_classes_is_an_error():
    without = manifest().query("label != 'excited'")
    spec = {"missing_labels": {"excited": "happy"}}
    with pytest.raises(UserError, match="'happy' would serve both 'happy' and 'excited'"):
        make_view(without, experiment(happy=["happy"], excited=["excited"]), spec)


def test_a_label_declared_missing_but_there_is_an_error():
    with pytest.raises(UserError, match="excited is declared missing, but the manifest has it"):
        make_view(manifest(), experiment(angry=["angry"]), {"missing_labels": {"excited": "happy"}})


def test_an_empty_class_names_itself_the_labels_wanted_and_those_there():
    with pytest.raises(UserError, match=r"class 'sad' wants label sad.*improvised\): angry 1, happy 1, other 1"):
        make_view(manifest(), experiment("improvised", angry=["angry"], sad=["sad"]), {})


def test_an_unknown_style_is_an_error():
    with pytest.raises(UserError, match="'acted': expected one of improvised, scripted, any"):
        make_view(manifest(), experiment("acted", angry=["angry"]), {})


def test_the_command_keeps_the_type_of_empty_nested_columns(tmp_path):
    words = pa.list_(pa.struct([("word", pa.string()), ("start", pa.float64())]))
    table = pa.Table.from_pandas(manifest()).append_column("words", pa.array([[]] * 5, words))
    pq.write_table(table, tmp_path / "manifest.parquet")
    wanted = json.dumps(experiment(excited=["excited"]))
    out = tmp_path / "view.parquet"
    paths = ["--manifest", str(tmp_path / "manifest.parquet"), "--view", str(out)]
    main([*paths, "--experiment", wanted, "--corpus-spec", "{}"])
    assert pq.read_schema(out).field("words").type == words
    assert pd.read_parquet(out)[["utterance", "class"]].values.tolist() == [["c", "excited"]]


def test_a_class_without_an_utterance_is_left_out_where_the_experiment_says_so():
    view = make_view(manifest(), experiment(angry=["angry"], sad=["sad"]) | {"absent": "left_out"}, {})
    assert set(view["class"]) == {"angry"}


def test_the_command_writes_what_there_is_of_a_view_without_a_class_and_why_it_cannot_be_used(tmp_path, capsys):
    manifest().to_parquet(tmp_path / "manifest.parquet")
    wanted = json.dumps(experiment("improvised", angry=["angry"], sad=["sad"]))
    out = tmp_path / "view.parquet"
    paths = ["--manifest", str(tmp_path / "manifest.parquet"), "--view", str(out)]
    main([*paths, "--experiment", wanted, "--corpus-spec", "{}"])
    told = read_json(tmp_path / "view.json")
    assert told["utterances"] == 1
    assert told["unavailable"].startswith("experiment: class 'sad' wants label sad, and no utterance has it")
    assert told["unavailable"] in capsys.readouterr().out
    assert set(pd.read_parquet(out)["class"]) == {"angry"}
    main([*paths, "--experiment", json.dumps(experiment(angry=["angry"])), "--corpus-spec", "{}"])
    assert set(read_json(tmp_path / "view.json")) == {"digest", "utterances"}
