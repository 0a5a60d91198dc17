"""Figures of one test utterance: what is drawn is what the network gave, with words only where they may be shown."""

import json

import numpy as np
import pytest
from matplotlib.text import Text

from helpers.fabricated import OF_AN_UTTERANCE, UTTERANCE, figure_specs, many_words, write_utterance
from serflow.registry import FIGURES
from serflow.reporting.strips import LINE

pytestmark = pytest.mark.slow


def texts(picture):
    return [text.get_text() for text in picture.findobj(Text) if text.get_text()]


def caption(world, kind, data, **change):
    return FIGURES.load_module(kind).caption(figure_specs(world)[kind] | change, data)


def other(tmp_path, kind, **change):
    """An .npz of another utterance, as a change of the spec."""
    return {"attention": str(write_utterance(tmp_path, kind, **change))}


@pytest.mark.parametrize("kind", OF_AN_UTTERANCE)
@pytest.mark.parametrize("number", [1, 25])
def test_with_one_word_or_many_nothing_lies_outside_and_no_two_words_touch(draw, tmp_path, kind, number):
    words = many_words(number, 2.56)
    picture, _ = draw(kind, **other(tmp_path, kind, words=json.dumps(words)))
    box = picture.get_tightbbox()
    assert box.x0 >= -0.01 and box.y0 >= -0.01
    assert box.x1 <= picture.get_size_inches()[0] + 0.01 and box.y1 <= picture.get_size_inches()[1] + 0.01
    spoken = {word["word"] for word in words}
    for axis in picture.axes:
        # of the word alone: an annotation's own extent has the line to its middle in it
        boxes = [Text.get_window_extent(text) for text in axis.texts if text.get_text() in spoken]
        for i, one in enumerate(boxes):
            assert not any(one.overlaps(rest) for rest in boxes[i + 1 :])
    assert spoken <= set(texts(picture))


@pytest.mark.parametrize("kind", OF_AN_UTTERANCE)
def test_neither_word_nor_name_is_shown_where_the_text_is_licensed(draw, world, kind):
    picture, data = draw(kind, show_text=False)
    shown = " ".join(texts(picture))
    assert "extraordinarily" not in shown and "Ses01F" not in shown
    assert not {"word", "from_word"} & set(data.columns)
    said = caption(world, kind, data, show_text=False)
    assert "licensed and not shown" in said and "Ses01F" not in said


@pytest.mark.parametrize("kind", OF_AN_UTTERANCE)
def test_an_utterance_without_alignment_has_no_words_and_says_so(draw, world, tmp_path, kind):
    change = other(tmp_path, kind, words="[]")
    picture, data = draw(kind, **change)
    assert "word" not in data
    assert caption(world, kind, data, **change).endswith("It has no word alignment.")


def test_the_caption_says_how_many_words_have_room(world, tmp_path):
    kind = "informativeness"
    said = [caption(world, kind, {}, **other(tmp_path, kind, words=json.dumps(many_words(n, 2.56)))) for n in (40, 60)]
    assert "are written" not in said[0]
    assert said[1].endswith(f"Of its 60 words the {int(5.7 / LINE)} longest in time are written.")


@pytest.mark.parametrize("kind", OF_AN_UTTERANCE)
def test_the_caption_says_which_utterance_it_is_by_which_network(world, tmp_path, kind):
    assert "Utterance: excited, fold 1, split random10, the network of the last epoch." in caption(world, kind, {})
    said = caption(world, kind, {}, weights="best")
    assert "Utterance: excited, fold 1, split random10, the network of the epoch that validation chose." in said
    said = caption(world, kind, {}, **other(tmp_path, kind, predicted="sad"))
    assert "the network of the last epoch; no utterance of the class is classified correctly." in said
    said = caption(world, kind, {}, **other(tmp_path, kind, named=True))
    assert "The utterance is named in the configuration: test part of fold 1, split random10." in said


def test_each_head_is_drawn_as_its_matrix_on_one_colour_scale(draw, world):
    picture, data = draw("correlation_matrices")
    matrices = np.load(world / "correlation_matrices.npz")["matrices"]
    meshes = [axis.collections[0] for axis in picture.axes[:4]]
    for mesh, matrix in zip(meshes, matrices, strict=True):
        np.testing.assert_array_equal(mesh.get_array(), matrix)
        assert mesh.get_clim() == (matrices.min(), matrices.max())
    assert [axis.get_title(loc="left") for axis in picture.axes[:4]] == [f"head {k}" for k in (1, 2, 3, 4)]
    first = data.iloc[16 + 2]  # head 1, second row, third column
    assert first["weight"] == matrices[0, 1, 2]
    assert (first["time"], first["from_time"]) == (pytest.approx(0.16), pytest.approx(0.32))
    assert (first["word"], first["from_word"]) == ("I", "am")


def test_rows_run_downwards_and_a_matrix_is_square_in_time(draw):
    picture, _ = draw("correlation_matrices")
    for axis in picture.axes[:4]:
        assert (axis.get_xlim(), axis.get_ylim()) == ((0, 2.56), (2.56, 0))
        assert axis.get_window_extent().width == pytest.approx(axis.get_window_extent().height, rel=0.01)


def test_words_stand_along_both_axes_of_the_matrices(draw):
    picture, _ = draw("correlation_matrices")
    above = [text for axis in picture.axes[:4] for text in axis.texts if text.get_rotation() == 90]
    beside = [text for axis in picture.axes[:4] for text in axis.texts if text.get_rotation() == 0]
    words = ["I", "am", "extraordinarily", "glad", "today"]
    assert [text.get_text() for text in above] == 4 * words
    assert [text.get_text() for text in beside] == words


