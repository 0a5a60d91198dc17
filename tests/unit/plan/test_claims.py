"""The papers' claims as their YAML has them: each of two systems that run, sizes typed anew from the papers' text."""

import pytest

from helpers.declared import PAPERS, ROOT, copy_of_workflow, emodb, iemocap, make_plan, make_report, rewrite
from serflow.config import read_yaml
from serflow.errors import UserError
from serflow.plan.scoring import Scoring

YAML = {paper: read_yaml(ROOT / f"workflow/papers/{paper}.yaml") for paper in PAPERS}
CLAIMS = [(paper, claim) for paper in PAPERS for claim in YAML[paper]["claims"]]
each_claim = pytest.mark.parametrize(
    ("paper", "claim"), CLAIMS, ids=[f"{paper}/{claim['id']}" for paper, claim in CLAIMS]
)

# Of each paper's proposed system: the two numbers that its text or the table which it points to prints.
MAIN = {
    ("xu2020", "attention_layer"): (76.36, 66.9),
    ("huang2016", "final_wa"): (59.33, 57.87),
    ("li2019icassp", "drn_xia2017"): (67.4, 60.3),
    ("li2019icassp", "drn_poria2017"): (67.4, 56.8),
    ("li2019ijcai", "rlc_poria2016"): (69.4, 60.7),
    ("li2019ijcai", "rlc_mirsamadi2017_text"): (79.2, 74.3),
    ("zhao2021", "tcn_dnn_elm_wa"): (65.0, 57.9),
    ("zhao2021", "tcn_dnn_elm_ua"): (66.1, 52.1),
    ("zhao2021", "transfer_tcn_self"): (66.1, 64.2),
}
NUMBER = {"xu2020": 5, "huang2016": 9, "li2019icassp": 8, "li2019ijcai": 11, "zhao2021": 32}


def claims_of(paper):
    return {claim["id"]: claim for claim in YAML[paper]["claims"]}


@pytest.mark.parametrize(("paper", "claim"), MAIN, ids=map("/".join, MAIN))
def test_the_size_of_a_main_claim_is_the_difference_of_two_printed_numbers(paper, claim):
    first, second = MAIN[paper, claim]
    assert claims_of(paper)[claim]["size"] == pytest.approx(first - second, abs=1e-9)


def test_head_fusion_has_the_size_that_the_text_states():
    assert claims_of("xu2020")["fusion"]["size"] == 6


def test_a_claim_that_one_overfits_is_of_a_lower_value():
    below = {claim["id"]: claim["size"] for _, claim in CLAIMS if claim["direction"] == "below"}
    assert below == {"overfitted_eq8_wa": 1.99, "overfitted_eq9_wa": 1.49}  # 57.87 less 55.88, and less 56.38


def test_how_many_claims_each_paper_makes_of_pairs_that_run_here():
    assert {paper: len(YAML[paper]["claims"]) for paper in PAPERS} == NUMBER


@each_claim
def test_a_size_is_the_difference_of_the_numbers_that_the_tables_report(paper, claim):
    """Where one table reports both: the sign is the claimed one, and a stated size is that difference."""
    differences = set()
    for table in YAML[paper]["tables"].values():
        mine = [
            row for row in table.get("rows", []) if row.get("experiment", table["experiment"]) == claim["experiment"]
        ]
        values = {row.get("system"): row["reported"].get(claim["metric"]) for row in mine if "reported" in row}
        pair = [values.get(claim[key]) for key in ("system", "against")]
        if None not in pair:
            differences.add(round(pair[0] - pair[1], 2))
    for difference in differences:
        assert (difference > 0) == (claim["direction"] == "above")
    if differences and "size" in claim:
        assert claim["size"] in {abs(difference) for difference in differences}
    assert differences or "size" not in claim or claim["id"] == "fusion"


@pytest.mark.parametrize("paper", PAPERS)
def test_what_a_paper_claims_elsewhere_is_listed_with_its_reason(paper):
    page = (ROOT / f"docs/fidelity/{paper}.md").read_text(encoding="utf-8")
    assert "\n## Claims\n" in page


@pytest.mark.parametrize("paper", PAPERS)
def test_both_systems_of_every_claim_are_run_so_that_there_is_a_number(paper):
    """In the paper preset on IEMOCAP, under the paper's own protocol and strict, and each pair is tested."""
    report = make_report(**iemocap())
    spec = report.table(paper, "table_claims")
    assert len(spec["rows"]) == NUMBER[paper]
    for row in spec["rows"]:
        assert set(row["missing"]) <= {"random10"}  # no student has a teacher there
        for protocol in spec["protocols"]:
            if protocol["name"] not in row["missing"]:
                pairs = report.scoring.pairs(paper, row["experiment"], protocol["split"])
                assert [row["system"], row["against"]] in pairs


