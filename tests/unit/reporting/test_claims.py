"""Claims from the YAML to the printed table, on made-up scores whose numbers leave no doubt."""

import pytest

from helpers.claimed import BASELINE, FINAL, OTHER, PROTOCOLS, claim, pair, score, table, write_scores
from helpers.declared import copy_of_workflow, iemocap, make_report, rewrite
from serflow.cli.table import main as write_one_table
from serflow.errors import UserError
from serflow.files import canonical_json
from serflow.reporting.claims_layout import claims_reading
from serflow.reporting.layout import table_layout
from serflow.reporting.reading import how_to_read
from serflow.reporting.rows import read_table
from serflow.reporting.table_rows import table_rows
from serflow.reporting.verdicts import CLAIM_COLUMNS, NOT_JUDGED, VERDICTS, verdict_counts

PAPER = "huang2016"


def scored(folder, *changes, systems=(FINAL, BASELINE, OTHER)):
    """Scores of three systems under every split, and of each against the baseline; `changes` in both files' lines."""
    of_scores, of_pairs = changes or ({}, {})
    for split in ("speaker", "random10"):
        lines = [score(system, **of_scores) for system in systems]
        write_scores(folder / split, lines, [pair(system, BASELINE, **of_pairs) for system in (FINAL, OTHER)])
    return folder


def told(rows, claim, protocol="strict"):
    (line,) = (row for row in rows if (row["claim"], row["protocol"]) == (claim, protocol))
    return line


def resolved(root, folder, change=lambda claims: None):
    """The table of huang2016's claims under strict, its YAML changed, over what `scored` has written."""
    rewrite(
        root if (root / "workflow").exists() else copy_of_workflow(root), lambda data: change(data["claims"]), PAPER
    )
    report = make_report(root=root, papers=[PAPER], **iemocap(protocols=["strict"]))
    spec = report.table(PAPER, "table_claims")
    for row in spec["rows"]:
        row["scores"] = {name: str(folder / "speaker") for name in row["scores"]}
    return table_rows(spec)


@pytest.fixture
def measured(tmp_path):
    """The scores of all nine claims of huang2016, every system four points ahead of the baseline."""
    lines, pairs = [], []
    claims = make_report(papers=[PAPER], **iemocap()).workflow.papers[PAPER]["claims"]
    for metric in ("wa", "ua"):
        lines += [score(system, metric) for system in dict.fromkeys([BASELINE, *(one["system"] for one in claims)])]
        pairs += [pair(line["system"], BASELINE, metric) for line in lines if line["system"] != BASELINE]
    write_scores(tmp_path / "speaker", lines, {tuple(line.items()): line for line in pairs}.values())
    return tmp_path


@pytest.mark.parametrize(("before", "after"), [("held", "contradicted"), ("contradicted", "held")])
def test_a_claim_whose_yaml_is_edited_to_the_opposite_gets_the_opposite_verdict(tmp_path, measured, before, after):
    name = {"held": "final_wa", "contradicted": "overfitted_eq8_wa"}[before]
    opposite = {"above": "below", "below": "above"}

    def turn(claims):
        (mine,) = (one for one in claims if one["id"] == name)
        mine["direction"] = opposite[mine["direction"]]

    first, second = resolved(tmp_path, measured), resolved(tmp_path, measured, turn)
    assert (told(first, name)["verdict"], told(second, name)["verdict"]) == (before, after)
    assert [row for row in first if row["claim"] != name] == [row for row in second if row["claim"] != name]


