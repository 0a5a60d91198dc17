"""Initial weights: within Glorot's limits and filling them, biases zero, forget gates open; no part is forgotten."""

import pytest
import torch
from torch import nn

from helpers.declared import make_plan
from serflow.layers.gca_lstm import GatedLstm
from serflow.layers.initialisation import glorot
from serflow.models import build

PAPERS = ("li2019icassp", "li2019ijcai")


def limit(fan_in, fan_out):
    return (6 / (fan_in + fan_out)) ** 0.5


def fills(weight, expected):
    largest = weight.abs().max().item()
    return 0.9 * expected < largest <= expected * 1.0001


def test_dense_and_convolutional_layers_and_lstms_against_glorots_limits():
    torch.manual_seed(1)
    network = nn.ModuleList([nn.Linear(40, 60), nn.Conv1d(20, 30, 5, bias=False), nn.LSTM(50, 32, num_layers=2)])
    glorot(network)
    dense, convolution, lstm = network
    assert fills(dense.weight, limit(40, 60))
    assert not dense.bias.any()
    assert fills(convolution.weight, limit(20 * 5, 30 * 5))
    for layer, inputs in enumerate((50, 32)):
        weights = [getattr(lstm, f"weight_{kind}_l{layer}") for kind in ("ih", "hh")]
        assert all(fills(weight, limit(inputs + 32, 4 * 32)) for weight in weights)
        bias = getattr(lstm, f"bias_ih_l{layer}") + getattr(lstm, f"bias_hh_l{layer}")
        assert bias.tolist() == [0.0] * 32 + [1.0] * 32 + [0.0] * 64  # input, forget, cell, output


def systems():
    for paper in PAPERS:
        plan = make_plan(papers=[paper], preset="paper", sweeps=False)
        made = plan.systems[paper]
        for experiment in ("acoustic", *(["acoustic_lexical"] if paper == "li2019ijcai" else [])):
            for name in made.named:
                spec = made.spec(name, experiment)
                if spec["learner"] == "network":
                    yield pytest.param(spec, id=f"{paper}-{experiment}-{name}")


@pytest.mark.parametrize("spec", systems())
def test_every_network_of_both_papers_starts_from_them(spec):
    torch.manual_seed(1)
    model = spec["parameters"]["model"]
    narrow = (
        {"width_multiplier": 0.1}
        if "acoustic" not in model
        else {"acoustic": model["acoustic"] | {"width_multiplier": 0.1}}
    )
    network = build(model | narrow, dims=[17, 300] if "acoustic" in model else 17, classes=4)
    seen = set()
    for module in network.modules():
        if isinstance(module, GatedLstm):
            inputs, units = module.input.in_features, module.recurrent.shape[1]
            assert fills(module.recurrent, limit(inputs + units, 4 * units))
            assert fills(module.input.weight, limit(inputs + units, 4 * units))
            assert not module.input.bias.any()
            seen.add(module.input)
    for module in network.modules():
        if isinstance(module, nn.Linear) and module not in seen:
            assert module.weight.abs().max() > 0.75 * limit(module.in_features, module.out_features)
            assert module.bias is None or not module.bias.any()
        elif isinstance(module, nn.Conv1d):
            outputs, inputs, kernel = module.weight.shape
            assert fills(module.weight, limit(inputs * kernel, outputs * kernel)) or module.weight.numel() < 200
        elif isinstance(module, nn.LSTM):
            units = module.hidden_size
            for layer in range(module.num_layers):
                assert (getattr(module, f"bias_ih_l{layer}")[units : 2 * units] == 1).all()
                assert not getattr(module, f"bias_hh_l{layer}").any()
