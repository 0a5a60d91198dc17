"""The GCA-LSTM of li2019ijcai at the sizes of the paper preset, forward and backward on a batch of 32 sequences of 200
steps. Twice: against its equations step by step as the tests have them (the batch side by side, by `torch.vmap`), and
against torch.nn.LSTM of two layers of as many units, which reads the sequence twice where this reads it four times, and
is written in C++. Both GCA-LSTMs must give the same memory and gradient within 1e-4 of the largest value (else the
benchmark fails). Each side in a process of its own, one thread each, on the CPU. Aim: at most 3 x the time of nn.LSTM.
"""

import numpy as np

from bench.measure import Budget, Row
from bench.processes import Side
from bench.recurrences import equations, gca_lstm, stacked_lstm
from bench.runner import Bench
from bench.training import spec_of

TOLERANCE = 1e-4
STEPS, BATCH = 200, 32


def run(bench: Bench) -> list[Row]:
    """Milliseconds a forward and backward pass, against both."""
    model = spec_of("rlc", paper="li2019ijcai", experiment="acoustic")["parameters"]["model"]
    sizes = {"inputs": model["groups"]["filters"][-1], "units": model["units"], "width": model["gate_width"]}
    given = {"sizes": sizes | {"iterations": model["iterations"]}, "batch": bench.size(BATCH, quick=2)}
    given["steps"] = bench.size(STEPS, quick=10)
    with Side(gca_lstm, **given) as ours, Side(equations, **given) as plain, Side(stacked_lstm, **given) as stacked:
        apart = _apart(ours(), plain())
        stacked()
        taken = [[side()["ms"] for side in (ours, plain, stacked)] for _ in range(bench.repetitions(5))]
    own, step_by_step, library = map(list, zip(*taken, strict=True))
    shown = ", ".join(f"{name} {value}" for name, value in given["sizes"].items())
    note = f"{given['batch']} sequences of {given['steps']} steps; {shown}; largest difference {apart:.1g}"
    return [
        Row("forward and backward, against the equations step by step", "ms", own, step_by_step, note=note),
        Row("forward and backward, against nn.LSTM of two layers", "ms", own, library, Budget(ratio=1 / 3)),
    ]


def _apart(ours: dict, plain: dict) -> float:
    """Largest difference of memory and gradient, each as a share of its largest value."""
    shares = [np.abs(ours[key] - plain[key]).max() / np.abs(plain[key]).max() for key in ("result", "gradient")]
    if (largest := float(max(shares))) > TOLERANCE:
        raise RuntimeError(f"the GCA-LSTM is not what its equations give: they differ by {largest:.2g}")
    return largest
