"""An epoch of the ACNN at the widths of the paper preset: one pass over the training pieces, then the test part.
serflow's learner (batches out of the mapped store, test pieces of all utterances together) against the plain loop
(DataLoader, padded to the longest, softmax attention, test one utterance at a time), from the same weights on the
same batches, each in a process of its own, one thread each, on the CPU. That both give the same is checked twice:
the same weights must give the same test probabilities within 1e-5 (else the benchmark fails), and how far a whole
epoch apart leaves them is told below. Budget: 2 x.
"""

from bench.agreement import apart, same_weights
from bench.measure import Budget, Row
from bench.processes import Side
from bench.runner import Bench
from bench.sides import our_epochs, plain_epochs
from bench.training import spec_of, write_corpus


def run(bench: Bench) -> list[Row]:
    """The epoch, and its test part by itself."""
    corpus = write_corpus(bench.folder / "epoch", utterances=(size := bench.size(200, quick=20)))
    spec = spec_of()
    spec["parameters"]["train"] |= {"schedule": None}
    same = same_weights(corpus, spec)
    given = {"corpus": corpus, "spec": spec, "test": True}
    with Side(our_epochs, **given) as ours, Side(plain_epochs, **given) as plain:
        after = apart(ours(), plain(), corpus, spec)
        pairs = [(ours(), plain()) for _ in range(bench.repetitions(5))]
    whole = [[told["whole"] for told in side] for side in zip(*pairs, strict=True)]
    test = [[told["whole"] - told["train"] for told in side] for side in zip(*pairs, strict=True)]
    note = f"{size} utterances, a fifth of them for test. Same weights: probabilities within {same:.1g}. "
    note += f"After one epoch: {after} (rounding adds up over the steps)."
    return [
        Row("epoch, training and test", "s", *whole, Budget(ratio=2), note),
        Row("its test part", "s", *test),
    ]
