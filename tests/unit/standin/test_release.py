import os
import re
import wave
from collections import Counter

import pytest

from serflow.cli.demo_release import main
from serflow.errors import UserError
from serflow.standin import published
from serflow.standin.release import write_release

pytestmark = pytest.mark.slow


def contents(folder):
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def visible(folder, pattern):
    return sorted(path for path in folder.glob(pattern) if not path.name.startswith("."))


def evaluation(folder, dialog):
    return (folder / f"Session{dialog[4]}/dialog/EmoEvaluation/{dialog}.txt").read_text()


def all_evaluations(folder):
    return "".join(path.read_text() for path in visible(folder, "Session*/dialog/EmoEvaluation/*.txt"))


def test_the_same_seed_gives_the_same_bytes_whatever_the_jobs(tiny, tmp_path):
    write_release(tmp_path / "again", turns=75, seed=3, jobs=1, floor=1)
    assert contents(tmp_path / "again") == contents(tiny)


def test_another_seed_gives_other_speech(tiny, tmp_path):
    write_release(tmp_path / "other", turns=75, seed=4, jobs=2, floor=1)
    name = "Session3/sentences/wav/Ses03M_impro05a/Ses03M_impro05a_F000.wav"
    assert (tmp_path / "other" / name).read_bytes() != (tiny / name).read_bytes()


def test_a_label_line_a_transcript_line_and_a_sound_for_each_turn(tiny):
    labelled = re.findall(r"^\[[\d.]+ - [\d.]+\]\t(\w+)\t(\w+)\t\[", all_evaluations(tiny), re.M)
    sounds = {path.stem for path in visible(tiny, "Session*/sentences/wav/*/*.wav")}
    written = "".join(path.read_text("latin-1") for path in visible(tiny, "Session*/dialog/transcriptions/*.txt"))
    spoken = re.findall(r"^(Ses\w+_[FM]\d{3}) \[", written, re.M)
    assert len(labelled) == 75
    assert {turn for turn, _ in labelled} == sounds == set(spoken)
    assert {label for _, label in labelled} == set(published.LABELS)


def test_sounds_are_16_khz_mono_pcm_of_the_labelled_length(tiny):
    times = re.findall(r"^\[([\d.]+) - ([\d.]+)\]\t(\w+)", all_evaluations(tiny), re.M)
    for start, end, turn in times:
        path = tiny / f"Session{turn[4]}/sentences/wav/{turn.rsplit('_', 1)[0]}/{turn}.wav"
        with wave.open(str(path)) as file:
            assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (16000, 1, 2)
            assert file.getnframes() / 16000 == pytest.approx(float(end) - float(start), abs=2e-4)


def test_dialog_sounds_are_stereo(tiny):
    with wave.open(str(visible(tiny, "Session1/dialog/wav/*.wav")[0])) as file:
        assert (file.getframerate(), file.getnchannels()) == (16000, 2)


def test_turns_are_grouped_by_speaker_in_the_evaluation(tiny):
    turns = re.findall(r"\t(Ses\w+)\t\w+\t\[", evaluation(tiny, "Ses03M_impro05a"))
    assert turns == sorted(turns)
    assert {turn.split("_")[-1][0] for turn in turns} == {"F", "M"}


def test_the_label_is_what_two_of_three_raters_said(tiny):
    short = {"Anger": "ang", "Happiness": "hap", "Excited": "exc", "Sadness": "sad", "Neutral": "neu"}
    short |= {"Frustration": "fru", "Fear": "fea", "Surprise": "sur", "Disgust": "dis", "Other": "oth"}
    blocks = [block for block in all_evaluations(tiny).split("\n\n") if block.startswith("[")]
    for block in blocks:
        label = block.split("\t")[2]
        said = re.findall(r"^C-E\d:\t(.*)\t\(", block, re.M)
        votes = Counter(short[name] for line in said for name in set(re.findall(r"\w+", line)))
        chosen = [name for name, count in votes.items() if count >= 2]
        assert (chosen == [label]) if label != "xxx" else (len(chosen) != 1)
    assert len(blocks) == 75


def test_the_means_follow_from_the_raters(tiny):
    for block in all_evaluations(tiny).split("\n\n"):
        given = re.findall(r"^A-E\d:\tval (\d); act (\d); dom  (.);", block, re.M)
        if given:
            means = [float(value) for value in re.search(r"\[([\d., ]+)\]\n", block)[1].split(",")]
            for mean, values in zip(means, zip(*given, strict=True), strict=True):
                known = [int(value) for value in values if value != " "]
                assert mean == pytest.approx(sum(known) / len(known), abs=1e-4)


def test_ratings_are_irregular_where_the_corpus_has_it(tiny):
    everything = all_evaluations(tiny)
    assert re.search(r"A-E4:\tval \d; act \d; dom   ;\t\(\)", everything)
    assert "[5.5000, " in everything
    assert ", 0.5000]" in everything
    assert re.search(r"C-E3:\t\w+;.* ;\t\(", evaluation(tiny, "Ses03M_impro05a"))
    assert re.search(r"C-E\d:\t\w+; \w+;\t", everything)
    assert re.search(r"^[CA]-F\d:", everything, re.M)
    assert re.search(r"^[CA]-M\d:", everything, re.M)


