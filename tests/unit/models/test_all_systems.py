"""Over every system of every paper under both presets: what the workflow can ask for, works."""

import pytest
import torch

from helpers import ROOT
from helpers import structural_checks as checks
from serflow.config import read_yaml
from serflow.errors import UserError
from serflow.forecast.parameters import dims_of, inputs_of
from serflow.models import build
from serflow.plan.systems import Systems
from serflow.plan.workflow import read_workflow
from serflow.training.precision import training_precision

PAPERS = sorted(path.stem for path in (ROOT / "workflow/papers").glob("*.yaml"))


def declared():
    """(paper-preset-system, model, dims, classes) of every network of every paper, equal ones once."""
    found = {}
    for preset in ("paper", "demo"):
        config = read_yaml(ROOT / "config.yaml") | {
            "preset": preset,
            "papers": PAPERS,
            "corpus": "demo",
            "sweeps": True,
        }
        workflow = read_workflow(config, root=ROOT)
        for paper in PAPERS:
            systems = Systems(workflow, paper)
            assert bool(systems.sweep_points) == ("sweeps" in workflow.papers[paper]), "config asked for sweeps"
            for experiment in workflow.papers[paper]["experiments"]:
                for name in systems.named | systems.sweep_points:
                    spec = systems.spec(name, experiment)
                    model = spec["parameters"].get("model")
                    if model:
                        dims = dims_of(spec)
                        inputs = inputs_of(spec).removeprefix("acoustic")
                        found.setdefault(repr((model, dims)), (f"{paper}-{preset}-{name}{inputs}", model, dims))
    return list(found.values())


DECLARED = declared()
CLASSES = 4
LARGE = 2_000_000  # parameters; the demo preset has the same networks, narrower


def drawn(lengths, dims):
    """Input of a network for these lengths; of a second input, words, some more steps than one."""
    if isinstance(dims, int):
        return [checks.draw_frames(len(lengths), max(lengths), dims).float(), torch.tensor(lengths)]
    return [*drawn(lengths, dims[0]), *drawn([1 + length % 5 for length in lengths], dims[1])]


def parameters(model, dims):
    """Number of parameters, without making room for them."""
    with torch.device("meta"):
        return sum(parameter.numel() for parameter in build(model, dims=dims, classes=CLASSES).parameters())


RUN = [entry for entry in DECLARED if parameters(*entry[1:]) < LARGE]


def lengths_for(model):
    """Longest first: long enough that attention has several steps to choose from after all strides."""
    if model["name"] == "segment_dnn":  # reads segments of one length
        return [model["frames"]] * 3
    others = {"acnn": [24, 8, 16], "acnn_original": [21, 9, 17], "rlc_original": [150, 82, 97]}
    return others.get(model.get("acoustic", model)["name"], [150, 40, 97])


@pytest.fixture(scope="module", params=RUN, ids=[name for name, *_ in RUN])
def system(request):
    _, model, dims = request.param
    torch.manual_seed(1)
    return build(model, dims=dims, classes=CLASSES), model, dims


def test_both_presets_and_the_sweeps_are_covered():
    names = {name for name, *_ in DECLARED}
    assert {"xu2020-paper-acnn", "xu2020-paper-acnn_original", "xu2020-demo-acnn", "xu2020-demo-conv1"} <= names
    # paper: 7 forms of the ACNN + 33 cells, of which 2 are named; demo: 7 + 8 less 2; acnn_original once each
    assert sum(name.startswith("xu2020-paper-") for name in names) == 7 + 33 - 2 + 1
    assert sum(name.startswith("xu2020-demo-") for name in names) == 7 + 8 - 2 + 1


def test_networks_that_are_too_large_to_run_here_run_narrower():
    run = {name.replace("-demo-", "-").replace("-paper-", "-") for name, *_ in RUN}
    assert {name.replace("-demo-", "-").replace("-paper-", "-") for name, *_ in DECLARED} == run


def test_logits_have_one_row_an_utterance_and_every_parameter_a_finite_gradient(system):
    network, model, dims = system
    network = network.float().train()
    lengths = lengths_for(model)
    logits = network(*drawn(lengths, dims))
    assert tuple(logits.shape) == (3, CLASSES)
    network.zero_grad()
    torch.nn.functional.cross_entropy(logits, torch.tensor([0, 1, 3])).backward()
    for name, parameter in network.named_parameters():
        assert parameter.grad is not None, f"{name} takes no part"
        assert torch.isfinite(parameter.grad).all(), name
        assert name.endswith("bias") or (parameter.grad != 0).any(), f"{name} has no gradient"


@pytest.mark.parametrize("name", sorted({model["name"] for _, model, _ in RUN}))
def test_every_kind_of_network_can_be_trained_in_bf16(name):
    model, dims = next((model, dims) for _, model, dims in RUN if model["name"] == name)
    torch.manual_seed(1)
    network = build(model, dims=dims, classes=CLASSES).train()
    with training_precision({"precision": "bf16"}, torch.device("cpu")):
        logits = network(*drawn(lengths_for(model), dims))
        torch.nn.functional.cross_entropy(logits, torch.tensor([0, 1, 3])).backward()
    assert all(torch.isfinite(parameter.grad).all() for parameter in network.parameters())


def test_padding_and_batch_mates_change_nothing(system):
    network, model, dims = system
    if not isinstance(dims, int):
        pytest.skip("sound and text: tests/unit/models/test_acoustic_lexical.py")
    lengths = lengths_for(model)
    checks.check_padding_changes_nothing(network.double().eval(), dims, lengths, steps=max(lengths))


@pytest.mark.parametrize("name", ["xu2020-paper-acnn", "xu2020-paper-acnn_original"])
def test_padding_and_batch_mates_change_nothing_at_any_length(name):
    model, dims = next((model, dims) for found, model, dims in DECLARED if found == name)
    torch.manual_seed(1)
    network = build(model, dims=dims, classes=CLASSES).double().eval()
    checks.check_padding_changes_nothing(network, dims, [24, 5, 7, 10, 11, 14, 19])


def test_the_shortest_input_that_a_network_names_is_enough(system):
    network, _, dims = system
    with torch.no_grad():
        logits = network.float().eval()(*drawn([network.shortest], dims))
    assert torch.isfinite(logits).all()


def test_every_key_is_wanted_and_no_other_is_taken():
    for _, model, dims in {entry[1]["name"]: entry for entry in RUN}.values():
        with pytest.raises(UserError, match="dropuot"):
            build(model | {"dropuot": 0.1}, dims=dims, classes=CLASSES)
        for key in set(model) - {"name"}:
            with pytest.raises(UserError, match=key):
                build({k: v for k, v in model.items() if k != key}, dims=dims, classes=CLASSES)