def test_words_that_a_row_of_matrices_leaves_no_room_get_two_rows(draw, tmp_path):
    picture, _ = draw("correlation_matrices", **other(tmp_path, "correlation_matrices", words="[]"))
    assert len({round(axis.get_position().y0, 3) for axis in picture.axes[:4]}) == 1
    words = many_words(18, 2.56)
    picture, _ = draw("correlation_matrices", **other(tmp_path, "correlation_matrices", words=json.dumps(words)))
    assert len({round(axis.get_position().y0, 3) for axis in picture.axes[:4]}) == 2
    side = picture.axes[0].get_window_extent().width / picture.dpi
    assert sum(text.get_rotation() == 90 for text in picture.axes[0].texts) == 18 <= side / LINE


def test_the_caption_of_matrices_tells_rows_from_columns_and_names_the_block(draw, world):
    _, data = draw("correlation_matrices")
    said = caption(world, "correlation_matrices", data)
    assert "(4 heads, 16 steps 160 ms apart): row t is how much step t takes from each step s" in said
    assert "spread evenly, each weight would be 0.062" in said
    assert "block 2 of convolution group 5, the 8th and last of the 8 that have some" in said


def test_the_caption_of_matrices_ends_with_the_note(world):
    without = caption(world, "correlation_matrices", {})
    said = caption(world, "correlation_matrices", {}, note="The paper's columns are masked.")
    assert said == f"{without} The paper's columns are masked."


def test_a_single_step_is_drawn(draw, tmp_path):
    for kind in ("correlation_matrices", "informativeness"):
        picture, data = draw(kind, **other(tmp_path, kind, seconds=0.1, words="[]"))
        assert len(data) == {"correlation_matrices": 4, "informativeness": 3}[kind]
        assert len(picture.axes[0].lines) + len(picture.axes[0].collections) > 0


def test_a_refinement_is_a_curve_through_the_times_of_its_steps(draw, world):
    picture, data = draw("informativeness")
    gates = np.load(world / "informativeness.npz")["informativeness"]
    curves = picture.axes[1].lines
    assert [curve.get_label() for curve in curves] == ["refinement 1", "2", "3"]
    for curve, gate in zip(curves, gates, strict=True):
        np.testing.assert_allclose(curve.get_xdata(), 0.16 * np.arange(16))
        np.testing.assert_array_equal(curve.get_ydata(), gate)
    line = data[(data["refinement"] == 2)].iloc[3]
    assert (line["start"], line["end"], line["informativeness"]) == (0.4, pytest.approx(0.56), gates[1, 3])
    assert line["word"] == "am"  # at 0.48 s


def test_silences_are_shaded_in_every_strip_but_the_words(draw):
    picture, _ = draw("informativeness")
    for axis in picture.axes[:2]:
        spans = [(patch.get_x(), patch.get_x() + patch.get_width()) for patch in axis.patches]
        np.testing.assert_allclose(spans, [(0, 0.1), (1.7, 1.8), (2.4, 2.56)])
    assert not picture.axes[2].patches


def test_features_without_an_energy_leave_its_strip_out(draw, world, tmp_path):
    with np.load(world / "informativeness.npz") as arrays:
        content = {name: arrays[name] for name in arrays.files if name not in ("energy", "hop_seconds")}
    np.savez(tmp_path / "plain.npz", **content)
    change = {"attention": str(tmp_path / "plain.npz")}
    picture, data = draw("informativeness", **change)
    assert len(picture.axes) == 2
    assert "energy" not in caption(world, "informativeness", data, **change)
    assert "energy of the frames" in caption(world, "informativeness", data)


def test_the_heading_gives_truth_prediction_and_its_probability(draw):
    picture, _ = draw("informativeness")
    assert f"{UTTERANCE['utterance']}   truth: excited, predicted: excited (p = 0.70)" in texts(picture)


def test_maps_of_teacher_and_students_stand_on_one_scale_with_their_distance(draw, world):
    picture, data = draw("attention_maps")
    content = np.load(world / "attention_maps.npz")
    strips = picture.axes[1:4]
    assert len({axis.get_ylim() for axis in strips}) == 1
    titles = [axis.get_title(loc="left") for axis in strips]
    one, two = content["distances"][1:]
    assert titles == [
        "teacher", f"student with transfer: l1 distance {one:.2f}", f"student without: l1 distance {two:.2f}",
    ]  # fmt: skip
    frames = content["maps"].shape[1]
    np.testing.assert_allclose(strips[2].lines[0].get_ydata(), frames * content["maps"][2])  # 1: spread evenly
    assert data.groupby("map")["weight"].sum().to_numpy() == pytest.approx(np.ones(3))
    assert data["time"].iloc[0] == pytest.approx(0.005)


def test_the_caption_of_the_maps_names_both_students_and_ends_with_the_note(world):
    said = caption(world, "attention_maps", {}, note="Fig. 2 sketches such maps.")
    assert "teacher, student with transfer and student without. The student is ACNN; without transfer it is" in said
    assert "from 0 (the same) to 2" in said
    named = caption(world, "attention_maps", {}, teacher="TCN + self-attention")
    assert "student without. The teacher is TCN + self-attention. The student is ACNN; without transfer" in named
    assert said.endswith("the network of the last epoch. Fig. 2 sketches such maps.")
