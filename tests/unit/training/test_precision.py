"""`precision`, `channels_last`, `compile`: honoured, refused where they cannot be, without effect where not named."""

import numpy as np
import pytest
import torch

from helpers.tiny_job import CLASSES, SPEC, changed, make_examples
from serflow.errors import UserError
from serflow.files import digest
from serflow.learners.network import Network
from serflow.training import precision


def trained(folder, **settings):
    learner = Network(spec=changed(SPEC, **settings), classes=CLASSES, device="cpu", seed=1)
    history = list(learner.fit(make_examples(folder)))
    return learner, [row["loss"] for row in history]


def weights(learner):
    return {name: value.numpy() for name, value in learner.network.state_dict().items()}


def equal(one, other):
    return set(one) == set(other) and all(np.array_equal(one[name], other[name]) for name in one)


def test_float32_named_is_float32_by_default_to_the_bit(tmp_path):
    default, _ = trained(tmp_path / "a")
    named, _ = trained(tmp_path / "b", train__precision="float32", train__channels_last=False, train__compile=False)
    assert equal(weights(default), weights(named))


def test_bf16_trains_to_other_weights_and_a_loss_nearby(tmp_path):
    exact, losses = trained(tmp_path / "a")
    rounded, rough = trained(tmp_path / "b", train__precision="bf16")
    assert not equal(weights(exact), weights(rounded))
    assert rough == pytest.approx(losses, rel=0.05)
    assert all(parameter.dtype == torch.float32 for parameter in rounded.network.parameters())


def test_bf16_repeats_itself(tmp_path):
    one, other = (weights(trained(tmp_path / name, train__precision="bf16")[0]) for name in "ab")
    assert equal(one, other)


def test_only_training_is_rounded(tmp_path):
    learner, _ = trained(tmp_path / "a", train__precision="bf16")
    plain = Network(spec=SPEC, classes=CLASSES, device="cpu", seed=1)
    examples = make_examples(tmp_path / "b")
    next(plain.fit(examples))
    plain.network.load_state_dict(learner.network.state_dict())
    assert np.array_equal(learner.predict(examples)[1], plain.predict(examples)[1])


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"train__precision": "tf32"}, "tf32 is of CUDA devices, this is cpu"),
        ({"train__precision": "half"}, "precision 'half': expected float32, tf32 or bf16"),
        ({"train__compile": "yes"}, "compile 'yes': expected true or false"),
        ({"train__channels_last": 1}, "channels_last 1: expected true or false"),
    ],
)
def test_what_cannot_be_is_refused(tmp_path, settings, message):
    with pytest.raises(UserError, match=message):
        trained(tmp_path, **settings)


def test_channels_last_lays_out_maps_and_trains_to_almost_the_same(tmp_path):
    plain, losses = trained(tmp_path / "a")
    laid_out, others = trained(tmp_path / "b", train__channels_last=True)
    weight = "blocks.0.convolution.weight"
    for learner, there in ((plain, False), (laid_out, True)):
        kernels = learner.network.state_dict()[weight]
        assert kernels.is_contiguous(memory_format=torch.channels_last) is there
        assert learner.state()[0][f"network.{weight}"].is_contiguous()  # files do not depend on it
    assert others == pytest.approx(losses, rel=1e-4)


def test_channels_last_goes_on_from_a_checkpoint(tmp_path):
    spec, examples = changed(SPEC, train__channels_last=True), make_examples(tmp_path)
    whole, first, second = (Network(spec=spec, classes=CLASSES, device="cpu", seed=1) for _ in range(3))
    list(whole.fit(examples))
    rows = first.fit(examples)
    next(rows)
    second.restore(*first.state())
    list(second.fit(examples))
    assert equal(weights(whole), weights(second))


def test_channels_last_wants_convolutions_over_maps():
    with pytest.raises(UserError, match="channels_last: the network has no convolution over maps; leave it out"):
        precision.prepare(torch.nn.Conv1d(2, 2, 1), {"channels_last": True}, torch.device("cpu"))


def test_a_network_is_compiled_where_that_is_wanted_and_keeps_the_names_of_its_weights(monkeypatch):
    asked = []
    monkeypatch.setattr(torch.nn.Module, "compile", lambda self, **options: asked.append(options))
    network = torch.nn.Linear(2, 2)
    for wanted in (False, True):
        precision.prepare(network, {"compile": wanted}, torch.device("cpu"))
    assert asked == [{"dynamic": True}]
    assert set(network.state_dict()) == {"weight", "bias"}


def test_tf32_on_a_gpu_lets_products_and_convolutions_round_and_float32_neither(monkeypatch):
    for name, rounds in (("tf32", True), ("float32", False)):
        precision.prepare(torch.nn.Linear(2, 2), {"precision": name}, torch.device("cuda"))
        assert torch.backends.cuda.matmul.allow_tf32 is torch.backends.cudnn.allow_tf32 is rounds


def test_precision_is_part_of_what_a_run_is():
    assert digest(SPEC) != digest(changed(SPEC, train__precision="bf16"))
