"""However much is wrong with a release, what the PDF says of it stays a page or two."""

import pymupdf
import pytest

from helpers import ROOT
from helpers.fabricated import release_check_spec, report_spec
from serflow.corpora.findings import CODES, Findings
from serflow.files import write_json
from serflow.reporting.pdf import make_pdf
from serflow.reporting.release_check import release_check

pytestmark = pytest.mark.slow

TEMPLATE, PAGE = ROOT / "reports/template.typ", ROOT / "reports/findings.typ"


@pytest.fixture(scope="module")
def pages(world, tmp_path_factory) -> list[str]:
    """Text of each page of a report on a release that has 100 findings of every kind."""
    folder = tmp_path_factory.mktemp("many")
    findings = Findings(utterances=320, absent=2136, folders={f"Session{number}": 100 for number in range(1, 6)})
    for code in CODES["fatal"] + CODES["odd"]:
        for number in range(100):
            file = f"Session{number % 5 + 1}/sentences/wav/Ses0{number % 5 + 1}F_impro{number % 9:02d}/{number}.wav"
            findings.add(code, file, f"what is wrong with it, said at some length: {code}", utterance=f"{number}")
    findings.write(folder / "f.json")
    check = release_check(release_check_spec(world, findings=str(folder / "f.json"), show_text=False))
    write_json(folder / "check.json", check)
    content = report_spec(world, [], []) | {"papers": [], "release_check": str(folder / "check.json")}
    make_pdf(content, template=TEMPLATE, page=PAGE, output=folder / "x.pdf")
    with pymupdf.open(folder / "x.pdf") as opened:
        return [" ".join(page.get_text().split()) for page in opened]


def test_the_section_takes_two_pages_for_its_findings(pages):
    first = next(number for number, text in enumerate(pages) if "Odd and fatal findings" in text)
    last = next(number for number, text in enumerate(pages) if "Expected findings" in text)
    assert last - first <= 2


def test_all_kinds_are_there_and_the_turns_of_sessions_that_are_not(pages):
    text = " ".join(pages)
    assert all(code.replace("_", " ") in text for code in CODES["fatal"] + CODES["odd"])
    assert "Not there at all: 2,136 published turns" in text
