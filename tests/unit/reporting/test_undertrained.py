"""A network that is undertrained: the sign beside its numbers, what explains it, and what is then not said."""

import shutil

import pandas as pd
import pytest

from helpers.fabricated import PROTOCOLS, data_scale_spec, sweep_spec, table_spec, with_components, with_z_test
from serflow.registry import FIGURES
from serflow.reporting.captions import contrasts, table_caption
from serflow.reporting.layout import table_layout
from serflow.reporting.reading import how_to_read
from serflow.reporting.rows import COLUMNS
from serflow.reporting.table_rows import table_rows
from serflow.reporting.undertrained import SIGN, TESTS, marked, significant, stars

COMPLETE = dict.fromkeys(COLUMNS, "")


@pytest.fixture
def marked_world(world, tmp_path):
    """The fabricated scores, with another `ua_train` and `undertrained` of some systems."""

    def change(**systems):
        shutil.copytree(world / "scores", tmp_path / "scores", dirs_exist_ok=True)
        for path in tmp_path.glob("scores/*/scores.csv"):
            scores = pd.read_csv(path, keep_default_na=False)
            for system, (ua, state) in systems.items():
                scores.loc[scores["system"] == system, ["ua_train", "undertrained"]] = [ua, state]
            scores.to_csv(path, index=False)
        return tmp_path

    return change


def cells(spec):
    """(row, metric, protocol) -> cell."""
    return {
        (row["name"], line["metric"], protocol["name"]): cell
        for row in table_layout(spec, table_rows(spec))["rows"]
        for line in row["lines"]
        for protocol, cell in zip(spec["protocols"], line["cells"], strict=True)
    }


def test_without_an_undertrained_network_there_is_no_sign(world):
    spec = with_z_test(world)
    assert not any(cell.get("sign") for cell in cells(spec).values())
    assert SIGN not in table_caption(spec, table_rows(spec))
    assert SIGN not in [entry["sign"] for entry in how_to_read([(spec, table_rows(spec))], [])]


def test_every_number_of_an_undertrained_system_has_the_sign_and_no_other_has(marked_world):
    spec = table_spec(marked_world(acnn_1conv=(0.41, "yes")))
    signed = {name for (name, *_), cell in cells(spec).items() if cell.get("sign") == SIGN}
    printed = [cell for (name, *_), cell in cells(spec).items() if name in signed and cell["text"]]
    assert signed == {"1 convolutional layer"}
    assert all(cell["sign"] for cell in printed)


def test_a_line_has_the_training_ua_in_per_cent(marked_world):
    rows = table_rows(table_spec(marked_world(acnn_1conv=(0.41, "yes"))))
    found = {(row["system"], row["ua_train"], row["undertrained"]) for row in rows if row["reproduced"]}
    assert found == {("acnn", "87.50", "no"), ("acnn_1conv", "41.00", "yes"), ("svm_compare", "75.00", "")}


def test_no_star_dagger_or_verdict_stands_beside_the_sign(marked_world, world):
    name = "1 convolutional layer"
    assert cells(table_spec(world))[name, "WA", "random10"]["stars"]
    assert not cells(table_spec(marked_world(acnn_1conv=(0.41, "yes"))))[name, "WA", "random10"]["stars"]
    assert cells(with_z_test(world))["ACNN, head fusion (this paper)", "WA", "random10"]["dagger"]
    spec = with_z_test(marked_world(acnn=(0.41, "yes")))
    assert not cells(spec)["ACNN, head fusion (this paper)", "WA", "random10"]["dagger"]
    rows = table_rows(table_spec(marked_world(acnn=(0.41, "yes")), comparable=True))
    verdicts = {row["verdict"] for row in rows if row["system"] == "acnn" and row["difference"] and row["low"]}
    assert verdicts == {"undertrained"}


def test_nothing_is_better_than_an_undertrained_network(marked_world):
    spec = with_z_test(marked_world(svm_compare=(0.41, "yes")))
    spec["protocols"] = PROTOCOLS[:3]  # of the fourth the SVM has no scores
    assert not any(cell.get("dagger") for cell in cells(spec).values())
    assert "z-test" not in table_caption(spec, table_rows(spec))


@pytest.mark.parametrize("undertrained", ["acnn", "acnn_1conv"])
def test_a_gain_has_the_sign_in_place_of_a_star_where_either_row_is_undertrained(marked_world, undertrained):
    spec = with_components(marked_world(**{undertrained: (0.41, "yes")}))
    (line,) = table_layout(spec, table_rows(spec))["ablation"]
    gains = [cell for cell in line["cells"] if cell["text"]]
    assert gains and all((cell["stars"], cell["sign"]) == ("", SIGN) for cell in gains)


