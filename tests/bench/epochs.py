"""Epochs of serflow's learner and of the plain loop in turns, on one corpus."""

from pathlib import Path
from typing import Any

from bench.agreement import apart
from bench.processes import Side
from bench.runner import Bench
from bench.sides import our_epochs, plain_epochs


def paired_epochs(bench: Bench, corpus: Path, spec: dict[str, Any]) -> tuple[list[list], list[list], str]:
    """Seconds of whole epochs and of their test parts, each (ours, plain); how far apart one epoch leaves the two."""
    given = {"corpus": corpus, "spec": spec, "test": True}
    with Side(our_epochs, **given) as ours, Side(plain_epochs, **given) as plain:
        after = apart(ours(), plain(), corpus, spec)
        pairs = [(ours(), plain()) for _ in range(bench.repetitions(5))]
    whole = [[told["whole"] for told in side] for side in zip(*pairs, strict=True)]
    test = [[told["whole"] - told["train"] for told in side] for side in zip(*pairs, strict=True)]
    return whole, test, after
