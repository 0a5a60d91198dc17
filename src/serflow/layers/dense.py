"""The classifier on top of an utterance's representation: stacked dense layers, then one output a class."""

from torch import nn

__all__ = ["dense_layers"]


def dense_layers(inputs: int, widths: list[int], *, classes: int, dropout: float) -> nn.Sequential:
    """Dense layers of `widths` with ReLU, and a linear one of `classes`: (B, inputs) -> (B, classes).

    Dropout follows the first dense layer alone, as in the public code of R. Li et al. (IJCAI 2019).
    """
    layers: list[nn.Module] = []
    for a, b in zip([inputs, *widths], widths, strict=False):
        layers += [nn.Linear(a, b), nn.ReLU()]
    if widths:
        layers.insert(2, nn.Dropout(dropout))
    return nn.Sequential(*layers, nn.Linear([inputs, *widths][-1], classes))
