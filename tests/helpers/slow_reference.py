"""Xu & Zhang 2020, section III, in explicit loops: no mask, numpy, float64.

Written from the paper's text and Table I alone; weights are read out of the network under test. In evaluation each
utterance goes through by itself. In training the batch normalisations join the images of a batch: `statistics` then
collects each one's mean and unbiased variance by its name, as what a network should keep.
"""

import numpy as np


def weights_of(network):
    """The network's tensors as float64 arrays, by name."""
    return {name: value.detach().numpy().astype(np.float64) for name, value in network.state_dict().items()}


def convolve_same(image, kernel, bias):
    """Stride 1, size kept by zeros; of an even kernel the odd row or column of zeros is at the end."""
    outputs, inputs, height, width = kernel.shape
    _, steps, coefficients = image.shape
    top, left = (height - 1) // 2, (width - 1) // 2
    result = np.zeros((outputs, steps, coefficients))
    for o in range(outputs):
        for t in range(steps):
            for f in range(coefficients):
                total = bias[o]
                for i in range(height):
                    for j in range(width):
                        row, column = t + i - top, f + j - left
                        if 0 <= row < steps and 0 <= column < coefficients:
                            total += kernel[o, :, i, j] @ image[:, row, column]
                result[o, t, f] = total
    return result


def mean_and_variance(images, channel):
    """Of a channel over all positions of all images: the mean, the mean square from it, and the unbiased variance."""
    values = [value for image in images for row in image[channel] for value in row]
    mean = sum(values) / len(values)
    squares = sum((value - mean) ** 2 for value in values)
    return mean, squares / len(values), squares / (len(values) - 1)


def normalise_and_rectify(images, tensors, name, statistics=None):
    """Batch normalisation, with its running statistics or, where `statistics` collects them, the batch's; then ReLU."""
    results = [np.zeros_like(image) for image in images]
    for c in range(len(images[0])):
        mean, variance = tensors[f"{name}.running_mean"][c], tensors[f"{name}.running_var"][c]
        if statistics is not None:
            mean, variance, unbiased = mean_and_variance(images, c)
            statistics.setdefault(name, []).append((mean, unbiased))
        for image, result in zip(images, results, strict=True):
            scaled = (image[c] - mean) / np.sqrt(variance + 1e-5)
            result[c] = np.maximum(0, scaled * tensors[f"{name}.weight"][c] + tensors[f"{name}.bias"][c])
    return results


