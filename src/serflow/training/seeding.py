"""Seeds: a run's random numbers depend on its seed and the epoch alone, so that it can be resumed."""

from serflow.files import digest

__all__ = ["derive"]


def derive(*parts: object) -> int:
    """A seed of 63 bits from anything that can stand in JSON; other parts, other seed."""
    return int(digest(list(parts))[:15], 16)
