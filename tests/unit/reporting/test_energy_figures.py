"""Attention beside energy: the curves of one utterance, and the histograms over all of them."""

import json

import numpy as np
import pandas as pd
import pytest
from matplotlib.text import Text

from helpers.fabricated import figure_specs, many_words, write_utterance
from serflow.errors import UserError
from serflow.registry import FIGURES

CURVES, HISTOGRAMS = "attention_energy", "energy_correlations"


def titles(picture):
    return [axis.get_title(loc="left") for axis in picture.axes if axis.get_title(loc="left")]


def caption(world, kind, data, **change):
    return FIGURES.load_module(kind).caption(figure_specs(world)[kind] | change, data)


def other(tmp_path, **change):
    """The curves of an utterance with some arrays replaced, as a change of the spec."""
    path = write_utterance(tmp_path, CURVES)
    with np.load(path) as arrays:
        np.savez(path, **dict(arrays) | change)
    return {"attention": str(path)}


def runs(tmp_path, *tables):
    """CSV files of runs (fold, seed, raw, hidden), as a change of the spec."""
    entries = []
    for fold, seed, raw, hidden in tables:
        path = tmp_path / f"{fold}_{seed}.csv"
        names = [f"{fold:02d}{i}" for i in range(len(raw))]
        columns = {"utterance": names, "class": "sad", "frames": 400, "raw": raw, "hidden": hidden}
        pd.DataFrame(columns).to_csv(path, index=False)
        entries.append({"fold": fold, "seed": seed, "correlations": str(path)})
    return {"runs": entries}


def test_each_panel_has_the_weights_and_an_energy_at_the_middles_of_the_frames(draw, world):
    picture, data = draw(CURVES)
    with np.load(world / f"{CURVES}.npz") as arrays:
        weights, energies = arrays["weights"], [arrays["energy"], arrays["hidden_energy"]]
    left, twins = picture.axes[:2], picture.axes[4:]  # two panels, their words, the scales on their right
    for axis, twin, energy in zip(left, twins, energies, strict=True):
        curve, beside = axis.lines[-1], twin.lines[0]
        np.testing.assert_allclose(curve.get_xdata()[:2], [0.0125, 0.0225])
        np.testing.assert_allclose(curve.get_ydata(), 1000 * weights)
        np.testing.assert_allclose(beside.get_ydata(), 1000 * energy)
        np.testing.assert_array_equal(beside.get_xdata(), curve.get_xdata())
        assert curve.get_color() != beside.get_color()
    assert left[0].get_ylabel() == "attention weight (10⁻³)"
    assert left[0].get_ylim() == left[1].get_ylim()
    np.testing.assert_allclose(data["hidden_energy"], energies[1])
    assert data["word"].iloc[[15, 40]].tolist() == ["I", "am"]  # at 0.16 and 0.41 s


def test_a_dotted_line_is_where_even_attention_would_lie(draw):
    picture, data = draw(CURVES)
    assert picture.axes[1].lines[0].get_ydata()[0] == pytest.approx(1000 / len(data))


def test_the_correlation_stands_in_the_title_of_its_panel(draw, tmp_path):
    picture, _ = draw(CURVES, **other(tmp_path, correlation=-0.4531, hidden_correlation=-0.00001))
    assert titles(picture)[:2] == [
        "a  energy of the signal: correlation −0.453",
        "b  energy of the hidden vectors: correlation 0.000",
    ]


def test_a_constant_or_a_very_short_curve_has_none_and_the_title_says_so(draw, tmp_path):
    constant = np.full(254, 0.25)
    picture, _ = draw(CURVES, **other(tmp_path, hidden_energy=constant, hidden_correlation=np.nan))
    assert titles(picture)[1] == "b  energy of the hidden vectors: no correlation: constant"
    short = {name: np.array([0.4, 0.6]) for name in ("weights", "energy", "hidden_energy")}
    none = dict.fromkeys(("correlation", "hidden_correlation"), np.nan)
    picture, _ = draw(CURVES, **other(tmp_path, words="[]", **short, **none))
    assert titles(picture)[0] == "a  energy of the signal: no correlation: 2 frames"


def test_a_silent_signal_is_drawn(draw, tmp_path):
    picture, _ = draw(CURVES, **other(tmp_path, energy=np.zeros(254), correlation=np.nan))
    assert titles(picture)[0].endswith("no correlation: constant")


@pytest.mark.parametrize("correlation", [np.nan, -0.9999])
def test_no_title_runs_into_the_other_or_off_the_page(draw, tmp_path, correlation):
    change = {"correlation": correlation, "hidden_correlation": correlation, "words": "[]"}
    picture, _ = draw(CURVES, **other(tmp_path, **change))
    written = [text for text in picture.findobj(Text) if text.get_text().startswith(("a  ", "b  "))]
    left, right = (text.get_window_extent() for text in written)
    assert left.x1 < right.x0 and right.x1 <= picture.bbox.x1


