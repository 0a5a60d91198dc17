import numpy as np
import pytest

from helpers.predicted import one_hot
from serflow.metrics.confusion import confusion_family
from serflow.metrics.paired import compare

UA, WA = 0, 1
FAMILY = confusion_family(["a", "b", "c"])


def systems(first, second, utterances=240, seeds=2, seed=0):
    """Truth, predictions of two systems with the given accuracies, and six speakers."""
    generator = np.random.default_rng(seed)
    truth = generator.integers(0, 3, utterances)
    drawn = []
    for right in (first, second):
        wrong = (truth + generator.integers(1, 3, (seeds, utterances))) % 3
        drawn.append(np.where(generator.random((seeds, utterances)) < right, truth, wrong))
    return truth, *drawn, np.arange(utterances) % 6


def run(truth, first, second, speaker, session=None, permutations=199, seed=1):
    """Compare; without sessions, two speakers share one, in their order."""
    parts = [FAMILY.parts(truth, one_hot(predicted, 3)).swapaxes(0, 1) for predicted in (first, second)]
    session = speaker // 2 if session is None else session
    return compare(FAMILY, np.stack(parts, 1), speaker, session, permutations=permutations, seed=seed)


def test_a_system_against_itself_differs_by_nothing_with_p_1():
    truth, first, _, speaker = systems(0.6, 0.6)
    result = run(truth, first, first, speaker)
    assert (result.difference == 0).all()
    assert (result.p == 1).all() and (result.p_utterances == 1).all()
    assert (result.low == 0).all() and (result.high == 0).all()


def test_a_clear_difference_has_the_smallest_p_and_an_interval_without_zero():
    result = run(*systems(0.9, 0.4))
    assert result.p[UA] == 2 / 2**6  # of the six speakers' swaps only none and all differ by as much
    assert result.p_utterances[UA] == 1 / 200
    assert 0 < result.low[UA] < result.difference[UA] < result.high[UA]


def test_swapping_the_systems_changes_the_sign_only():
    truth, first, second, speaker = systems(0.7, 0.6)
    one, other = run(truth, first, second, speaker), run(truth, second, first, speaker)
    assert one.difference == pytest.approx(-other.difference)
    assert one.low == pytest.approx(-other.high)
    assert one.p == pytest.approx(other.p)
    assert one.p_utterances == pytest.approx(other.p_utterances)


def by_speaker(*differences, utterances=10):
    """Truth, two systems and speakers: WA of the first minus the second, in utterances, for each speaker."""
    right = np.full((2, len(differences), utterances), False)
    for speaker, difference in enumerate(differences):
        right[0 if difference > 0 else 1, speaker, : abs(difference)] = True
    first, second = np.where(right, 0, 1).reshape(2, 1, -1)
    return np.zeros(first.size, int), first, second, np.repeat(np.arange(len(differences)), utterances)


@pytest.mark.parametrize(
    ("differences", "share"),
    [
        ((3, 3, 3), 2 / 8),  # +++ and ---
        ((3, 2, -1), 4 / 8),  # the sums +-3+-2+-1 are 6 4 2 0 0 -2 -4 -6; four are at least 4 in size
        ((4, 3, 2, -1), 4 / 16),  # of size 10 and 8 are ++++, +++- and their opposites; the next is 6
        ((5, 1, 1, 1), 2 / 16),
        ((2, -2, 0), 1),
    ],
)
def test_p_over_speakers_is_the_share_of_all_swaps_that_differ_by_as_much(differences, share):
    result = run(*by_speaker(*differences))
    assert result.difference[WA] == pytest.approx(sum(differences) / (10 * len(differences)))
    assert result.p[WA] == share


def test_an_exact_p_needs_no_random_numbers():
    truth, first, second, speaker = by_speaker(4, 3, 2, -1)
    p = [run(truth, first, second, speaker, permutations=3, seed=s).p[WA] for s in range(5)]
    assert p == [4 / 16] * 5


def test_more_than_twelve_speakers_are_swapped_at_random():
    # Of 2^13 swaps 2 differ by as much: of 4,000 drawn about one.
    result = run(*by_speaker(*[1] * 13), permutations=4000)
    assert 1 / 4001 <= result.p[WA] < 8 / 4001
    assert result.p[WA] * 4001 == pytest.approx(round(result.p[WA] * 4001))
    assert run(*by_speaker(*[1] * 12), permutations=4000).p[WA] == 2 / 2**12


def test_p_over_utterances_by_hand():
    # Three utterances, all for the first: of the 8 swaps 2 differ by as much, however they share speakers.
    truth, first, second, _ = by_speaker(1, 1, 1, utterances=1)
    for speaker in ([0, 1, 2], [0, 0, 1]):
        assert run(truth, first, second, np.array(speaker)).p_utterances[WA] == 2 / 8


def test_p_falls_as_the_speakers_come_to_agree():
    cases = [(3, -3, 3, -3, 3, -2), (3, 3, 3, -3, 3, -2), (3, 3, 3, 3, 3, -2), (3, 3, 3, 3, 3, 2)]
    p = [run(*by_speaker(*case)).p[WA] for case in cases]
    assert p == sorted(p, reverse=True) and len(set(p)) == len(p)


def test_seeds_are_swapped_together():
    # Five identical seeds hold no more evidence than one.
    truth, first, second, speaker = systems(0.7, 0.6, seeds=1)
    once = run(truth, first, second, speaker)
    five = run(truth, np.repeat(first, 5, 0), np.repeat(second, 5, 0), speaker)
    assert five.p == pytest.approx(once.p)
    assert five.low == pytest.approx(once.low)


def test_with_two_speakers_there_is_no_interval_and_no_p_over_them():
    truth, first, second, speaker = systems(0.9, 0.4)
    result = run(truth, first, second, speaker % 2)
    assert np.isnan([result.low, result.high, result.p]).all()
    assert result.p_utterances[UA] < 0.05


def test_systems_that_suit_speakers_by_chance_differ_at_the_nominal_rate_over_speakers_only():
    # Both are as good on the whole, but each is better or worse for a speaker as a whole.
    generator = np.random.default_rng(3)
    speaker = np.repeat(np.arange(8), 25)
    found = []
    for _ in range(200):
        rate = np.clip(0.6 + 0.15 * generator.standard_normal((2, 8)), 0, 1)
        first, second = (generator.random((2, 200)) > rate[:, speaker]).astype(int)
        result = run(np.zeros(200, int), first[None], second[None], speaker, permutations=99)
        found.append((result.p[WA] <= 0.05, result.p_utterances[WA] <= 0.05))
    speakers, utterances = np.mean(found, 0)
    assert 0.01 <= speakers <= 0.09
    assert utterances > 0.2
