"""What README and docs/fidelity say of each paper's protocol is what its YAML declares."""

import re

import pytest

from helpers import ROOT
from helpers.declared import PAPERS
from serflow.config import read_yaml

SHARED = read_yaml(ROOT / "workflow/protocols.yaml")
LINES = dict(re.findall(r"^- `(\w+)`: (.+)$", (ROOT / "README.md").read_text(), re.M))
FIDELITY = (ROOT / "docs/fidelity/all_papers.md").read_text()
ROWS = {row.split("|")[1].strip(): row for row in re.findall(r"^\| \w+20\w+ \|.+\|$", FIDELITY, re.M)}


def published(paper):
    return read_yaml(ROOT / f"workflow/papers/{paper}.yaml")["as_published"]


def same_as(paper):
    """The shared protocol that a paper is published under, if it is one of them."""
    own = (published(paper)["split"], published(paper)["select"])
    return [name for name, other in SHARED["protocols"].items() if (other["split"], other["select"]) == own]


def shares_speakers(paper):
    return SHARED["splits"][published(paper)["split"]]["kind"] == "random"


@pytest.mark.parametrize("paper", PAPERS)
def test_a_paper_published_under_a_shared_protocol_is_said_to_be_one_column_with_it_and_no_other_is(paper):
    named = re.findall(r"it is \*(\w+)\*, in one column", LINES[paper])
    assert named == same_as(paper)
    assert ["one column" in ROWS[paper]] == [bool(named)]


@pytest.mark.parametrize("paper", PAPERS)
def test_random10_is_said_to_leak_where_the_paper_itself_shares_no_speaker(paper):
    assert ("leaks" in LINES[paper]) is not shares_speakers(paper)
    assert ("sharing speakers would be worth" in ROWS[paper]) is not shares_speakers(paper)


@pytest.mark.parametrize("paper", PAPERS)
def test_choosing_on_test_is_said_of_the_paper_that_does(paper):
    chooses = published(paper)["select"] == "best_test"
    assert ("the test part chooses" in LINES[paper]) is chooses
    assert ("choosing on test" in ROWS[paper]) is chooses