def test_transcripts_hold_unnumbered_untagged_tagged_and_latin_1_lines(tiny):
    data = (tiny / "Session3/dialog/transcriptions/Ses03M_impro05a.txt").read_bytes()
    assert b"caf\xe9" in data
    assert re.search(rb"^Ses03M_impro05a_[FM]XX0 \[[\d.]+-[\d.]+\]: ", data, re.M)
    assert re.search(rb"^[FM]: \w", data, re.M)
    assert b"[LAUGHTER]" in data
    with pytest.raises(UnicodeDecodeError):
        data.decode("utf-8")


def test_transcripts_are_in_order_of_time(tiny):
    for path in visible(tiny, "Session*/dialog/transcriptions/*.txt"):
        starts = re.findall(r"\w+_[FM]\d+ \[(\d{3}\.\d{4})-", path.read_text("latin-1"))
        assert starts == sorted(starts)


def test_exactly_two_turns_have_no_alignment(tiny):
    sounds = {path.stem for path in visible(tiny, "Session*/sentences/wav/*/*.wav")}
    for suffix in ("wdseg", "phseg"):
        aligned = {path.stem for path in visible(tiny, f"Session*/sentences/ForcedAlignment/*/*.{suffix}")}
        missing = sorted(sounds - aligned)
        assert len(missing) == 2
        assert missing[0].startswith("Ses03F_impro07_M")
        assert missing[1] == "Ses03M_impro03_M001"


@pytest.mark.parametrize(("suffix", "column"), [("wdseg", "Word"), ("phseg", "Phone")])
def test_alignments_cover_the_sound_frame_by_frame(tiny, suffix, column):
    for path in visible(tiny, f"Session*/sentences/ForcedAlignment/*/*.{suffix}"):
        header, *rows, total = path.read_text().splitlines()
        assert header.split() == ["SFrm", "EFrm", "SegAScr", column]
        assert total.split()[:2] == ["Total", "score:"]
        spans = [(int(row.split()[0]), int(row.split()[1])) for row in rows]
        with wave.open(str(path).replace("ForcedAlignment", "wav").replace(suffix, "wav")) as file:
            frames = file.getnframes() // 160
        assert spans[0][0] == 0
        assert spans[-1][1] == frames - 1
        assert all(first <= last for first, last in spans)
        assert all(after[0] == before[1] + 1 for before, after in zip(spans, spans[1:], strict=False))


def test_alignments_hold_the_words_of_the_transcript_and_sounds(tiny):
    entries = []
    for name in ("Ses03M_impro05a_F000", "Ses03M_impro05b_F000"):
        path = tiny / "Session3/sentences/ForcedAlignment" / name.rsplit("_", 1)[0] / f"{name}.wdseg"
        entries += [row.split()[3] for row in path.read_text().splitlines()[1:-1]]
    words = [entry for entry in entries if not entry.startswith("<")]
    assert words[:7] == ["++LAUGHTER++", "I", "LEFT", "IT", "AT", "THE", "CAFE"]
    assert {"<s>", "</s>", "<sil>", "++BREATHING++", "++GARBAGE++", "THE(2)"} <= set(entries)


def test_macos_files_lie_in_several_folders_and_are_not_text(tiny):
    found = [path for path in tiny.rglob("._*")]
    assert {path.parent.name for path in found} >= {"EmoEvaluation", "transcriptions", "wav"}
    assert any(path.parent.parent.name == "wav" for path in found)
    with pytest.raises(UnicodeDecodeError):
        found[0].read_text("utf-8")


def test_the_subfolders_of_the_evaluations_hold_single_raters(tiny):
    for kind in ("Attribute", "Categorical", "Self-evaluation"):
        assert visible(tiny, f"Session2/dialog/EmoEvaluation/{kind}/*.txt")


def test_the_same_script_has_the_same_lines_in_every_session(tiny):
    lines = {}
    for path in visible(tiny, "Session*/dialog/transcriptions/*_script01_1.txt"):
        for sex, rank, text in re.findall(r"_([FM])(\d{3}) \[.*\]: (.*)", path.read_text("latin-1")):
            lines.setdefault((sex, rank), []).append(text)
    assert len(lines["F", "000"]) >= 4
    assert all(len(set(texts)) == 1 for texts in lines.values())


def test_the_readme_says_that_it_is_no_emotion(tiny):
    text = (tiny / "README.txt").read_text()
    assert "serflow demo-release DIR --turns 75 --seed 3 --floor 1" in text
    assert "eSpeak NG" in text
    assert "says anything\nabout emotion" in text


def test_a_folder_with_something_in_it_is_left_alone(tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(UserError, match="expected no such folder, or an empty one"):
        main([str(tmp_path)])
    assert os.listdir(tmp_path) == ["mine.txt"]


def test_a_failing_synthesiser_leaves_nothing_behind(tmp_path, monkeypatch):
    monkeypatch.setattr("serflow.standin.release.sys.executable", "/bin/false")
    with pytest.raises(UserError, match="process failed"):
        write_release(tmp_path / "new", turns=75, seed=1, jobs=1, floor=1)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("name", "value"), [("seed", -1), ("jobs", 0)])
def test_a_number_below_its_least_is_refused(tmp_path, name, value):
    numbers = {"turns": 600, "seed": 1, "jobs": 1} | {name: value}
    with pytest.raises(UserError, match=f"{name} {value}"):
        write_release(tmp_path / "new", **numbers)
