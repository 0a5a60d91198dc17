"""Bad configuration, corpus and audio: one message that names file, key or value, and what to do; nothing is lost."""

import json

import pymupdf
import soundfile

from helpers.projects import copy_project


def test_a_bad_configuration_is_named_before_anything_runs(tmp_path):
    """All else that can be wrong with it: tests of `read_workflow`, which gives the messages."""
    project = copy_project(tmp_path)
    project.edit("config.yaml", "corpus: demo", "corpus: iemocap")
    project.edit("config.yaml", "release: null", "release: /nowhere/at/all")
    printed = project.snakemake("-n", check=False)
    assert "config.yaml: release: no folder /nowhere/at/all" in printed
    assert "Job stats" not in printed


def test_a_labelled_turn_without_audio_stops_the_run_and_names_every_such_turn(project):
    wavs = sorted(project.folder.glob("data/demo/release/Session1/sentences/wav/*/Ses*_F000.wav"))[:2]
    wavs = [path for path in wavs if not path.name.startswith(".")]
    for wav in wavs:
        wav.unlink()
    printed = project.snakemake(check=False)
    assert "Error in checkpoint accept" in printed or "Error in rule accept" in printed
    said = (project.folder / "logs/accept/demo.log").read_text()
    assert all(wav.stem in said for wav in wavs)
    assert "Traceback" not in said
    project.snakemake("--", "reports/demo-demo/release_check.json")  # what is wrong can be looked at all the same
    audit = json.loads((project.folder / "reports/demo-demo/release_check.json").read_text())
    assert audit["left_out"]["utterances"] == sorted(wav.stem for wav in wavs)


def test_broken_turns_are_left_out_where_the_user_says_so_and_the_report_names_them(project):
    """A turn of a scripted dialog: only systems that learn from those are trained anew."""
    wav = next(project.folder.glob("data/demo/release/Session2/sentences/wav/Ses02F_script*/Ses*_F000.wav"))
    soundfile.write(wav, [], 16000)
    project.edit("config.yaml", "skip_broken: false", "skip_broken: true")
    project.snakemake()
    with pymupdf.open(project.folder / "reports/all_tables.pdf") as document:
        front = "".join(document[page].get_text() for page in range(3))  # that of findings is the second
        assert wav.stem in front.replace("\n", "")