@pytest.mark.parametrize(
    ("systems", "said"),
    [
        (
            {"acnn_1conv": (0.41, "yes")},
            "§: undertrained (UA on a sample of its own training part: 41.0); no finding about the system.",
        ),
        (
            {"acnn_1conv": (0.41, "yes"), "acnn": (0.5, "yes")},
            "§: undertrained (UA on a sample of its own training part: 41.0–50.0); no finding about the system.",
        ),
        ({"svm_compare": (0.99, "encoder")}, "§: rests on an undertrained network; no finding about the system."),
        (
            {"acnn_1conv": (0.41, "yes"), "svm_compare": (0.99, "encoder")},
            "§: undertrained (UA on a sample of its own training part: 41.0), or rests on an undertrained network; no ",
        ),
    ],
)
def test_the_caption_says_what_the_sign_stands_for(marked_world, systems, said):
    spec = table_spec(marked_world(**systems))
    assert table_caption(spec, table_rows(spec)).count(SIGN) == 1
    assert said in table_caption(spec, table_rows(spec))


def test_how_to_read_states_the_rule_once(marked_world):
    spec = table_spec(marked_world(acnn_1conv=(0.41, "yes")))
    texts = [entry["text"] for entry in how_to_read([(spec, table_rows(spec))] * 2, []) if entry["sign"] == SIGN]
    assert len(texts) == 1
    assert "half way between chance (1 / classes) and 1" in texts[0]


@pytest.mark.parametrize(("first", "second"), [("yes", "no"), ("no", "encoder")])
def test_what_a_protocol_is_worth_to_an_undertrained_row_has_the_sign(first, second):
    line = COMPLETE | {"row": "a", "name": "A", "column": "ua", "protocol": "random10", "contrast_to": "strict"}
    line |= {"contrast": "1.00", "contrast_p": "0.01", "undertrained": first, "contrast_undertrained": second}
    said = contrasts([{"what": "to peek", "from": "random10", "to": "strict"}], [line])
    assert said.startswith("To peek is worth +1.0§ (A) points of UA.")


@pytest.mark.parametrize(
    ("test", "other", "state", "counts"),
    [
        ("p", "undertrained", "yes", False),
        ("p", "undertrained", "encoder", False),
        ("p", "undertrained", "no", True),
        ("p", "ablated_undertrained", "yes", True),
        ("gain_p", "ablated_undertrained", "yes", False),
        ("p_z", "z_against_undertrained", "yes", False),
    ],
)
def test_a_test_counts_where_neither_of_its_two_is_undertrained(test, other, state, counts):
    line = COMPLETE | {test: "0.01", other: state}
    assert significant(line, test) is counts
    assert marked(line, test) is not counts
    assert not significant(line | {test: "0.05"}, test)
    assert not significant(line | {test: ""}, test)


@pytest.mark.parametrize("test", TESTS)
@pytest.mark.parametrize(("seeds", "counts"), [("1", False), ("2", True), ("", True)])
def test_a_test_of_one_seed_finds_nothing_unless_neither_system_depends_on_it(test, seeds, counts):
    line = COMPLETE | {test: "0.01", TESTS[test][1]: seeds}
    assert significant(line, test) is counts


@pytest.mark.parametrize(
    ("p", "corrected", "printed"), [("0.06", "0.06", ""), ("0.04", "0.08", "*"), ("0.01", "0.03", "**")]
)
def test_a_second_star_stands_where_holms_correction_leaves_the_difference(p, corrected, printed):
    line = COMPLETE | {"gain_p": p, "gain_p_holm": corrected, "gain_seeds": "3"}
    assert stars(line, "gain_p") == printed
    assert stars(line | {"gain_seeds": "1"}, "gain_p") == ""


def drawn(world, changed, kind, spec):
    """The data and the caption of a figure whose points are of the changed scores."""
    spec = spec(world)
    for point in spec["points"]:
        if point["scores"]:
            point["scores"] = str(changed / "scores/random5")
    module = FIGURES.load_module(kind)
    _, data = module.draw(spec)
    return data, module.caption(spec, data)


def test_undertrained_points_of_a_sweep_are_named(world, marked_world):
    changed = marked_world(acnn_h1_s32=(0.3, "yes"), acnn_h8_s64=(0.3, "encoder"))
    data, caption = drawn(world, changed, "sweep", sweep_spec)
    assert "Undertrained, hence no finding (n_size/n_head): 32/1, 64/8." in caption
    assert set(data.loc[data["undertrained"], "system"]) == {"acnn_h1_s32", "acnn_h8_s64"}
    assert "Undertrained" not in drawn(world, world, "sweep", sweep_spec)[1]


def test_undertrained_sizes_are_named(world, marked_world):
    changed = marked_world(acnn_train_per_class20=(0.3, "yes"), acnn=(0.3, "yes"))
    data, caption = drawn(world, changed, "data_scale", data_scale_spec)
    assert "Undertrained, hence no finding: 20, all a class." in caption
    assert data["undertrained"].sum() == 2
    assert "Undertrained" not in drawn(world, world, "data_scale", data_scale_spec)[1]
