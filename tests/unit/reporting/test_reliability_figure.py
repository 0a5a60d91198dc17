"""Reliability diagrams: what is drawn beside reliability.csv, and what the caption says."""

import numpy as np
import pandas as pd
import pytest

from helpers.fabricated_groups import SYSTEMS, reliability_spec
from serflow.errors import UserError
from serflow.registry import FIGURES


@pytest.fixture
def spec(world):
    return reliability_spec(world / "grouped")


def said(spec, data):
    return FIGURES.load_module("reliability").caption(spec, data)


def test_each_line_is_the_bins_that_hold_something_in_per_cent(draw, world):
    picture, _ = draw("reliability")
    for axis, split, systems in (
        (picture.axes[0], "speaker", ["acnn"]),
        (picture.axes[1], "random10", ["acnn", "svm_compare"]),
    ):
        table = pd.read_csv(world / f"grouped/{split}/reliability.csv")
        for line, system in zip(axis.lines[1:], systems, strict=True):  # the first is the diagonal
            bins = table[(table["system"] == system) & (table["utterances"] > 0)]
            np.testing.assert_allclose(line.get_xydata(), 100 * bins[["confidence", "accuracy"]].to_numpy())


def test_beneath_stands_the_share_of_the_utterances_in_each_bin(draw, world):
    picture, data = draw("reliability")
    below = picture.axes[3]
    for steps, system in zip(below.patches, SYSTEMS, strict=True):
        bins = data[(data["system"] == system) & (data["protocol"] == "random10")]
        values, edges, _ = steps.get_data()
        np.testing.assert_allclose(values, 100 * bins["utterances"] / 128)
        np.testing.assert_allclose(edges, np.linspace(0, 100, 16), atol=1e-4)
        assert values.sum() == pytest.approx(100)
        assert values.max() < below.get_ylim()[1]


def test_the_legend_of_a_panel_has_the_ece_of_the_scores_and_the_mark_of_undertrained_networks(draw, world):
    picture, data = draw("reliability")
    scores = pd.read_csv(world / "grouped/random10/scores.csv")
    ece = scores[scores["metric"] == "ece"].set_index("system")["pooled"]
    texts = [text.get_text() for text in picture.axes[1].get_legend().get_texts()]
    assert texts == [f"{100 * ece['acnn']:.1f}§", f"{100 * ece['svm_compare']:.1f}"]
    gaps = data["utterances"] * (data["accuracy"] - data["confidence"]).abs()
    mine = (data["system"] == "acnn") & (data["protocol"] == "random10")
    assert gaps[mine].sum() / 128 == pytest.approx(100 * ece["acnn"], abs=1e-3)


def test_systems_differ_in_marker_and_dashes_not_in_colour_alone(draw):
    first, second = draw("reliability")[0].axes[1].lines[1:]
    assert first.get_marker() != second.get_marker()
    assert first.get_linestyle() != second.get_linestyle()


def test_the_caption_counts_utterances_and_says_what_was_not_run(draw, spec):
    _, data = draw("reliability")
    text = said(spec, data)
    assert text.startswith("Accuracy against mean top probability of ACNN with head fusion and Yardstick: ComParE")
    assert "Utterances tested: 128 strict and random10." in text
    assert "§: undertrained; no finding about the system." in text
    assert "Yardstick: ComParE functionals, SVM, strict: not run: no time." in text


def test_a_protocol_that_none_ran_under_has_no_panel(draw, spec):
    panels = [panel | ({"scores": None, "missing": "no"} if n < 2 else {}) for n, panel in enumerate(spec["panels"])]
    picture, data = draw("reliability", panels=panels)
    assert len(picture.axes) == 2
    assert set(data.loc[data["protocol"] == "strict", "note"]) == {"no"}


def test_a_panel_without_scores_or_reason_is_an_error(spec):
    spec["panels"][0] |= {"scores": None, "missing": None}
    with pytest.raises(UserError, match="xu2020/reliability, system acnn: give `scores` or a reason"):
        FIGURES.load_module("reliability").draw(spec)
