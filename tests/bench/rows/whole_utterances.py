"""An epoch of a network of whole utterances, the DRN with attention of li2019icassp at the widths of the demo preset:
one pass over the training utterances, then the test part. serflow's learner (random batches in parts of like length,
masks, the population's statistics before the test, test in batches) against the plain loop (batches in random order,
each padded to its longest utterance, library layers with masks, packed sequences, softmax attention, running
statistics, test one utterance at a time), each in a process of its own, one thread each, on the CPU. That both compute
the same is checked twice: the same weights must give the same test probabilities within 1e-5, and one padded batch the
same gradients within 1e-5 of the largest (else the benchmark fails). Batches being others, an epoch ends elsewhere: how
far, is told below. Budget: 2 x.
"""

from bench.agreement import same_step, same_weights
from bench.epochs import paired_epochs
from bench.measure import Budget, Row
from bench.runner import Bench
from bench.training import examples, spec_of, write_corpus


def run(bench: Bench) -> list[Row]:
    """The epoch, and its test part by itself."""
    spec = spec_of("drn_mhsa", paper="li2019icassp", experiment="acoustic", preset="demo")
    size = bench.size(200, quick=20)
    corpus = write_corpus(bench.folder / "whole_utterances", utterances=size, given=spec)
    train = examples(corpus, "train", spec["classes"])
    frames = [train.frames(index) for index in range(4)]
    step = same_step(spec, frames, train.labels[:4].tolist())
    same = same_weights(corpus, spec)
    whole, test, after = paired_epochs(bench, corpus, spec)
    note = f"{size} utterances, a fifth of them for test. Same weights: probabilities within {same:.1g}; same batch: "
    note += f"gradients within {step:.1g} of the largest. After an epoch each, on other batches: {after}."
    return [
        Row("epoch of whole utterances, training and test", "s", *whole, Budget(ratio=2), note),
        Row("its test part", "s", *test),
    ]
