"""Folds of corpora whose sessions are of two speakers stay what they are: digests made before there were groups."""

import os
from pathlib import Path

import pytest

from helpers.small_view import corpus
from serflow import corpora
from serflow.config import read_yaml
from serflow.corpora.readers import emodb
from serflow.split_checks import check_split
from serflow.splits import make_split, split_digest
from serflow.view import make_view

ROOT = Path(__file__).parents[2]
DECLARED = read_yaml(ROOT / "workflow/protocols.yaml")["splits"]
SPLITS = {name: split for name, split in DECLARED.items() if split["kind"] != "given"}  # that is of one corpus alone
FIVE_SESSIONS = {
    "random5": "47adcb1af54cb0e8",
    "random10": "3dcb896e3085ac9f",
    "session_out": "408372f2df111101",
    "speaker": "141cc88ca14ab1a2",
    "speaker_one_out": "b9a1be1ce158e571",
    "session_parts": "c587bd6dbe73ec85",
    "session_parts_random": "4aeef520a7f11f43",
    "marker": "bf6d4a201959d9a0",
    "marker_one_out": "377b6a0df27c0c62",
}
EMODB = {"random5": "e05b80b0abc41bb3", "session_out": "c367d96a3cb491d7", "speaker": "1ac87a308e7e06b0"}


def start_of_digest(view, name, *, wearers):
    judged = {
        other: split
        for other, split in SPLITS.items()
        if split.get("networks") == name and (wearers or split["kind"] != "marker")
    }
    table = make_split(view, SPLITS[name], judged if SPLITS[name]["kind"] == "session" else None)
    check_split(table, view, SPLITS[name])
    return split_digest(table)[:16]


@pytest.mark.parametrize("name", SPLITS)
def test_five_sessions_of_two_speakers_have_the_folds_that_they_had(name):
    view = corpus(sessions=5).assign(sex="", group="")
    assert start_of_digest(view, name, wearers=True) == FIVE_SESSIONS[name]


def test_emodb_has_the_folds_that_it_had():
    if "SERFLOW_EMODB" not in os.environ:
        pytest.skip("SERFLOW_EMODB names no folder of recordings")
    declared = corpora.load("emodb", root=ROOT)
    manifest, _ = emodb.read(Path(os.environ["SERFLOW_EMODB"]), corpus=declared)
    experiment = read_yaml(ROOT / "workflow/papers/xu2020.yaml")["experiments"]["full"]
    view = make_view(manifest, experiment, declared)
    assert {name: start_of_digest(view, name, wearers=False) for name in EMODB} == EMODB
