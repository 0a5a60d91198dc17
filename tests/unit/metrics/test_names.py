import subprocess
import sys

import pytest

from serflow.errors import UserError
from serflow.metrics.names import OF_SYSTEMS, OF_TEACHERS, metric_of
from serflow.metrics.system_families import system_families


def test_every_metric_of_the_families_has_a_name():
    families = system_families(["sad"])
    assert {name for family in families for name in family.names} == {*OF_SYSTEMS, "recall_sad"}


@pytest.mark.parametrize(
    ("name", "label", "lower"),
    [
        ("ua", "UA", False),
        ("recall_sad", "recall sad", False),
        ("wa_development", "WA, development", False),
        ("ua_unshared", "UA, new words", False),
        ("ua_whole", "UA, whole segment", False),
        ("brier_development", "Brier, development", True),
        ("wer_unseen", "WER, new lines", True),
        ("per_improvised", "PER, improvised", True),
    ],
)
def test_a_name_says_how_it_is_printed_and_which_direction_is_better(name, label, lower):
    assert (metric_of(name).label, metric_of(name).lower_is_better) == (label, lower)


def test_all_error_rates_are_better_the_lower_they_are():
    assert all(metric.lower_is_better for metric in OF_TEACHERS.values())


def test_an_unknown_name_is_refused_with_those_that_are_known():
    with pytest.raises(UserError, match="column uaa: no such metric; use one of wa, ua, "):
        metric_of("uaa_development")


def test_names_need_no_numpy():
    code = "import serflow.metrics.names, sys; assert not {'numpy', 'pandas'} & set(sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize(
    ("column", "label"),
    [
        ("ua_sex_F", "UA, F"),
        ("ua_style_improvised", "UA, improvised"),  # which ends as error rates of improvised turns do
        ("ua_duration_2_to_7.5_s", "UA, 2 to 7.5 s"),
        ("ua_speaker_worst", "UA, worst"),
    ],
)
def test_a_column_of_a_group_is_a_share_named_by_its_group(column, label):
    metric = metric_of(column)
    assert (metric.label, metric.per_cent, metric.lower_is_better) == (label, True, False)


def test_a_class_may_be_called_as_a_group():
    assert metric_of("recall_life_style_new").label == "recall life style new"


def test_improvised_turns_of_teachers_are_no_group():
    assert metric_of("wer_improvised").label == "WER, improvised"
