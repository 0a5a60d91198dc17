"""The table of systems, against numbers of parameters made by hand from the papers."""

import csv
import io
import shutil

import pytest
import yaml

from helpers import ROOT
from serflow.cli.systems import main
from serflow.errors import UserError
from serflow.plan.configuration import changed_configuration
from serflow.plan.runs import Plan
from serflow.plan.workflow import read_workflow

XU = ["--paper", "xu2020", "--preset", "paper"]

# xu2020, Table I: weights, biases, and two values a channel of batch normalisation
CONV1A = 10 * 2 * 1 * 8 + 8 + 2 * 8
CONV1B = 2 * 8 * 1 * 8 + 8 + 2 * 8
CONV2 = 3 * 3 * 16 * 32 + 32 + 2 * 32
CONV3 = 3 * 3 * 32 * 48 + 48 + 2 * 48
CONV4 = 3 * 3 * 48 * 64 + 64 + 2 * 64
CONV5 = 3 * 3 * 64 * 80 + 80 + 2 * 80
# K, Q and V for each of n_head heads of n_size feature points, 1x1 convolutions; a linear layer on the points
ATTENTION = 3 * 4 * 64 * (80 + 1)
ONE_HEAD = 3 * 1 * 64 * (80 + 1)
LINEAR = 64 * 4 + 4
BY_HAND = {
    "acnn": CONV1A + CONV1B + CONV2 + CONV3 + CONV4 + CONV5 + ATTENTION + LINEAR,
    "one_head": CONV1A + CONV1B + CONV2 + CONV3 + CONV4 + CONV5 + ONE_HEAD + LINEAR,
    "no_attention": CONV1A + CONV1B + CONV2 + CONV3 + CONV4 + CONV5 + 80 * 4 + 4,
    "conv1": CONV1A + CONV1B + CONV2 + 3 * 4 * 64 * (32 + 1) + LINEAR,
}


@pytest.fixture
def root(tmp_path, monkeypatch):
    """A folder with config.yaml and workflow/, to be changed."""
    shutil.copy(ROOT / "config.yaml", tmp_path)
    shutil.copytree(ROOT / "workflow", tmp_path / "workflow")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def publish(root, **systems):
    path = root / "workflow/papers/xu2020.yaml"
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    for system, published in systems.items():
        data["systems"][system]["published_parameters"] = published
    path.write_text(yaml.safe_dump(data, sort_keys=False), encoding="utf-8")


def listed(capsys, *arguments):
    main([*arguments, "--csv"])
    return {row["system"]: row for row in csv.DictReader(io.StringIO(capsys.readouterr().out))}


def plan_of(**changes):
    return Plan(read_workflow(changed_configuration({"papers": ["xu2020"], "preset": "paper"} | changes)))


def test_parameters_are_those_of_table_1(root, capsys):
    rows = listed(capsys, *XU)
    assert BY_HAND["acnn"] == 155_636
    assert {name: int(rows[name]["parameters"]) for name in BY_HAND} == BY_HAND


def test_inputs_are_those_that_the_extractors_make(root, capsys):
    rows = listed(capsys, *XU)
    shown = {name: tuple(rows[name][key] for key in ("features", "dims", "per", "inputs")) for name in rows}
    assert shown["acnn"] == ("mfcc13", "13", "frame", "acoustic")
    assert shown["acnn_original"] == ("mfcc26", "26", "frame", "acoustic")
    assert shown["svm_compare"] == ("compare", "6373", "utterance", "acoustic")
    assert shown["majority"] == ("", "", "", "none")
    assert rows["svm_compare"]["parameters"] == ""


def test_named_systems_and_yardsticks_are_listed_and_cells_on_request(root, capsys):
    named = listed(capsys, *XU)
    assert set(named) == {*plan_of().systems["xu2020"].named}
    every = listed(capsys, *XU, "--sweeps")
    # heads 8 x 3, sizes 6 x 3, 9 in both, 2 are named systems
    assert len(every) - len(named) == 24 + 18 - 9 - 2
    assert int(every["acnn_n_head2_n_size16"]["parameters"]) == (
        BY_HAND["acnn"] - ATTENTION - LINEAR + 3 * 2 * 16 * 81 + 16 * 4 + 4
    )


def test_the_deviation_is_in_per_cent_of_the_published_number(root, capsys):
    publish(root, acnn={"value": 150_000, "source": "Table I"}, one_head={"value": 1.2e5, "source": "p. 3"})
    rows = listed(capsys, *XU)
    assert float(rows["acnn"]["deviation_percent"]) == pytest.approx(100 * 5_636 / 150_000, abs=0.005)
    assert float(rows["one_head"]["deviation_percent"]) == pytest.approx(-100 * 11_020 / 120_000, abs=0.005)
    assert rows["acnn"]["source"] == "Table I"
    assert rows["conv1"]["deviation_percent"] == ""


def test_the_text_shows_the_same(root, capsys):
    publish(root, acnn={"value": 150_000, "source": "Table I"})
    main(XU)
    lines = {line.split()[1]: line for line in capsys.readouterr().out.splitlines() if line.startswith("xu2020")}
    assert "155,636" in lines["acnn"]
    assert "150,000" in lines["acnn"]
    assert "+3.8 %" in lines["acnn"]
    assert "mfcc13, 13 a frame" in lines["acnn"]
    assert "6,373 features" in lines["svm_compare"]
    assert "no features" in lines["majority"]


def test_a_published_number_changes_no_run(root):
    before = plan_of()
    publish(root, acnn={"value": 150_000, "source": "Table I"})
    after = plan_of()
    assert after.runs == before.runs  # sweep points that are named systems are so still
    for system in before.systems["xu2020"].named:
        specs = [plan.systems["xu2020"].spec(system, "improvised") for plan in (before, after)]
        assert specs[0] == specs[1]


@pytest.mark.parametrize(
    "published", [{"value": "9.9e6", "source": "Table I"}, {"value": 9}, {"value": 0, "source": "p"}]
)
def test_a_malformed_published_number_is_refused(root, published):
    publish(root, acnn=published)
    with pytest.raises(UserError, match=r"xu2020\.yaml: systems\.acnn\.published_parameters"):
        main(XU)


def test_an_unknown_preset_or_paper_is_named_with_its_nearest(root):
    with pytest.raises(UserError, match=r"'papr' is unknown; did you mean 'paper'\?"):
        main(["--preset", "papr"])
    with pytest.raises(UserError, match=r"'xu2002' is unknown; did you mean 'xu2020'\?"):
        main(["--paper", "xu2002"])


def test_teachers_are_listed_with_the_units_that_they_write_in_place_of_classes(root, capsys):
    main(["--paper", "zhao2021", "--preset", "paper", "--csv"])
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    teachers = {row["system"]: row for row in rows if row["learner"] == "recogniser"}
    systems = plan_of(papers=["zhao2021"]).systems["zhao2021"]
    assert list(teachers) == list(systems.teachers)
    tcn = teachers["tcn_self"]
    assert (tcn["features"], tcn["dims"], tcn["per"], tcn["inputs"]) == ("logmel120", "120", "frame", "acoustic")
    assert (int(tcn["classes"]), tcn["published_parameters"]) == (len(systems.teacher_spec("tcn_self")["classes"]), "")
    assert int(tcn["parameters"]) > int(next(row for row in rows if row["system"] == "tcn_self")["parameters"])
