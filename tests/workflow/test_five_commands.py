"""docs/provenance.md leads from a cell of the PDF to a recording; its five commands are run as they stand there."""

import os
import re
import subprocess
import sys

import pandas as pd
import pymupdf

from helpers import ROOT
from helpers.projects import linked_copy_of
from serflow.files import file_digest
from serflow.reporting.rows import read_table

HEAD = "## From a cell of the PDF to a recording, in five commands"
SERFLOW = f'serflow() {{ "{sys.executable}" -m serflow.cli.serflow "$@"; }}; python() {{ "{sys.executable}" "$@"; }}'


def test_five_commands_lead_from_a_cell_of_the_pdf_to_a_wav(finished, tmp_path):
    project = linked_copy_of(finished, tmp_path / "copy")
    section = (ROOT / "docs/provenance.md").read_text(encoding="utf-8").split(HEAD)[1]
    commands = re.search(r"```bash\n(.*?)```", section, re.DOTALL)[1].splitlines()
    assert [re.search(r"# (\d)\. ", command)[1] for command in commands] == list("12345")
    script = "\n".join(["set -e", SERFLOW, *(f"echo '>' {n}\n{line}" for n, line in enumerate(commands, start=1))])
    environment = os.environ | {"PYTHONPATH": str(project.folder / "src"), "OMP_NUM_THREADS": "1"}
    done = subprocess.run(["bash", "-c", script], cwd=project.folder, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    audited, runs, turn, recording, checked = re.split(r"^> \d$", done.stdout, flags=re.MULTILINE)[1:]

    lines = read_table(project.folder / "reports/demo-demo/xu2020/table3.csv")
    item, protocol = re.search(r"audit (\S+)@(\S+)", commands[0]).groups()
    number = next(line["reproduced"] for line in lines if (line["item"], line["protocol"]) == (item, protocol))
    with pymupdf.open(project.folder / "reports/all_tables.pdf") as document:
        assert any(f"{float(number):.1f}" in page.get_text() for page in document)
    assert f"has {number}, the predictions give {number}" in audited
    assert "MISMATCH" not in audited
    assert runs.split()[1].startswith("acnn,last,1,")
    manifest = pd.read_parquet(project.folder / "data/demo/manifest.parquet").set_index("utterance")
    row = manifest.loc[turn.strip()]
    assert recording.split() == [row["sha256"], row["path"]]
    assert checked.strip() == f"{row['path']}: OK"
    assert file_digest(project.folder / "data/demo/release" / row["path"]) == row["sha256"]
