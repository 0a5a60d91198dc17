"""`serflow new-corpus`: from a table to a corpus's YAML, what it says, what it refuses."""

import shutil

import numpy as np
import pandas as pd
import pytest
import soundfile
import yaml

from helpers import ROOT
from serflow import corpora
from serflow.cli.new_corpus import main
from serflow.corpora.readers import table
from serflow.errors import UserError

LABELS = ("anger", "happiness", "sadness", "neutral", "calm", "05")


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A user's folder."""
    folder = tmp_path / "lab"
    folder.mkdir()
    shutil.copy(ROOT / "config.yaml", folder)
    monkeypatch.chdir(folder)
    return folder


def tone(path, number, rate=48000, channels=1):
    path.parent.mkdir(parents=True, exist_ok=True)
    samples = np.sin(np.arange(rate // 5) * (0.01 + 0.0001 * number)) * 0.1
    soundfile.write(path, np.stack([samples] * channels, axis=1), rate, subtype="PCM_16")


def recordings(folder, speakers=24, labels=LABELS, of="wav/{speaker:02d}_{label}.wav"):
    """Rows of a corpus, and its files: a recording of each label by each speaker, some in stereo."""
    rows = []
    for speaker in range(1, speakers + 1):
        for label in labels:
            path = of.format(speaker=speaker, label=label)
            tone(folder / path, len(rows), channels=2 if speaker % 5 == 0 else 1)
            rows.append({"file": path, "emotion": label, "Actor": f"{speaker:02d}", "gender": "fm"[speaker % 2]})
    return pd.DataFrame(rows)


def made(capsys, *arguments):
    """The corpus's id, its YAML and what was printed."""
    main([str(argument) for argument in arguments])
    printed = capsys.readouterr().out
    (path,) = (line.split(": ")[1].split(";")[0] for line in printed.splitlines() if line.startswith("written: "))
    corpus_id = path.split("/")[-1].removesuffix(".yaml")
    return corpus_id, corpora.load(corpus_id, root="."), printed


def test_a_table_becomes_a_corpus_that_its_reader_reads(here, tmp_path, capsys):
    folder = tmp_path / "My Corpus"
    recordings(folder).to_csv(folder / "table.csv", index=False)
    corpus_id, corpus, printed = made(capsys, folder / "table.csv")
    assert corpus_id == "my_corpus"
    assert corpus["columns"] == {"path": "file", "label": "emotion", "speaker": "Actor", "sex": "gender"}
    assert corpus["labels"] == {
        "anger": "angry", "happiness": "happy", "sadness": "sad", "neutral": "neutral", "calm": "calm",
        "05": "label_05",
    }  # fmt: skip
    assert corpus["missing_labels"] == {"excited": "happy"}
    assert list(corpus["own_classes"]) == ["angry", "happy", "sad", "neutral", "calm", "label_05"]
    assert corpus["budget"] == corpora.load("emodb", root=".")["budget"]
    assert corpus["convert"] == {"channels": "mean"}
    assert corpus["pairs"] == 5
    frame, findings = table.read(folder, corpus=corpus)
    assert len(frame) == 24 * len(LABELS)
    assert [item.code for item in findings.items] == ["audio_converted"]
    text = (here / "workflow/corpora/my_corpus.yaml").read_text()
    assert '  "05": label_05  # 24' in text
    assert "48000 Hz 144" in text
    assert "1 channel 120, 2 channels 24" in text
    assert "24 speakers (m 12, f 12), no sessions" in " ".join(text.replace("\n# ", " ").split())
    assert f"'release={folder}' -- reports/all_tables.pdf" in printed
    assert "-- reports/my_corpus-demo/xu2020/table2.csv" in printed


def test_which_protocols_there_are_is_said_with_the_number_of_folds(here, tmp_path, capsys):
    recordings(tmp_path / "own").to_csv(tmp_path / "own/table.csv", index=False)
    _, _, printed = made(capsys, tmp_path / "own/table.csv", "--id", "mine")
    fewer = ", the first 2 run (`folds: all` in config.yaml: all)\n"
    assert f"  as_published: 5 folds{fewer}  random10: 10 folds{fewer}  strict: 10 folds{fewer}" in printed


def test_of_few_speakers_there_are_fewer_pairs_or_no_strict(here, tmp_path, capsys):
    for speakers, pairs in ((7, 3), (3, None)):
        folder = tmp_path / f"of{speakers}"
        recordings(folder, speakers=speakers).to_csv(folder / "table.csv", index=False)
        _, corpus, printed = made(capsys, folder / "table.csv")
        assert corpus.get("pairs") == pairs
        assert f"strict: {f'{2 * pairs} folds' if pairs else 'cannot be had'}" in printed


def test_a_table_of_the_papers_four_classes_needs_none_of_its_own(here, tmp_path, capsys):
    folder = tmp_path / "four"
    recordings(folder, speakers=4, labels=LABELS[:4]).to_csv(folder / "table.csv", index=False)
    assert made(capsys, folder / "table.csv")[1]["own_classes"] is None


def test_without_the_papers_classes_the_first_table_is_that_of_its_own(here, tmp_path, capsys):
    folder = tmp_path / "three"
    recordings(folder, speakers=4, labels=("calm", "tense", "anger")).to_csv(folder / "table.csv", index=False)
    _, corpus, printed = made(capsys, folder / "table.csv")
    assert list(corpus["own_classes"]) == ["calm", "tense", "angry"]
    assert "-- reports/three-demo/xu2020/table_own.csv" in printed


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_table_and_audio_may_lie_apart(here, tmp_path, capsys, kind):
    audio, lists = tmp_path / "audio", tmp_path / "lists"
    frame = recordings(audio, speakers=4)
    lists.mkdir()
    frame["file"] = [str(audio / path) for path in frame["file"]]
    frame.to_csv(lists / "t.csv", index=False, sep=";")
    frame.to_parquet(lists / "t.parquet", index=False)
    _, corpus, printed = made(capsys, lists / f"t.{kind}")
    assert corpus["table"] == str(lists / f"t.{kind}")
    assert f"release={audio}/wav " in printed
    assert len(table.read(audio / "wav", corpus=corpus)[0]) == len(frame)


def test_paths_that_climb_out_of_the_tables_folder_make_the_folder_above_the_release(here, tmp_path, capsys):
    frame = recordings(tmp_path / "own", speakers=4, of="audio/{speaker}_{label}.wav")
    (tmp_path / "own/lists").mkdir()
    frame.assign(file="../" + frame["file"]).to_csv(tmp_path / "own/lists/t.csv", index=False)
    corpus_id, corpus, _ = made(capsys, tmp_path / "own/lists/t.csv")
    assert (corpus_id, corpus["table"], corpus["reads"]) == ("own", "lists/t.csv", ["lists/t.csv", "*.wav"])
    assert len(table.read(tmp_path / "own", corpus=corpus)[0]) == len(frame)


def test_release_names_the_folder_of_relative_paths(here, tmp_path, capsys):
    frame = recordings(tmp_path / "audio", speakers=4)
    frame.to_csv(tmp_path / "t.csv", index=False)
    with pytest.raises(UserError, match="none of its files is in .*, such as 'wav/01_anger.wav'; .*--release"):
        main([str(tmp_path / "t.csv"), "--id", "mine"])
    (tmp_path / "lists").mkdir()
    shutil.move(tmp_path / "t.csv", tmp_path / "lists")
    _, corpus, _ = made(capsys, tmp_path / "lists/t.csv", "--id", "mine", "--release", tmp_path / "audio")
    assert len(table.read(tmp_path / "audio", corpus=corpus)[0]) == len(frame)


def test_columns_are_named_by_the_user_where_no_name_tells(here, tmp_path, capsys):
    folder = tmp_path / "own"
    recordings(folder, speakers=4).rename(columns={"emotion": "affect", "Actor": "x"}).to_csv(folder / "t.csv")
    with pytest.raises(UserError, match="no column for label, speaker among .*--column label=NAME --column speaker=N"):
        main([str(folder / "t.csv")])
    with pytest.raises(UserError, match="--column label=affekt: .*did you mean 'affect'"):
        main([str(folder / "t.csv"), "--column", "label=affekt"])
    corpus = made(capsys, folder / "t.csv", "--column", "label=affect", "speaker=x")[1]
    assert corpus["columns"]["speaker"] == "x"


def test_what_is_amiss_is_counted(here, tmp_path, capsys):
    folder = tmp_path / "own"
    frame = recordings(folder, speakers=10)
    (folder / frame["file"][0]).rename((folder / frame["file"][0]).with_suffix(".WAV"))
    (folder / frame["file"][1]).write_bytes(b"no audio")
    frame.loc[frame["Actor"] == "02", "Actor"] = "1"
    frame.loc[7, "emotion"] = ""
    frame.to_csv(folder / "t.csv", index=False)
    printed = made(capsys, folder / "t.csv")[2]
    assert "amiss: 1 files are not there: wav/01_anger.wav (there is wav/01_anger.WAV)" in printed
    assert "amiss: 1 files cannot be read as audio: wav/01_happiness.wav (" in printed
    assert "amiss: 1 rows are no CSV, or have no path, label or speaker" in printed
    assert "amiss: '01' and '1' are speakers alike" in printed


def test_nothing_is_overwritten_and_no_name_is_odd(here, tmp_path, capsys):
    folder = tmp_path / "own"
    recordings(folder, speakers=4).to_csv(folder / "t.csv", index=False)
    with pytest.raises(UserError, match=r"emodb.yaml: is there already; choose another name with --id"):
        main([str(folder / "t.csv"), "--id", "emodb"])
    assert not (here / "workflow/corpora").exists()
    with pytest.raises(UserError, match="'my corpus' cannot name a corpus"):
        main([str(folder / "t.csv"), "--id", "my corpus"])


def test_a_name_that_yaml_takes_for_a_number_is_quoted_in_the_command(here, tmp_path, capsys):
    folder = tmp_path / "2024"
    recordings(folder, speakers=4).to_csv(folder / "t.csv", index=False)
    assert """'corpus="2024"' release=""" in made(capsys, folder / "t.csv")[2]


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (lambda frame: frame.assign(emotion="sad"), "every label is 'sad'"),
        (lambda frame: frame.assign(emotion=range(len(frame))), "has 120 values in 120 rows; expected labels"),
        (lambda frame: frame.assign(Actor=""), "no row has path, label, speaker"),
    ],
)
def test_a_table_that_can_be_no_corpus_is_refused(here, tmp_path, frame, message):
    folder = tmp_path / "own"
    frame(recordings(folder, speakers=20)).to_csv(folder / "t.csv", index=False)
    with pytest.raises(UserError, match=message):
        main([str(folder / "t.csv")])


