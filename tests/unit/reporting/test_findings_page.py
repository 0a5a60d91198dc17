"""The page of findings as files, over the papers' own YAML: what is drawn is what the CSV has, on one page, in grey."""

import json
import re
from pathlib import Path

import matplotlib
import pytest
from matplotlib import colors
from matplotlib.backends.backend_agg import FigureCanvasAgg

from helpers import ROOT
from helpers.declared import CONFIG, iemocap, make_report
from helpers.fabricated_findings import planned_spec, write_claims, write_results
from serflow.cli import findings
from serflow.reporting.findings import DIFFERENCE, PROTOCOLS, findings_rows, stars
from serflow.reporting.findings_figure import MARKS, PALE, draw
from serflow.reporting.findings_files import make_findings
from serflow.reporting.rows import read_table
from serflow.reporting.style import STYLE

pytestmark = pytest.mark.slow

pymupdf = pytest.importorskip("pymupdf")
UNDERTRAINED = ("s1", "conv1", "tcn_soft_at")
HELD = {"protocol": "strict", "verdict": "held", "reason": ""}


@pytest.fixture(scope="module", params=["demo", "iemocap"])
def made(request, tmp_path_factory):
    """Spec and files of a page of all papers, made by the command."""
    folder = tmp_path_factory.mktemp("findings")
    change = {"papers": CONFIG["papers"]} | (iemocap() if request.param == "iemocap" else {})
    spec = write_results(planned_spec(**change), folder, undertrained=UNDERTRAINED)
    for number, paper in enumerate(spec["papers"]):
        unjudged = HELD | {"verdict": "not judged", "reason": "one seed"}
        lines = [HELD] * (number + 1) + [unjudged]
        paper["claims"] = [write_claims(folder / f"claims_{paper['key']}.csv", lines)]
    files = {what: f"{folder}/made/{Path(path).name}" for what, path in make_report(**change).findings.items()}
    arguments = [f"--{what}={path}" for what, path in files.items()]
    spec["asked"] = {}  # these scores are fabricated, and say nothing of what they were made from
    findings.main(["--spec", json.dumps(spec), "--template", str(ROOT / "reports/findings.typ"), *arguments])
    return spec, files


@pytest.fixture(scope="module")
def figure(made):
    with matplotlib.rc_context(STYLE):
        picture = draw(read_table(made[1]["systems"]))
        picture.draw_without_rendering()
    return picture


def drawn_points(figure):
    """(protocol, value, colour) of every mark, and the ends of every interval by protocol."""
    labels = {"strict": "strict", "as published": "as_published"}
    points, intervals = [], []
    for axes in figure.axes:
        for line in axes.lines:
            if line.get_label() in labels:
                points.append(
                    (labels[line.get_label()], round(float(line.get_xdata()[0]), 2), line.get_markeredgecolor())
                )
            elif line.get_linestyle() in ("-", "--"):
                intervals.append((line.get_linestyle(), *(round(float(x), 2) for x in line.get_xdata())))
    return points, intervals


def test_every_number_of_the_csv_is_drawn_and_no_other(made, figure):
    rows = read_table(made[1]["systems"])
    points, intervals = drawn_points(figure)
    wanted = [
        (name, float(row[name]), PALE if row[f"{name}_undertrained"] == "yes" else MARKS[name]["color"])
        for row in rows
        for name in PROTOCOLS
        if row[name]
    ]
    assert sorted(points) == sorted(wanted)
    lines = {"strict": "-", "as_published": "--"}
    ends = [(lines[n], float(r[f"{n}_low"]), float(r[f"{n}_high"])) for r in rows for n in PROTOCOLS if r[f"{n}_low"]]
    assert sorted(intervals) == sorted(ends)


def test_every_system_has_a_name_in_its_panel_and_differences_are_the_csvs(made, figure):
    rows = read_table(made[1]["systems"])
    texts = [text.get_text() for axes in figure.axes for text in axes.texts]
    for row in rows:
        begin = row["name"][:20]
        assert any(text.startswith(begin) for text in texts), row["name"]
    printed = sorted(text.rstrip("§") for text in texts if re.fullmatch(r"[+−]\d+\.\d§?", text))
    wanted = [f"{float(row[DIFFERENCE]):+.1f}".replace("-", "−") for row in rows if row[DIFFERENCE]]
    assert printed == sorted(wanted)
    assert sum(text in ("*", "**") for text in texts) == sum(bool(stars(row, DIFFERENCE)) for row in rows)


