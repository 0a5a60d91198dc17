"""The variant that follows the authors' code, against loops."""

import torch

from helpers import structural_checks as checks
from serflow.models.acnn_original import AcnnOriginal


def test_logits_are_those_of_the_authors_code():
    checks.check_logits_are_the_codes(AcnnOriginal)


def test_the_first_convolutions_lose_a_row_and_a_column():
    network = checks.randomised(AcnnOriginal(**checks.TINY_ORIGINAL | {"dims": 26}))
    maps, lengths = network.convolve(checks.draw_frames(1, 63, 26), checks.full(1, 63))
    assert tuple(maps.shape) == (1, 4, 15, 6)  # 62 x 25 halved twice
    assert lengths.tolist() == [15]


def test_an_utterance_scores_the_same_alone_and_padded():
    # one frame goes in the first pair: 4k + 1 frames halve twice without rest
    checks.check_tiny_padding_changes_nothing(AcnnOriginal, checks.TINY_ORIGINAL, lengths=(21, 9, 17))


def test_heads_stand_side_by_side_along_the_coefficients():
    network = checks.randomised(AcnnOriginal(**checks.TINY_ORIGINAL))
    frames, lengths = checks.draw_frames(1, 14, 9), checks.full(1, 14)
    maps = network.attend(network.convolve(frames, lengths)[0])
    assert tuple(maps.shape) == (1, 2, 3, 3 * 2)  # n_size, T', n_head * F'
    expected = sum(maps[:, point, :, 2 * head : 2 * head + 2] for point in range(2) for head in range(3)) / 6
    torch.testing.assert_close(network.attention_map(frames, lengths), expected.detach())
