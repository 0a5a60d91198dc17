"""GCA-LSTM (Li et al., IJCAI 2019) step by step: equations 4-12 as printed, one utterance, no batch, no mask."""

import torch


def gates_of(network):
    """W, U, b by gate: of layer 1 (torch's order i, f, g, o) and of layer 2 (ours: o, f, i, g)."""
    first, second = network.first, network.second
    layer1 = by_gate("ifco", first.weight_ih_l0, first.weight_hh_l0, first.bias_ih_l0 + first.bias_hh_l0)
    return layer1, by_gate("ofic", second.input.weight, second.recurrent, second.input.bias)


def by_gate(order, w, u, b):
    parts = zip(w.chunk(4), u.chunk(4), b.chunk(4), strict=True)
    return dict(zip(order, parts, strict=True))


def gate(weights, name, x, h):
    w, u, b = weights[name]
    return w @ x + u @ h + b


def lstm_steps(weights, inputs, informativeness=None):
    """Hidden vectors of eq. 4-8; with an informativeness, the cell of eq. 11 in place of eq. 7."""
    units = len(weights["f"][2])
    h, c, hidden = inputs.new_zeros(units), inputs.new_zeros(units), []
    for n, x in enumerate(inputs):
        f = torch.sigmoid(gate(weights, "f", x, h))
        i = torch.sigmoid(gate(weights, "i", x, h))
        o = torch.sigmoid(gate(weights, "o", x, h))
        g = torch.tanh(gate(weights, "c", x, h))
        if informativeness is None:
            c = f * c + i * g
        else:
            r = informativeness[n]
            c = f * c * (1 - r) + i * g * r
        h = o * torch.tanh(c)
        hidden.append(h)
    return torch.stack(hidden)


def informativeness_of(network, hidden, memory):
    """Eq. 9 and 10, then min-max normalisation."""
    w2, w1 = network.joint.weight, network.score.weight
    e = torch.stack([(w1 @ torch.tanh(w2 @ torch.cat([h, memory])))[0] for h in hidden])
    r = torch.exp(e) / torch.exp(e).sum()
    return (r - r.min()) / (r.max() - r.min())


def gca_lstm(network, inputs):
    """Memory F of the last refinement, and the gates (I, N), of suprasegmental features (N, C)."""
    layer1, layer2 = gates_of(network)
    hidden = lstm_steps(layer1, inputs)
    memory, gates = hidden[-1], []
    for _ in range(network.iterations):
        gates.append(informativeness_of(network, hidden, memory))
        attended = lstm_steps(layer2, hidden, gates[-1])[-1]
        memory = torch.relu(network.refine.weight @ torch.cat([attended, memory]))
    return memory, torch.stack(gates)
