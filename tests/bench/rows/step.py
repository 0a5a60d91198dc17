"""A training step of the ACNN at the widths of the paper preset, batch 32 of 2-s segments: serflow's learner (batches
gathered by index out of the mapped store, network, loss, fused Adam) against the plain loop (items of a Dataset, a
DataLoader, library layers, softmax attention, Adam) on the same batches. Then what the settings that no preset has by
default are worth, against the same learner without them: `channels_last` and `precision: bf16`. Last, the batches by
themselves, against a loop over their utterances: segments of 2 s, and whole utterances; both must give the same bytes
(else the benchmark fails). Each side in a process of its own, one thread each, on the CPU.
"""

from pathlib import Path
from typing import Any

from bench.gathering import by_index, by_loop
from bench.measure import Row, in_turn
from bench.processes import Side
from bench.runner import Bench
from bench.sides import our_epochs, plain_epochs
from bench.training import spec_of, write_corpus

SETTINGS: dict[str, dict[str, Any]] = {
    "channels last": {"channels_last": True},
    "bf16": {"precision": "bf16"},
    "channels last and bf16": {"channels_last": True, "precision": "bf16"},
}


def run(bench: Bench) -> list[Row]:
    """Milliseconds a step, and a batch."""
    corpus = write_corpus(bench.folder / "step", utterances=bench.size(300, quick=40))
    spec, steps = spec_of(), bench.size(10, quick=1)
    train = spec["parameters"]["train"] | {"epochs": 1000, "schedule": None}
    spec = spec | {"steps": 1000 * steps, "parameters": spec["parameters"] | {"train": train}}
    given = {"corpus": corpus, "test": False}
    with Side(our_epochs, spec=spec, **given) as ours:
        with Side(plain_epochs, spec=spec, **given) as plain:
            first = abs(ours()["loss"] - plain()["loss"])
            measured = _steps(ours, plain, steps, bench)
        note = f"mean over {steps} steps a repetition; the first {steps} losses differ by {first:.1g} in the mean"
        rows = [Row("training step", "ms", *measured, note=note)]
        for name, settings in SETTINGS.items():
            with Side(our_epochs, spec=_with(spec, settings), **given) as changed:
                changed()
                rows.append(Row(f"training step, {name}", "ms", *_steps(changed, ours, steps, bench)))
    whole = spec | {"parameters": spec["parameters"] | {"segments": None}}
    return [*rows, _batches(bench, corpus, spec, "segments"), _batches(bench, corpus, whole, "whole utterances")]


def _with(spec: dict[str, Any], settings: dict[str, Any]) -> dict[str, Any]:
    parameters = spec["parameters"]
    return spec | {"parameters": parameters | {"train": parameters["train"] | settings}}


def _steps(ours: Side, reference: Side, steps: int, bench: Bench) -> tuple[list[float], list[float]]:
    return in_turn(
        lambda: 1000 * ours()["train"] / steps,
        lambda: 1000 * reference()["train"] / steps,
        repetitions=bench.repetitions(7),
    )


def _batches(bench: Bench, corpus: Path, spec: dict[str, Any], what: str) -> Row:
    with Side(by_index, corpus=corpus, spec=spec) as ours, Side(by_loop, corpus=corpus, spec=spec) as loop:
        if ours()["made"] != loop()["made"]:
            raise RuntimeError(f"gathering {what}: the two sides give different bytes")
        measured = in_turn(lambda: ours()["ms"], lambda: loop()["ms"], repetitions=bench.repetitions(7))
    return Row(f"a batch of 32 {what}", "ms", *measured, note="equal bytes")
