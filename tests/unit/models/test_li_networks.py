"""The networks of Li et al. (2019) as their YAML declares them: resolution, heads, sizes, masks, learning."""

import math

import pytest
import torch

from helpers import ROOT
from helpers import li_checks as checks
from serflow.config import read_yaml
from serflow.forecast.parameters import extractor
from serflow.layers.dense import dense_layers
from serflow.layers.self_attention import MultiHeadSelfAttention
from serflow.layers.widths import scaled
from serflow.models import build
from serflow.models.cnn import Cnn
from serflow.models.dnn import Dnn
from serflow.models.drn import Drn
from serflow.models.local_attention_rnn import LocalAttentionRnn
from serflow.models.lstm import Lstm
from serflow.models.rlc import Rlc
from serflow.plan.systems import Systems
from serflow.plan.workflow import read_workflow

PAPERS = ["li2019icassp", "li2019ijcai"]
PLAIN = checks.PLAIN
SMALL = {
    "drn": (Drn, checks.DRN),
    "rlc": (Rlc, checks.RLC),
    "cnn": (
        Cnn,
        PLAIN | {"groups": checks.OF_A_SPEC | {"dilations": [1] * 5, "residual": False, "heads": 0}, "classifier": [6]},
    ),
    "lstm": (Lstm, PLAIN | {"units": 5, "layers": 2, "classifier": [6]}),
    "local_attention_rnn": (LocalAttentionRnn, PLAIN | {"front": [4, 4], "units": 5}),
}


def specs(preset):
    config = read_yaml(ROOT / "config.yaml") | {"preset": preset, "papers": PAPERS, "corpus": "demo"}
    workflow = read_workflow(config, root=ROOT)
    return {
        (paper, name): (systems.spec(name, "acoustic"), systems.published_parameters.get(name))
        for paper, systems in ((paper, Systems(workflow, paper)) for paper in PAPERS)
        for name in systems.named
        if name not in workflow.yardsticks
    }


PAPER = specs("paper")


def network(spec):
    """Built without numbers: sizes and layout alone."""
    with torch.device("meta"):
        return build(spec["parameters"]["model"], dims=extractor(spec).dims, classes=4)


# per cent: the factor of rlc is a round one, so that its heads are; s2 has the widths of rlc (docs/fidelity)
UNBALANCED = {("li2019ijcai", "rlc"): -1.3, ("li2019ijcai", "s2"): -3.4}


@pytest.mark.parametrize("key", [key for key, (_, published) in PAPER.items() if published], ids="-".join)
def test_the_number_of_parameters_is_within_1_per_cent_of_the_published_but_of_two_systems(key):
    spec, published = PAPER[key]
    count = sum(parameter.numel() for parameter in network(spec).parameters())
    difference = 100 * (count / published["value"] - 1)
    if key in UNBALANCED:
        assert difference == pytest.approx(UNBALANCED[key], abs=0.05), f"{count:,}"
    else:
        assert abs(difference) <= 1, f"{count:,}"


def test_all_published_numbers_of_parameters_are_declared():
    assert {key: published["value"] / 1e6 for key, (_, published) in PAPER.items() if published} == {
        ("li2019icassp", "drn_mhsa"): 9.9,
        ("li2019icassp", "poria2017"): 9.4,
        ("li2019icassp", "mirsamadi2017"): 9.6,
        ("li2019icassp", "xia2017"): 9.5,
        ("li2019icassp", "poria2016_cnn"): 9.3,
        ("li2019ijcai", "poria2017"): 9.27,
        ("li2019ijcai", "s1"): 9.15,
        ("li2019ijcai", "s2"): 9.07,
        ("li2019ijcai", "rlc"): 9.11,
    }


@pytest.mark.parametrize(
    ("paper", "system", "milliseconds"),
    [
        ("li2019icassp", "baseline", 160),
        ("li2019icassp", "poria2016_cnn", 160),
        ("li2019icassp", "s1", 160),
        ("li2019icassp", "s2", 40),
        ("li2019icassp", "s3", 40),
        ("li2019icassp", "drn_mhsa", 40),
        ("li2019icassp", "drn_mhsa_all_strided", 80),
        ("li2019icassp", "s1_40ms", 40),
        ("li2019ijcai", "s1", 160),
        ("li2019ijcai", "s2", 160),
        ("li2019ijcai", "rlc", 160),
        ("li2019ijcai", "rlc_80ms", 80),
        ("li2019ijcai", "rlc_40ms", 40),
    ],
)
def test_a_step_lasts_as_long_as_the_paper_says(paper, system, milliseconds):
    spec, _ = PAPER[paper, system]
    assert network(spec).convolutions.frames_a_step * extractor(spec).hop_seconds * 1e3 == pytest.approx(milliseconds)