def test_undertrained_systems_bear_the_sign(made, figure):
    rows = read_table(made[1]["systems"])
    weak = sum(any(row[name] and row[f"{name}_undertrained"] == "yes" for name in PROTOCOLS) for row in rows)
    signed = [text for axes in figure.axes for text in axes.texts if text.get_text().endswith(" §")]
    assert len(signed) == weak > 0


def test_the_two_protocols_are_told_apart_in_grey():
    strict, published = MARKS["strict"], MARKS["as_published"]
    assert strict["marker"] != published["marker"]
    assert strict["filled"] is not published["filled"]
    assert strict["dashes"] != published["dashes"]
    for mark in MARKS.values():  # and both from what is undertrained
        assert luminance(PALE) - luminance(mark["color"]) > 0.15


def luminance(colour):
    return sum(share * part for share, part in zip((0.299, 0.587, 0.114), colors.to_rgb(colour), strict=True))


def test_all_print_is_large_enough_and_no_name_reaches_into_an_axis(figure):
    renderer = FigureCanvasAgg(figure).get_renderer()
    for axes in figure.axes:
        for text in axes.texts:
            assert text.get_fontsize() >= 5.5
            box = text.get_window_extent(renderer)
            if text.get_position()[0] < 0 and text.get_text():
                assert box.x1 <= axes.get_window_extent(renderer).x0
                assert box.x0 >= -1


def test_all_panels_have_one_axis(figure):
    assert len({axes.get_xlim() for axes in figure.axes}) == 1
    assert len(figure.axes) == len(CONFIG["papers"])


def test_the_page_is_one_page_with_all_sentences_and_the_warning_of_synthesised_speech(made):
    spec, files = made
    with pymupdf.open(files["pdf"]) as document:
        assert len(document) == 1
        printed = words(document[0].get_text())
        assert document[0].get_images() == [] and document[0].get_drawings()  # the picture is of lines, not of pixels
    *said, _ = Path(files["text"]).read_text(encoding="utf-8").splitlines()
    assert len(said) == 5
    for text in said:
        assert words(text) in printed
    assert ("Synthesisedspeech:" in printed) is (spec["corpus"]["speech"] == "synthesised")


def words(text):
    """Without what setting a text changes: blanks, and hyphens at the end of a line."""
    return re.sub(r"[\s\u00ad-]", "", text)


def test_the_claims_of_each_paper_are_counted_in_a_table(made):
    rows = read_table(made[1]["claims"])
    assert [row["held"] for row in rows] == [str(number + 1) for number in range(len(CONFIG["papers"]))]
    assert {row["one seed"] for row in rows} == {"1"}
    with pymupdf.open(made[1]["pdf"]) as document:
        for row in rows:
            assert f"{row['paper']}\n{row['held']}\n0\n0\n1\n" in document[0].get_text()


def test_equal_input_gives_equal_bytes(made, tmp_path):
    spec, files = made
    again = {what: f"{tmp_path}/{Path(path).name}" for what, path in files.items()}
    arguments = [f"--{what}={path}" for what, path in again.items()]
    findings.main(["--spec", json.dumps(spec), "--template", str(ROOT / "reports/findings.typ"), *arguments])
    for what in files:
        assert Path(again[what]).read_bytes() == Path(files[what]).read_bytes(), what


def test_three_times_as_many_papers_are_still_one_page(made, tmp_path):
    spec, files = made
    papers = [paper | {"key": f"{paper['key']}_{number}"} for number in range(3) for paper in spec["papers"]]
    many = {what: f"{tmp_path}/{Path(path).name}" for what, path in files.items()}
    make_findings(spec | {"papers": papers}, template=ROOT / "reports/findings.typ", files=many)
    with pymupdf.open(many["pdf"]) as document:
        assert len(document) == 1
        assert "zhao2021_2" in document[0].get_text()


def test_a_single_paper_has_one_panel_at_its_own_size(made, tmp_path):
    spec, _ = made
    with matplotlib.rc_context(STYLE):
        picture = draw(findings_rows(spec | {"papers": spec["papers"][:1]}))
    assert len(picture.axes) == 1
    assert picture.get_figheight() < 3
