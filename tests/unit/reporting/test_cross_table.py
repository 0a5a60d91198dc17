"""A table of another corpus: what its lines name, what its caption says, and that it has a page."""

import pandas as pd
import pytest

from helpers.declared import make_report
from serflow.metrics.scoring import SCORES
from serflow.reporting.layout import table_layout
from serflow.reporting.table_rows import table_rows

CHANGE = {"papers": ["xu2020"], "protocols": ["strict", "cross:emodb"], "releases": {"emodb": "some/folder"}}
CLASSES = ("angry", "sad", "excited")


SCORED = {"select": "best_validation", "pooled": 0.6, "mean": 0.6, "folds": 2, "seeds": 1, "utterances": 300}
SCORED |= {"speakers": 10, "sessions": 5, "low_speakers": 0.5, "high_speakers": 0.7}


def spec_in(folder, scored=CLASSES, **change):
    """The planned table, its scores below `folder`: of strict four classes, of the other corpus those of `scored`."""
    spec = make_report(**CHANGE | change).table("xu2020", "table_cross_emodb")
    for row in spec["rows"]:
        row["scores"] = {name: place and str(folder / place) for name, place in row["scores"].items()}
        for name, place in row["scores"].items():
            if place:
                write(folder / place, [*CLASSES, "neutral"] if name == "strict" else scored)
    return spec


def write(place, classes):
    """scores.csv of three systems; of no class, its head alone."""
    metrics = ["ua", "wa", *(f"recall_{one}" for one in classes)] if classes else []
    systems = ("acnn", "svm_compare", "majority")
    lines = [SCORED | {"system": system, "metric": metric} for system in systems for metric in metrics]
    place.mkdir(parents=True, exist_ok=True)
    columns = [*SCORES, "ua_train", "undertrained"]
    pd.DataFrame(lines, columns=columns).to_csv(place / "scores.csv", index=False)


@pytest.fixture
def spec(tmp_path):
    return spec_in(tmp_path)


def test_lines_name_the_classes_that_are_scored(spec):
    rows = table_rows(spec)
    found = {line["protocol"]: line["classes"] for line in rows if line["reproduced"]}
    assert found == {"strict": "angry sad excited neutral", "cross:emodb": "angry sad excited"}


def test_the_caption_says_what_predicts_what_over_which_classes(spec):
    caption = table_layout(spec, table_rows(spec))["caption"]
    assert caption.startswith("Every network of strict")
    assert "predicts every utterance of Berlin EmoDB" in caption
    assert "Classes that both have: angry, sad and excited, of which chance gives a UA of 33.3." in caption
    assert "Stand-in for IEMOCAP is synthesised." in caption and "Berlin EmoDB is synthesised" not in caption
    assert "keep_weights" not in caption


def test_it_says_where_networks_of_the_first_seed_alone_predict(tmp_path):
    spec = spec_in(tmp_path, keep_weights="first_seed")
    assert "Networks of the first seed alone" in table_layout(spec, table_rows(spec))["caption"]


def test_it_has_a_page_and_its_columns_stay_apart_although_they_select_alike(spec):
    layout = table_layout(spec, table_rows(spec))
    assert layout["own_page"]
    assert [column["label"] for column in layout["protocols"]] == ["strict", "cross: Berlin EmoDB"]


def test_a_part_that_the_other_corpus_lacks_is_an_empty_cell_with_its_reason(spec):
    (line, *_) = [line for line in table_rows(spec) if line["row"] == "scripted_acnn" and "cross" in line["protocol"]]
    assert not line["reproduced"] and "no scripted part" in line["note"]


def test_fewer_than_two_classes_with_an_utterance_are_an_empty_cell_too(tmp_path):
    rows = table_rows(spec_in(tmp_path, scored=()))
    (line, *_) = [line for line in rows if line["row"] == "improvised_acnn" and "cross" in line["protocol"]]
    assert line["note"] == "fewer than two of the classes have an utterance there"


def test_a_system_of_which_predictions_alone_are_there_is_named(spec):
    assert "Not here" not in table_layout(spec, table_rows(spec))["caption"]
    caption = table_layout(spec | {"given": ["Mine"]}, table_rows(spec))["caption"]
    assert "Not here: Mine, of which predictions of Stand-in for IEMOCAP were given, and no network." in caption
