"""The classifier on top of an utterance's representation: stacked dense layers, then one output a class."""

from torch import nn

__all__ = ["dense_layers"]


def dense_layers(inputs: int, widths: list[int], *, classes: int, dropout: float) -> nn.Sequential:
    """Dense layers of `widths` with ReLU and dropout, and a linear one of `classes`: (B, inputs) -> (B, classes)."""
    layers: list[nn.Module] = []
    for a, b in zip([inputs, *widths], widths, strict=False):
        layers += [nn.Linear(a, b), nn.ReLU(), nn.Dropout(dropout)]
    return nn.Sequential(*layers, nn.Linear([inputs, *widths][-1], classes))
