"""What intervals and tests promise, held against simulated speakers and sessions whose truth is known.

Four classes in zhao2021's proportions (its Table 1: 1,099, 947, 608 and 289 utterances); a speaker is recognised
better or worse as a whole. Both speakers of a session are judged by one network, whose luck moves them together.
"""

import numpy as np
import pytest

from serflow.metrics.confusion import confusion_family
from serflow.metrics.intervals import jackknife, pooled
from serflow.metrics.paired import compare

FAMILY = confusion_family(["a", "b", "c", "d"])
UA = FAMILY.names.index("ua")
SHARES = np.array([1099, 947, 608, 289]) / 2943
BASE = np.array([0.2, 0.5, 0.9, 0.3])  # logit of each class's recall
TIMES = 1000


def right(logit):
    return 1 / (1 + np.exp(-logit))


def counts(generator, effects, utterances=290):
    """Confusion counts (G, 1, 4, 4) of speakers with `effects` (G,) on the logit; what is wrong is the next class."""
    said = generator.multinomial(utterances, SHARES, len(effects))
    hits = generator.binomial(said, right(BASE + effects[:, None]))
    found = np.zeros((len(effects), 1, 4, 4))
    place = np.arange(4)
    found[:, 0, place, place], found[:, 0, place, (place + 1) % 4] = hits, said - hits
    return found


def effects(generator, speakers, *, speaker=0.35, network=0.0):
    """Of speakers in sessions of two: their own, and what the network that judges the session adds to both."""
    luck = np.repeat(generator.normal(0, network, (speakers + 1) // 2), 2)[:speakers] if network else 0
    return generator.normal(0, speaker, speakers) + luck


def expected_ua(**spread):
    """Mean UA over speakers drawn anew; of many speakers, with the utterances weighed alike."""
    logits = effects(np.random.default_rng(0), 200_000, **spread)
    return right(BASE + logits[:, None]).mean()


def coverage(speakers, *, by_sessions=False, **spread):
    generator, truth, covered = np.random.default_rng(1), expected_ua(**spread), 0
    for _ in range(TIMES):
        units = counts(generator, effects(generator, speakers, **spread))
        units = units.reshape(-1, 2, 1, 4, 4).sum(1) if by_sessions else units
        low, high = jackknife(lambda sums: pooled(FAMILY, sums), units).interval
        covered += low[UA] <= truth <= high[UA]
    return covered / TIMES


def percentile_bootstrap(units, generator, replicates=400):
    """What the field mostly does, and what intervals here were: kept as the yardstick of the test."""
    drawn = generator.multinomial(len(units), np.full(len(units), 1 / len(units)), replicates)
    values = pooled(FAMILY, np.tensordot(drawn, units, 1))[:, UA]
    return np.percentile(values, [2.5, 97.5])


@pytest.mark.parametrize("speakers", [3, 4, 5, 10])
def test_the_interval_covers_the_truth_as_often_as_it_says_with_few_speakers(speakers):
    assert 0.93 <= coverage(speakers) <= 0.97


@pytest.mark.parametrize(("speakers", "at_most"), [(3, 0.80), (5, 0.88), (10, 0.925)])
def test_the_percentile_bootstrap_does_not(speakers, at_most):
    generator, truth, covered = np.random.default_rng(1), expected_ua(), 0
    for _ in range(300):
        low, high = percentile_bootstrap(counts(generator, effects(generator, speakers)), generator)
        covered += low <= truth <= high
    assert covered / 300 <= at_most


def test_where_networks_have_luck_the_interval_over_speakers_is_too_narrow_and_that_over_sessions_is_not():
    spread = {"speaker": 0.35, "network": 0.35}  # half of the variance is the network's
    assert coverage(10, **spread) < 0.93
    assert 0.93 <= coverage(10, by_sessions=True, **spread) <= 0.97


def rejections(*, network):
    """How often each p is at most 5 % for two systems that are equally good, over ten speakers in five sessions."""
    generator, people = np.random.default_rng(2), np.arange(10)
    found = []
    for _ in range(TIMES):
        pair = [counts(generator, effects(generator, 10, speaker=0.25, network=network)) for _ in range(2)]
        result = compare(FAMILY, np.stack(pair, 1), people, people // 2, permutations=1, seed=0)
        found.append([result.p[UA] <= 0.05, result.p_interval[UA] <= 0.05, result.p_sessions[UA] <= 0.0625])
    return np.mean(found, 0)


def test_without_luck_of_networks_every_test_rejects_at_its_nominal_rate():
    speakers, interval, sessions = rejections(network=0.0)
    assert 0.03 <= speakers <= 0.07
    assert 0.03 <= interval <= 0.07
    assert 0.04 <= sessions <= 0.085  # of 32 swaps the two most extreme: 0.0625


def test_with_luck_of_networks_swaps_of_speakers_reject_too_often_and_swaps_of_sessions_do_not():
    speakers, interval, sessions = rejections(network=0.25)
    assert speakers > 0.08 and interval > 0.08
    assert 0.04 <= sessions <= 0.085
