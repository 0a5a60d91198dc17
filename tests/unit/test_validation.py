"""Typed models: nothing extra, nothing converted; every fault is told with its place and what was expected."""

from typing import Annotated, Literal

import pytest
from pydantic import Field, model_validator

from serflow.errors import UserError
from serflow.validation import ABSENT, Count, Id, Once, Positive, Strict, keys_at, one_of, validate


class Train(Strict):
    epochs: Count = ABSENT
    rate: Positive = ABSENT


class Line(Strict):
    kind: Literal["line"] = "line"
    width: int


class Area(Strict):
    kind: Literal["area"]
    area: str

    @model_validator(mode="after")
    def _large(self):
        if self.area == "none":
            raise ValueError("area: none is too small")
        return self


class Declared(Strict):
    corpus: Annotated[str, Field(description="a file of workflow/corpora")]
    preset: Literal["demo", "paper"] = ABSENT
    train: Train | None = ABSENT
    shapes: dict[Id, one_of({"line": Line, "area": Area}, key="kind", default="line")] = ABSENT
    numbers: Annotated[list[Count], Field(min_length=1)] = ABSENT


def told(**change):
    with pytest.raises(UserError) as caught:
        validate({"corpus": "demo"} | change, Declared, where="config.yaml")
    return str(caught.value).splitlines()


def test_a_valid_value_passes():
    shapes = {"a": {"width": 1}, "b": {"kind": "area", "area": "x"}}
    value = {"corpus": "demo", "preset": "paper", "train": {"epochs": 3, "rate": 1}, "shapes": shapes, "numbers": [1]}
    validate(value, Declared, where="config.yaml")
    validate(value | {"train": None}, Declared, where="config.yaml")


def test_a_misspelt_key_names_its_nearest_neighbour():
    known = "Known: corpus, preset, train, shapes, numbers"
    assert told(prset="demo") == [f"config.yaml: top level: unknown key 'prset'; did you mean 'preset'? {known}"]


def test_a_misspelt_value_names_its_nearest_neighbour():
    assert told(preset="papr") == ["config.yaml: preset: 'papr'; did you mean 'paper'? Known: demo, paper"]


def test_a_misspelt_key_is_not_told_again_as_a_missing_one():
    with pytest.raises(UserError) as caught:
        validate({"corpsu": "demo"}, Declared, where="f")
    assert len(str(caught.value).splitlines()) == 1


def test_every_fault_is_told_with_its_place():
    lines = told(corpus=3, train={"epochs": 1.5, "epoch": 2})
    assert [line.split(": ")[1] for line in lines] == ["corpus", "train", "train.epochs"]
    assert lines[0].endswith("3: expected text (a file of workflow/corpora)")
    assert "did you mean 'epochs'?" in lines[1]


def test_a_missing_key_is_named_with_what_it_means():
    with pytest.raises(UserError, match=r"corpus: missing \(a file of workflow/corpora\); add this key"):
        validate({"preset": "demo"}, Declared, where="config.yaml")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"train": {"epochs": 0}}, "train.epochs: 0: expected 1 or more"),
        ({"train": {"epochs": "3"}}, "train.epochs: '3': expected a whole number"),
        ({"train": {"epochs": True}}, "train.epochs: True: expected a whole number"),
        ({"train": {"epochs": None}}, "train.epochs: None: expected a whole number"),
        ({"train": {"rate": "1e-3"}}, "train.rate: '1e-3': expected a number; to YAML this is text, so write 1.0e-03"),
        ({"train": {"rate": "one"}}, "train.rate: 'one': expected a number"),
        ({"train": {"rate": 0}}, "train.rate: 0: expected more than 0"),
        ({"train": {"rate": float("inf")}}, "train.rate: inf: expected a finite number"),
        ({"train": 3}, "train: 3: expected a mapping of keys to values"),
        ({"numbers": []}, "numbers: []: expected 1 or more"),
        ({"numbers": [1, 0]}, "numbers.1: 0: expected 1 or more"),
        ({"numbers": 1}, "numbers: 1: expected a list"),
        ({"shapes": {"Big": {"width": 1}}}, "shapes.Big: key 'Big': expected text of the form"),
    ],
)
def test_a_value_of_another_kind_or_size_is_told_with_what_was_expected(change, message):
    (line,) = told(**change)
    assert line.startswith(f"config.yaml: {message}")


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        ({"kind": "aera", "area": "x"}, "shapes.a.kind: 'aera'; did you mean 'area'? Known: line, area"),
        ({"kind": "area", "width": 1}, "shapes.a: unknown key 'width'. Known: kind, area"),
        ({"widht": 1}, "shapes.a: unknown key 'widht'; did you mean 'width'? Known: kind, width"),
        ({"kind": "area", "area": 1}, "shapes.a.area: 1: expected text"),
        ({"kind": "area", "area": "none"}, "shapes.a: area: none is too small"),
        (3, "shapes.a: 3: expected a mapping of keys to values"),
    ],
)
def test_what_a_union_takes_is_told_by_its_discriminator(shape, message):
    assert f"config.yaml: {message}" in told(shapes={"a": shape})


def test_keys_of_a_union_are_those_of_all_its_members():
    assert keys_at(Declared, ("shapes", "a")) == ["kind", "width", "area"]
    assert keys_at(Declared, ("train",)) == ["epochs", "rate"]


class Alone(Strict):
    shape: one_of({"line": Line}, key="kind")


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        ({"kind": "line", "widht": 1}, "shape: unknown key 'widht'; did you mean 'width'? Known: kind, width"),
        ({"kind": "line", "width": "x"}, "shape.width: 'x': expected a whole number"),
        ({"kind": "lien", "width": 1}, "shape.kind: 'lien'; did you mean 'line'? Known: line"),
    ],
)
def test_a_union_of_one_is_told_as_any_other(shape, message):
    with pytest.raises(UserError) as caught:
        validate({"shape": shape}, Alone, where="f")
    assert str(caught.value) == f"f: {message}"


def test_what_stands_twice_in_a_list_is_named():
    with pytest.raises(UserError, match="f: top level: 'a' stands twice; keep it once"):
        validate(["a", "b", "a"], Annotated[list[str], Once], where="f")
