"""Bad configuration, corpus and audio: one message that names file, key or value, and what to do; nothing is lost."""

import json

import pytest
import soundfile

pytestmark = pytest.mark.xdist_group("workflow")  # one worker, which makes the small report once


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("preset: demo", "presett: demo", "unknown key 'presett'; did you mean 'preset'?"),
        ("preset: demo", "preset: dem", "'dem' is unknown; did you mean 'demo'?"),
        ("corpus: demo", "corpus: iemocab", "'iemocab' is unknown; did you mean 'iemocap'?"),
        ("papers: [xu2020]", "papers: [xu2021]", "'xu2021' is unknown; did you mean 'xu2020'?"),
        ("protocols: [as_published]", "protocols: [strickt]", "'strickt' is unknown; did you mean 'strict'?"),
        ("seeds: null", "seeds: [one]", "'one' is not of type 'integer'"),
        ("release: null", "release: /nowhere/at/all", "no folder /nowhere/at/all"),
        ("corpus: demo", "corpus: iemocap", "release: missing"),
        ("device: auto", "device: gpu", "device: 'gpu' does not match"),
    ],
)
def test_a_bad_configuration_is_named_before_anything_runs(project, old, new, said):
    project.edit("config.yaml", old, new)
    if "/nowhere" in new:
        project.edit("config.yaml", "corpus: demo", "corpus: iemocap")
    printed = project.snakemake("-n", check=False)
    assert said in printed
    assert "config.yaml" in printed
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
    wav = next(project.folder.glob("data/demo/release/Session2/sentences/wav/Ses02F_impro*/Ses*_F000.wav"))
    soundfile.write(wav, [], 16000)
    project.edit("config.yaml", "skip_broken: false", "skip_broken: true")
    project.snakemake()
    import pymupdf

    with pymupdf.open(project.folder / "reports/all_tables.pdf") as document:
        assert wav.stem in document[0].get_text().replace("\n", "")
