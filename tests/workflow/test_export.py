"""A report leaves the machine as a crate, and is audited where neither project nor corpus is."""

import getpass
import hashlib
import io
import json
import os
import re
from pathlib import Path

import pandas as pd
import pymupdf
import pytest

from helpers.crates import DIGESTS, METADATA, PDF, audited, checked_anew, exported, mended, printed_anew, validated
from helpers.projects import apart, linked_copy_of
from serflow.errors import UserError

pytest.importorskip("rocrate", reason="the package rocrate writes crates: pip install rocrate")

RUN = "results/demo/demo/xu2020/improvised/acnn/random5/fold1/seed1"
PREDICTIONS = f"{RUN}/predictions.parquet"
SPLIT = "data/demo/xu2020/improvised/splits/random5.parquet"


@pytest.fixture(scope="module")
def crate(finished, tmp_path_factory):
    """The crate of the finished project."""
    path = tmp_path_factory.mktemp("crate") / "report.zip"
    with pytest.MonkeyPatch.context() as patch:
        return path, exported(finished, path, patch)


@pytest.fixture
def empty(tmp_path, monkeypatch):
    """The working folder is an empty one."""
    folder = tmp_path / "empty"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def table(data):
    return pd.read_parquet(io.BytesIO(data))


def parquet(frame):
    written = io.BytesIO()
    frame.to_parquet(written, index=False)
    return written.getvalue()


def edited(files):
    """The same members with one probability changed, so that another class is predicted in every epoch."""
    frame = table(files[PREDICTIONS])
    columns = [column for column in frame if column.startswith("p_")]
    right = frame[columns].idxmax(axis=1) == "p_" + frame.get("class", pd.Series("", frame.index))
    tested = frame[frame["part"] == "test"]
    name = tested.loc[right[tested.index] if right.any() else tested.index, "utterance"].iloc[0]
    rows = frame["utterance"] == name
    frame.loc[rows, columns] = frame.loc[rows, [*columns[1:], columns[0]]].to_numpy()
    return files | {PREDICTIONS: parquet(frame)}


def test_the_same_report_gives_the_same_bytes(crate, finished, tmp_path, monkeypatch):
    path, _ = crate
    exported(finished, tmp_path / "again.zip", monkeypatch)
    assert (tmp_path / "again.zip").read_bytes() == path.read_bytes()


def test_every_run_table_figure_fold_and_setting_is_in_it(crate, finished):
    _, files = crate
    for pattern in (
        "results/**/run.json", "results/**/predictions.parquet", "results/**/scores.csv", "reports/*/*/*.csv",
        "reports/*/*/*.svg", "reports/*/release_check.json", "data/demo/xu2020/*/splits/*", "envs/*.lock",
        "workflow/rules/*.smk",
    ):  # fmt: skip
        there = {path.relative_to(finished.folder).as_posix() for path in finished.folder.glob(pattern)}
        assert there, pattern
        assert there <= set(files), pattern
    assert {PDF, "config.yaml", "workflow/Snakefile", "workflow/papers/xu2020.yaml", "recordings.csv"} <= set(files)


def test_recordings_features_and_weights_stay(crate, finished):
    _, files = crate
    assert not [name for name in files if name.endswith((".wav", ".npy", ".safetensors"))]
    listed = pd.read_csv(io.BytesIO(files["recordings.csv"]))
    manifest = pd.read_parquet(finished.folder / "data/demo/manifest.parquet")
    assert list(listed["utterance"]) == sorted(manifest["utterance"])
    wav = finished.folder / "data/demo/release" / manifest["path"].iloc[0]
    (row,) = listed[listed["utterance"] == manifest["utterance"].iloc[0]].itertuples()
    assert row.sha256 == hashlib.sha256(wav.read_bytes()).hexdigest()


def test_nothing_in_it_tells_user_host_or_folder(crate, finished):
    _, files = crate
    traces = [str(finished.folder), str(Path.home())]
    traces += [name for name in (getpass.getuser(), os.uname().nodename) if len(name) > 3 and name != "root"]
    for name, data in files.items():
        text = data.decode("utf-8", errors="replace")
        if name.endswith(".parquet"):
            text += table(data).to_csv()
        found = [trace for trace in traces if trace and re.search(rf"(?<!\w){re.escape(trace)}(?!\w)", text)]
        assert not found, f"{name} names {found}"


def test_a_trace_of_the_machine_stops_the_export(finished, tmp_path, monkeypatch):
    project = linked_copy_of(finished, tmp_path / "copy")
    caption = next((project.folder / "reports/demo-demo/xu2020").glob("*.txt"))
    caption.write_text(f"made in {project.folder}")
    printed_anew(project, monkeypatch)
    with pytest.raises(UserError, match=rf": names '{project.folder}', which tells this machine"):
        exported(project, tmp_path / "crate.zip", monkeypatch)
    assert not (tmp_path / "crate.zip").exists()