def test_titles_and_names_of_any_letters_come_back(here, tmp_path, capsys):
    folder = tmp_path / "größe"
    frame = recordings(folder, speakers=4, labels=("yes", "no", "a: b # c", '"q"'))
    frame.to_csv(folder / "t [1].csv", index=False)
    corpus_id, corpus, _ = made(capsys, folder / "t [1].csv")
    assert corpus_id == "grosse"
    assert set(corpus["labels"]) == {"yes", "no", "a: b # c", '"q"'}
    assert len(table.read(folder, corpus=corpus)[0]) == len(frame)
    assert yaml.safe_load((here / "workflow/corpora/grosse.yaml").read_text())["table"] == "t [1].csv"


def test_a_partition_in_the_table_is_declared_and_its_protocol_asked_for(here, tmp_path, capsys):
    folder = tmp_path / "divided"
    rows = recordings(folder, speakers=6)
    rows["Split"] = [("Test", "Train", "Train", "Devel")[int(actor) % 4] for actor in rows["Actor"]]
    rows.to_csv(folder / "table.csv", index=False)
    _, corpus, printed = made(capsys, folder / "table.csv")
    parts = {"Devel": "validation", "Test": "test", "Train": "train"}
    assert corpus["division"] == {"by": "part", "folds": 1, "validation": "given", "parts": parts}
    assert corpus["columns"]["part"] == "Split"
    assert "official: 1 fold\n" in printed
    assert "'protocols=[as_published,random10,strict,official]'" in printed
    text = " ".join((here / "workflow/corpora/divided.yaml").read_text().replace("\n# ", " ").split())
    assert "The table divides itself, by 'Split' (Train 24, Devel 6, Test 6)" in text
    frame, _ = table.read(folder, corpus=corpus)
    assert frame["part"].value_counts().to_dict() == {"train": 24, "validation": 6, "test": 6}


