"""Narrower networks of one shape: the widths of a system, all times one number."""

__all__ = ["scaled"]

MULTIPLE = 8  # so that heads and vector registers divide what is left


def scaled(widths: list[int], multiplier: float) -> list[int]:
    """`widths` times `multiplier`, each a multiple of 8 and at least that; as they are where it is 1."""
    if multiplier == 1:
        return list(widths)
    return [max(MULTIPLE, MULTIPLE * round(width * multiplier / MULTIPLE)) for width in widths]