def pool_by_two(image):
    """Maxima of 2x2 squares; an odd last row or column is left out."""
    channels, steps, coefficients = image.shape
    result = np.zeros((channels, steps // 2, coefficients // 2))
    for c in range(channels):
        for t in range(steps // 2):
            for f in range(coefficients // 2):
                result[c, t, f] = image[c, 2 * t : 2 * t + 2, 2 * f : 2 * f + 2].max()
    return result


def further_convolutions(images, tensors, depth, statistics=None):
    """conv2, conv3, ...: 3x3, batch normalisation, ReLU; max-pooling after conv2 and conv3."""
    for number in range(depth):
        block = f"blocks.{number}"
        kernel, bias = tensors[f"{block}.convolution.weight"], tensors[f"{block}.convolution.bias"]
        convolved = [convolve_same(image, kernel, bias) for image in images]
        images = normalise_and_rectify(convolved, tensors, f"{block}.norm", statistics)
        if number in (0, 1):
            images = [pool_by_two(image) for image in images]
    return images


def acnn_convolutions(batch, tensors, depth, statistics=None):
    """conv1a and conv1b side by side, then `depth` further convolutions."""
    halves = []
    for name in ("front.along_time", "front.along_coefficients"):
        kernel, bias = tensors[f"{name}.convolution.weight"], tensors[f"{name}.convolution.bias"]
        convolved = [convolve_same(frames[None], kernel, bias) for frames in batch]
        halves.append(normalise_and_rectify(convolved, tensors, f"{name}.norm", statistics))
    images = [np.concatenate(both) for both in zip(*halves, strict=True)]
    return further_convolutions(images, tensors, depth, statistics)


def softmax(values):
    """Softmax of a list of numbers."""
    powers = np.exp(values - np.max(values))
    return powers / powers.sum()


def one_map(image, tensors, channel):
    """One map of the 1x1 convolution: W * X (eq. 1)."""
    weights, bias = tensors["projection.weight"][channel, :, 0, 0], tensors["projection.bias"][channel]
    _, steps, coefficients = image.shape
    result = np.zeros((steps, coefficients))
    for t in range(steps):
        for f in range(coefficients):
            result[t, f] = weights @ image[:, t, f] + bias
    return result


def attention(k, q, v):
    """Softmax(K Q^T) V (eq. 2): each time step is a mean of V's time steps."""
    steps = len(k)
    result = np.zeros_like(v)
    for t in range(steps):
        shares = softmax(np.array([k[t] @ q[s] for s in range(steps)]))
        for s in range(steps):
            result[t] += shares[s] * v[s]
    return result


def attention_between_coefficients(k, q, v):
    """The other reading of eq. 2: a coefficient is a mean of V's, by products that are summed over the time steps."""
    steps, coefficients = k.shape
    result = np.zeros_like(v)
    for f in range(coefficients):
        products = [sum(k[t, f] * q[t, g] for t in range(steps)) for g in range(coefficients)]
        shares = softmax(np.array(products))
        for g in range(coefficients):
            result[:, f] += shares[g] * v[:, g]
    return result


ATTENTIONS = {"time": attention, "coefficients": attention_between_coefficients}


def fused_maps(image, tensors, attend, n_head, n_size):
    """The mean over heads of each feature point's maps (eq. 3)."""
    maps = []
    for point in range(n_size):
        total = 0
        for head in range(n_head):
            k, q, v = (one_map(image, tensors, role * n_head * n_size + head * n_size + point) for role in range(3))
            total = total + attend(k, q, v)
        maps.append(total / n_head)
    return np.array(maps)


def acnn_logits(network, batch, *, depth, attention, attend_over, n_head, n_size, statistics=None):
    """Logits of the frames (T, dims) of each utterance of a batch."""
    tensors, logits = weights_of(network), []
    for maps in acnn_convolutions(np.asarray(batch, dtype=np.float64), tensors, depth, statistics):
        if attention:
            maps = fused_maps(maps, tensors, ATTENTIONS[attend_over], n_head, n_size)
        points = np.array([m.sum() / m.size for m in maps])  # global average pooling
        logits.append(tensors["output.weight"] @ points + tensors["output.bias"])
    return np.array(logits)


def original_first_pair(batch, tensors, statistics=None):
    """The authors' code: an image of coefficients x time, (10, 2) with zeros (4, 0), (2, 8) with zeros (0, 3)."""
    halves = []
    layers = [("along_coefficients", (10, 2), (4, 0)), ("along_time", (2, 8), (0, 3))]
    for number, (name, size, (top, left)) in enumerate(layers):
        kernel, bias = tensors[f"{name}.weight"].swapaxes(2, 3), tensors[f"{name}.bias"]
        assert kernel.shape[2:] == size
        convolved = []
        for frames in batch:
            image = np.pad(frames.T, ((top, top), (left, left)))
            result = np.zeros((len(kernel), image.shape[0] - size[0] + 1, image.shape[1] - size[1] + 1))
            for o in range(len(kernel)):
                for f in range(result.shape[1]):
                    for t in range(result.shape[2]):
                        result[o, f, t] = (kernel[o, 0] * image[f : f + size[0], t : t + size[1]]).sum() + bias[o]
            convolved.append(result.swapaxes(1, 2))
        halves.append(normalise_and_rectify(convolved, tensors, f"norms.{number}", statistics))
    return [np.concatenate(both) for both in zip(*halves, strict=True)]


def original_logits(network, batch, *, depth, n_head, n_size, statistics=None):
    """Logits of each utterance by the authors' code: softmax over a head's channels of Q times K, times V."""
    tensors = weights_of(network)
    images = original_first_pair(np.asarray(batch, dtype=np.float64), tensors, statistics)
    images = further_convolutions(images, tensors, depth, statistics)
    return np.array([original_attention(image, tensors, n_head, n_size) for image in images])


def original_attention(image, tensors, n_head, n_size):
    """Logits of one utterance's X_cnn."""
    _, steps, coefficients = image.shape
    wide = np.zeros((n_size, steps, n_head * coefficients))
    for head in range(n_head):
        k, q, v = (
            [one_map(image, tensors, role * n_head * n_size + head * n_size + c) for c in range(n_size)]
            for role in range(3)
        )
        for t in range(steps):
            for f in range(coefficients):
                shares = softmax(np.array([q[c][t, f] * k[c][t, f] for c in range(n_size)]))
                for c in range(n_size):
                    wide[c, t, head * coefficients + f] = max(0, shares[c] * v[c][t, f])
    points = np.array([m.sum() / m.size for m in wide])
    return tensors["output.weight"] @ points + tensors["output.bias"]
