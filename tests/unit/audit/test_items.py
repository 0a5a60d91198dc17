import pytest

from serflow.audit.findings import Node, Step, agree
from serflow.audit.items import UnknownItem, all_cells, chosen_cells
from serflow.config import read_yaml
from serflow.plan.report import Report
from serflow.plan.runs import Plan
from serflow.plan.workflow import read_workflow


@pytest.fixture(scope="module")
def cells():
    return all_cells(Report(Plan(read_workflow(read_yaml("config.yaml") | {"papers": ["xu2020"]}))))


def names(cells, *wanted):
    return [cell.name for cell in chosen_cells(cells, list(wanted))]


def test_a_cell_has_every_protocol_or_the_one_that_is_named(cells):
    item = "xu2020/table2/acnn/ua"
    ways = ["as_published", "as_published_best", "random10", "strict"]
    assert names(cells, item) == [f"{item}@{way}" for way in ways]
    assert names(cells, f"{item}@strict") == [f"{item}@strict"]


def test_the_beginning_of_an_id_names_all_that_lies_under_it_and_no_neighbour(cells):
    found = names(cells, "xu2020/table2/acnn")
    assert {name.split("@")[0] for name in found} == {"xu2020/table2/acnn/wa", "xu2020/table2/acnn/ua"}
    assert len(names(cells, "xu2020/table2@strict")) == 10
    assert names(cells) == [cell.name for cell in cells]
    assert names(cells, "xu2020/table2/acnn", "xu2020/table2/acnn/ua") == found


def test_what_is_not_reproduced_says_why(cells):
    (quoted,) = chosen_cells(cells, ["xu2020/table2/li2018/ua"])
    assert "reported by its authors" in quoted.reason
    (left,) = chosen_cells(cells, ["xu2020/table2/one_head/ua@strict"])
    assert "leaves strict out" in left.reason


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ("xu2020/table2/acn/ua", "did you mean 'xu2020/table2/acnn/ua'?"),
        ("xu2020/tabel2/acnn/ua", "did you mean 'xu2020/table2/acnn/ua'?"),
        ("xu2020/table2/acnn/ua@strickt", "no protocol 'strickt'; its protocols here: as_published"),
        ("xu2020/table2/li2018/ua@strict", "quoted, not reproduced"),
        ("", "no such item"),
    ],
)
def test_an_unknown_item_is_named_with_the_nearest(cells, wanted, said):
    with pytest.raises(UnknownItem, match="^" + wanted.replace("/", ".")) as error:
        chosen_cells(cells, [wanted])
    assert said in str(error.value)


def test_a_mismatch_far_below_is_counted_and_printed_with_what_was_expected():
    leaf = Node("leaf", [agree("digest", "a" * 64, "b" * 64), Step("weights", None, "none were kept")])
    tree = Node("top", [agree("spec", 1, 1, said="same")], [Node("middle", [], [leaf])])
    assert tree.mismatches == 1
    assert tree.as_json()["ok"] is tree.as_json()["rests_on"][0]["rests_on"][0]["ok"] is False
    text = "\n".join(tree.lines())
    assert "    ok        spec: same".strip() in text
    assert "MISMATCH  digest: aaaaaaaaaaaa; expected bbbbbbbbbbbb" in text
    assert "-         weights: none were kept" in text
