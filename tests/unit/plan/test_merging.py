"""Layers of YAML, one over the other: what they give, and where each value comes from."""

import pytest

from serflow.plan.merging import Layer, Place, merge, merged, origin, sweep_points, useless_nulls


def test_mappings_merge_key_by_key_and_lists_are_replaced():
    base = {"a": {"x": 1, "y": [1, 2]}, "b": 2}
    assert merge(base, {"a": {"y": [3]}, "c": 4}) == {"a": {"x": 1, "y": [3]}, "b": 2, "c": 4}
    assert base == {"a": {"x": 1, "y": [1, 2]}, "b": 2}


def test_a_null_removes_the_key():
    assert merge({"a": {"x": 1, "y": 2}, "b": 3}, {"a": {"x": None}, "b": None, "c": None}) == {"a": {"y": 2}}


def test_a_mapping_replaces_a_plain_value_and_the_other_way_round():
    assert merge({"a": 1, "b": {"x": 1}}, {"a": {"x": 1}, "b": 2}) == {"a": {"x": 1}, "b": 2}


@pytest.fixture
def layers():
    return [
        Layer("f.yaml", ("system",), {"learner": "x", "parameters": {"model": {"a": 1, "b": [1, 2]}, "train": None}}),
        Layer("f.yaml", ("presets", "demo", "system"), {"parameters": {"model": {"b": [3]}}}),
        Layer("f.yaml", ("systems", "s"), {"parameters": {"model": {"a": None, "c": {"d": 1}}}}),
    ]


def test_layers_are_merged_from_the_first_on(layers):
    assert merged(layers) == {"learner": "x", "parameters": {"model": {"b": [3], "c": {"d": 1}}, "train": None}}


@pytest.mark.parametrize(
    ("path", "keys"),
    [
        (("learner",), ("system", "learner")),
        (("parameters", "train"), ("system", "parameters", "train")),
        (("parameters", "model", "b"), ("presets", "demo", "system", "parameters", "model", "b")),
        (("parameters", "model", "b", 0), ("presets", "demo", "system", "parameters", "model", "b", 0)),
        (("parameters", "model", "a"), ("systems", "s", "parameters", "model", "a")),
        (("parameters", "model", "c", "d"), ("systems", "s", "parameters", "model", "c", "d")),
        (("parameters", "model", "missing"), ("systems", "s", "parameters", "model", "missing")),
        (("missing",), ("systems", "s", "missing")),
    ],
)
def test_a_value_comes_from_the_last_layer_that_says_it_or_takes_it_away(layers, path, keys):
    assert origin(layers, path) == Place("f.yaml", keys)


def test_a_plain_value_over_a_mapping_is_where_all_below_it_comes_from():
    layers = [Layer("f", ("a",), {"m": {"x": 1}}), Layer("f", ("b",), {"m": 3})]
    assert origin(layers, ("m", "x")) == Place("f", ("b", "m"))


def test_a_sweep_point_is_a_layer_whose_keys_are_dotted_in_the_file():
    ranges = {"model.a": [1, 2], "model.b": [5]}
    paper = {"presets": {"demo": {"sweeps": {"sizes": ranges}}}}
    points = list(sweep_points(paper, "demo", "sizes", file="f.yaml"))
    assert [point.values for point in points] == [{"model.a": 1, "model.b": 5}, {"model.a": 2, "model.b": 5}]
    assert points[1].layer.values == {"parameters": {"model": {"a": 2, "b": 5}}}
    place = origin([points[1].layer], ("parameters", "model", "a"))
    assert str(place) == "f.yaml: presets.demo.sweeps.sizes.model.a"


def test_nulls_that_take_nothing_away_are_found(layers):
    layers.append(Layer("f.yaml", ("last",), {"nothing": None, "parameters": {"model": {"b": None, "z": None}}}))
    found = [str(place) for _, place in useless_nulls(layers)]
    assert found == ["f.yaml: last.nothing", "f.yaml: last.parameters.model.z"]
