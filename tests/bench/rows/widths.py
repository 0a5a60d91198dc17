"""Whether networks learn at their papers' own widths, and what the statistics of batch norms are worth: one training
each on EmoDB's first strict fold (one speaker tests; the paper preset; 1,000 optimiser steps of 32, 800 of them at
the paper's learning rate, then a tenth), seed 1, one thread. The last epoch's weights are judged twice: with running
statistics, as is usual (a running mean over the last steps, dropout on), and with those of the population, as
serflow does (training batches under the weights as they are, dropout off). UA in per cent; the test part is one
speaker, so that its UA is of a few dozen recordings: the training part tells whether a network was trained, and
whether evaluation sees it. A network without batch norms has one UA. Then `acnn_original`, the network of the
authors' code of xu2020, on all ten speakers (*strict*: each is tested by a network that trained on eight others, at
the epoch that is best for the pair's other one) with EmoDB's budget, three seeds, intervals over speakers. The
seconds are of a machine that had other work, too. Hours: `SERFLOW_EMODB=/path/to/emodb/wav make bench BENCH=widths`
alone; it goes on where it was ended, in `benchmarks/widths`; what it finds finished there is of the same settings,
and may be of an earlier commit.
"""

import os
from pathlib import Path
from typing import Any

from bench import strict, widths
from bench.measure import Row
from bench.processes import ROOT
from bench.runner import Bench
from serflow.errors import UserError

ONLY_BY_NAME = True
NETWORKS = [
    ("li2019icassp", "drn_mhsa"),
    ("li2019icassp", "s2"),
    ("li2019ijcai", "rlc"),
    ("zhao2021", "tcn_self"),
]
SEEDS = [1, 2, 3]


def run(bench: Bench) -> list[Row]:
    """Seconds of an optimiser step, and what the networks reached."""
    if widths.RELEASE not in os.environ:
        raise UserError(f"{widths.RELEASE} is not set: name the folder of EmoDB's recordings by it")
    folder = bench.folder / "widths" if bench.quick else ROOT / "benchmarks/widths"
    steps = bench.size(1000, quick=2)
    rows = [_row(system, widths.found(folder, paper, system, steps=steps)) for paper, system in NETWORKS]
    return rows if bench.quick else [*rows, _strict(folder)]


def _row(system: str, told: dict[str, Any]) -> Row:
    cells = {
        "batch": told["spec"]["parameters"]["train"]["batch_size"],
        "steps": f"{told['steps']:,}",
        "parameters": f"{told['parameters'] / 1e6:.2f}M",
    }
    for part, name in (("train", "training"), ("test", "test")):
        population, running = told["population"][part], told["running"][part]
        cells[f"{name} UA"] = f"{population['ua']:.1f}"
        cells[f"{name} UA, running"] = f"{running['ua']:.1f}" if told["batch_norms"] else "-"
    return Row(system, "s a step", [told["seconds_a_step"]], cells=cells)


def _strict(folder: Path) -> Row:
    told = strict.found(folder, "xu2020", "acnn_original", seeds=SEEDS)
    shown = {name: "{:.1f} [{:.1f}, {:.1f}]".format(*values) for name, values in told["test"].items()}
    recalls = ", ".join(f"{name.removeprefix('recall_')} {value}" for name, value in shown.items() if "recall" in name)
    seeds = ", ".join(f"{value:.1f}" for value in told["by_seed"])
    note = f"{told['steps']:,} steps, {told['steps_at_initial_rate']:,} of them at the initial rate; "
    note += f"{told['utterances']} recordings of 2 s and more; training UA {told['ua_train']:.1f}; "
    note += f"test UA {shown['ua']}, WA {shown['wa']}; recalls: {recalls}; UA by seed: {seeds}"
    return Row("acnn_original, ten speakers", "s a training", [told["seconds"]], note=note)
