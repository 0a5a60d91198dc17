"""UA against training utterances: where points stand, what the yardsticks and the reported curve are."""

import numpy as np
import pandas as pd
import pytest

from helpers.fabricated import data_scale_spec
from serflow.errors import UserError
from serflow.registry import FIGURES
from serflow.reporting.figures.data_scale import caption


def series(data, name):
    return data[data["series"] == name]


def test_a_point_stands_at_the_mean_number_of_utterances_that_the_classes_give(draw):
    _, data = draw("data_scale")
    mine = series(data, "reproduced")
    # training utterances of the classes: 25, 30, 35, 40 in fold 1, one more in fold 2; fold 3 is not run
    assert mine["used"].tolist() == [20, (25 + 26 + 6 * 30) / 8, 33]
    assert mine["size"].tolist()[:2] == [20, 30] and np.isnan(mine["size"].iloc[2])
    assert mine[["fewest", "most"]].to_numpy().tolist() == [[20, 20], [25, 30], [25, 41]]
    assert mine["value"].tolist() == pytest.approx([48.75, 55, 61.25])  # UA: fabricated WA less 0.0125


def test_the_curve_and_its_intervals_are_the_scores(draw):
    picture, data = draw("data_scale")
    mine = series(data, "reproduced")
    axis = picture.axes[0]
    np.testing.assert_array_equal(axis.lines[1].get_xydata(), mine[["used", "value"]])
    bars = [[tuple(end) for end in bar] for bar in axis.collections[0].get_segments()]
    expected = [[(x, low), (x, high)] for x, low, high in mine[["used", "low", "high"]].itertuples(index=False)]
    assert bars == expected


def test_a_yardstick_is_a_level_line_with_its_name(draw):
    picture, data = draw("data_scale")
    (line,) = series(data, "yardstick").itertuples()
    assert (line.system, line.value) == ("svm_compare", pytest.approx(55))
    assert set(picture.axes[0].lines[0].get_ydata()) == {line.value}
    assert "SVM on ComParE\nfunctionals\n55.0" in [text.get_text() for text in picture.axes[0].texts]


def test_the_reported_curve_has_a_panel_of_its_own_in_thousands_and_italics(draw):
    picture, _ = draw("data_scale")
    axis = picture.axes[1]
    np.testing.assert_array_equal(axis.lines[0].get_xydata(), [[6, 65.6], [12, 71.1], [60, 88.1]])
    assert "thousands" in axis.get_xlabel()
    notes = [axis.texts[0], axis._left_title]
    assert [note.get_text() for note in notes] == ["RID, read off the figure", "b  reported in the literature"]
    assert {note.get_fontstyle() for note in notes} == {"italic"}


def test_without_a_reported_curve_there_is_one_panel(draw, world):
    picture, data = draw("data_scale", reported=[], reported_on=None)
    assert len(picture.axes) == 1
    assert "literature" not in caption(data_scale_spec(world) | {"reported": []}, data)


def test_the_caption_says_what_sizes_count_and_how_many_the_largest_set_has(draw, world):
    _, data = draw("data_scale")
    said = caption(data_scale_spec(world), data)
    assert "UA against the training utterances a class, after the split, as published" in said
    assert "the largest set has 25 to 41 a class" in said
    assert "2 folds × 2 seeds, 108 utterances tested" in said
    assert "Grey lines: SVM on ComParE functionals, trained on the whole training part." in said
    assert "b: reported in the literature (RID, read off the figure)" in said
    small = data_scale_spec(world)
    small["points"] = small["points"][:1]
    assert "gives all that it has" not in caption(small, FIGURES.load_module("data_scale").draw(small)[1])


def test_scores_without_an_interval_over_speakers_are_drawn_without_bars(draw, world, tmp_path):
    spec = data_scale_spec(world)
    scores = pd.read_csv(world / "scores/random5/scores.csv").assign(low_speakers=np.nan, high_speakers=np.nan)
    scores.to_csv(tmp_path / "scores.csv", index=False)
    change = {key: [entry | {"scores": str(tmp_path)} for entry in spec[key]] for key in ("points", "yardsticks")}
    _, data = draw("data_scale", **change)
    assert series(data, "reproduced")["value"].notna().all()
    assert "intervals" not in caption(spec | change, data)


def test_a_size_that_is_not_run_is_named_with_its_reason(draw, world):
    spec = data_scale_spec(world)
    points = [entry | {"scores": None, "missing": "not run: no time"} for entry in spec["points"]]
    picture, data = draw("data_scale", points=points, yardsticks=[])
    assert "not run\n(see caption)" in [text.get_text() for text in picture.axes[0].texts]
    assert "Not shown (20, 30, all a class): not run: no time." in caption(spec | {"points": points}, data)


def test_a_point_without_scores_or_reason_is_an_error(draw, world):
    points = data_scale_spec(world)["points"]
    points[0] |= {"scores": None}
    with pytest.raises(UserError, match="acnn_train_per_class20: give `scores` or a reason"):
        draw("data_scale", points=points)


def test_a_fold_table_that_is_missing_is_an_error_naming_it(draw):
    with pytest.raises(UserError, match=r"nowhere/random5\.parquet: this file is missing"):
        draw("data_scale", split_table="nowhere/random5.json")