def test_the_first_page_bears_the_root_digest(crate):
    _, files = crate
    root = hashlib.sha256(files[DIGESTS]).hexdigest()
    with pymupdf.open(stream=files[PDF]) as document:
        assert root in "".join(document[0].get_text().split())
        assert document.metadata["keywords"] == f"sha256:{root}"
    for line in files[DIGESTS].decode().splitlines():
        sha256, name = line.split("  ")
        assert hashlib.sha256(files[name]).hexdigest() == sha256
    assert len(files[DIGESTS].splitlines()) == len(files) - 3


def test_a_file_that_changed_after_the_pdf_stops_the_export(finished, tmp_path, monkeypatch):
    project = linked_copy_of(finished, tmp_path / "copy")
    scores = next((project.folder / "results").rglob("scores.csv"))
    scores.write_text(scores.read_text() + "\n")
    with pytest.raises(UserError, match=r"scores.csv: is not as it was when the PDF was made .* --forcerun digests"):
        exported(project, tmp_path / "crate.zip", monkeypatch)


def test_audited_in_an_empty_folder_every_number_is_made_anew(crate, empty, tmp_path, capsys):
    _, files = crate
    status, printed = audited(tmp_path / "crate.zip", files, capsys)
    assert status == 0, printed
    made, comparisons = re.search(r"(\d+) of them made anew, ([\d,]+) comparisons: all that is", printed).groups()
    assert int(made) > 10
    assert int(comparisons.replace(",", "")) > 100
    assert re.search(r"not checked.*\n(.*\n)*  \d+ of networks of runs", printed)
    assert " of recordings" in printed
    assert list(empty.iterdir()) == []


def test_one_item_is_audited_by_its_id(crate, empty, tmp_path, capsys):
    _, files = crate
    item = "xu2020/table3/acnn_improvised/ua@as_published"
    status, printed = audited(tmp_path / "crate.zip", files, capsys, item)
    assert status == 0
    assert "1 cell, 1 of them made anew" in printed
    assert audited(tmp_path / "crate.zip", files, capsys, "xu2020/table9")[0] == 2


def test_one_edited_prediction_is_refused(crate, empty, tmp_path, capsys):
    _, files = crate
    status, printed = audited(tmp_path / "crate.zip", edited(files), capsys)
    assert status == 1
    assert f"MISMATCH  digests: {PREDICTIONS} has SHA-256" in printed
    assert "made anew" not in printed


def test_a_forger_who_mends_the_digests_is_found_by_the_run(crate, empty, tmp_path, capsys):
    _, files = crate
    status, printed = audited(tmp_path / "crate.zip", mended(edited(files)), capsys)
    assert status == 1
    assert f"files: {PREDICTIONS}" in printed
    assert "MISMATCH  table: reports/demo-demo/xu2020/table3.csv" in printed


def test_and_who_mends_the_record_too_by_the_tables(crate, empty, tmp_path, capsys):
    _, files = crate
    files = edited(files)
    record = json.loads(files[f"{RUN}/run.json"])
    record["outputs"]["predictions.parquet"] = hashlib.sha256(files[PREDICTIONS]).hexdigest()
    files[f"{RUN}/run.json"] = json.dumps(record).encode()
    status, printed = audited(tmp_path / "crate.zip", mended(files), capsys)
    assert status == 1
    assert f"files: {PREDICTIONS}" not in printed
    assert "MISMATCH  table: reports/demo-demo/xu2020/table3.csv" in printed


def test_who_knows_the_root_digest_needs_nothing_else(crate, empty, tmp_path, capsys):
    _, files = crate
    root = hashlib.sha256(files[DIGESTS]).hexdigest()
    chosen = "xu2020/table3/acnn_improvised/ua@as_published"
    assert audited(tmp_path / "crate.zip", files, capsys, chosen, "--root", root[:12])[0] == 0
    status, printed = audited(tmp_path / "crate.zip", mended(edited(files)), capsys, chosen, "--root", root[:12])
    assert status == 1
    assert "MISMATCH  root: the root digest as it is known from elsewhere" in printed


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda files: {name: data for name, data in files.items() if name != SPLIT}, f"{SPLIT} is missing"),
        (lambda files: files | {"more.txt": b"x"}, "more.txt is not listed"),
        (lambda files: files | {PDF: b"%PDF-1.7 another"}, "the report bears the root digest"),
        (lambda files: files | {METADATA: b"{}"}, f"{METADATA}: cannot be read"),
    ],
)
def test_missing_added_and_exchanged_files_are_refused(crate, empty, tmp_path, capsys, spoil, said):
    _, files = crate
    status, printed = audited(tmp_path / "crate.zip", spoil(files), capsys)
    assert status == 1
    assert said in printed


