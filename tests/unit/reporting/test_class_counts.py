"""A table of class counts: what is found in a view, beside what is published of the same one."""

from helpers.fabricated import counts_spec
from serflow.reporting.layout import table_layout
from serflow.reporting.table_rows import table_rows


def told(spec):
    return {line["item"].removeprefix("zhao2021/table1/"): line for line in table_rows(spec)}


def test_utterances_are_counted_by_session_and_class_with_their_sums(world):
    lines = told(counts_spec(world))
    # of 60 neutral utterances every fifth is of session 1, of these every third is scripted: 12 - 4
    assert [lines[f"session1/{name}"]["reproduced"] for name in ("neutral", "happy", "sad", "angry", "all")] == [
        "8", "11", "6", "6", "31",
    ]  # fmt: skip
    assert lines["all/neutral"]["reproduced"] == "40"  # two thirds of all
    every = [int(line["reproduced"]) for line in lines.values() if line["row"] != "all" and line["column"] != "all"]
    assert int(lines["all/all"]["reproduced"]) == sum(every)
    assert {line["statistic"] for line in lines.values()} == {"count"}


def test_published_counts_stand_beside_with_their_sums_and_the_difference(world):
    lines = told(counts_spec(world))
    keys = ("reported", "difference")
    assert [lines["session1/neutral"][key] for key in keys] == ["8", "+0"]
    assert [lines["session1/sad"][key] for key in keys] == ["7", "-1"]
    assert [lines["session1/all"][key] for key in keys] == ["32", "-1"]
    assert lines["all/all"]["reported"] == "2943"
    assert [lines["session2/sad"][key] for key in keys] == ["", ""]


def differing(spec):
    rows = table_layout(spec, table_rows(spec))["counts"]["rows"]
    return {(row["label"], position) for row in rows for position, cell in enumerate(row["cells"]) if cell["differs"]}


def test_only_of_the_paper_s_own_corpus_a_number_that_differs_is_marked(world):
    of_all = {("all", position) for position in range(5)}
    assert differing(counts_spec(world)) == {("session 1", 2), ("session 1", 4)} | of_all
    other = counts_spec(world, comparable=False)
    assert differing(other) == set()
    assert "no difference is marked" in table_layout(other, table_rows(other))["caption"]


def test_a_published_session_that_the_release_lacks_is_found_zero_times(world):
    published = counts_spec(world)["published"] | {"session": {"9": {"neutral": 3, "happy": 0, "sad": 0, "angry": 0}}}
    line = told(counts_spec(world, published=published))["session9/neutral"]
    assert (line["reported"], line["reproduced"], line["difference"]) == ("3", "0", "-3")


def test_without_published_counts_the_numbers_stand_alone(world):
    spec = counts_spec(world, published=None)
    laid_out = table_layout(spec, table_rows(spec))
    assert {cell["published"] for row in laid_out["counts"]["rows"] for cell in row["cells"]} == {""}
    assert laid_out["caption"] == "Utterances by session and class, counted from the release."


def test_where_no_view_is_made_and_nothing_is_published_there_is_the_reason_alone(world):
    spec = counts_spec(world, published=None, view=None, note="this corpus has no improvised part")
    laid_out = table_layout(spec, table_rows(spec))
    assert laid_out["counts"]["rows"] == []
    assert laid_out["caption"] == "This corpus has no improvised part."


def test_where_no_view_is_made_published_counts_are_quoted(world):
    spec = counts_spec(world, view=None, note="this corpus has no improvised part")
    first = table_layout(spec, table_rows(spec))["counts"]["rows"][0]["cells"][0]
    assert (first["found"], first["published"], first["differs"]) == ("–", "8", False)
