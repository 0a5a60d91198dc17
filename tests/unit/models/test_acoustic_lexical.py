"""Sound and text in one classifier (li2019ijcai, section 3.4), against a slow reference of its LSTM over the words."""

import pytest
import torch
from torch import nn

from helpers.li_checks import DRN, RLC
from serflow.errors import UserError
from serflow.models import build
from serflow.models.acoustic_lexical import AcousticLexical

WORD = 5


def network(kind="rlc", settings=RLC, **change):
    acoustic = {"name": kind} | {key: value for key, value in settings.items() if key not in ("dims", "classes")}
    torch.manual_seed(1)
    return AcousticLexical(dims=[3, WORD], classes=4, acoustic=acoustic | change, units=8).double().eval()


def batch(lengths=(150, 97), counts=(4, 2)):
    generator = torch.Generator().manual_seed(2)
    frames = torch.randn(len(lengths), max(lengths), 3, dtype=torch.float64, generator=generator)
    words = torch.randn(len(counts), max(counts), WORD, dtype=torch.float64, generator=generator)
    return frames, torch.tensor(lengths), words, torch.tensor(counts)


def last_by_hand(lstm, words):
    """h_K of one utterance (K, D), from the equations of the LSTM, a step at a time."""
    of_input, of_hidden = lstm.weight_ih_l0, lstm.weight_hh_l0
    h = c = torch.zeros(lstm.hidden_size, dtype=torch.float64)
    for word in words:
        i, f, g, o = (of_input @ word + lstm.bias_ih_l0 + of_hidden @ h + lstm.bias_hh_l0).chunk(4)
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        h = torch.sigmoid(o) * torch.tanh(c)
    return h


@pytest.mark.parametrize(("kind", "settings"), [("rlc", RLC), ("drn", DRN)])
@torch.no_grad()
def test_the_classifier_is_given_both_representations_side_by_side(kind, settings):
    model = network(kind, settings)
    frames, lengths, words, counts = batch()
    sound, text = model.encode(frames, lengths, words, counts)
    assert torch.equal(sound, model.acoustic.encode(frames, lengths))
    for row, count in enumerate(counts):
        assert torch.allclose(text[row], last_by_hand(model.words, words[row, :count]))
    expected = model.classifier(torch.cat([sound, text], dim=1))
    assert torch.equal(model(frames, lengths, words, counts), expected)


@torch.no_grad()
def test_padding_and_batch_mates_change_nothing():
    model = network()
    frames, lengths, words, counts = batch()
    together = model(frames, lengths, words, counts)
    for row in range(2):
        alone = model(frames[row : row + 1, : lengths[row]], lengths[row : row + 1],
                      words[row : row + 1, : counts[row]], counts[row : row + 1])  # fmt: skip
        assert torch.allclose(alone[0], together[row], atol=1e-12)
    words[1, 2:] = 1e6
    assert torch.equal(model(frames, lengths, words, counts), together)


def test_every_parameter_has_a_gradient_and_the_acoustic_classifier_is_gone():
    model = network().train()
    model(*batch()).sum().backward()
    assert model.acoustic.classifier is None
    for name, parameter in model.named_parameters():
        assert parameter.grad is not None, name
        assert torch.isfinite(parameter.grad).all(), name
    for name, parameter in model.words.named_parameters():
        assert (parameter.grad != 0).any(), name


def test_widths_follow_the_multiplier():
    wide, narrow = network(width_multiplier=1), network(width_multiplier=2)
    assert wide.words.hidden_size == 8
    assert narrow.words.hidden_size == 16
    dense = [layer for layer in narrow.classifier if isinstance(layer, nn.Linear)]
    assert [layer.out_features for layer in dense] == [16, 4]


def test_a_network_without_a_representation_is_refused():
    acoustic = {"name": "acnn", "parallel": 2, "channels": [2, 3], "depth": 2, "attention": True}
    acoustic |= {"attend_over": "time", "n_head": 2, "n_size": 4}
    model = {"name": "acoustic_lexical", "acoustic": acoustic | {"width_multiplier": 1}, "units": 8}
    with pytest.raises(UserError, match="width_multiplier"):
        build(model, dims=[13, 5], classes=4)
