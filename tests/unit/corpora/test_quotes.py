"""What a finding says, in words that a report may print, and apart from it what stands in the file."""

import json

import pytest

from helpers.tiny_release import ALIGNMENT, evaluation_line
from serflow.files import read_json

TURN = "Ses01F_impro01_F000"
LINE = evaluation_line(TURN, "neu", 1.0)
TRANSCRIPT = f"{TURN} [001.0000-001.5000]: Some words."


def _label(old, new):
    return lambda release: release.edit(release.evaluation(), old, new)


def _text(new):
    return lambda release: release.edit(release.transcript(), TRANSCRIPT, new)


def _align(old, new):
    return lambda release: release.put(release.alignment(TURN), ALIGNMENT.replace(old, new))


CASES = {
    "transcript": (_text(f"{TURN} [1.0-1.5 Secret words."), "transcript_mangled", f"{TURN} [1.0-1.5 Secret words."),
    "negative": (_text(f"{TURN} [-77.1-001.5]: Some words."), "transcript_mangled", "-77.1 to 001.5"),
    "label line": (_label(LINE, LINE[1:]), "label_line_mangled", LINE[1:]),
    "times": (_label("[1.0000", "[777.0000"), "label_line_mangled", LINE.replace("[1.0000", "[777.0000")),
    "rating": (_label("[2.5000", "[77.5000"), "label_line_mangled", LINE.replace("[2.5000", "[77.5000")),
    "other turn": (
        _label(TURN, "Ses02F_impro77_F077"),
        "label_line_mangled",
        LINE.replace(TURN, "Ses02F_impro77_F077"),
    ),
    "stray": (_label(LINE, "Secret"), "label_line_mangled", f"audio without label: {TURN}"),
    "label": (_label(f"{TURN}\tneu", f"{TURN}\tjoy"), "unknown_label", "joy"),
    "decimals": (_label("[2.5000", "[2.777"), "number_format", "2.777"),
    "range": (_label("[2.5000", "[5.7770"), "rating_out_of_range", "5.777"),
    "duration": (_label("- 1.5000]", "- 8.7777]"), "duration_differs", "7.778 s, audio 0.500 s"),
    "second block": (
        _label(LINE, LINE + "\n\n" + evaluation_line(TURN, "ang", 1.0)),
        "duplicate_block",
        "ang, first neu",
    ),
    "alignment": (_align("30\t39\t-7\tWORDS", "30\tSECRET"), "alignment_mangled", "30 SECRET"),
    "frames": (_align("30\t39", "39\t30"), "alignment_mangled", "39 to 30 after 29"),
    "beyond": (_align("45\t48", "45\t777"), "alignment_mangled", "7.78 s, audio 0.50 s"),
}


@pytest.mark.parametrize("name", CASES)
def test_the_words_of_a_file_stand_in_quote_alone(release, tmp_path, name):
    spoil, code, quote = CASES[name]
    spoil(release)
    _, findings = release.read()
    found = [item for item in findings.items if item.code == code]
    assert [item.quote for item in found] == [quote]
    assert str(found[0]).endswith(repr(quote))
    findings.write(tmp_path / "findings.json")
    written = read_json(tmp_path / "findings.json")["findings"]
    assert quote in [item["quote"] for item in written]
    messages = json.dumps([item["message"] for item in written])
    for secret in ("Secret", "SECRET", "77", "joy", "39", "_F0", "7.78"):
        assert secret not in messages


def test_the_error_of_a_fatal_finding_quotes_the_line_for_the_users_own_terminal(release):
    release.edit(release.evaluation(), LINE, LINE[1:])
    assert str(release.fatal().items[0]).endswith(repr(LINE[1:]))
