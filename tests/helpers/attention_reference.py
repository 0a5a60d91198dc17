"""Huang and Narayanan (2016) slowly: one utterance, one frame, one number at a time; equations as they stand."""

import math


def sigmoid(x):
    return 1 / (1 + math.exp(-x))


def dot(a, b):
    return sum(x * y for x, y in zip(a, b, strict=True))


def lstm(frames, weights, units):
    """Hidden vectors of one direction; `weights`: of_input, of_hidden, bias, second bias, rows by gate i, f, g, o."""
    of_input, of_hidden, bias, second = weights
    h, c, found = [0.0] * units, [0.0] * units, []
    for x in frames:
        z = [dot(of_input[k], x) + dot(of_hidden[k], h) + bias[k] + second[k] for k in range(4 * units)]
        gates = [z[part * units : (part + 1) * units] for part in range(4)]
        c = [sigmoid(f) * m + sigmoid(i) * math.tanh(g) for i, f, g, m in zip(*gates[:3], c, strict=True)]
        h = [sigmoid(o) * math.tanh(m) for o, m in zip(gates[3], c, strict=True)]
        found.append(h)
    return found


def blstm(frames, layers, units):
    """Hidden vectors of both directions; `layers`: a pair of weights each."""
    for forwards, backwards in layers:
        ahead, back = lstm(frames, forwards, units), lstm(frames[::-1], backwards, units)[::-1]
        frames = [a + b for a, b in zip(ahead, back, strict=True)]
    return frames


def weights(hidden, attention, w_a=None, w_ah=None):
    """Attention weights: equal (3.1), eq. 8 or eq. 9."""
    if attention == "uniform":
        return [1 / len(hidden)] * len(hidden)
    if attention == "tanh":
        scores = [dot(w_a, [math.tanh(dot(row, h)) for row in w_ah]) for h in hidden]
    else:
        scores = [dot(w_a, h) for h in hidden]
    total = sum(math.exp(score) for score in scores)
    return [math.exp(score) / total for score in scores]


def context(hidden, alpha):
    """c, the weighted sum."""
    return [sum(a * h[d] for a, h in zip(alpha, hidden, strict=True)) for d in range(len(hidden[0]))]
