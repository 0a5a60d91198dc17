"""An epoch of the ACNN at the widths of the paper preset: one pass over the training segments, then the test part.
serflow's learner (batches out of the mapped store, test segments of all utterances together) against the plain loop
(DataLoader, padded to the longest, softmax attention, test one utterance at a time), from the same weights on the
same batches, each in a process of its own, one thread each, on the CPU. That both give the same is checked twice:
the same weights must give the same test probabilities within 1e-5 (else the benchmark fails), and how far a whole
epoch apart leaves them is told below. Ours also takes the statistics of its batch norms over the training part before
it predicts; the plain loop predicts with running ones, so that after an epoch the two are not the same. Budget: 2 x.
"""

from bench.agreement import same_weights
from bench.epochs import paired_epochs
from bench.measure import Budget, Row
from bench.runner import Bench
from bench.training import spec_of, write_corpus


def run(bench: Bench) -> list[Row]:
    """The epoch, and its test part by itself."""
    corpus = write_corpus(bench.folder / "epoch", utterances=(size := bench.size(200, quick=20)))
    spec = spec_of()
    spec["parameters"]["train"] |= {"schedule": None}
    same = same_weights(corpus, spec)
    whole, test, after = paired_epochs(bench, corpus, spec)
    note = f"{size} utterances, a fifth of them for test. Same weights: probabilities within {same:.1g}. "
    note += f"After one epoch: {after} (statistics of the population against running ones)."
    return [
        Row("epoch, training and test", "s", *whole, Budget(ratio=2), note),
        Row("its test part", "s", *test),
    ]
