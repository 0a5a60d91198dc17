import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt

from helpers.fabricated import GROUPS, figure_specs, sweep_spec
from serflow.cli import figure as figure_command
from serflow.errors import UserError
from serflow.registry import FIGURES
from serflow.reporting.curves import accuracy_by_epoch
from serflow.reporting.wording import protocol_label

KINDS = [
    "attention",
    "attention_energy",
    "attention_maps",
    "confusion",
    "correlation_matrices",
    "data_scale",
    "energy_correlations",
    "informativeness",
    "label_distribution",
    "reliability",
    "asr_curves",
    "sweep",
    "training_curves",
]


@pytest.mark.parametrize("kind", KINDS)
def test_a_figure_draws_without_warnings_and_fills_its_axes(draw, kind):
    picture, data = draw(kind)
    blank = [axis for axis in picture.axes if not (axis.lines or axis.patches or axis.collections or axis.images)]
    assert all("not run" in "".join(text.get_text() for text in axis.texts) for axis in blank)
    assert len(data) > 0


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_drawn_lies_outside_the_figure(draw, kind):
    picture, _ = draw(kind)
    box = picture.get_tightbbox()
    width, height = picture.get_size_inches()
    assert box.x0 >= -0.01 and box.y0 >= -0.01
    assert box.x1 <= width + 0.01 and box.y1 <= height + 0.01
    assert width <= 6.31


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.slow
def test_a_figure_is_written_byte_for_byte_alike(world, tmp_path, kind):
    spec = json.dumps(figure_specs(world)[kind] | {"asked": {}})
    written = []
    for name in ("first", "second"):
        paths = {suffix: tmp_path / name / f"figure.{suffix}" for suffix in ("svg", "pdf", "csv", "txt")}
        options = [f"--{'caption' if key == 'txt' else key}={path}" for key, path in paths.items()]
        figure_command.main(["--spec", spec, *options])
        written.append({suffix: path.read_bytes() for suffix, path in paths.items()})
    assert written[0] == written[1]
    assert all(written[0].values())


def test_an_unknown_kind_is_an_error_that_lists_the_known_ones():
    with pytest.raises(UserError, match="attention, attention_energy, attention_maps, confusion"):
        FIGURES.load_module("pie")


def test_the_sweep_plots_its_numbers(draw):
    picture, data = draw("sweep")
    for axis, panel in zip(picture.axes, (32, 64, 128), strict=True):
        for line, metric in zip(axis.lines[:2], ("wa", "ua"), strict=True):
            points = data[(data["panel"] == panel) & (data["metric"] == metric) & data["value"].notna()]
            np.testing.assert_array_equal(line.get_xydata(), points[["x", "value"]].to_numpy(float))
    first = data[(data["panel"] == 32) & (data["x"] == 1) & (data["metric"] == "wa")].iloc[0]
    assert first["value"] == pytest.approx(52.2)  # 0.5 + 0.02 - 0.003 + 32/6400
    assert first["high"] == pytest.approx(58.45)


def test_the_sweep_marks_the_reported_best_and_names_what_is_missing(draw, world):
    picture, data = draw("sweep")
    assert [axis.texts[0].get_text() for axis in picture.axes] == [f"reported best, IEMOCAP: {x}" for x in (4, 4, 3)]
    caption = FIGURES.load_module("sweep").caption(sweep_spec(world), data)
    assert "(n_size/n_head 128/6): not in the demo grid" in caption
    assert "2 folds × 2 seeds, 108 utterances tested" in caption


def test_the_sweep_takes_a_logarithmic_axis(world):
    picture, _ = FIGURES.load_module("sweep").draw({**sweep_spec(world, log2=True), "best_reported": None})
    assert {axis.get_xscale() for axis in picture.axes} == {"log"}
    plt.close(picture)


def test_a_sweep_of_few_speakers_shows_its_points_without_intervals(world, monkeypatch):
    module = FIGURES.load_module("sweep")
    numbers = module.read_numbers

    def without(*given, **named):
        return numbers(*given, **named) | {"low": None, "high": None}

    monkeypatch.setattr(module, "read_numbers", without)
    picture, data = module.draw(sweep_spec(world))
    low, high = picture.axes[0].get_ylim()
    assert low < data["value"].min() < data["value"].max() < high
    assert "intervals" not in module.caption(sweep_spec(world), data)


def test_a_sweep_point_without_scores_or_reason_is_an_error(world):
    spec = sweep_spec(world)
    spec["points"][0] |= {"scores": None, "missing": None}
    with pytest.raises(UserError, match="acnn_h1_s32"):
        FIGURES.load_module("sweep").draw(spec)


def test_confusion_rows_sum_to_a_hundred_and_keep_their_counts(draw):
    _, data = draw("confusion")
    mine = data[data["protocol"] == "as_published"]
    assert mine.groupby("truth")["share"].sum().to_numpy() == pytest.approx(np.full(4, 100))
    angry = mine[(mine["truth"] == "angry") & (mine["predicted"] == "angry")].iloc[0]
    assert (angry["count"], angry["share"]) == (15.5, pytest.approx(100 * 15.5 / 27.5))
    assert data[data["protocol"] == "strict"]["count"].isna().all()


def test_a_protocol_that_no_matrix_was_made_in_has_its_reason_in_the_caption_and_no_empty_panel(draw, world):
    picture, data = draw("confusion")
    spec = figure_specs(world)["confusion"]
    titles = [axis.get_title(loc="left") for axis in picture.axes]
    assert titles == [protocol_label(panel["protocol"]) for panel in spec["panels"][:2]]
    assert "not run: the demo runs strict for one system a paper" in FIGURES.load_module("confusion").caption(
        spec, data
    )


