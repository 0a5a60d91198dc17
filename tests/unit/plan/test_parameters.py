"""Typed models of resolved specs say what the code takes: names, keys and choices of both agree."""

from typing import get_args

import opensmile
import pytest

from serflow.layers.sequence_encoder import KINDS
from serflow.plan import items, parameters, resolved
from serflow.registry import EXTRACTORS, FIGURES, LEARNERS, MODELS, arguments_of
from serflow.training import precision, schedules
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


def test_functionals_are_those_of_opensmile():
    known = {one.name for one in opensmile.FeatureSet}
    assert set(get_args(EXTRACTORS.arguments("functionals")["feature_set"].type)) == known


def test_what_a_model_takes_is_what_its_constructor_takes_but_for_the_data():
    model = {"name": "dnn", "classifier": [8], "dropout": 0.5, "width_multiplier": 1}
    train = {"epochs": 1, "batch_size": 1, "frames_at_once": 1, "schedule": None}
    train |= {"optimizer": {"name": "adam", "lr": 1e-3}}
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


ACNN = {"name": "acnn", "parallel": 8, "channels": [8, 8, 8], "depth": 3, "attention": True, "attend_over": "time"}
ACNN |= {"n_head": 4, "n_size": 32}
GROUPS = {"filters": [40, 80], "kernels": [3, 3], "convolutions": [1, 2], "strides": [1, 2], "dilations": [1, 1]}
GROUPS |= {"residual": True, "heads": 4, "attention_ratio": 0.5, "dropout": 0.1, "attention_dropout": 0.1}
DRN = {"name": "drn", "groups": GROUPS, "units": 8, "layers": 1, "classifier": [8], "dropout": 0.1}
SEGMENTS = {"seconds": 2, "train_step": 1, "test_step": 0.4, "short_test": "pad", "average": "logits"}
TCN = {"name": "tcn", "channels": 8, "kernel": 3, "dilations": [1, 2], "dropout": 0.1}
MFCC = {"extractor": "mfcc", "sample_rate": 16000, "n_mfcc": 13, "n_fft": 512, "hop_length": 256, "n_mels": 40}
LOGMEL = {"extractor": "logmel", "sample_rate": 16000, "window_seconds": 0.025, "hop_seconds": 0.01}


def told(found, *path):
    """Messages of the faults at a place."""
    return [fault.message for fault in found if fault.path == path]


@pytest.mark.parametrize(
    ("change", "messages"),
    [({}, []), ({"depth": 1}, []), ({"depth": 4}, ["4: expected 3 at most, one for each of channels [8, 8, 8]"])],
)
def test_an_acnn_has_channels_for_its_depth(change, messages):
    assert told(faults({"model": ACNN | change}, parameters.Network), "model", "depth") == messages


@pytest.mark.parametrize("key", ["kernels", "convolutions", "strides", "dilations"])
def test_lists_of_groups_are_of_one_length(key):
    spec = {"model": DRN | {"groups": GROUPS | {key: [2]}}}
    message = "[2]: expected 2 values, one a group, as in filters [40, 80]"
    assert told(faults(spec, parameters.Network), "model", "groups", key) == [message]


def test_convolutions_are_one_or_two_a_block():
    spec = {"model": DRN | {"groups": GROUPS | {"convolutions": [1, 3]}}}
    message = "[1, 3]: expected 1 or an even number each, two a block"
    assert told(faults(spec, parameters.Network), "model", "groups", "convolutions") == [message]


@pytest.mark.parametrize(("heads", "right"), [(0, True), (2, True), (4, True), (3, False)])
def test_heads_share_the_width_of_the_attention(heads, right):
    spec = {"model": DRN | {"groups": GROUPS | {"heads": heads}, "width_multiplier": 1}}
    message = (
        "groups.heads 3: expected a divisor of 20, the width of the attention on 40 channels (attention_ratio 0.5)"
    )
    assert told(faults(spec, parameters.Network), "model") == ([] if right else [message])


@pytest.mark.parametrize("key", ["train_step", "test_step"])
def test_steps_leave_no_gap_between_segments(key):
    message = "2.5: expected 2.0 at most, the length of a segment (seconds)"
    assert told(faults(SEGMENTS | {key: 2.5}, parameters.Segments), key) == [message]
    assert faults(SEGMENTS | {key: 2}, parameters.Segments) == []


def test_columns_of_kept_segments_are_some():
    assert faults({"share": 0.1, "columns": [0, 40]}, parameters.Keep) == []
    assert told(faults({"share": 0.1, "columns": [40, 40]}, parameters.Keep), "columns")


@pytest.mark.parametrize(
    ("schedule", "key", "wrong"),
    [
        ({"name": "step", "every": 10, "factor": 0.1}, "factor", 1),
        ({"name": "late_cut", "after": 0.8, "factor": 0.1}, "factor", 1.5),
        ({"name": "late_cut", "after": 0.8, "factor": 0.1}, "after", 1.0),
        ({"name": "halving", "after": 5000, "every": 10000}, "every", 0),
    ],
)
def test_a_schedule_lets_the_rate_fall(schedule, key, wrong):
    kind = parameters.SCHEDULES[schedule["name"]]
    assert faults(schedule, kind) == []
    assert told(faults(schedule | {key: wrong}, kind), key)


def test_every_schedule_of_the_yaml_is_one_that_trains():
    assert set(parameters.SCHEDULES) == set(schedules.SCHEDULES)


def test_a_tcn_has_a_block():
    spec = {"model": {"name": "attention_student", "encoder": TCN | {"dilations": []}}}
    found = told(faults(spec, parameters.Network), "model", "encoder", "dilations")
    assert found == ["[]: expected one value a block, and one block or more"]


def test_extractors_have_the_bands_and_points_that_they_keep():
    mfcc, logmel = MFCC | {"window": "hann"}, LOGMEL | {"window": "hann", "n_fft": 400, "n_mels": 40}
    assert faults({"a": mfcc, "b": logmel}, parameters.feature_sets()) == []
    found = faults({"a": mfcc | {"n_mels": 12}, "b": logmel | {"n_fft": 399}}, parameters.feature_sets())
    kept = "12: expected 13 or more, the coefficients that are kept of them (n_mfcc)"
    assert told(found, "a", "n_mels") == [kept]
    points = "399: expected 400 or more, the samples of the window (window_seconds)"
    assert told(found, "b", "n_fft") == [points]
