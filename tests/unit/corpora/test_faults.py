"""Each fault alone on a small stand-in: its finding by name, its turns left out or kept, no other row touched."""

import os
import shutil

import pytest

from faults import FAULTS, label_line, places, read, unexplained
from serflow.corpora.counts import label_counts
from serflow.corpora.findings import CODES
from serflow.standin.release import write_release

pytestmark = pytest.mark.slow

# of the whole release, not of a place in it: tested with the counts and with whole copies; of audio: in test_audio.py
ELSEWHERE = {"corpus_empty", "duration_total_differs", "durations_differ", "extent_differs", "names_alike"}
ELSEWHERE |= {"audio_converted", "audio_level", "audio_lossy"}
IN_A_CLEAN_RELEASE = set(CODES["expected"]) - {"crlf", "bom"}


@pytest.fixture(scope="session")
def clean(tmp_path_factory):
    """A small stand-in, its manifest, and its own counts by session as the published ones."""
    folder = tmp_path_factory.mktemp("faults") / "release"
    write_release(folder, turns=75, seed=3, jobs=2, floor=1)
    frame, _ = read(folder, {}, [], reference_counts=None)
    counts = label_counts(frame).groupby(["session", "label"])["count"].sum().unstack(fill_value=0)
    return folder, frame, {"counts": {}, "session": counts.T.to_dict()}


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_fault_ends_in_its_finding_and_touches_nothing_else(clean, tmp_path, fault):
    folder, frame, reference = clean
    shutil.copytree(folder, tmp_path / "release", copy_function=os.link)
    chosen = places(frame, [fault])
    place = chosen[fault.name]
    line = label_line(folder, place, fault.file)[0] if fault.line else None
    fault.spoil(tmp_path / "release", place)
    spoilt, findings = read(tmp_path / "release", chosen, [fault], reference_counts=reference)

    item = fault.finding(findings.items, place, line)
    assert item is not None, [str(found) for found in findings.items if found.severity != "expected"]
    assert item.severity == fault.severity
    assert unexplained(frame, spoilt, chosen, [fault]) == []
    left = set(frame["utterance"]) - set(spoilt["utterance"])
    assert (fault.severity == "fatal") == bool(left)
    whole = [found for found in findings.items if found.severity == "fatal" and found.code != fault.code]
    assert whole == []


def test_every_kind_of_finding_has_a_fault_or_is_named_here():
    known = {fault.code for fault in FAULTS} | ELSEWHERE | IN_A_CLEAN_RELEASE
    of_tables = {code for codes in CODES.values() for code in codes if code.startswith("table_")}  # of another reader
    assert known >= {code for codes in CODES.values() for code in codes} - of_tables
    assert len({fault.name for fault in FAULTS}) == len(FAULTS)
