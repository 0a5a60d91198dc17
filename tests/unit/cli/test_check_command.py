"""`serflow check`: a verdict on a copy, before anything is configured."""

import pytest

from helpers.tiny_release import Release
from serflow.cli import check, run


@pytest.fixture
def release(tmp_path, monkeypatch) -> Release:
    monkeypatch.chdir(tmp_path)  # no checkout: what is shipped is known anywhere
    made = Release(tmp_path / "release")
    made.write()
    return made


def said(capsys, *arguments: str) -> tuple[int, str, str]:
    """Exit status, what is printed, and the error."""
    status = run(lambda: check.main(list(arguments)))
    printed = capsys.readouterr()
    return status, printed.out, printed.err


def test_a_copy_of_which_most_is_missing_is_not_usable(release, capsys):
    """20 turns of 10,039."""
    status, out, err = said(capsys, str(release.root))
    assert status == 1
    lines = out.splitlines()
    assert lines[0].startswith("IEMOCAP: 20 utterances, 0.00 h (published: 10,039, 12.44 h); findings: 1 fatal")
    assert lines[1].startswith("  fatal: the whole release: so far from what is published")
    assert "not usable as it is; mend the release, or set `skip_broken: true`" in err


def test_another_corpus_is_read_by_its_own_reader(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)  # no checkout: what is shipped is known anywhere
    status, _, err = said(capsys, str(tmp_path), "--corpus", "emodb")
    assert (status, "holds no files such as 03a01Fa.wav" in err) == (1, True)
    status, _, err = said(capsys, str(tmp_path), "--corpus", "emobd")
    assert (status, "did you mean 'emodb'" in err) == (1, True)


def test_a_copy_without_published_numbers_and_in_order_is_usable(release, capsys):
    assert said(capsys, str(release.root), "--corpus", "demo") == (
        0,
        "Stand-in for IEMOCAP: 20 utterances, 0.00 h; findings: 0 fatal, 0 odd, 0 expected\nusable as published\n",
        "",
    )


def test_what_is_odd_is_said_and_the_exit_status_is_none(release, capsys):
    (release.evaluation().with_name("notes.txt")).write_text("")
    (release.evaluation().with_name("._x")).write_text("")
    status, out, _ = said(capsys, str(release.root), "--corpus", "demo")
    lines = out.splitlines()
    assert status == 0
    assert lines[1].startswith("  odd: Session1/dialog/EmoEvaluation/notes.txt: not of a dialog of session 1")
    assert lines[2:] == [
        "  expected, known of the release and handled: hidden_file (1)",
        "usable, but for what is odd",
    ]
