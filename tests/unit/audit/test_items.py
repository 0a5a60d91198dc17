import pyarrow as pa
import pytest

from serflow.audit.findings import Node, Step, agree, gathered
from serflow.audit.items import UnknownItem, all_cells, chosen_items
from serflow.config import read_yaml
from serflow.errors import UserError
from serflow.plan.report import Report
from serflow.plan.runs import Plan
from serflow.plan.workflow import read_workflow


@pytest.fixture(scope="module")
def cells():
    return all_cells(Report(Plan(read_workflow(read_yaml("config.yaml") | {"papers": ["xu2020"]}))))


def names(cells, *wanted):
    return [cell.name for cell in chosen_items(cells, list(wanted))]


def test_a_cell_has_every_protocol_or_the_one_that_is_named(cells):
    item = "xu2020/table2/acnn/ua"
    ways = ["as_published", "as_published_best", "random10", "strict"]
    assert names(cells, item) == [f"{item}@{way}" for way in ways]
    assert names(cells, f"{item}@strict") == [f"{item}@strict"]


def test_the_beginning_of_an_id_names_all_that_lies_under_it_and_no_neighbour(cells):
    found = names(cells, "xu2020/table2/acnn")
    assert {name.split("@")[0] for name in found} == {
        f"xu2020/table2/acnn/{column}" for column in ("wa", "ua", "wa_whole", "ua_whole")
    }
    assert len(names(cells, "xu2020/table2@strict")) == 6 * 4
    assert names(cells) == [cell.name for cell in cells]
    assert names(cells, "xu2020/table2/acnn", "xu2020/table2/acnn/ua") == found


def test_what_is_not_reproduced_says_why(cells):
    (quoted,) = chosen_items(cells, ["xu2020/table2/li2018/ua"])
    assert "reported by its authors" in quoted.reason
    (left,) = chosen_items(cells, ["xu2020/table2/one_head/ua@strict"])
    assert left.reason == "not run: `presets.demo.runs.strict` in workflow/papers/xu2020.yaml does not list it"


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ("xu2020/table2/acn/ua", "did you mean 'xu2020/table2/acnn/ua'?"),
        ("xu2020/tabel2/acnn/ua", "did you mean 'xu2020/table2/acnn/ua'?"),
        ("xu2020/table2/acnn/ua@strickt", "no protocol 'strickt'; its protocols here: as_published"),
        ("xu2020/table2/li2018/ua@strict", "quoted, not reproduced"),
        ("", "no such item in the report of this configuration. Expected <paper>"),
    ],
)
def test_an_unknown_item_is_named_with_the_nearest(cells, wanted, said):
    with pytest.raises(UnknownItem, match="^" + wanted.replace("/", ".")) as error:
        chosen_items(cells, [wanted])
    assert said in str(error.value)


def test_what_was_found_before_is_counted_once_and_is_not_ok_again():
    first = Node("run", [], [Node("weights", [agree("digest", 1, 2)])])
    tree = Node("top", [], [first, Node("run", [Step("again", None, "checked above")], again=first)])
    assert (tree.mismatches, tree.comparisons) == (1, 1)
    assert [node["ok"] for node in tree.as_json()["rests_on"]] == [False, False]


@pytest.mark.parametrize("error", [UserError("a.csv: gone"), KeyError("a.csv"), pa.ArrowInvalid("a.csv")])
def test_what_a_damaged_file_raises_is_a_mismatch_after_what_agreed_before(error):
    def steps():
        yield agree("spec", 1, 1)
        raise error

    node = gathered("run", steps())
    assert [step.ok for step in node.steps] == [True, False]
    assert "a.csv" in node.steps[1].said


def test_a_mismatch_far_below_is_counted_and_printed_with_what_was_expected():
    leaf = Node("leaf", [agree("digest", "a" * 64, "b" * 64), Step("weights", None, "none were kept")])
    tree = Node("top", [agree("spec", 1, 1, said="same")], [Node("middle", [], [leaf])])
    assert tree.mismatches == 1
    assert tree.as_json()["ok"] is tree.as_json()["rests_on"][0]["rests_on"][0]["ok"] is False
    text = "\n".join(tree.lines())
    assert "    ok        spec: same".strip() in text
    assert "MISMATCH  digest: aaaaaaaaaaaa; expected bbbbbbbbbbbb" in text
    assert "-         weights: none were kept" in text
