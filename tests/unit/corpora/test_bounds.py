"""Files of absurd size or form: a message at once, before memory is full."""

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import soundfile

from serflow.corpora import table_file, text_files
from serflow.corpora.findings import Findings
from serflow.errors import UserError
from serflow.recordings import Unusable, decode


def test_a_parquet_file_of_many_rows_is_refused_by_its_header(tmp_path, monkeypatch):
    pq.write_table(pa.table({"path": ["a"] * 11, "label": ["x"] * 11, "speaker": ["s"] * 11}), tmp_path / "t.parquet")
    monkeypatch.setattr(table_file, "ROWS", 10)
    with pytest.raises(UserError, match=r"t\.parquet: 11 rows; expected one an utterance, 10 at most"):
        table_file.load(tmp_path, "t.parquet", findings=Findings())


def test_of_many_columns_a_few_are_named(tmp_path):
    names = ["path", "label", "speaker", *(f"f{number}" for number in range(6373))]
    (tmp_path / "t.csv").write_text(f"{','.join(names)}\n{','.join('0' for _ in names)}\n")
    findings = Findings()
    table_file.load(tmp_path, "t.csv", findings=findings)
    assert len(findings.items) == 51
    assert findings.items[-1].message == "6,323 more columns that are not read"
    (tmp_path / "t.csv").write_text(",".join(map(str, range(100_000))) + "\n")
    with pytest.raises(UserError, match=r"t\.csv: 100,000 columns; expected 20,000 at most"):
        table_file.load(tmp_path, "t.csv", findings=Findings())


def test_a_line_without_end_is_no_row_and_not_quoted(tmp_path):
    (tmp_path / "t.csv").write_text(f"path,label,speaker\na,b,c\n{'x' * 2_000_000}\n")
    findings = Findings()
    assert len(table_file.load(tmp_path, "t.csv", findings=findings).values) == 1
    assert [item.code for item in findings.items] == ["table_row_mangled"]
    assert len(findings.items[0].message) < 200


def test_a_text_that_is_too_large_is_not_read(tmp_path, monkeypatch):
    (tmp_path / "t.csv").write_text("path,label,speaker\n")
    monkeypatch.setattr(text_files, "LARGEST", 10)
    with pytest.raises(UserError, match="cannot be read .*19 bytes, and a text has 10 at most"):
        table_file.load(tmp_path, "t.csv", findings=Findings())


@pytest.mark.parametrize("rate", [1, 999, 2**31 - 1])
def test_a_sample_rate_that_no_recorder_has_is_refused(tmp_path, rate):
    soundfile.write(tmp_path / "a.wav", np.zeros(100), 16000)
    data = bytearray((tmp_path / "a.wav").read_bytes())
    data[24:28] = rate.to_bytes(4, "little")
    (tmp_path / "a.wav").write_bytes(data)
    with pytest.raises(Unusable, match=f"sample rate {rate} Hz; expected 1,000 to 1,000,000"):
        decode(tmp_path / "a.wav")
