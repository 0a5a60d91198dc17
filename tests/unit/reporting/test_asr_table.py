"""A table of what teachers recognise: error rates, which may exceed 100 %, and no talk of accuracy."""

import pandas as pd
import pytest

from helpers.fabricated_teachers import recognition_spec
from serflow.reporting.captions import table_caption
from serflow.reporting.layout import table_layout
from serflow.reporting.table_rows import table_rows


def cells(spec):
    rows = table_layout(spec, table_rows(spec))["rows"]
    return {(row["name"], line["metric"]): line["cells"][0] for row in rows for line in row["lines"]}


def test_error_rates_stand_in_per_cent_and_may_exceed_a_hundred(world):
    found = cells(recognition_spec(world))
    assert found["Teacher: TCN, self-attention", "PER"]["text"] == "41.0"
    shuffled = found["Its transcripts shuffled", "WER, new lines"]
    assert (shuffled["text"], shuffled["spread"], shuffled["stars"]) == ("122.0", "[119.0–125.0]", "")


def test_a_reported_error_rate_is_of_other_turns_and_quoted_rows_stay_quoted(world):
    spec = recognition_spec(world)
    (line,) = (row for row in table_rows(spec) if row["reported"] == "47.7")
    assert (line["reproduced"], line["difference"], line["verdict"]) == ("58.00", "", "")
    assert not table_layout(spec, table_rows(spec))["differences"]
    assert cells(spec)["Another recogniser", "WER"]["text"] == " "


def test_the_caption_says_what_an_error_is_and_nothing_of_accuracy_or_yardsticks(world):
    said = table_caption(recognition_spec(world), table_rows(recognition_spec(world)))
    assert said == (
        "Turns with words of the fold's test speaker, both styles and every label; decoded with a beam of 4 by the "
        "network of the last epoch. Rates may exceed 100. 5 folds × 1 seed. Utterances tested: 1,400 as published. "
        "New lines: 1,200 utterances. Improvised, of every label: 600 utterances."
    )
    assert not any(word in said for word in ("UA", "accuracy", "*", "majority"))


@pytest.mark.parametrize("written", ["no line", "no number"])
@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        ("unseen", "every line of the test part was trained on"),
        ("improvised", "no turn of the test part is improvised"),
    ],
)
def test_where_no_line_is_of_a_kind_there_is_no_rate_of_such_ones(world, tmp_path, written, lines, reason):
    scores = pd.read_csv(world / "asr/scores.csv")
    unseen = scores["metric"].str.endswith(lines)
    scores.loc[unseen, ["pooled", "mean", "sd"]] = None
    (scores[~unseen] if written == "no line" else scores).to_csv(tmp_path / "scores.csv", index=False)
    spec = recognition_spec(world)
    spec["rows"][0]["scores"] = {"as_published": str(tmp_path)}
    told = {line["column"]: line for line in table_rows(spec) if line["row"] == "tcn_self"}
    assert told[f"per_{lines}"]["note"] == reason
    assert (told[f"per_{lines}"]["reproduced"], told["per"]["reproduced"]) == ("", "41.00")


def test_a_teacher_that_is_not_trained_gives_its_reason(world):
    spec = recognition_spec(world)
    spec["rows"] = spec["rows"][:1]
    spec["rows"][0] |= {"scores": {"as_published": None}, "missing": {"as_published": "X has no transcripts"}}
    laid_out = table_layout(spec, table_rows(spec))
    assert laid_out["caption"] == "Reported numbers alone, of IEMOCAP. X has no transcripts."
    assert laid_out["quoted"]["rows"] == [{"name": "Teacher: TCN, self-attention", "values": ["47.7"]}]


def test_what_a_teacher_learned_of_sound_stands_beneath_in_every_rate(world):
    """Its difference to one that was trained on wrong transcripts, of the same lines."""
    spec = recognition_spec(world)
    spec["rows"][0]["ablated"] = {"id": "tcn_self_shuffled", "system": "tcn_self_shuffled"}
    rows = table_rows(spec)
    beneath = table_layout(spec, rows)["ablation"]
    assert {line["head"] for line in beneath} == {"Difference, points"}
    assert beneath[0]["name"] == "PER: Teacher: TCN, self-attention"
    assert (beneath[0]["relation"], beneath[0]["beside"]) == ("minus", "Its transcripts shuffled")
    shown = {line["metric"]: line["cells"][0] for line in beneath}
    assert list(shown) == [f"{name}{lines}" for lines in ("", ", new lines", ", improvised") for name in ("PER", "WER")]
    unseen = shown["PER, new lines"]
    assert (unseen["text"], unseen["spread"], unseen["stars"]) == ("−45.0", "[−49.0, −41.0]", "")
    said = table_caption(spec, rows)
    assert "As published: 5 test speakers, so that no p can be below 0.062." in said
    assert "component" not in said
