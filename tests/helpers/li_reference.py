"""Blocks of Li et al. (2019) written out: a list of utterances (C, T), no mask, no batch; loops over steps.

`block` is IJCAI 2019, Fig. 2 (a) and (b); `original` is the authors' public code. Whatever needs the whole batch, the
statistics of a norm in training, takes the list.
"""

import torch

from helpers.gca_reference import gates_of, informativeness_of, lstm_steps


def convolved(weight, bias, sequence, *, stride=1, dilation=1, before=0, after=0):
    """(C, T) -> (C', T'): each output step is the sum over its kernel, `before` and `after` zeros around."""
    outputs, _, kernel = weight.shape
    zeros = sequence.new_zeros
    padded = torch.cat([zeros(len(sequence), before), sequence, zeros(len(sequence), after)], dim=1)
    steps = []
    for start in range(0, padded.shape[1] - (kernel - 1) * dilation, stride):
        total = zeros(outputs) if bias is None else bias
        for k in range(kernel):
            total = total + weight[:, :, k] @ padded[:, start + k * dilation]
        steps.append(total)
    return torch.stack(steps, dim=1)


def normed(norm, sequences, *, training):
    """Batch norm over the steps of all utterances, or by the running values."""
    steps = torch.cat(sequences, dim=1)
    mean, variance = norm.running_mean, norm.running_var
    if training:
        mean = steps.sum(dim=1) / steps.shape[1]
        variance = ((steps - mean[:, None]) ** 2).sum(dim=1) / steps.shape[1]
    scale = norm.weight / (variance + norm.eps) ** 0.5
    return [(one - mean[:, None]) * scale[:, None] + norm.bias[:, None] for one in sequences]


def convolution_and_norm(layer, sequences, *, training):
    """A convolution centred on its steps, then the norm: of an even kernel the odd zero at the end."""
    convolution = layer.convolution
    (kernel,), (stride,), (dilation,) = convolution.kernel_size, convolution.stride, convolution.dilation
    before = (kernel - 1) // 2 * dilation
    settings = {"stride": stride, "dilation": dilation, "before": before, "after": (kernel - 1) * dilation - before}
    return normed(
        layer.norm, [convolved(convolution.weight, None, one, **settings) for one in sequences], training=training
    )


def block(module, sequences, attention, *, training):
    """Fig. 2: convolution, norm, ReLU; attention added; convolution, norm; the shortcut added; ReLU."""
    inner = [torch.relu(one) for one in convolution_and_norm(module.first, sequences, training=training)]
    if module.attention is not None:
        inner = [one + attention(module.attention, one) for one in inner]
    results = convolution_and_norm(module.second, inner, training=training)
    if module.residual:
        around = sequences
        if module.shortcut is not None:
            around = convolution_and_norm(module.shortcut, sequences, training=training)
        results = [a + b for a, b in zip(results, around, strict=True)]
    return [torch.relu(one) for one in results]


def sigmoid_attention(module, sequence):
    """Of one utterance (C, T), head by head: softmax of the sigmoid of the scaled scores."""
    size = len(sequence) // module.heads
    heads = []
    for i in range(module.heads):
        rows = slice(i * size, (i + 1) * size)
        query, key, value = (layer.weight[rows] @ sequence for layer in (module.query, module.key, module.value))
        powers = torch.exp(1 / (1 + torch.exp(-query.T @ key / size**0.5)))
        heads.append(value @ (powers / powers.sum(dim=1, keepdim=True)).T)
    return module.output.weight @ torch.cat(heads)


def unit(module, sequences, *, training):
    """The code's residual unit: twice convolution, ReLU, norm, ReLU; attention between; nothing after the sum."""

    def layer(part, given):
        weight, bias = part.convolution.weight, part.convolution.bias
        half = weight.shape[2] // 2
        given = [torch.relu(convolved(weight, bias, one, before=half, after=half)) for one in given]
        return [torch.relu(one) for one in normed(part.norm, given, training=training)]

    inner = layer(module.first, sequences)
    if module.attention is not None:
        inner = [one + sigmoid_attention(module.attention, one) for one in inner]
    return [a + b for a, b in zip(sequences, layer(module.second, inner), strict=True)]


def original(network, utterances, *, training):
    """Logits of the RLC of the authors' code for frames (T, dims) of each utterance, without dropout."""
    sequences = [frames.T for frames in utterances]
    for linear, units in zip(network.linear, network.residual, strict=True):
        sequences = [convolved(linear.weight, linear.bias, one, stride=linear.stride[0]) for one in sequences]
        for one in units:
            sequences = unit(one, sequences, training=training)
    return torch.stack([network.classifier(original_memory(network.memory, one.T)) for one in sequences])


def original_memory(module, inputs):
    """F after the last refinement, of steps (T, C): layer 1 normalised over all its values before anything else."""
    layer1, layer2 = gates_of(module)
    hidden = lstm_steps(layer1, inputs)
    mean = hidden.sum() / hidden.numel()
    deviation = (((hidden - mean) ** 2).sum() / hidden.numel()) ** 0.5
    hidden = (hidden - mean) / deviation * module.scale + module.shift
    memory = hidden[-1]
    for _ in range(module.iterations):
        attended = lstm_steps(layer2, hidden, informativeness_of(module, hidden, memory))[-1]
        memory = torch.relu(module.refine.weight @ torch.cat([attended, memory]))
    return memory