def test_a_matrix_that_is_missing_beside_others_of_its_protocol_says_so_in_its_place(draw, world):
    first, second, _ = figure_specs(world)["confusion"]["panels"]
    other = {"system": "acnn_1conv", "name": "Other"}
    panels = [first, second, first | other, second | other | {"scores": None, "missing": "not run: no time"}]
    _, _, _, last = draw("confusion", panels=panels)[0].axes
    assert "not run" in last.texts[0].get_text()


def test_a_class_is_drawn_as_the_corpus_calls_it(draw):
    picture, data = draw("confusion", class_names={"excited": "happy"})
    assert "happy" in {label.get_text() for label in picture.axes[0].get_yticklabels()}
    for column in ("truth", "predicted"):
        assert "happy" in set(data[column])
        assert "excited" not in set(data[column])


def test_a_confusion_matrix_averaged_over_folds_prints_the_mean_shares_beside_the_pooled_counts(draw, world):
    picture, data = draw("confusion", average="folds")
    mine = data[(data["protocol"] == "as_published") & (data["truth"] == "angry")].set_index("predicted")
    assert mine.loc["angry", ["count", "share"]].tolist() == [15.5, pytest.approx(70)]
    assert mine.loc["sad", ["count", "share"]].tolist() == [4, pytest.approx(10)]
    assert {"70", "15.5"} <= {text.get_text() for text in picture.axes[0].texts}
    spec = figure_specs(world)["confusion"] | {"average": "folds", "note": "The paper prints 70.13% for sad."}
    said = FIGURES.load_module("confusion").caption(spec, data)
    assert "Shares: the mean of a matrix a fold (and seed)" in said
    assert said.endswith("The paper prints 70.13% for sad.")
    assert "Shares" not in FIGURES.load_module("confusion").caption(figure_specs(world)["confusion"], data)


def test_shares_and_counts_of_the_labels_follow_the_manifest(draw):
    _, data = draw("label_distribution")
    lines = data.set_index("emotion")
    assert list(lines.index) == [*GROUPS, "all"]
    assert lines.loc["all", "utterances"] == 340
    assert lines.loc["anger", ["utterances", "improvised", "scripted"]].tolist() == [48, 32, 16]
    assert lines.loc["anger", "share"] == pytest.approx(100 * 48 / 340)
    assert lines.loc["the rest", ["utterances", "published_all"]].tolist() == [7, 5]
    assert lines.loc["all", "published_all"] == 10039


def test_a_label_outside_all_groups_is_an_error(world):
    spec = figure_specs(world)["label_distribution"]
    with pytest.raises(UserError, match="no group holds the label angry"):
        FIGURES.load_module("label_distribution").draw({**spec, "groups": [("fear", ["fearful"])]})


def test_a_corpus_without_styles_and_published_counts_gets_one_panel(world, tmp_path, draw):
    manifest = pd.read_parquet(world / "manifest.parquet").assign(style="")
    manifest.to_parquet(tmp_path / "plain.parquet")
    picture, data = draw("label_distribution", manifest=str(tmp_path / "plain.parquet"), published=None)
    assert len(picture.axes) == 1
    assert "published_all" not in data


def test_the_ua_of_an_epoch_is_the_mean_of_the_recalls():
    predictions = pd.DataFrame(
        {
            "epoch": [1, 1, 1, 1],
            "part": "test",
            "class": ["sad", "sad", "sad", "angry"],
            "p_angry": [0.1, 0.2, 0.9, 0.9],
            "p_sad": [0.9, 0.8, 0.1, 0.1],
        }
    )
    assert accuracy_by_epoch(predictions)["value"].tolist() == [pytest.approx(100 * (2 / 3 + 1) / 2)]


def test_learning_curves_are_means_and_ranges_over_the_runs(draw, world):
    _, data = draw("training_curves")
    test = data[(data["split"] == "random5") & (data["series"] == "test")].set_index("epoch")
    assert test["value"].tolist() == [25, 37.5, 62.5, 75, 75, 50]
    assert (test.loc[4, "low"], test.loc[4, "high"], test.loc[4, "runs"]) == (50, 100, 2)
    assert "validation" not in set(data[data["split"] == "random5"]["series"])
    assert set(data.loc[data["series"] == "train", "value"]) == {100}  # as the fabricated runs have it
    caption = FIGURES.load_module("training_curves").caption(figure_specs(world)["training_curves"], data)
    assert "As published: 2 runs, mean test UA 87.5 (best on test) and 50.0 (last epoch)." in caption


def test_attention_over_time_is_the_mean_of_the_map_with_the_word_spoken_then(draw, world):
    _, data = draw("attention")
    fused = np.load(world / "attention.npz")["map"]
    np.testing.assert_allclose(data["attention"], fused.mean(axis=1))
    assert data["time"].iloc[0] == pytest.approx(2.56 / 20 / 2)
    assert data["word"].iloc[[1, 2, 5]].tolist() == ["I", "am", "extraordinarily"]


def test_a_missing_run_is_an_error_naming_the_file(world):
    spec = figure_specs(world)["training_curves"]
    spec["panels"][0]["runs"][0]["folder"] = str(Path("nowhere"))
    with pytest.raises(UserError, match=r"nowhere/history\.csv"):
        FIGURES.load_module("training_curves").draw(spec)
