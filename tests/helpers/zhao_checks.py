"""Networks of Zhao et al. (2021), small and with weights that leave something to tell apart."""

import torch

from serflow.models.attention_student import AttentionStudent
from serflow.models.speech_recogniser import SpeechRecogniser

ENCODERS = {
    "tcn": {"name": "tcn", "channels": 4, "kernel": 3, "dilations": [1, 2], "dropout": 0.0},
    "blstm": {"name": "blstm", "units": 2, "layers": 1},
}
SYSTEMS = [(encoder, attention) for encoder in ENCODERS for attention in ("soft", "self")]
STUDENT = {"dims": 3, "classes": 4, "attention_width": 5, "dropout": 0.0, "width_multiplier": 1}
START, END, PADDING = 4, 5, 6
TEACHER = {
    "dims": 3,
    "classes": 7,
    "start": START,
    "end": END,
    "padding": PADDING,
    "frames_a_step": 1,
    "cells": 3,
    "attention_width": 5,
    "history_dropout": 0.0,
    "longest_a_step": 1.5,
    "width_multiplier": 1,
}
LENGTHS = torch.tensor([7, 1, 4])
TOKENS = torch.tensor([[0, 3, 1, END], [END, PADDING, PADDING, PADDING], [2, 2, END, PADDING]])


def drawn_anew(network):
    """`network` in float64 and eval mode, its weights within 1.2."""
    network = network.double().eval()
    for parameter in network.parameters():
        torch.nn.init.uniform_(parameter, -1.2, 1.2)
    return network


def student(encoder, attention, **change):
    torch.manual_seed(3)
    return drawn_anew(AttentionStudent(**STUDENT | {"encoder": ENCODERS[encoder], "attention": attention} | change))


def teacher(encoder, attention, seed=3, **change):
    torch.manual_seed(seed)
    return drawn_anew(SpeechRecogniser(**TEACHER | {"encoder": ENCODERS[encoder], "attention": attention} | change))


def listed_convolution(convolution):
    """Direction and magnitude as in torch.nn.utils.parametrizations: original1 and original0."""
    weight = convolution.parametrizations.weight
    return weight.original0.flatten().tolist(), weight.original1.tolist(), convolution.bias.tolist()


def check_without_padding(run, frames, lengths):
    """What `run(frames, lengths)` gives of an utterance in a batch is what it gives of it alone, then zeros."""
    together = run(frames, lengths)
    for row, length in enumerate(lengths.tolist()):
        alone = run(frames[row : row + 1, :length], lengths[row : row + 1])
        torch.testing.assert_close(together[row, : alone.shape[1]], alone[0], rtol=0, atol=1e-10)
        assert together[row, alone.shape[1] :].eq(0).all()