def test_a_line_has_the_claim_the_measurement_in_points_and_the_verdict(tmp_path):
    (line,) = table_rows(table(scored(tmp_path), claim("one"), protocols=PROTOCOLS[2:]))
    assert list(line) == CLAIM_COLUMNS
    assert line == {
        "item": "x/table_claims/one/ua", "claim": "one", "text": "What one says", "source": "section 4",
        "experiment": "full", "system": FINAL, "against": BASELINE, "column": "ua", "direction": "above", "size": "1.5",
        "claimed_on": "IEMOCAP", "protocol": "strict", "split": "speaker", "select": "best_validation",
        "gain": "4.00", "gain_low": "2.00", "gain_high": "6.00",
        "gain_seeds": "3", "gain_sd_seeds": "1.00", "gain_by_seed": "3.00 4.00 5.00",
        "p_interval": "0.001000", "p_holm": "0.001000", "folds": "10", "seeds": "3", "utterances": "400",
        "speakers": "10", "sessions": "5", "undertrained": "no", "against_undertrained": "no",
        "verdict": "held", "reason": "", "note": "",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("of_scores", "of_pairs", "select", "reason"),
    [
        ({}, {"seeds": "1", "sd_seeds": "", "by_seed": "0.040000"}, "best_validation", "one seed"),
        ({"undertrained": "yes"}, {}, "best_validation", "undertrained"),
        ({"undertrained": "encoder"}, {}, "best_validation", "undertrained"),
        ({}, {"p_interval": ""}, "best_test", "chosen on test"),
        ({}, {"p_interval": "", "low": "", "high": ""}, "best_validation", "no interval"),
    ],
)
def test_a_difference_that_cannot_be_judged_is_printed_with_the_reason(tmp_path, of_scores, of_pairs, select, reason):
    folder = scored(tmp_path, of_scores | {"select": select}, of_pairs | {"select": select})
    protocols = [PROTOCOLS[2] | {"select": select}]
    spec = table(folder, claim("one"), protocols=protocols)
    (line,) = table_rows(spec)
    assert (line["verdict"], line["reason"], line["p_holm"], line["gain"]) == ("not judged", reason, "", "4.00")
    (cell,) = table_layout(spec, [line])["claims"]["rows"][0]["lines"][0]["cells"]
    assert (cell["text"], cell["verdict"], cell["reason"]) == ("+4.0", "not judged", reason)


def test_the_baseline_alone_being_undertrained_is_enough(tmp_path):
    scored(tmp_path)
    lines = [score(FINAL), score(BASELINE, undertrained="yes")]
    write_scores(tmp_path / "speaker", lines, [pair(FINAL, BASELINE)])
    (line,) = table_rows(table(tmp_path, claim("one"), protocols=PROTOCOLS[2:]))
    assert (line["undertrained"], line["against_undertrained"], line["reason"]) == ("no", "yes", "undertrained")


def test_an_interval_that_covers_nothing_shows_nothing_in_either_direction(tmp_path):
    folder = scored(
        tmp_path, {}, {"difference": "0.010000", "low": "-0.020000", "high": "0.040000", "p_interval": "0.47"}
    )
    rows = table_rows(table(folder, claim("one"), claim("other", OTHER, direction="below")))
    assert {row["verdict"] for row in rows} == {"not shown"}


def test_holm_counts_the_claims_that_are_judged_under_the_same_protocol(tmp_path):
    """p 0.03: held alone; of two claims 0.06. A claim that is not run takes no part."""
    folder = scored(tmp_path, {}, {"p_interval": "0.030000"})
    alone = claim("one"), claim("other", OTHER, missing={"strict": "not run: no time"})
    rows = table_rows(table(folder, *alone))
    assert (told(rows, "one")["verdict"], told(rows, "one")["p_holm"]) == ("held", "0.030000")
    assert (told(rows, "one", "random10")["verdict"], told(rows, "one", "random10")["p_holm"]) == (
        "not shown",
        "0.060000",
    )


def test_a_claim_that_is_not_run_says_why_below_the_table(tmp_path):
    spec = table(scored(tmp_path), claim("one", missing={"random10": "not run: no teacher"}))
    line = told(table_rows(spec), "one", "random10")
    assert (line["verdict"], line["reason"], line["note"], line["gain"]) == (
        NOT_JUDGED,
        "not run",
        "not run: no teacher",
        "",
    )
    laid_out = table_layout(spec, table_rows(spec))["claims"]
    assert laid_out["footnotes"] == ["not run: no teacher"]
    assert [cell["mark"] for cell in laid_out["rows"][0]["lines"][0]["cells"]] == [0, 1]


def test_a_metric_that_no_utterance_counts_for_is_not_judged(tmp_path):
    """Of whole segments there are lines only where some test utterance holds one."""
    spec = table(scored(tmp_path), claim("one", metric="ua_whole"), protocols=PROTOCOLS[2:])
    (line,) = table_rows(spec)
    assert (line["reason"], line["note"]) == ("no interval", "no test utterance holds a whole segment")


def test_scores_that_know_nothing_of_a_claims_pair_are_told(tmp_path):
    write_scores(tmp_path / "speaker", [score(FINAL), score(BASELINE)], [])
    spec = table(tmp_path, claim("one"), protocols=PROTOCOLS[2:])
    with pytest.raises(UserError, match=f"pairs.csv: no line for system {FINAL}.*against {BASELINE}; delete"):
        table_rows(spec)
    write_scores(tmp_path / "speaker", [score(FINAL)], [])
    with pytest.raises(UserError, match=f"scores.csv: no line for system {BASELINE}"):
        table_rows(spec)


