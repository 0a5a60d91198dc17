"""Which protocols a corpus allows, of its table alone: of every paper, for corpora as people have them."""

import itertools

import pandas as pd
import pytest

from helpers.declared import PAPERS, copy_of_workflow, make_plan
from serflow.forecast.possible import has_view, possible_protocols

LABELS = ("angry", "happy", "sad", "neutral", "surprised")
CONFIGURED = ["as_published", "random10", "strict"]


@pytest.fixture(scope="module")
def plan(tmp_path_factory):
    """All papers on a corpus of one's own with as many pairs of groups of speakers."""
    root = copy_of_workflow(tmp_path_factory.mktemp("root"))

    def make(pairs, papers=PAPERS):
        (root / "workflow/corpora/mine.yaml").write_text(f"extends: manifest\ntitle: Mine\npairs: {pairs}\n")
        change = {"papers": papers, "protocols": CONFIGURED, "sweeps": False}
        return make_plan(root=root, corpus="mine", release="some/folder", **change)

    return make


def manifest(speakers, *, takes=4, **columns):
    """Every speaker says every label as often; no sessions."""
    rows = list(itertools.product(range(speakers), LABELS, range(takes)))
    names = [f"s{speaker:02}" for speaker, *_ in rows]
    frame = pd.DataFrame({"utterance": [f"u{number:05}" for number in range(len(rows))], "speaker": names})
    frame = frame.assign(label=[label for _, label, _ in rows], style="", wearer=names, session=names, duration=2.5)
    frame["sex"] = ["FM"[speaker % 2] for speaker, *_ in rows]
    return frame.assign(**{"group": ""} | columns)


@pytest.mark.parametrize("paper", PAPERS)
@pytest.mark.parametrize(("speakers", "pairs"), [(6, 3), (24, 5), (7, 2)])
def test_every_paper_has_its_protocols_without_sessions(plan, paper, speakers, pairs):
    made = plan(pairs, [paper])
    for possible in possible_protocols(made, paper, manifest(speakers)):
        split = made.workflow.protocol(paper, possible.protocol)["split"]
        assert possible.reasons == (), possible
        assert possible.folds == made.workflow.splits[split]["folds"]


def test_of_three_speakers_strict_cannot_be_had_and_the_others_can(plan):
    found = {one.protocol: one for one in possible_protocols(plan(2, ["xu2020"]), "xu2020", manifest(3))}
    assert (found["as_published"].folds, found["random10"].folds, found["strict"].folds) == (5, 10, 0)
    (reason,) = found["strict"].reasons
    assert "this view has 3 speakers: too few" in reason


def test_groups_that_no_split_may_part_are_looked_at(plan):
    made = plan(5, ["xu2020"])
    # two people who share a group go together; a group of nearly all leaves no folds
    few = manifest(24, group=lambda frame: frame["speaker"].isin(["s00", "s01"]).map({True: "duet", False: ""}))
    assert all(one.folds for one in possible_protocols(made, "xu2020", few))
    most = manifest(24, group=lambda frame: (frame["speaker"] > "s01").map({True: "choir", False: ""}))
    found = {one.protocol: one for one in possible_protocols(made, "xu2020", most)}
    assert not found["random10"].folds and not found["strict"].folds


def test_a_view_that_lacks_a_class_is_none(plan):
    made = plan(5, ["xu2020"])
    assert has_view(made.workflow, "xu2020", "full", manifest(6))
    assert not has_view(made.workflow, "xu2020", "full", manifest(6).query("label != 'sad'"))
