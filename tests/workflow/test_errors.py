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


def test_python_in_the_configuration_is_not_run_and_absurd_nesting_crashes_nothing(tmp_path):
    project = copy_project(tmp_path)
    file, ran = project.folder / "config.yaml", project.folder / "ran"
    plain = file.read_text(encoding="utf-8")
    command = f'?__import__("pathlib").Path({str(ran)!r}).touch()'
    file.write_text(f"__use_yte__: true\n__variables__:\n  x: {command}\n{plain}", encoding="utf-8")
    printed = project.snakemake("-n", check=False)
    assert "config.yaml: key '__use_yte__' would have Snakemake run what stands in this file" in printed
    assert not ran.exists()
    file.write_text(f"corpus: {'[' * 50_000}", encoding="utf-8")
    assert "config.yaml: line 1: more than 50 lists" in project.snakemake("-n", check=False)


def test_a_file_whose_name_is_a_command_is_refused_and_run_by_no_shell(tmp_path):
    project = copy_project(tmp_path)
    folder = project.folder / "workflow/corpora"
    (folder / "b$(touch ran).yaml").write_bytes((folder / "demo.yaml").read_bytes())
    printed = project.snakemake("-n", "--config", "corpus=b$(touch ran)", check=False)
    assert "corpus: 'b$(touch ran)' cannot name a corpus" in printed
    assert not list(project.folder.rglob("ran"))


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