@pytest.mark.parametrize(
    ("system", "heads", "residual", "dilations"),
    [
        ("baseline", 0, False, {1}),
        ("s1", 0, True, {1}),
        ("s1_40ms", 0, True, {1}),
        ("s2", 0, True, {1, 2, 4}),
        ("s3", 1, True, {1, 2, 4}),
        ("drn_mhsa", 4, True, {1, 2, 4}),
    ],
)
def test_table_2_adds_one_component_after_the_other(system, heads, residual, dilations):
    convolutions = network(PAPER["li2019icassp", system][0]).convolutions
    blocks = [block for group in convolutions.groups[1:] for block in group]
    assert {block.attention.heads if block.attention else 0 for block in blocks} == {heads}
    assert {block.residual for block in blocks} == {residual}
    assert {block.first.convolution.dilation[0] for block in blocks} == dilations


def test_the_network_of_the_authors_code_has_steps_of_40_ms_and_the_size_of_table_2_but_for_3_per_cent():
    spec, _ = PAPER["li2019ijcai", "rlc_original"]
    built = network(spec)
    assert math.prod(layer.stride[0] for layer in built.linear) * extractor(spec).hop_seconds == pytest.approx(0.04)
    assert sum(parameter.numel() for parameter in built.parameters()) == 9_364_260
    assert 9_364_260 / PAPER["li2019ijcai", "rlc"][1]["value"] == pytest.approx(1.028, abs=5e-4)


@pytest.mark.parametrize("system", ["s1", "s2", "rlc"])
def test_kernels_and_filters_are_those_of_figure_2_in_all_three_systems(system):
    groups = network(PAPER["li2019ijcai", system][0]).convolutions.groups
    assert [(g[0].first.convolution.kernel_size[0], g[0].first.convolution.out_channels) for g in groups] == [
        (10, 32),
        (5, 64),
        (5, 128),
        (3, 256),
        (3, 512),
    ]
    assert [len(group) for group in groups] == [1, 2, 2, 2, 2]


def test_the_ijcai_papers_widths_are_those_that_it_states():
    built = network(PAPER["li2019ijcai", "rlc"][0])
    groups = built.convolutions.groups
    assert (built.memory.units, built.memory.iterations) == (256, 3)
    assert [layer.out_features for layer in built.classifier if hasattr(layer, "out_features")] == [256, 256, 256, 4]
    assert {block.attention.heads for group in groups[1:] for block in group} == {4}


@pytest.mark.parametrize("name", SMALL)
def test_an_utterance_scores_the_same_alone_and_padded(name):
    checks.check_network_ignores_padding(*SMALL[name])


@pytest.mark.parametrize("name", SMALL)
def test_the_classifier_takes_the_representation_that_encode_gives(name):
    kind, settings = SMALL[name]
    built = kind(**settings).eval()
    frames, lengths = checks.draw_frames(2, 40, 3).float(), torch.tensor([40, 23])
    with torch.no_grad():
        torch.testing.assert_close(built(frames, lengths), built.classifier(built.encode(frames, lengths)))


def test_the_dnn_takes_an_utterances_one_row():
    rows = checks.draw_frames(3, 1, 5).float()
    built = Dnn(**PLAIN | {"dims": 5, "classifier": [6, 6]})
    torch.testing.assert_close(built.encode(rows, torch.ones(3, dtype=torch.int64)), rows[:, 0])


def rates(spec):
    """Where a network drops single values, and the rate on the weights of its attention."""
    built = network(spec)
    found = {name: module.p for name, module in built.named_modules() if isinstance(module, torch.nn.Dropout)}
    attention = {module.dropout for module in built.modules() if isinstance(module, MultiHeadSelfAttention)}
    return found, attention


@pytest.mark.parametrize(("paper", "system"), [("li2019icassp", "drn_mhsa"), ("li2019ijcai", "rlc")])
def test_a_half_is_dropped_once_a_block_and_once_in_the_classifier_and_a_tenth_of_attention(paper, system):
    found, attention = rates(PAPER[paper, system][0])
    blocks = {f"convolutions.groups.{group}.{block}.dropout": 0.5 for group in range(1, 5) for block in range(2)}
    assert found == blocks | {"classifier.2": 0.5}
    assert attention == {0.1}


