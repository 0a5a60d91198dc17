"""The file name is the registry: names, and what a constructor takes, read without importing."""

import inspect
import subprocess
import sys
from typing import Any, Literal, get_origin

import pytest

from serflow.errors import UserError
from serflow.models import build
from serflow.provenance.closure import closure_digests
from serflow.registry import EXTRACTORS, FIGURES, LEARNERS, MODELS, READERS

ALL = [MODELS, LEARNERS, EXTRACTORS]


@pytest.mark.parametrize(
    ("registry", "some"), [(MODELS, "acnn"), (LEARNERS, "svm"), (FIGURES, "sweep"), (READERS, "emodb")]
)
def test_the_files_of_a_package_are_its_names(registry, some):
    assert some in registry.names()
    assert not [name for name in registry.names() if name.startswith("_")]


@pytest.mark.parametrize(("registry", "name"), [(registry, name) for registry in ALL for name in registry.names()])
def test_every_file_holds_one_public_class_whose_arguments_are_read_as_python_reads_them(registry, name):
    signature = inspect.signature(registry.load(name)).parameters.values()
    wanted = {one.name: one.default is inspect.Parameter.empty for one in signature}
    assert {argument: taken.required for argument, taken in registry.arguments(name).items()} == wanted


@pytest.mark.parametrize("name", READERS.names())
def test_every_reader_reads(name):
    assert callable(READERS.load_module(name).read)


@pytest.mark.parametrize("kind", FIGURES.names())
def test_every_kind_of_figure_draws_and_has_a_caption(kind):
    module = FIGURES.load_module(kind)
    assert callable(module.draw)
    assert callable(module.caption)


def test_an_unknown_name_is_an_error_with_the_nearest_one():
    with pytest.raises(UserError, match="^here: model 'acnnn' is no file of src/serflow/models; did you mean 'acnn'"):
        MODELS.module("acnnn", where="here: ")


def test_types_of_arguments_are_those_of_the_source():
    arguments = MODELS.arguments("acnn")
    assert arguments["channels"].type == list[int]
    assert arguments["attention"].type is bool


def test_a_choice_is_read_with_all_that_can_be_chosen():
    choice = MODELS.arguments("attention_blstm")["attention"].type
    assert get_origin(choice) is Literal
    assert set(choice.__args__) == {"uniform", "linear", "tanh"}


def test_a_type_of_another_module_is_any():
    assert LEARNERS.arguments("network")["vectors"].type is Any


def test_nothing_is_imported_to_know_what_a_model_takes():
    code = "import sys; from serflow.registry import MODELS; [MODELS.arguments(n) for n in MODELS.names()]"
    subprocess.run([sys.executable, "-c", f"{code}; assert not {{'torch', 'numpy'}} & set(sys.modules)"], check=True)


MINE = """
from torch import nn

__all__ = ["Mine"]


class Mine(nn.Linear):
    def __init__(self, *, dims: int, classes: int, bias: bool):
        super().__init__(dims, classes, bias)
"""


def own_model(folder, monkeypatch, name="mine", text=MINE):
    (folder / "models").mkdir(exist_ok=True)
    (folder / f"models/{name}.py").write_text(text)
    monkeypatch.chdir(folder)


def test_a_model_of_ones_own_stands_beside_the_shipped_ones(tmp_path, monkeypatch):
    shipped = MODELS.names()
    own_model(tmp_path, monkeypatch, "mine1")
    assert set(MODELS.names()) == {*shipped, "mine1"}
    assert MODELS.arguments("mine1")["bias"].type is bool
    assert build({"name": "mine1", "bias": True}, dims=3, classes=2).weight.shape == (2, 3)


def test_its_source_is_part_of_what_a_job_imports(tmp_path, monkeypatch):
    own_model(tmp_path, monkeypatch, "mine2")
    before = closure_digests("serflow.models.mine2")
    assert "models/mine2.py" in before
    assert before.keys() > closure_digests("serflow.models").keys()


def test_a_model_whose_name_stands_twice_is_told_with_the_one_that_wins(tmp_path, monkeypatch):
    own_model(tmp_path, monkeypatch, "acnn")
    with pytest.raises(UserError, match=r"models/acnn.py: 'acnn' stands twice, here and in .*; that one wins, since"):
        MODELS.names()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("x = 1", "expected one public class"),
        ("def", "no valid Python"),
        ("__all__ = ['A']", "expected one public class"),
    ],
)
def test_what_is_no_model_is_told_with_its_file(tmp_path, monkeypatch, text, told):
    own_model(tmp_path, monkeypatch, text=text)
    with pytest.raises(UserError, match=f"{tmp_path}/models/mine.py: {told}"):
        MODELS.arguments("mine")


def test_nothing_is_called_in_an_annotation_of_a_file_that_may_be_anybodys(tmp_path, monkeypatch):
    marker = tmp_path / "called"
    text = f"""
__all__ = ["Mine"]
class Mine:
    def __init__(self, *, bias: open({str(marker)!r}, "w") = 1, size: int | None = None): ...
"""
    own_model(tmp_path, monkeypatch, "mine4", text=text)
    found = MODELS.arguments("mine4")
    assert not marker.exists()
    assert found["bias"].type is Any
    assert found["size"].type == int | None