def test_folds_in_the_table_are_declared(here, tmp_path, capsys):
    folder = tmp_path / "folded"
    rows = recordings(folder, speakers=6)
    rows["fold"] = [int(actor) % 3 for actor in rows["Actor"]]
    rows.to_csv(folder / "table.csv", index=False)
    _, corpus, printed = made(capsys, folder / "table.csv")
    assert corpus["division"] == {"by": "fold", "folds": 3, "validation": "next_fold"}
    assert "official: 3 folds, the first 2 run" in printed


def test_a_column_of_that_name_that_divides_nothing_is_not_read(here, tmp_path, capsys):
    folder = tmp_path / "other"
    rows = recordings(folder, speakers=6)
    rows["set"] = "A"
    rows.to_csv(folder / "table.csv", index=False)
    _, corpus, printed = made(capsys, folder / "table.csv")
    assert "division" not in corpus
    assert "part" not in corpus["columns"]
    assert "official" not in printed


def test_a_reason_why_the_corpus_s_folds_cannot_be_had_is_printed(here, tmp_path, capsys):
    folder = tmp_path / "parted"
    rows = recordings(folder, speakers=6)
    rows["part"] = ["train", "dev", "test"] * (len(rows) // 3)
    rows["group"] = [f"{actor} said twice" for actor in rows["Actor"]]
    rows.to_csv(folder / "table.csv", index=False)
    *_, printed = made(capsys, folder / "table.csv")
    assert "official: cannot be had" in printed
    assert "is in several parts (test, train, validation), expected one, since no split may part a `group`" in printed


def test_a_view_without_a_class_is_named_once_and_is_not_the_first_table(here, tmp_path, capsys):
    folder = tmp_path / "styled"
    rows = recordings(folder, speakers=10)
    rows["style"] = ["scripted" if label == "sadness" or int(actor) % 2 else "improvised" for label, actor in
                     zip(rows["emotion"], rows["Actor"], strict=True)]  # fmt: skip
    rows.to_csv(folder / "table.csv", index=False)
    _, corpus, printed = made(capsys, folder / "table.csv")
    assert corpus["styles"] == ["improvised", "scripted"]
    (line,) = (line for line in printed.splitlines() if "class 'sad' wants label sad" in line)
    assert line.startswith("not under as_published, random10, strict: improvised: experiment: class 'sad'")
    assert "/styled-demo/xu2020/table2.csv" not in printed
    assert "/styled-demo/xu2020/table_own.csv" in printed


def test_a_row_an_utterance_and_fold_is_one_utterance(here, tmp_path, capsys):
    folder = tmp_path / "long"
    rows = recordings(folder, speakers=6)
    order = ["train", "train", "train", "valid", "test", "test"]
    turned = [order, order[::-1]]  # of each fold, by speaker
    folds = [rows.assign(fold=number, part=[parts[int(actor) - 1] for actor in rows["Actor"]])
             for number, parts in enumerate(turned, start=1)]  # fmt: skip
    pd.concat(folds).to_csv(folder / "table.csv", index=False)
    _, corpus, printed = made(capsys, folder / "table.csv")
    parts = {"test": "test", "train": "train", "valid": "validation"}
    assert corpus["division"] == {"by": "both", "folds": 2, "validation": "given", "parts": parts}
    assert f"{len(rows)} utterances in {len(rows)} files" in printed
    assert "official: 2 folds\n" in printed
    frame, findings = table.read(folder, corpus=corpus)
    assert len(frame) == len(rows) and not findings.fatal