@pytest.mark.parametrize("system", ["poria2017", "xia2017"])
def test_the_classifiers_of_comparison_systems_drop_once_too(system):
    assert rates(PAPER["li2019ijcai", system][0])[0] == {"classifier.2": 0.5}


def test_the_classifier_drops_what_comes_out_of_its_first_dense_layer():
    torch.manual_seed(0)
    classifier = dense_layers(5, [400, 6], classes=4, dropout=0.5).train()
    kinds = [type(layer).__name__ for layer in classifier]
    assert kinds == ["Linear", "ReLU", "Dropout", "Linear", "ReLU", "Linear"]
    seen = []
    classifier[2].register_forward_hook(lambda _, given, output: seen.append((given[0], output)))
    rows = checks.draw_frames(3, 1, 5)[:, 0].float()
    classifier(rows)
    ((before, after),) = seen
    torch.testing.assert_close(before, torch.relu(classifier[0](rows)))
    kept = after != 0
    torch.testing.assert_close(after[kept], 2 * before[kept])
    assert 0.4 < kept.sum() / (before > 0).sum() < 0.6
    assert dense_layers(5, [], classes=4, dropout=0.5)[0].out_features == 4


def test_attention_drops_weights_in_training_alone():
    torch.manual_seed(0)
    attention = MultiHeadSelfAttention(channels=8, width=8, heads=4, dropout=0.5)
    sequence = checks.draw_frames(1, 30, 8).mT.float()
    a, b = attention(sequence, None), attention(sequence, None)
    assert not torch.allclose(a, b)
    torch.testing.assert_close(attention.eval()(sequence, None), attention(sequence, None))


def both_ways(built, sequence):
    """Hidden states of torch's own bidirectional LSTM with the network's weights."""
    forwards, backwards = built.recurrent.forwards[0], built.recurrent.backwards[0]
    lstm = torch.nn.LSTM(sequence.shape[2], forwards.hidden_size, bidirectional=True, batch_first=True).double()
    weights = forwards.state_dict() | {f"{k}_reverse": v for k, v in backwards.state_dict().items()}
    lstm.load_state_dict(weights)
    return lstm(sequence)[0]


def test_the_weights_of_local_attention_are_a_softmax_over_the_real_steps():
    kind, settings = SMALL["local_attention_rnn"]
    built = kind(**settings).double().eval()
    frames, lengths = checks.draw_frames(2, 9, 3), torch.tensor([9, 4])
    weights = built.attention_weights(frames, lengths)
    assert weights[1, 4:].eq(0).all()
    hidden = both_ways(built, built.front(frames[1:, :4]))
    scores = (hidden[0] @ built.query.weight[0]).exp()
    torch.testing.assert_close(weights[1, :4], (scores / scores.sum()).detach())
    expected = (weights[1, :4, None] * hidden[0]).sum(dim=0)
    torch.testing.assert_close(built.encode(frames, lengths)[1], expected)


def test_widths_are_multiplied_and_stay_multiples_of_8():
    assert scaled([32, 512, 3], 1) == [32, 512, 3]
    assert scaled([32, 64, 512, 328], 0.125) == [8, 8, 64, 40]


DEMO = specs("demo")


@pytest.mark.parametrize(
    ("paper", "system"), [("li2019icassp", "drn_mhsa"), ("li2019ijcai", "rlc"), ("li2019ijcai", "rlc_original")]
)
def test_the_loss_falls_on_eight_utterances(paper, system):
    """Classes that differ in the mean of one value; demo widths, where no values are dropped."""
    spec, _ = DEMO[paper, system]
    torch.manual_seed(0)
    built = build(spec["parameters"]["model"], dims=3, classes=4).train()
    labels = torch.arange(8) % 4
    frames = checks.draw_frames(8, 96, 3).float()
    frames[..., 0] += labels[:, None] - 1.5
    lengths = torch.tensor([96, 80, 96, 74, 90, 96, 82, 96])
    optimizer = torch.optim.Adam(built.parameters(), lr=3e-3)
    losses = []
    for _ in range(50):
        loss = torch.nn.functional.cross_entropy(built(frames, lengths), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.6 * losses[0]
