"""Error rates of teachers by epoch, out of the fabricated counts, whose rates are known."""

import pandas as pd
import pytest

from helpers.fabricated import figure_specs
from helpers.fabricated_teachers import write_curves
from serflow.errors import UserError
from serflow.registry import FIGURES

KIND = "asr_curves"


def rates(data, teacher, unit, fold=None):
    """Per cent by epoch of a fold, or of all together."""
    which = data["fold"].isna() if fold is None else data["fold"] == fold
    chosen = data[which & (data["teacher"] == teacher) & (data["unit"] == unit)].sort_values("epoch")
    return chosen["value"].tolist()


def caption(world, data, **change):
    return FIGURES.load_module(KIND).caption(figure_specs(world)[KIND] | change, data)


def test_rates_are_of_the_test_lines_that_training_never_saw(draw):
    _, data = draw(KIND)
    assert rates(data, "tcn_self", "phone", fold=1) == pytest.approx([90, 80, 70, 60, 50])
    assert rates(data, "tcn_self", "word", fold=2) == pytest.approx([110, 100, 90, 80, 70])
    assert set(data["lines"]) == {"unseen"}


def test_folds_are_pooled_by_their_counts_and_drawn_thick_over_thin_ones(draw):
    picture, data = draw(KIND)
    assert rates(data, "tcn_self", "phone") == pytest.approx([95, 85, 75, 65, 55])
    first = picture.axes[0]
    widths = [line.get_linewidth() for line in first.lines]
    assert [width < 1 for width in widths] == [True, True, False, True, True, False, True]  # the last one: 100 %
    assert first.lines[2].get_ydata() == pytest.approx([95, 85, 75, 65, 55])
    assert set(first.lines[-1].get_ydata()) == {100}


def test_larger_folds_weigh_more(draw, tmp_path, world):
    curves = pd.read_csv(world / "asr/curves.csv")
    columns = ["substitutions", "deletions", "insertions", "reference"]
    curves[columns] = curves[columns].mul(curves["fold"].map({1: 3, 2: 1}), axis=0)
    curves.to_csv(tmp_path / "curves.csv", index=False)
    _, data = draw(KIND, curves=str(tmp_path / "curves.csv"))
    assert rates(data, "tcn_self", "phone")[0] == pytest.approx((3 * 90 + 100) / 4)


def test_the_caption_says_how_much_speech_how_many_runs_and_the_last_rates(draw, world, monkeypatch):
    monkeypatch.setattr("serflow.reporting.figures.asr_curves.HIGHEST", 150)
    _, data = draw(KIND)
    said = caption(world, data, note="The paper prints no curve.")
    assert "Error rates by epoch, decoded greedily, of the test part of split" in said
    assert "over the lines that are not in the training part. 2 folds × 2 seeds:" in said
    assert (
        "In the last epoch 55.0% (Teacher: TCN, self-attention) and 100.0% (Its transcripts shuffled) of 160 phones. "
        "In the last epoch 65.0% (Teacher: TCN, self-attention) and 110.0% (Its transcripts shuffled) of 80 words."
    ) in said
    assert said.endswith("Rates above 150% lie outside. The paper prints no curve.")


def test_where_no_line_is_new_all_lines_are_drawn_and_the_caption_says_so(draw, world, tmp_path):
    write_curves(tmp_path / "curves.csv", unseen=0)
    _, data = draw(KIND, curves=str(tmp_path / "curves.csv"))
    assert rates(data, "tcn_self", "phone", fold=1) == pytest.approx([85, 75, 65, 55, 45])
    assert "over all lines, since each is in the training part" in caption(world, data)


def test_rates_that_stay_low_still_show_the_line_at_a_hundred(draw, world):
    teachers = figure_specs(world)[KIND]["teachers"][:1]
    picture, data = draw(KIND, teachers=teachers)
    assert [axis.get_ylim()[1] for axis in picture.axes] == pytest.approx([105, 1.05 * 110])
    assert "lie outside" not in caption(world, data, teachers=teachers)


def test_each_axis_begins_a_little_below_its_lowest_rate(draw):
    picture, data = draw(KIND)
    for axis, unit in zip(picture.axes, ("phone", "word"), strict=True):
        lowest = data.loc[data["unit"] == unit, "value"].min()
        assert lowest - 20 < axis.get_ylim()[0] < lowest


def test_a_teacher_without_a_line_is_an_error_naming_the_file(draw):
    with pytest.raises(UserError, match=r"curves\.csv: no line of the test part of teacher tcn_soft"):
        draw(KIND, teachers=[{"teacher": "tcn_soft", "name": "soft"}])
    with pytest.raises(UserError, match=r"gone\.csv: this file is missing"):
        draw(KIND, curves="gone.csv")
