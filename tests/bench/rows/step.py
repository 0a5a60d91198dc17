"""A training step of the ACNN at the widths of the paper preset, batch 32 of 2-s segments: serflow's learner (collate
out of the mapped store, network, loss, fused Adam) against the plain loop (items of a Dataset, a DataLoader,
library layers, softmax attention, Adam) on the same batches. Each side in a process of its own, one thread each, on
the CPU.
"""

from bench.measure import Row, in_turn
from bench.processes import Side
from bench.runner import Bench
from bench.sides import our_epochs, plain_epochs
from bench.training import spec_of, write_corpus


def run(bench: Bench) -> list[Row]:
    """Milliseconds a step."""
    corpus = write_corpus(bench.folder / "step", utterances=bench.size(300, quick=40))
    spec, steps = spec_of(), bench.size(10, quick=1)
    train = spec["parameters"]["train"] | {"epochs": 1000, "schedule": None}
    spec = spec | {"steps": 1000 * steps, "parameters": spec["parameters"] | {"train": train}}
    given = {"corpus": corpus, "spec": spec, "test": False}
    with Side(our_epochs, **given) as ours, Side(plain_epochs, **given) as plain:
        first = abs(ours()["loss"] - plain()["loss"])
        measured = in_turn(
            lambda: 1000 * ours()["train"] / steps,
            lambda: 1000 * plain()["train"] / steps,
            repetitions=bench.repetitions(7),
        )
    note = f"mean over {steps} steps a repetition; the first {steps} losses differ by {first:.1g} in the mean"
    return [Row("training step", "ms", *measured, note=note)]
