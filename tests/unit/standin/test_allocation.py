from collections import Counter

import pytest

from serflow.errors import UserError
from serflow.standin import published
from serflow.standin.allocation import Cell, allocate, apportion, floors, published_cells
from serflow.standin.dialogs import all_dialogs, choose_dialogs
from serflow.standin.plan import plan_release, unaligned
from serflow.standin.published import LABELS, MAIN


@pytest.fixture(scope="module")
def full():
    return plan_release(10039, seed=1, floor=4)


def totals(cells, *fields):
    found = Counter()
    for cell, count in cells.items():
        found[tuple(getattr(cell, field) for field in fields)] += count
    return found


def test_apportion_gives_the_largest_remainders_the_rest():
    # Exact shares 1.5, 2.7, 0.8 of 5: whole parts 1, 2, 0, then one each to 0.8 and 0.7.
    assert apportion(5, [15, 27, 8], [0, 0, 0]) == [1, 3, 1]


def test_apportion_keeps_floors_and_shares_out_the_rest():
    # The last must have 4; 6 are left for weights 2 and 1.
    assert apportion(10, [2, 1, 0], [0, 0, 4]) == [4, 2, 4]


def test_apportion_refuses_floors_above_the_total():
    with pytest.raises(ValueError, match="sum to 6"):
        apportion(5, [1, 1], [3, 3])


def test_the_published_tables_agree_with_each_other():
    by_session = [sum(column) for column in zip(*published.tables().by_session.values(), strict=True)]
    by_style = [sum(column) for column in zip(*published.tables().by_style.values(), strict=True)]
    assert by_session == by_style == [1103, 595, 1041, 1084, 1708, 1849, 40, 107, 2, 3, 2507]
    assert sum(by_session) == published.TURNS


def test_at_full_size_every_published_margin_holds():
    cells = allocate(10039, 4)
    by_session, by_style = totals(cells, "session", "label"), totals(cells, "style", "label")
    by_both, by_speaker = totals(cells, "session", "style", "label"), totals(cells, "session", "sex", "label")
    for i, label in enumerate(LABELS):
        for session, counts in published.tables().by_session.items():
            assert by_session[session, label] == counts[i]
        for style, counts in published.tables().by_style.items():
            assert by_style[style, label] == counts[i]
    for i, label in enumerate(MAIN):
        for session in published.SESSIONS:
            assert by_both[session, "improvised", label] == published.tables().improvised_by_session[session][i]
            assert by_speaker[session, "F", label] == published.tables().women_by_session[session][i]
    assert min(cells.values()) >= 0


def test_the_full_plan_has_the_published_dialogs_and_labels(full):
    assert len(full) == 151
    assert Counter(dialog.session for dialog in full) == {1: 28, 2: 30, 3: 32, 4: 30, 5: 31}
    assert sum(dialog.style == "improvised" for dialog in full) == 80
    labels = Counter((turn.dialog.session, turn.label) for turns in full.values() for turn in turns)
    for session, counts in published.tables().by_session.items():
        assert [labels[session, label] for label in LABELS] == list(counts)


def test_the_full_plan_leaves_the_two_known_turns_unaligned(full):
    assert unaligned(full) == {"Ses03M_impro03_M001", "Ses03F_impro07_M030"}
    labels = {turn.name: turn.label for turns in full.values() for turn in turns}
    assert labels["Ses03M_impro03_M001"] == "exc"
    assert labels["Ses03F_impro07_M030"] == "xxx"


@pytest.mark.parametrize("seed", [1, 2])
def test_at_full_size_as_many_turns_as_in_the_corpus_are_by_others_than_the_wearer(seed):
    turns = [turn for group in plan_release(10039, seed=seed, floor=4).values() for turn in group]
    crossed = [turn for turn in turns if turn.dialog.wearer != turn.sex]
    assert len(crossed) == 4951
    assert sum(turn.label in MAIN for turn in crossed) == 2750
    labels = Counter(Cell(turn.dialog.session, turn.dialog.style, turn.sex, turn.label) for turn in turns)
    assert labels == Counter(published_cells())


def test_letter_suffixes_are_where_the_corpus_has_them():
    suffixed = [dialog.name for dialog in all_dialogs() if dialog.scene[-1] in "ab"]
    assert suffixed == [
        "Ses03M_impro05a",
        "Ses03M_impro05b",
        "Ses03M_impro08a",
        "Ses03M_impro08b",
        "Ses05M_script01_1b",
    ]


@pytest.mark.parametrize(("turns", "floor"), [(75, 1), (225, 4), (600, 4), (2000, 6)])
def test_smaller_plans_keep_floor_labels_and_both_speakers(turns, floor):
    planned = plan_release(turns, seed=5, floor=floor)
    every = [turn for group in planned.values() for turn in group]
    by_speaker = Counter((turn.dialog.session, turn.sex, turn.label) for turn in every)
    improvised = Counter(
        (turn.dialog.session, turn.sex, turn.label) for turn in every if turn.dialog.style == "improvised"
    )
    speakers = [(session, sex) for session in range(1, 6) for sex in "FM"]
    assert len(every) == turns
    assert {turn.label for turn in every} == set(LABELS)
    assert min(by_speaker[*speaker, label] for speaker in speakers for label in MAIN) >= floor
    assert min(improvised[*speaker, label] for speaker in speakers for label in MAIN) >= 1
    assert {dialog.name for dialog in planned} >= {"Ses03M_impro05a", "Ses03M_impro05b", "Ses05M_script01_1b"}
    groups = {(dialog.session, dialog.style, dialog.wearer) for dialog in planned}
    assert len(groups) == 5 * 2 * 2
    for group in planned.values():
        for sex in "FM":
            ranks = [turn.rank for turn in group if turn.sex == sex]
            assert ranks == list(range(len(ranks))) != []


def test_too_few_turns_are_refused_with_the_least_number():
    with pytest.raises(UserError, match="turns 224: expected at least 225"):
        allocate(224, 4)


def test_a_floor_of_nought_is_refused():
    with pytest.raises(UserError, match="floor 0"):
        allocate(600, 0)


def test_the_least_numbers_are_within_the_published_counts():
    weights, least = published_cells(), floors(4)
    assert all(least[cell] <= weights[cell] for cell in weights)


def test_six_hundred_turns_make_fifty_dialogs():
    assert len(choose_dialogs(allocate(600, 4))) == pytest.approx(50, abs=2)
