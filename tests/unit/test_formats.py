"""Files that say no format are of the first; those of another one are refused, with what is made again."""

import pytest

from serflow.errors import UserError
from serflow.formats import CHECKPOINT, RUN, STORE, check_format


@pytest.mark.parametrize("kind", [RUN, STORE, CHECKPOINT])
def test_a_file_that_says_no_format_is_of_the_first(kind):
    check_format("a/run.json", {}, kind._replace(number=1))
    with pytest.raises(UserError, match=f"a/run.json: {kind.what} of format 1; this serflow reads format 2"):
        check_format("a/run.json", {}, kind._replace(number=2))


def test_what_is_written_now_is_read_now():
    for kind in (RUN, STORE, CHECKPOINT):
        check_format("x", {"format": kind.number}, kind)


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (1, "of format 1; this serflow reads format 2; an older serflow wrote it: install that one"),
        (3, "of format 3; this serflow reads format 2; a newer serflow wrote it: install that one"),
        (0, "of format 0, which is no whole number from 1 on; .* the file is mangled"),
        (True, "of format True, which is no whole number"),
        ("2", "of format '2', which is no whole number"),
        (None, "of format None, which is no whole number"),
    ],
)
def test_another_format_is_refused_with_who_wrote_it_and_what_is_made_again(found, said):
    with pytest.raises(UserError, match=said) as raised:
        check_format("results/run/run.json", {"format": found}, RUN._replace(number=2))
    assert str(raised.value).endswith("delete results/run and run snakemake --cores all: " + RUN.again)
