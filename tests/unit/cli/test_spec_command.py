"""`serflow spec`: the merged spec as YAML, each value with its place."""

import subprocess
import sys
from functools import partial

import pytest
import yaml

from helpers import ROOT
from helpers.declared import PAPERS, make_plan
from serflow.cli.spec import described, main
from serflow.errors import UserError
from serflow.plan.origins import SystemOrigins

LOADED = partial(yaml.load, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))


@pytest.fixture(autouse=True)
def here(monkeypatch):
    monkeypatch.chdir(ROOT)


@pytest.fixture
def printed(capsys):
    def print_spec(*argv):
        main([*argv, "--corpus", "demo"])
        return capsys.readouterr().out

    return print_spec


def places(text):
    """Line without its indent -> place."""
    pairs = (line.split("  # ") for line in text.splitlines() if "  # " in line)
    return {value.strip(): place for value, place in pairs}


def shortened(teacher):
    """A teacher's spec with its long list of tokens cut."""
    tokens = teacher["classes"]
    return teacher | {"classes": [*tokens[:4], "...", tokens[-1]]}


def as_printed(spec):
    """A system's spec without what the command shortens or leaves out of its teacher."""
    if spec["teacher"] is None:
        return spec
    teacher = {key: value for key, value in spec["teacher"].items() if key != "teacher"}
    return spec | {"teacher": shortened(teacher)}


@pytest.mark.parametrize("preset", ["demo", "paper"])
@pytest.mark.parametrize("paper", PAPERS)
def test_it_is_the_spec_of_the_plan_and_every_value_has_a_place(paper, preset):
    systems = make_plan(papers=[paper], preset=preset, sweeps=True).systems[paper]
    for name in [*systems.named, *list(systems.sweep_points)[:2]]:
        for experiment in systems.workflow.papers[paper]["experiments"]:
            text = described(SystemOrigins(systems, name, experiment))
            assert LOADED(text) == as_printed(systems.spec(name, experiment))
            first, *lines = text.splitlines()
            assert first == f"# {paper}, system {name}, experiment {experiment}, preset {preset}, corpus demo"
            assert all("  # " in line or line.endswith(":") for line in lines)


def test_a_teacher_is_printed_likewise(printed):
    text = printed("zhao2021", "blstm_soft", "--teacher", "--preset", "paper")
    teacher = make_plan(papers=["zhao2021"], preset="paper").systems["zhao2021"].teacher_spec("blstm_soft")
    assert yaml.safe_load(text) == shortened(teacher)
    assert text.startswith("# zhao2021, teacher blstm_soft, experiment spoken, preset paper, corpus demo\n")
    said = places(text)
    assert said["units: 128"] == "workflow/papers/zhao2021.yaml: teachers.blstm_soft.parameters.model.encoder.units"
    assert said["beam: 4"] == "workflow/papers/zhao2021.yaml: teacher.parameters.beam"


def test_places_are_those_where_a_user_wrote_the_values(printed):
    said = places(printed("xu2020", "acnn_original", "--preset", "demo"))
    assert said["every: 4"] == "workflow/papers/xu2020.yaml: presets.demo.system.parameters.train.schedule.every"
    assert said["factor: 0.1"] == "workflow/papers/xu2020.yaml: system.parameters.train.schedule.factor"
    assert said["average: logits"] == "workflow/papers/xu2020.yaml: systems.acnn_original.parameters.segments.average"
    assert said["n_mfcc: 26"] == "workflow/features.yaml: mfcc26.n_mfcc"
    assert said["classes: [angry, sad, excited, neutral]"].endswith("experiments.improvised.classes")
    assert said["steps: null"] == "workflow/corpora/iemocap.yaml: budget"


def test_of_a_student_the_teacher_is_named(printed):
    said = places(printed("zhao2021", "tcn_self_at"))
    assert said["teacher:"] == "tcn_self, workflow/papers/zhao2021.yaml: teachers.tcn_self"


def test_a_long_list_is_shortened_and_counted(printed):
    said = places(printed("zhao2021", "tcn_self", "--teacher"))
    shown = 'classes: ["<s>", "</s>", "<unk>", "|", ..., padding]'
    assert said[shown] == "src/serflow/asr/tokens.py (44 in all)"


def test_reasons_are_told_from_places_by_brackets(printed):
    said = places(printed("zhao2021", "tcn_self_at"))
    assert said["learner: recogniser"] == "(all teachers)"
    assert said["encoder: null"] == "(none is declared)"
    assert said["keep_weights: true"] == "(all but sweep points)"


def test_a_yardsticks_values_are_of_its_own_file(printed):
    assert places(printed("xu2020", "svm_compare"))["C: 0.001"] == "workflow/yardsticks.yaml: svm_compare.parameters.C"


def test_a_sweep_points_values_are_of_the_presets_sweep(printed):
    said = places(printed("xu2020", "acnn_n_head1_n_size128", "--preset", "demo"))
    assert said["n_head: 1"] == "workflow/papers/xu2020.yaml: presets.demo.sweeps.heads.model.n_head"


def test_what_text_brings_has_its_places_too(printed):
    said = places(printed("li2019ijcai", "rlc", "--experiment", "acoustic_shuffled", "--preset", "paper"))
    assert said["transcripts: shuffled"].endswith("experiments.acoustic_shuffled.transcripts")
    assert said["name: acoustic_lexical"].endswith("experiments.acoustic_shuffled.inputs")
    assert said["gate_width: 192"].endswith("li2019ijcai.yaml: system.parameters.model.gate_width")


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["xu2020", "acn"], "xu2020: system 'acn' is not declared; did you mean 'acnn'?"),
        (["xu2002", "acnn"], "'xu2002' is unknown; did you mean 'xu2020'?"),
        (
            ["zhao2021", "tcn_slef", "--teacher"],
            "zhao2021: teacher 'tcn_slef' is not declared; did you mean 'tcn_self'",
        ),
        (["xu2020", "acnn", "--experiment", "ful"], "xu2020: experiment 'ful' is not declared; did you mean 'full'?"),
    ],
)
def test_an_unknown_name_has_its_nearest(argv, message):
    with pytest.raises(UserError) as caught:
        main(argv)
    assert message in str(caught.value)


def test_it_imports_nothing_slow():
    code = "import sys, serflow.cli.spec; assert not {'torch', 'pandas', 'sklearn'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, env={"PYTHONPATH": str(ROOT / "src")})
