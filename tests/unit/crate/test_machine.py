"""Whatever tells the machine that made a crate is found in it."""

import os
from collections import namedtuple
from types import SimpleNamespace

import pytest

from serflow.crate.machine import Machine


@pytest.fixture
def machine(monkeypatch, tmp_path):
    name = namedtuple("Name", ["nodename"])("node42.example.org")
    monkeypatch.setattr(os, "uname", lambda: name)
    monkeypatch.setenv("HOME", "/homes/mueller")
    monkeypatch.setenv("LOGNAME", "mueller")
    monkeypatch.chdir(tmp_path)
    config = {
        "release": "/corpora/IEMOCAP",
        "releases": {},
        "lexical": {"vectors": "~/w2v.bin", "pronunciations": None},
    }
    return Machine(SimpleNamespace(config=config))


@pytest.mark.parametrize(
    ("text", "trace"),
    [
        ("by mueller, today", "mueller"),
        ("on node42 alone", "node42"),
        ("node42.example.org", "node42.example.org"),
        ("file:///homes/mueller/x.wav", "/homes/mueller"),
        ("read from /corpora/IEMOCAP/Session1", "/corpora/IEMOCAP"),
    ],
)
def test_user_host_and_folders_are_found(machine, text, trace):
    assert machine.trace(text.encode()) == trace


def test_the_working_folder_is_found(machine, tmp_path):
    assert machine.trace(f"made in {tmp_path}".encode()) == str(tmp_path)


def test_words_that_hold_such_a_name_are_none(machine):
    assert machine.trace(b"muellers, node421, /corpora/IEMOCAP2, results/demo") is None


def test_a_user_whose_name_is_a_word_hides_no_report(monkeypatch):
    monkeypatch.setenv("LOGNAME", "root")
    config = {"release": None, "releases": None, "lexical": {"vectors": None}}
    assert Machine(SimpleNamespace(config=config)).trace(b"the root digest") is None