def test_the_caption_of_the_curves_says_what_the_energies_are(draw, world):
    _, data = draw(CURVES)
    said = caption(world, CURVES, data)
    assert "a: of the signal, the mean square of its samples" in said
    assert "b: of the hidden vectors, the mean square of a vector's values (ours)" in said
    assert "Frames of 25 ms every 10 ms" in said


def test_words_stand_beneath_both_panels_side_by_side(draw, tmp_path):
    picture, _ = draw(CURVES, attention=str(write_utterance(tmp_path, CURVES, words=json.dumps(many_words(6, 2.56)))))
    strips = picture.axes[2:4]
    written = [[text.get_text() for text in axis.texts] for axis in strips]
    assert written[0] == written[1] == [word["word"] for word in many_words(6, 2.56)]


def test_bars_count_the_utterances_of_all_folds_a_seeds_mean(draw, tmp_path):
    first, second = [0.05, 0.05, -0.95], [0.05, 0.15, -0.95]
    change = runs(tmp_path, (1, 1, first, first), (1, 2, second, first), (2, 1, [1.0], [1.0]))
    picture, data = draw(HISTOGRAMS, **change)
    heights = picture.axes[0].patches[0].get_data().values
    assert heights[10] == 1.5  # 0 to 0.1: two and one of a seed each
    assert (heights[11], heights[0], heights[19]) == (0.5, 1, 0.5)  # the last bin holds 1 itself
    assert heights.sum() == pytest.approx(3.5)
    np.testing.assert_allclose(picture.axes[0].patches[0].get_data().edges, np.arange(-10, 11) / 10)
    assert picture.axes[0].get_ylim() == picture.axes[1].get_ylim()
    assert len(data) == 7


def test_the_mean_is_a_line_and_a_number_in_each_panel(draw, tmp_path):
    picture, _ = draw(HISTOGRAMS, **runs(tmp_path, (1, 1, [0.1, -0.3], [0.9, np.nan])))
    means = [(-0.1, "mean −0.100"), (0.9, "mean 0.900")]
    for axis, (mean, text) in zip(picture.axes, means, strict=True):
        assert axis.lines[0].get_xdata()[0] == pytest.approx(mean)
        assert [note.get_text() for note in axis.texts] == [text]
        box, around = axis.texts[0].get_window_extent(), axis.get_window_extent()
        assert around.x0 <= box.x0 and box.x1 <= around.x1


def test_the_caption_counts_utterances_folds_seeds_and_what_is_left_out(draw, world, tmp_path):
    _, data = draw(HISTOGRAMS)
    said = caption(world, HISTOGRAMS, data)
    assert "n = 400 test utterances of 2 folds, split speaker, each by the network of the epoch that validation" in said
    assert "averaged over 2 seeds" in said
    assert "Left out (of all seeds together), for fewer than 3 frames or weights or energy that are constant: 4" in said
    _, data = draw(HISTOGRAMS, **runs(tmp_path, (1, 1, [0.1, 0.2], [0.1, np.nan])))
    said = caption(world, HISTOGRAMS, data, weights="last")
    assert "n = 2 test utterances of 1 fold, split speaker, each by the network of the last epoch. Left out," in said
    assert "0 in a and 1 in b" in said
    _, data = draw(HISTOGRAMS, **runs(tmp_path, (1, 1, [0.1], [0.2])))
    assert "None is left out." in caption(world, HISTOGRAMS, data)


def test_a_panel_without_any_correlation_says_so(draw, tmp_path):
    picture, _ = draw(HISTOGRAMS, **runs(tmp_path, (1, 1, [np.nan], [np.nan])))
    assert [axis.texts[0].get_text() for axis in picture.axes] == 2 * ["no correlation\n(see caption)"]


def test_names_of_utterances_are_kept_as_written_and_hidden_where_the_corpus_is_licensed(draw, tmp_path):
    change = runs(tmp_path, (1, 1, [0.1, 0.2], [0.3, 0.4]))
    _, data = draw(HISTOGRAMS, **change)
    assert data["utterance"].tolist() == ["010", "011"]
    picture, data = draw(HISTOGRAMS, show_text=False, **change)
    assert list(data.columns) == ["fold", "seed", "class", "frames", "raw", "hidden"]
    assert not {"010", "011"} & {text.get_text() for text in picture.findobj(Text)}


def test_a_run_without_its_correlations_is_an_error_that_names_the_file(draw):
    with pytest.raises(UserError, match=r"nowhere\.csv: this file is missing; run snakemake --cores all"):
        draw(HISTOGRAMS, runs=[{"fold": 1, "seed": 1, "correlations": "nowhere.csv"}])
