"""Zhao et al. (2021) slowly: one utterance, one step, one number at a time; equations as they stand."""

import math

from helpers.attention_reference import dot, sigmoid


def softmax(scores):
    total = sum(math.exp(score) for score in scores)
    return [math.exp(score) / total for score in scores]


def weighted_sum(weights, vectors):
    return [sum(w * vector[d] for w, vector in zip(weights, vectors, strict=True)) for d in range(len(vectors[0]))]


def causal_convolution(frames, kernels, bias, dilation):
    """Eq. 6 of every pair of channels, summed: frames (T, C) -> (T, C'); `kernels[o][c]`: f(k-1), ..., f(1), f(0)."""
    found = []
    for s in range(len(frames)):
        step = []
        for kernel, b in zip(kernels, bias, strict=True):
            total = b
            for c, taps in enumerate(kernel):
                for i, f in enumerate(reversed(taps)):
                    if s - dilation * i >= 0:
                        total += f * frames[s - dilation * i][c]
            step.append(total)
        found.append(step)
    return found


def weight_normalised(magnitudes, directions):
    """g v / |v| for every output channel."""
    kernels = []
    for g, v in zip(magnitudes, directions, strict=True):
        norm = math.sqrt(sum(tap**2 for taps in v for tap in taps))
        kernels.append([[g * tap / norm for tap in taps] for taps in v])
    return kernels


def tcn(frames, blocks):
    """Residual blocks: relu(x + relu(conv(relu(conv(x))))); `blocks`: dilation, two (kernels, bias), shortcut."""
    for dilation, convolutions, shortcut in blocks:
        x = frames
        for kernels, bias in convolutions:
            x = [[max(0.0, v) for v in step] for step in causal_convolution(x, kernels, bias, dilation)]
        around = frames if shortcut is None else causal_convolution(frames, *shortcut, dilation=1)
        frames = [[max(0.0, u + v) for u, v in zip(a, b, strict=True)] for a, b in zip(x, around, strict=True)]
    return frames


def self_attention(hidden, w_q, w_k, w_v):
    """Z of eq. 7 and 8, (T, d_k)."""
    queries, keys, values = ([[dot(row, h) for row in w] for h in hidden] for w in (w_q, w_k, w_v))
    return [weighted_sum(softmax([dot(q, k) / math.sqrt(len(k)) for k in keys]), values) for q in queries]


def soft_attention(state, hidden, w, u, v):
    """Context and weights of eq. 1-3; `w` of the state, `u` of a hidden vector, `v` of the tanh."""
    energies = [dot(v, [math.tanh(dot(a, state) + dot(b, h)) for a, b in zip(w, u, strict=True)]) for h in hidden]
    alpha = softmax(energies)
    return weighted_sum(alpha, hidden), alpha


def lstm_step(x, h, c, of_input, of_hidden, bias, second):
    z = [dot(of_input[k], x) + dot(of_hidden[k], h) + bias[k] + second[k] for k in range(4 * len(h))]
    i, f, g, o = (z[part * len(h) : (part + 1) * len(h)] for part in range(4))
    c = [sigmoid(b) * m + sigmoid(a) * math.tanh(d) for a, b, d, m in zip(i, f, g, c, strict=True)]
    return [sigmoid(a) * math.tanh(m) for a, m in zip(o, c, strict=True)], c


class Decoder:
    """Eq. 1-5, one output at a time."""

    def __init__(self, hidden, weights, tokens_out):
        self.hidden, self.weights, self.tokens_out = hidden, weights, tokens_out
        self.h = self.c = [0.0] * len(weights["lstm"][1][0])

    def write(self, previous, told=1.0):
        """Scores of the next unit, and what was attended to; `told`: by what dropout multiplies the previous unit."""
        context, alpha = soft_attention(self.h, self.hidden, **self.weights["attention"])
        one_hot = [told * (unit == previous) for unit in range(self.tokens_out)]
        self.h, self.c = lstm_step(one_hot + context, self.h, self.c, *self.weights["lstm"])
        weight, bias = self.weights["output"]
        return [dot(row, self.h + context) + b for row, b in zip(weight, bias, strict=True)], alpha


def attention_map(activations, p):
    """Eq. 10: activations (C, T) -> (T,)."""
    return [sum(abs(channel[t]) ** p for channel in activations) for t in range(len(activations[0]))]


def transfer_loss(student, teacher):
    """Eq. 12 for one utterance: lists of maps (T,)."""
    total = 0.0
    for own, other in zip(student, teacher, strict=True):
        total += sum(abs(a / sum(own) - b / sum(other)) for a, b in zip(own, other, strict=True))
    return total


def interpolated(values, steps):
    """Values at the centres of `steps` equal steps over the same span."""
    found = []
    for j in range(steps):
        place = min(max((j + 0.5) * len(values) / steps - 0.5, 0), len(values) - 1)
        before = int(place)
        after = min(before + 1, len(values) - 1)
        found.append(values[before] + (place - before) * (values[after] - values[before]))
    return found
