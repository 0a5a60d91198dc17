import pytest

from serflow.errors import UserError
from serflow.reporting.scores import read_contrast

HEAD = (
    "system,from_split,from_select,to_split,to_select,metric,"
    "difference,low,high,p,low_sessions,high_sessions,by_seed,speakers_shared,reason"
)
LINE = "a,random10,last,speaker,last,ua,0.100000,-0.050000,0.250000,0.030000,,,0.120000 -0.080000 0.000000,yes,"
FIRST, SECOND = ("random10", "last"), ("speaker", "last")


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "contrasts.csv"
    path.write_text(f"{HEAD}\n{LINE}\n")
    return path


def test_the_line_as_it_stands(path):
    line = read_contrast(path, system="a", first=FIRST, second=SECOND, metric="ua")
    assert (line["difference"], line["p"]) == ("0.100000", "0.030000")


def test_the_other_way_round_every_sign_changes_and_bounds_change_places(path):
    line = read_contrast(path, system="a", first=SECOND, second=FIRST, metric="ua")
    assert (line["difference"], line["low"], line["high"]) == ("-0.100000", "-0.250000", "0.050000")
    assert line["by_seed"] == "-0.120000 0.080000 0.000000"
    assert (line["low_sessions"], line["p"]) == ("", "0.030000")
    assert (line["from_split"], line["to_split"]) == ("speaker", "random10")
    assert line["speakers_shared"] == ""  # that of random10 says nothing of the split by speaker


def test_no_line_and_no_file(path, tmp_path):
    assert read_contrast(path, system="b", first=FIRST, second=SECOND, metric="ua") is None
    with pytest.raises(UserError, match="this file is missing"):
        read_contrast(tmp_path / "none.csv", system="a", first=FIRST, second=SECOND, metric="ua")
