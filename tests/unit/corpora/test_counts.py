import pandas as pd
import pytest

from serflow.corpora.counts import compare, label_counts, total_differs

MANIFEST = pd.DataFrame(
    [
        ("1", "improvised", "A", "happy"),
        ("1", "improvised", "A", "happy"),
        ("1", "scripted", "B", "excited"),
        ("2", "improvised", "C", "sad"),
    ],
    columns=["session", "style", "speaker", "label"],
)


def test_utterances_are_counted_by_session_style_speaker_and_label():
    assert label_counts(MANIFEST).to_numpy().tolist() == [
        ["1", "improvised", "A", "happy", 2],
        ["1", "scripted", "B", "excited", 1],
        ["2", "improvised", "C", "sad", 1],
    ]


def test_published_counts_are_compared_in_total_and_by_style_session_and_speaker():
    reference = {
        "counts": {"all": {"happy": 2, "angry": 1}, "scripted": {"happy": 0}},
        "session": {"2": {"sad": 3}},
        "speaker": {"A": {"happy": 1}},
    }
    rows = compare(label_counts(MANIFEST), reference)
    assert [tuple(row.values()) for row in rows] == [
        ("all: happy", 2, 2, 0),
        ("all: angry", 1, 0, -1),
        ("scripted: happy", 0, 0, 0),
        ("session 2: sad", 3, 1, -2),
        ("speaker A: happy", 1, 2, 1),
    ]
    assert list(rows[0]) == ["what", "published", "found", "difference"]


def test_a_view_merges_labels_within_its_style():
    view = {
        "name": "merged",
        "style": "all",
        "classes": {"happy": ["happy", "excited"]},
        "expected": {"happy": 3},
        "session": {"2": {"happy": 1}},
    }
    improvised = view | {"name": "improvised", "style": "improvised", "session": {}}
    rows = compare(label_counts(MANIFEST), {"counts": {}, "views": [view, improvised]})
    assert [tuple(row.values()) for row in rows] == [
        ("merged: happy", 3, 3, 0),
        ("merged, session 2: happy", 1, 0, -1),
        ("improvised: happy", 3, 2, -1),
    ]


@pytest.mark.parametrize(
    ("hours", "said"), [(12.444, None), (12.436, None), (12.0, "12.00 h found, 12.44 h published (-3.5%)")]
)
def test_a_total_duration_differs_beyond_the_rounding_of_the_published_one(hours, said):
    manifest = pd.DataFrame({"duration": [hours * 1800] * 2})
    found = total_differs(manifest, {"durations": {"hours": 12.44}})
    assert found == (said and f"total duration: {said}")
    assert total_differs(manifest, {"counts": {}}) is None