@pytest.mark.slow
def test_a_validator_that_is_not_ours_finds_nothing_wrong(crate, tmp_path, monkeypatch):
    pytest.importorskip("rocrate_validator", reason="the package roc-validator is not installed")
    path, files = crate
    assert validated(path, monkeypatch) == []
    from serflow.crate.archive import write_zip

    broken = json.loads(files[METADATA])
    for entity in broken["@graph"]:
        if entity["@id"] == "#report":
            del entity["instrument"]
    write_zip(tmp_path / "broken.zip", sorted((files | {METADATA: json.dumps(broken).encode()}).items()))
    assert validated(tmp_path / "broken.zip", monkeypatch) != []


def test_its_tables_of_utterances_are_described_so_that_mlcroissant_reads_them(crate, tmp_path):
    mlcroissant = pytest.importorskip("mlcroissant", reason="the package mlcroissant is not installed")
    _, files = crate
    for name, data in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(data)
    described = mlcroissant.Dataset(jsonld=str(tmp_path / "croissant.json"))
    assert described.metadata.ctx.issues.errors == set()
    name = SPLIT.removesuffix(".parquet")
    rows = [row[f"{name}/utterance"].decode() for row in described.records(record_set=name)]
    assert sorted(rows) == sorted(table(files[SPLIT])["utterance"])
    assert {"recordings", "data/demo/manifest", name} <= {records.id for records in described.metadata.record_sets}


@pytest.fixture(scope="module")
def withheld(finished, tmp_path_factory):
    """The same report on a corpus whose licence keeps words and rows: project, crate and its members."""
    project = linked_copy_of(finished, tmp_path_factory.mktemp("closed") / "project")
    corpus = project.folder / "workflow/corpora/demo.yaml"
    text = corpus.read_text()
    corpus.unlink()
    corpus.write_text(text.replace("show_text: true", "show_text: false"))
    apart(project.folder / "workflow/papers/xu2020.yaml")
    project.paper(lambda data: data["figures"].pop("attention_sad"))  # of one utterance
    path = project.folder.parent / "crate.zip"
    with pytest.MonkeyPatch.context() as patch:
        checked_anew(project, patch)
        printed_anew(project, patch)
        return project, path, exported(project, path, patch)


@pytest.mark.slow
def test_of_a_corpus_that_keeps_its_rows_no_label_and_no_word_leaves(withheld):
    project, _, files = withheld
    manifest = pd.read_parquet(project.folder / "data/demo/manifest.parquet")
    assert set(table(files[SPLIT])) == {"utterance", "fold", "part"}
    assert "class" not in table(files[PREDICTIONS])
    said = [text for text in manifest["text"] if len(text.split()) > 3]
    for name, data in files.items():
        text = table(data).to_csv() if name.endswith(".parquet") else data.decode("utf-8", errors="replace")
        assert not any(sentence in text for sentence in said), name
        if name.endswith((".parquet", ".csv", ".json")):
            for row in manifest.itertuples():
                line = next((line for line in text.splitlines() if row.utterance in line), "")
                assert row.label not in re.split(r"\W", line), name
    told = json.loads(files["withheld.json"])["files"]
    assert told["data/demo/manifest.parquet"]["what"] == "left out"
    assert told[PREDICTIONS]["what"].startswith("columns kept")


@pytest.mark.slow
def test_without_its_corpus_such_a_crate_says_what_is_unchecked_and_with_it_all_is_made_anew(
    withheld, empty, tmp_path, capsys
):
    project, _, files = withheld
    status, printed = audited(tmp_path / "crate.zip", files, capsys)
    assert status == 0, printed
    assert re.search(r"0 of them made anew, [\d,]+ comparisons: all that is", printed)
    assert re.search(r"\d+ of labels of the corpus", printed)
    release = os.path.relpath(project.folder / "data/demo/release")
    status, printed = audited(tmp_path / "crate.zip", files, capsys, "--release", release)
    assert status == 0, printed
    assert int(re.search(r"(\d+) of them made anew", printed)[1]) > 10
    assert "labels of the corpus" not in printed
    status, printed = audited(tmp_path / "crate.zip", mended(edited(files)), capsys, "--release", release)
    assert status == 1
    assert "MISMATCH  data: reports/demo-demo/xu2020/confusion_data.csv" in printed


@pytest.mark.slow
def test_a_private_report_of_such_a_corpus_is_not_exported(withheld, tmp_path, monkeypatch):
    project, _, _ = withheld
    copy = linked_copy_of(project, tmp_path / "copy")
    copy.configure(private=True)
    with pytest.raises(UserError, match="private: true: this report shows transcripts"):
        exported(copy, tmp_path / "private.zip", monkeypatch)
    assert not (tmp_path / "private.zip").exists()
