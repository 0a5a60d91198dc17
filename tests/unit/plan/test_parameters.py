"""Typed models of resolved specs say what the code takes: names, keys and choices of both agree."""

from typing import get_args

import opensmile
import pytest

from serflow.corpora.declaration import Label
from serflow.corpora.manifest import LABELS
from serflow.layers.sequence_encoder import KINDS
from serflow.plan import items, parameters, resolved
from serflow.registry import EXTRACTORS, FIGURES, LEARNERS, MODELS, arguments_of
from serflow.training import precision
from serflow.training.gradient import OPTIMIZERS
from serflow.validation import faults, keys_at


def choices(model, key):
    return set(get_args(model.model_fields[key].annotation))


def test_every_learner_has_typed_parameters():
    assert sorted(parameters.PARAMETERS) == LEARNERS.names()


def test_learners_that_start_from_a_network_are_those_whose_constructors_take_one():
    assert set(resolved.ENCODERS) == {name for name in LEARNERS.names() if "encoder" in LEARNERS.arguments(name)}


def test_kinds_of_figures_are_the_files_that_draw_them():
    assert sorted(items.FIGURES) == FIGURES.names()


def test_encoders_are_those_of_the_sequence_encoder():
    made = {name: (kind.__module__, kind.__name__) for name, (kind, _) in KINDS.items()}
    assert made == parameters.ENCODERS


def test_optimizers_are_those_of_the_loop_and_their_keys_those_of_the_constructor():
    assert choices(parameters.Adam, "name") == set(OPTIMIZERS)
    taken = arguments_of("serflow.training.adam")
    assert {"name", *taken} == set(parameters.Adam.model_fields)


def test_precisions_are_those_that_a_device_can_be_set_to():
    assert choices(parameters.Train, "precision") == {precision.FLOAT32, precision.TF32, precision.BF16}


def test_labels_of_declarations_are_those_of_the_manifest():
    assert get_args(Label) == LABELS


def test_functionals_are_those_of_opensmile():
    known = {one.name for one in opensmile.FeatureSet}
    assert set(get_args(EXTRACTORS.arguments("functionals")["feature_set"].type)) == known


def test_what_a_model_takes_is_what_its_constructor_takes_but_for_the_data():
    model = {"name": "dnn", "classifier": [8], "dropout": 0.5, "width_multiplier": 1}
    train = {"epochs": 1, "batch_size": 1, "optimizer": {"name": "adam", "lr": 1e-3}, "schedule": None}
    spec = {"normalise": "none", "segments": None, "model": model, "train": train}
    assert faults(spec, parameters.Network) == []
    for wrong in ({"dims": 3}, {"dropout": 1}, {"dropout": -0.1}, {"classifier": [0]}, {"width_multiplier": 0}):
        assert faults(spec | {"model": model | wrong}, parameters.Network)


def test_no_yaml_names_the_model_that_joins_sound_and_text():
    assert parameters.DERIVED in MODELS.names()
    named = keys_at(parameters.Network, ("model",))
    assert "acoustic" not in named
    assert "units" in named


@pytest.mark.parametrize(("heads", "right"), [(0, True), (4, True), (-1, False)])
def test_heads_may_be_none(heads, right):
    model = {"groups": {"heads": heads}}
    found = [fault for fault in faults({"model": {"name": "drn"} | model}, parameters.Network) if "heads" in fault.path]
    assert (found == []) == right
