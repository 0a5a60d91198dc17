"""Narrower networks of one shape: the widths of a system, all times one number; the width of an attention."""

__all__ = ["attention_width", "scaled"]

MULTIPLE = 8  # so that heads and vector registers divide what is left
OF_ATTENTION = 4  # so that four heads and one head can have the same


def scaled(widths: list[int], multiplier: float) -> list[int]:
    """`widths` times `multiplier`, each a multiple of 8 and at least that; as they are where it is 1."""
    if multiplier == 1:
        return list(widths)
    return [max(MULTIPLE, MULTIPLE * round(width * multiplier / MULTIPLE)) for width in widths]


def attention_width(channels: int, ratio: float) -> int:
    """`ratio` of the channels, rounded to a multiple of 4, and at least that."""
    return OF_ATTENTION * max(1, round(ratio * channels / OF_ATTENTION))
