"""What the page of findings is made of: every system of every table, and pairs of protocols that isolate something."""

import pytest

from helpers.declared import CONFIG, PAPERS, copy_of_workflow, emodb, iemocap, make_inputs, make_report, rewrite

CONFIGURATIONS = {
    "demo": {},
    "iemocap": iemocap(),
    "emodb": emodb(preset="paper", protocols=["as_published", "strict"]),
}


@pytest.fixture(scope="module", params=CONFIGURATIONS)
def report(request):
    return make_report(papers=PAPERS, **CONFIGURATIONS[request.param])


def of(report, paper):
    return next(entry for entry in report.findings_spec()["papers"] if entry["key"] == paper)


def pair(entry, effect):
    found = entry["effects"][effect]
    return (found["first"]["name"], found["second"]["name"]) if "first" in found else found["reason"]


def test_no_row_of_a_table_of_scores_is_left_out(report):
    for paper, data in report.workflow.papers.items():
        entry, shown = of(report, paper), set()
        for table in data["tables"].values():
            for row in table.get("rows", []) if table.get("kind", "scores") == "scores" else []:
                made = report.plan.experiment(paper, row.get("experiment", table["experiment"]))[0]
                if made and "system" in row:
                    shown.add((made, row["system"]))
        assert {(view["name"], row["system"]) for view in entry["experiments"] for row in view["rows"]} == shown
        assert {"svm_compare", "majority"} <= {system for _, system in shown}


def test_every_row_has_scores_or_a_reason_under_every_protocol(report):
    for entry in report.findings_spec()["papers"]:
        for view in entry["experiments"]:
            assert bool(view["missing"]) is not bool(view["rows"])
            for row in view["rows"]:
                assert {name for name, folder in row["scores"].items() if not folder} == set(row["missing"])
                assert {protocol["name"] for protocol in entry["protocols"]} <= set(row["scores"])


def test_the_first_view_is_that_of_the_first_table():
    for paper in PAPERS:
        data = make_report(papers=[paper]).workflow.papers[paper]
        first = next(t for t in data["tables"].values() if t.get("kind", "scores") == "scores")
        assert of(make_report(papers=[paper]), paper)["experiments"][0]["name"] == first["experiment"]


def test_all_files_of_the_page_are_made_by_rules(report):
    files = make_inputs(report).findings_files(None)
    scores = {f"{report.scoring.folder(*key[:2], key[3])}/scores.csv" for key in report.plan.required}
    assert {file for file in files if file.endswith("/scores.csv")} <= scores
    claims = {f"{report.folder}/{paper}/{item}.csv" for paper in PAPERS for item in report.tables(paper)}
    assert {file for file in files if file.startswith("reports/")} <= claims


@pytest.mark.parametrize("paper", PAPERS)
def test_shared_speakers_are_told_by_random10_beside_strict_in_every_paper(paper):
    """Both choose on a validation part; one divides utterances, the other keeps speakers apart."""
    assert pair(of(make_report(papers=[paper]), paper), "shared_speakers") == ("random10", "strict")


@pytest.mark.parametrize(
    ("paper", "expected"),
    [
        ("xu2020", "as published and the protocols that keep speakers apart choose the epoch in different ways"),
        ("li2019icassp", "as published and the protocols that keep speakers apart choose the epoch in different ways"),
        ("li2019ijcai", ("as_published", "strict")),  # its own is random10 with the same choice
        ("huang2016", "no protocol that is run divides utterances at random"),
        ("zhao2021", "no protocol that is run divides utterances at random"),
    ],
)
def test_without_random10_only_the_paper_that_is_published_so_tells_of_shared_speakers(paper, expected):
    report = make_report(papers=[paper], protocols=["as_published", "strict"])
    assert pair(of(report, paper), "shared_speakers") == expected


def test_the_choice_on_the_test_part_is_told_by_two_random_splits_of_which_one_chooses_so():
    found = {paper: pair(of(make_report(papers=[paper]), paper), "test_choice") for paper in PAPERS}
    assert found.pop("xu2020") == ("as_published", "random10")
    assert set(found.values()) == {"no protocol chooses the epoch on the test part"}
    alone = make_report(papers=["xu2020"], protocols=["as_published", "strict"])
    assert pair(of(alone, "xu2020"), "test_choice").startswith("beside as published no split alike is run")


def test_what_a_pair_isolates_is_told_by_split_and_selection_and_not_by_the_papers_name(tmp_path):
    """huang2016, published as xu2020 is, tells what the choice is worth; by speaker again, it does not."""
    root = copy_of_workflow(tmp_path)
    rewrite(root, lambda data: data["as_published"].update(split="random5", select="best_test"), paper="huang2016")
    entry = of(make_report(root=root, papers=["huang2016"]), "huang2016")
    assert pair(entry, "test_choice") == ("as_published", "random10")
    rewrite(root, lambda data: data["as_published"].update(split="session_out"), paper="huang2016")
    entry = of(make_report(root=root, papers=["huang2016"]), "huang2016")
    assert pair(entry, "test_choice").startswith("beside as published no split alike")


def test_a_view_that_the_corpus_does_not_have_says_why():
    views = of(make_report(papers=["li2019ijcai"], **emodb()), "li2019ijcai")["experiments"]
    missing = {view["name"]: view["missing"] for view in views if view["missing"]}
    assert "has no transcripts" in missing["acoustic_lexical"]
    assert not any(view["rows"] for view in views if view["missing"])


def test_the_pdf_waits_for_the_page_and_names_its_files():
    report = make_report(papers=CONFIG["papers"])
    files = report.document("0")["findings"]["files"]
    assert {files["systems"], files["claims"], files["picture"]} <= set(make_inputs(report).report_items(None))
    assert all(file.startswith(f"{report.folder}/findings") for file in files.values())