def test_a_pair_is_asked_for_once_whoever_asks():
    pairs = make_report(**iemocap()).scoring.pairs("zhao2021", "improvised", "speaker")
    assert pairs.count(["tcn_self_at", "tcn_self"]) == 1
    assert ["blstm_self_at", "gmm_hmm"] in pairs


def test_each_metric_at_its_own_best_epoch_is_no_column():
    protocols = make_report(**iemocap()).table("xu2020", "table_claims")["protocols"]
    assert [protocol["name"] for protocol in protocols] == ["as_published", "random10", "strict"]


def test_on_a_corpus_without_styles_or_transcripts_claims_go_with_what_stands_in():
    report = make_report(**emodb(preset="paper"))
    (fusion, *_) = report.table("xu2020", "table_claims")["rows"]
    assert fusion["experiment"] == "full"
    assert "no improvised part" in fusion["note"]
    with_text = report.table("li2019ijcai", "table_claims")["rows"][-1]
    assert (with_text["experiment"], set(with_text["scores"].values())) == (None, {None})
    assert "has no transcripts" in with_text["missing"]["strict"]


def rewritten(folder, change, paper="xu2020"):
    rewrite(copy_of_workflow(folder), change, paper=paper)
    return make_plan(root=folder, papers=[paper])


def test_a_system_that_a_claim_alone_names_is_run_and_its_segments_are_counted(tmp_path):
    def change(content):
        content["systems"]["two_heads"] = {"parameters": {"model": {"n_head": 2}}}
        content["claims"].append(content["claims"][0] | {"id": "more", "against": "two_heads"})

    plan = rewritten(tmp_path, change)
    assert "two_heads" in {item.system for item in plan.required}
    scoring = Scoring(plan)
    assert ["acnn", "two_heads"] in scoring.pairs("xu2020", "improvised", "random5")
    assert scoring.systems("xu2020", "improvised", "random5")["two_heads"]["segment"]["seconds"] == 2.0


def set_first(**changes):
    return lambda content: content["claims"][0].update(changes)


def again(**changes):
    return lambda content: content["claims"].append(content["claims"][0] | changes)


def without(key, name=None):
    def change(content):
        del (content if name is None else content[key])[name or key]

    return change


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (set_first(system="acn"), "claims.fusion.system: 'acn' is not declared; did you mean 'acnn'?"),
        (set_first(against="one_heed"), "claims.fusion.against: 'one_heed' is not declared"),
        (set_first(experiment="improvized"), "claims.fusion.experiment: 'improvized' is not declared"),
        (set_first(metric="ua_hole"), "claims.fusion.metric: 'ua_hole' is not declared; did you mean 'ua_whole'?"),
        (set_first(metric="ua_development"), "claims.fusion.metric: 'ua_development' is not declared"),
        (set_first(against="acnn"), "claims.0: system, against: both are 'acnn'; name two systems"),
        (set_first(direction="over"), "claims.0.direction: 'over'"),
        (set_first(size=0), "claims.0.size: 0: expected more than 0"),
        (set_first(seize=6.0), "claims.0: unknown key 'seize'"),
        (again(), "claims.fusion: that id stands twice; rename one"),
        (again(id="more"), "claims.more: it is of the same systems and metric as 'fusion'; keep one"),
        (
            again(id="more", system="one_head", against="acnn", direction="below"),
            "claims.more: it is of the same systems and metric as 'fusion'; keep one",
        ),
        (without("claims"), "tables.table_claims: the paper has no `claims` for it to show"),
        (without("tables", "table_claims"), "claims: no table shows them; add one of `kind: claims` to `tables`"),
    ],
)
def test_what_is_wrong_with_a_claim_is_told_by_place_and_name(tmp_path, change, told):
    with pytest.raises(UserError, match="workflow/papers/xu2020.yaml: ") as error:
        rewritten(tmp_path, change)
    assert told in str(error.value)


def test_the_same_systems_on_another_view_or_in_another_metric_are_another_claim(tmp_path):
    def change(content):
        again(id="more", metric="wa_whole")(content)
        again(id="other", experiment="scripted")(content)

    assert len(rewritten(tmp_path, change).workflow.papers["xu2020"]["claims"]) == NUMBER["xu2020"] + 2
