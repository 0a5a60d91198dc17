"""Labels, words and audio are held against the release itself: what is changed there, or in the manifest, is named."""

import os

import pandas as pd
import pytest

from helpers import ROOT
from helpers.tiny_release import CORPUS, Release
from serflow import corpora
from serflow.audit.findings import gathered
from serflow.audit.release import release_steps
from serflow.corpora import manifest
from serflow.corpora.release_fingerprint import refresh
from serflow.files import file_digest, read_json, write_json
from serflow.paths import CorpusPaths

PATHS = CorpusPaths("iemocap")
DECLARED = CORPUS | {"reads": corpora.load("iemocap", root=ROOT)["reads"]}
TURN = "Ses01F_impro01_F001"


@pytest.fixture
def release(tmp_path, monkeypatch):
    """A release that was read, as the rules read it, into the working folder."""
    monkeypatch.chdir(tmp_path)
    made = Release(tmp_path / "release")
    made.write()
    for path in made.root.rglob("*"):
        os.utime(path, (1e9, 1e9))  # long settled, so that the fingerprint keeps what it knows of a file
    read_again(made)
    return made


def read_again(release):
    refresh(release.root, PATHS.release_fingerprint, reads=DECLARED["reads"])
    frame, findings = release.read()
    manifest.write(frame, PATHS.manifest)
    findings.write(PATHS.findings)
    accept()


def accept():
    write_json(PATHS.manifest_fingerprint, {"digest": file_digest(PATHS.manifest)})


def audited(release, *, deep=False):
    """The steps that do not agree, by name, and all that is said."""
    node = gathered("release", release_steps(PATHS, release.root, DECLARED, deep=deep))
    return {step.name: step.said for step in node.steps if step.ok is False}, "\n".join(node.lines())


@pytest.mark.parametrize("deep", [False, True])
def test_an_untouched_release_agrees(release, deep):
    wrong, said = audited(release, deep=deep)
    assert wrong == {}
    assert "20 rows" in said
    assert ("hashed anew" in said) == deep


def test_a_transcript_that_was_changed_in_the_release(release):
    release.edit(
        release.transcript(), f"{TURN} [003.0000-003.5000]: Some words.", f"{TURN} [003.0000-003.5000]: Others."
    )
    wrong, said = audited(release)
    assert set(wrong) == {"release", "rows"}
    assert f"text of 1 utterances, {TURN} among them" in wrong["rows"]
    assert "Others" not in said


def test_the_labels_of_a_dialog_that_were_changed_in_the_release(release):
    text = release.evaluation().read_text(encoding="utf-8")
    release.put(release.evaluation(), text.replace("\tneu\t", "\tsad\t").replace("\tang\t", "\tsad\t"))
    wrong, said = audited(release)
    assert set(wrong) == {"release", "rows"}
    assert "label of 2 utterances" in said and "raw_label of 2 utterances" in said


def test_a_label_whose_file_keeps_its_size_and_its_time(release):
    path = release.evaluation()
    before = path.stat()
    release.edit(path, "\tang\t", "\tsad\t")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    after = path.stat()
    assert (after.st_size, after.st_mtime_ns) == (before.st_size, before.st_mtime_ns)
    wrong, said = audited(release)
    assert set(wrong) == {"release", "rows"}
    assert f"raw_label of 1 utterances, {TURN} among them" in said


def test_labels_that_were_changed_in_the_manifest_and_its_fingerprint(release):
    frame = pd.read_parquet(PATHS.manifest)
    frame.loc[frame["label"] == "neutral", "label"] = "angry"
    manifest.write(frame, PATHS.manifest)
    accept()
    wrong, _ = audited(release)
    assert set(wrong) == {"rows"}
    assert "label of 5 utterances" in wrong["rows"]


def test_rows_that_were_taken_out_of_the_manifest(release):
    manifest.write(pd.read_parquet(PATHS.manifest).iloc[1:].reset_index(drop=True), PATHS.manifest)
    accept()
    wrong, _ = audited(release)
    assert set(wrong) == {"rows"}
    assert "1 utterances, Ses01F_impro01_F000 among them, are missing, which the release has" in wrong["rows"]


def test_a_recording_that_was_changed_with_its_digest_in_the_manifest(release):
    other = release.wav("Ses01F_impro01_F000").read_bytes()
    release.wav(TURN).write_bytes(other)
    frame = pd.read_parquet(PATHS.manifest).set_index("utterance", drop=False)
    frame.loc[TURN, "sha256"] = frame.loc["Ses01F_impro01_F000", "sha256"]
    manifest.write(frame.reset_index(drop=True), PATHS.manifest)
    accept()
    wrong, said = audited(release)
    assert {"release", "rows"} <= set(wrong)
    assert "samples_sha256 of 1 utterances" in said and " sha256 of" not in said


def test_findings_that_were_hidden(release):
    release.edit(release.transcript(), "Some words.\n", "Some words.\nno turn at all\n")
    read_again(release)
    content = read_json(PATHS.findings)
    assert audited(release)[0] == {} and content["findings"]
    write_json(PATHS.findings, content | {"findings": []})
    assert set(audited(release)[0]) == {"findings"}


def test_a_fingerprint_whose_memory_of_a_file_was_edited_is_seen_by_a_deep_audit(release):
    """The label's file is changed, and the table that knows it by its stamp is made to say the old digest of it."""
    inventory = PATHS.release_fingerprint.replace("release.json", "inventory.tsv")
    with open(inventory, encoding="ascii") as file:
        lines = file.read().splitlines()
    name = "EmoEvaluation"
    old = next(line for line in lines if name in line)
    path = release.root / old.split("\t")[0]
    release.edit(path, "\tang\t", "\tsad\t")
    status = path.stat()
    stamp = f"{status.st_size}\t{status.st_mtime_ns}\t{status.st_ctime_ns}\t{status.st_ino}"
    mended = f"{old.split(chr(9))[0]}\t{stamp}\t{old.split(chr(9))[-1]}"
    with open(inventory, "w", encoding="ascii") as file:
        file.write("\n".join(mended if line == old else line for line in lines) + "\n")
    assert set(audited(release)[0]) == {"rows"}
    assert set(audited(release, deep=True)[0]) == {"release", "rows"}