def test_protocols_of_the_same_runs_are_one_column_and_are_counted_once(tmp_path):
    spec = table(scored(tmp_path), claim("one"), claim("other", OTHER, direction="below"))
    laid_out = table_layout(spec, table_rows(spec))
    assert [head["label"] for head in laid_out["claims"]["protocols"]] == ["as published, strict", "random10"]
    assert {len(line["cells"]) for row in laid_out["claims"]["rows"] for line in row["lines"]} == {2}
    assert laid_out["caption"].startswith(
        "As published = strict (10 speakers): 1 held, 0 not shown, 1 contradicted, 0 not judged; "
        "random10 (10 speakers): 1 held, 0 not shown, 1 contradicted, 0 not judged. "
    )


def test_the_caption_counts_the_verdicts_and_the_reasons_and_states_the_rule(tmp_path):
    folder = scored(tmp_path)
    missing = {"strict": "not run: no time"}
    spec = table(folder, claim("one"), claim("other", OTHER), claim("third", missing=missing), protocols=PROTOCOLS[2:])
    rows = table_rows(spec)
    assert table_layout(spec, rows)["caption"] == (
        "Strict (10 speakers): 2 held, 0 not shown, 0 contradicted, 1 not judged (not run 1). "
        "A claim is held where the difference has the claimed sign and the t test that its 95 % interval over speakers "
        "inverts has p ≤ 0.05 after Holm's correction over all claims of the paper that are judged under the protocol; "
        "contradicted where it has the other sign at the same level; else not shown."
    )
    verdicts, reasons = verdict_counts(rows)["strict"]
    assert (verdicts, reasons) == ({"held": 2, "not judged": 1}, {"not run": 1})


def test_where_no_claim_is_judged_the_caption_says_that_alone(tmp_path):
    folder = scored(tmp_path, {"select": "best_test"}, {"select": "best_test", "p_interval": ""})
    spec = table(folder, claim("one"), protocols=[PROTOCOLS[2] | {"select": "best_test"}])
    said = table_layout(spec, table_rows(spec))["caption"]
    assert said.startswith("Strict (10 speakers): 1 not judged (chosen on test 1). A claim is held where")


def test_one_sentence_on_two_metrics_is_one_row_of_two_lines(tmp_path):
    both = {"text": "The final system is better", "source": "abstract"}
    spec = table(scored(tmp_path), claim("ua", **both), claim("again", **both | {"size": None, "direction": "below"}))
    (row,) = table_layout(spec, table_rows(spec))["claims"]["rows"]
    assert (row["text"], row["source"]) == ("The final system is better", "abstract")
    assert [(line["metric"], line["claimed"]) for line in row["lines"]] == [("UA", "+1.5"), ("UA", "below")]


def test_a_claim_of_less_is_printed_with_its_sign(tmp_path):
    spec = table(scored(tmp_path), claim("one", direction="below", size=1.99))
    assert table_layout(spec, table_rows(spec))["claims"]["rows"][0]["lines"][0]["claimed"] == "−1.99"


def test_how_to_read_explains_the_verdicts_and_reasons_that_are_printed_and_no_others(tmp_path):
    folder = scored(tmp_path)
    held = table(folder, claim("one"), protocols=PROTOCOLS[2:])
    signs = [entry["sign"] for entry in how_to_read([(held, table_rows(held))], [])]
    assert signs == ["claim", "held"]
    both = table(folder, claim("one"), claim("other", missing={"strict": "not run: x"}), protocols=PROTOCOLS[2:])
    (last,) = [text for sign, text in claims_reading(table_rows(both)) if sign == VERDICTS[-1]]
    assert "not run: one of the two systems has no scores" in last
    assert "one seed" not in last
    assert claims_reading([]) == []


def test_the_command_writes_the_columns_of_claims(tmp_path):
    spec = table(scored(tmp_path), claim("one"))
    write_one_table(["--spec", canonical_json(spec | {"asked": {}}), "--output", str(tmp_path / "table_claims.csv")])
    assert read_table(tmp_path / "table_claims.csv") == table_rows(spec)
    assert (tmp_path / "table_claims.csv").read_text().splitlines()[0] == ",".join(CLAIM_COLUMNS)
