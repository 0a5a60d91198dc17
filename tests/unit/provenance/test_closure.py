"""The source files that a job imports: all of them, and no others."""

import json
import os
import subprocess
import sys

import pytest

from helpers.declared import ROOT
from serflow.files import read_json
from serflow.provenance import closure
from serflow.provenance.closure import closure_digest, source_closure
from serflow.provenance.code_fingerprint import code_fingerprint

ACNN = ["serflow.cli.train", "serflow.learners.network", "serflow.models.acnn"]


def forget():
    """What was read is kept for the life of a process; tests stand for several."""
    for kept in (closure._imports, closure._file, closure._digest):
        kept.cache_clear()
    closure_digest.cache_clear()
    code_fingerprint.cache_clear()


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A small package: a -> b -> deep.c; d apart."""
    sources = {
        "__init__.py": "",
        "a.py": "import os\n\nfrom serflow.b import thing\n",
        "b.py": "def thing():\n    from serflow.deep import c\n    return c\n",
        "deep/__init__.py": "",
        "deep/c.py": "import json\n",
        "d.py": "import serflow.deep.c as c\n",
    }
    for name, text in sources.items():
        path = tmp_path / "src/serflow" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    monkeypatch.setattr(closure, "SOURCE", tmp_path / "src")
    forget()
    yield tmp_path / "src/serflow"
    forget()


def names(*found):
    return [f"src/serflow/{name}" for name in found]


def test_an_import_two_modules_away_is_found(package):
    assert source_closure("serflow.a") == names("__init__.py", "a.py", "b.py", "deep/__init__.py", "deep/c.py")


def test_a_dotted_import_brings_its_packages(package):
    assert source_closure("serflow.d") == names("__init__.py", "d.py", "deep/__init__.py", "deep/c.py")


def test_a_module_that_is_not_imported_is_not_found(package):
    assert names("d.py")[0] not in source_closure("serflow.a")


def test_an_edit_two_modules_away_changes_the_digest_and_an_edit_apart_does_not(package):
    before = closure_digest("serflow.a")
    (package / "d.py").write_text("import math\n")
    forget()
    assert closure_digest("serflow.a") == before
    (package / "deep/c.py").write_text("import json  # edited\n")
    forget()
    assert closure_digest("serflow.a") != before


def test_two_modules_that_import_each_other_end(package):
    (package / "deep/c.py").write_text("import serflow.a\n")
    assert names("deep/c.py")[0] in source_closure("serflow.a")


def test_training_holds_its_model_and_not_another():
    files = source_closure(*ACNN)
    assert {*names("models/acnn.py", "layers/acnn_convolutions.py", "training/batches.py")} <= set(files)
    assert not {*names("models/acnn_original.py", "learners/svm.py", "metrics/rates.py")} & set(files)
    assert not [file for file in files if "/reporting/" in file or "/standin/" in file or "/corpora/" in file]


@pytest.mark.slow
def test_what_python_loads_is_in_the_closure():
    code = (
        "import sys, json, importlib\n"
        f"[importlib.import_module(name) for name in {ACNN!r}]\n"
        "print(json.dumps([m.__file__ for n, m in sys.modules.items() if n.split('.')[0] == 'serflow']))"
    )
    environment = {"PYTHONPATH": str(ROOT / "src"), "OMP_NUM_THREADS": "1"}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    loaded = {file.removeprefix(f"{ROOT}/") for file in json.loads(done.stdout)}
    assert len(loaded) > 15
    assert loaded <= set(source_closure(*ACNN))


def test_the_fingerprint_of_code_is_written_anew_only_where_a_source_changed(package, tmp_path):
    def written() -> tuple[int, dict[str, str]]:
        forget()
        path = code_fingerprint("serflow.a", "serflow.d", folder=tmp_path / "code")
        assert path == f"{tmp_path}/code/a+d.json"
        return os.stat(path).st_ino, read_json(path)

    inode, digests = written()
    assert sorted(digests) == source_closure("serflow.a", "serflow.d")
    assert written() == (inode, digests)
    (package / "deep/c.py").write_text("import csv\n")
    other, changed = written()
    assert other != inode
    assert {file for file in digests if digests[file] != changed[file]} == set(names("deep/c.py"))
