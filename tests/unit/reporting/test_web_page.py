import base64
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path

import pytest

from helpers import ROOT
from serflow.errors import UserError
from serflow.reporting.document import document
from serflow.reporting.web_page import make_web_page

TEMPLATE = ROOT / "reports/template.html"
VOID = {"meta", "img", "br", "link"}


class Page(HTMLParser):
    """What a page holds: ids, links, pictures, downloads, texts of cells by table, and tags that were left open."""

    def __init__(self, text: str):
        super().__init__()
        self.ids, self.links, self.pictures, self.downloads = set(), [], [], {}
        self.open, self.tables, self.cell = [], [], None
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        self.ids |= {given["id"]} if "id" in given else set()
        if tag not in VOID:
            self.open.append(tag)
        if tag == "img":
            self.pictures.append(given["src"])
        if tag == "a":
            self.downloads |= {given["download"]: given["href"]} if "download" in given else {}
            self.links += [] if "download" in given else [given["href"]]
        if tag == "table":
            self.tables.append([])
        if tag == "tr":
            self.tables[-1].append([])
        if tag in ("td", "th"):
            self.tables[-1][-1].append("")

    def handle_endtag(self, tag):
        assert self.open.pop() == tag, f"</{tag}> at {self.getpos()}"

    def handle_data(self, data):
        if {"td", "th"} & set(self.open) and self.tables[-1] and self.tables[-1][-1]:
            self.tables[-1][-1][-1] += data


@pytest.fixture(scope="module")
def made(items) -> tuple[dict, Path]:
    content, folder = items
    make_web_page(content, template=TEMPLATE, output=folder / "report.html")
    return content, folder / "report.html"


@pytest.fixture(scope="module")
def page(made) -> Page:
    return Page(made[1].read_text(encoding="utf-8"))


def test_equal_input_gives_equal_bytes(made, tmp_path):
    content, path = made
    make_web_page(content, template=TEMPLATE, output=tmp_path / "again.html")
    assert (tmp_path / "again.html").read_bytes() == path.read_bytes()


def test_every_link_leads_somewhere_on_the_page(page):
    assert page.open == []
    assert page.links and {link for link in page.links if link[1:] not in page.ids or link[0] != "#"} == set()


def test_nothing_is_fetched(made, page):
    text = made[1].read_text(encoding="utf-8")
    assert "default-src 'none'" in text
    assert not re.search(r"(src|href)=.?(https?:|//|file:)|@import|url\(", text)
    assert all(picture.startswith("data:image/svg+xml;base64,") for picture in page.pictures)


def test_every_table_and_figure_stands_there_with_its_csv(made, page):
    paper = made[0]["papers"][0]
    for item, csv in [
        *((table["spec"]["id"], table["csv"]) for table in paper["tables"]),
        *((figure["id"], figure["csv"]) for figure in paper["figures"]),
    ]:
        name = item.replace("/", "-")
        assert name in page.ids
        held = base64.b64decode(page.downloads[f"{name}.csv"].partition(",")[2])
        assert held == Path(csv).read_bytes()
    assert len(page.pictures) == len(paper["figures"]) + 1  # the picture of the findings


def test_the_numbers_are_those_of_the_pdf(made, page):
    """Both are made of one document: every cell of every table of results stands in the page's table, in its order."""
    printed = document(made[0])["papers"][0]["tables"]
    cells = {" ".join(text.split()) for table in page.tables for row in table for text in row}
    for table in printed:
        for row in table.get("rows", []):
            for value in (value for line in row["lines"] for value in line["cells"] if value["text"].strip()):
                marks = value["stars"] + ("†" if value["dagger"] else "") + value["sign"]
                told = " ".join(part for part in (value["text"] + marks, value["seeds"], value["spread"]) if part)
                assert told in cells


def test_names_are_text_and_never_markup(made, tmp_path):
    hostile = "<img src=x onerror=alert(1)></script>"
    content = made[0] | {"title": hostile, "corpus": made[0]["corpus"] | {"title": hostile}}
    make_web_page(content, template=TEMPLATE, output=tmp_path / "x.html")
    text = (tmp_path / "x.html").read_text(encoding="utf-8")
    assert "<img src=x" not in text and "&lt;img src=x onerror=alert(1)&gt;" in text


def test_a_missing_picture_is_named(made, tmp_path):
    content, path = made
    shutil.copytree(path.parent, tmp_path / "moved")
    figure = dict(content["papers"][0]["figures"][0], svg=str(tmp_path / "none.svg"))
    paper = content["papers"][0] | {"figures": [figure]}
    with pytest.raises(UserError, match=r"none\.svg: this file is missing"):
        make_web_page(content | {"papers": [paper]}, template=TEMPLATE, output=tmp_path / "x.html")
    assert not (tmp_path / "x.html").exists()
