"""The YAML files of the corpora."""

import shutil

import pytest
import yaml

from helpers import ROOT
from serflow import corpora
from serflow.config import read_yaml
from serflow.corpora.declaration import LABELS
from serflow.errors import UserError

IDS = sorted(path.stem for path in (ROOT / "workflow" / "corpora").glob("*.yaml"))


@pytest.fixture
def root(tmp_path):
    """A user's folder: the shipped corpora are known in it."""
    (tmp_path / "workflow" / "corpora").mkdir(parents=True)
    return tmp_path


def declare(root, text):
    (root / "workflow" / "corpora" / "mine.yaml").write_text(text)
    return corpora.load("mine", root=root)


@pytest.mark.parametrize("corpus_id", IDS)
def test_every_declared_corpus_is_valid_and_has_a_reader(corpus_id):
    declared = corpora.load(corpus_id, root=ROOT)
    assert (ROOT / "src" / "serflow" / "corpora" / "readers" / f"{declared['reader']}.py").is_file()
    assert set(declared["labels"].values()) <= set(LABELS)


def test_what_extends_a_corpus_has_its_keys_but_for_its_own():
    demo, iemocap = corpora.load("demo", root=ROOT), corpora.load("iemocap", root=ROOT)
    assert demo["labels"] == iemocap["labels"]
    assert len(demo["labels"]) == 11
    assert (demo["show_text"], iemocap["show_text"]) == (True, False)
    assert demo["reference_counts"] is None
    assert "extends" not in demo


def test_the_published_counts_agree_with_each_other():
    reference = corpora.load("iemocap", root=ROOT)["reference_counts"]
    counts = reference["counts"]
    assert sum(counts["all"].values()) == 10039
    for label, number in counts["all"].items():
        assert counts["improvised"][label] + counts["scripted"][label] == number
        assert sum(session[label] for session in reference["session"].values()) == number
    for speaker, labels in reference["speaker"].items():
        other = reference["speaker"][speaker[:5] + {"F": "M", "M": "F"}[speaker[5]]]
        for label, number in labels.items():
            assert number + other[label] == reference["session"][speaker[4]][label]
    for session, improvised in reference["session_style"]["improvised"].items():
        for label, number in improvised.items():
            scripted = reference["session_style"]["scripted"][session][label]
            assert number + scripted == reference["session"][session][label]
    for style, sessions in reference["session_style"].items():
        for label in sessions["1"]:
            assert sum(session[label] for session in sessions.values()) == counts[style][label]
    for view in reference["views"]:
        for name, number in view["expected"].items():
            assert sum(counts[view["style"]][label] for label in view["classes"][name]) == number
            sessions = view.get("session", {}).values()
            assert not sessions or sum(session[name] for session in sessions) == number


def test_a_misspelt_key_is_named_with_the_nearest_one(root):
    with pytest.raises(UserError, match="mine.yaml: .*unknown key 'lables'; did you mean 'labels'"):
        declare(root, "extends: demo\nlables: {}\n")


def test_a_label_may_be_any_word_but_one_of_the_papers_misspelt(root):
    assert declare(root, "extends: demo\nlabels: {c: calm, x: contempt2}\n")["labels"] == {
        "c": "calm",
        "x": "contempt2",
    }
    for wrong, right in (("angrry", "angry"), ("disgust", "disgusted"), ("surprise", "surprised")):
        with pytest.raises(UserError, match=rf"labels\.ang: '{wrong}'; did you mean '{right}'"):
            declare(root, f"extends: demo\nlabels: {{ang: {wrong}}}\n")
    with pytest.raises(UserError, match=r"labels\.ang: 'Calm': expected text of the form .*small letters"):
        declare(root, "extends: demo\nlabels: {ang: Calm}\n")


@pytest.mark.parametrize(
    ("labels", "told"),
    [
        ("{01: neutral, 08: surprised}", 'labels, line 2: YAML reads 01 as a number; quote it: "01"'),
        ("{5: neutral}", 'quote it: "5"'),
        ("{1.5: neutral}", 'quote it: "1.5"'),
        ("{a: sad, no: , yes: }", 'labels, line 2: YAML reads no as true or false; quote it: "no"'),
        ("{a: sad, null: }", 'labels, line 2: YAML reads null as nothing; quote it: "null"'),
        ("{a: sad, 2024-01-05: angry}", 'YAML reads 2024-01-05 as a date; quote it: "2024-01-05"'),
        ("{a: sad, b: no}", 'YAML reads no as true or false; quote it: "no"'),
    ],
)
def test_a_code_that_yaml_takes_for_something_else_is_told_as_it_is_written(root, labels, told):
    with pytest.raises(UserError) as caught:
        declare(root, f"extends: demo\nlabels: {labels}\n")
    assert str(caught.value).startswith("workflow/corpora/mine.yaml: labels, line 2: ")
    assert told in str(caught.value)
    assert "08" not in str(caught.value)  # is text


def test_quoted_codes_are_labels(root):
    declared = declare(root, 'extends: demo\nlabels: {"01": neutral, "08": surprised, "no": calm}\n')
    assert list(declared["labels"]) == ["01", "08", "no"]


@pytest.mark.parametrize(
    ("classes", "told"),
    [
        (
            "{high: [angry], low: [clam]}",
            "own_classes.low: 'clam' is none of what `labels` gives; did you mean 'calm'?",
        ),
        ("{high: [angry], low: [angry]}", "own_classes: label 'angry' stands twice; give each label to one class"),
        ("{high: [angry]}", "own_classes: {'high': ['angry']}: expected 2 or more"),
        ("{High: [angry], low: [calm]}", "own_classes.High: "),
        ("{high: [angry], low: []}", "own_classes.low: "),
    ],
)
def test_own_classes_are_of_the_labels_that_the_corpus_gives(root, classes, told):
    with pytest.raises(UserError) as caught:
        declare(root, f"extends: demo\nlabels: {{a: angry, b: calm}}\nown_classes: {classes}\n")
    assert told in str(caught.value)


def test_what_stands_in_for_a_label_is_one_of_the_corpus(root):
    with pytest.raises(UserError, match=r"missing_labels\.excited: 'happy' is none of what `labels` gives"):
        declare(root, "extends: demo\nlabels: {a: angry}\nmissing_labels: {excited: happy}\n")


def test_an_unknown_corpus_names_the_known_ones(root):
    with pytest.raises(UserError, match=r"'demos' is not declared; did you mean 'demo'\? Known: audformat, demo"):
        corpora.load("demos", root=root)


NO_NAMES = ["my corpus", "-mine", "a/b", "", "..", "a\n", "b$(touch x)", "`x`", "a|b", "*", "größe", "a" * 101, "code"]


@pytest.mark.parametrize("name", NO_NAMES)
def test_a_name_that_a_command_would_take_for_something_else_is_refused(root, name):
    with pytest.raises(UserError, match="cannot name a corpus"):
        corpora.load(name, root=root)


@pytest.mark.parametrize("name", ["../corpora/manifest", "a b", "3", "[demo]"])
def test_so_is_one_that_a_corpus_extends(root, name):
    with pytest.raises(UserError, match=r"mine\.yaml: extends: .*(cannot name a corpus|expected the name)"):
        declare(root, f"extends: {name}\n")


@pytest.mark.parametrize("name", ["RAVDESS", "my-corpus", "ravdess.v1", "2024"])
def test_other_names_are_the_users_own(root, name):
    shutil.copy(ROOT / "workflow/corpora/manifest.yaml", root / f"workflow/corpora/{name}.yaml")
    assert corpora.load(name, root=root)["reader"] == "table"


def test_a_column_is_called_by_a_name_that_serflow_has(root):
    with pytest.raises(UserError, match="columns: key 'labels'|columns.*'labels'"):
        declare(root, "extends: manifest\ncolumns: {labels: emotion}")


def test_an_unknown_parent_and_a_circle_are_named(root):
    with pytest.raises(UserError, match="mine.yaml: extends: 'nobody' is not declared"):
        declare(root, "extends: nobody\n")
    with pytest.raises(UserError, match="extends itself"):
        declare(root, "extends: mine\n")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("stands_in_for: iemocpa\n", "stands_in_for: 'iemocpa' is not declared; did you mean 'iemocap'?"),
        ("reader: table\n", "table: missing; reader 'table' reads it: add this key"),
        ("styles: [improvised, improvised]\n", "styles: 'improvised' stands twice; keep it once"),
    ],
)
def test_what_would_fail_later_is_told_with_its_key(root, text, message):
    with pytest.raises(UserError) as caught:
        declare(root, f"extends: demo\n{text}")
    assert "workflow/corpora/mine.yaml: " in str(caught.value)
    assert message in str(caught.value)


def test_an_unknown_parent_is_told_with_its_nearest_name(root):
    with pytest.raises(
        UserError, match="workflow/corpora/mine.yaml: extends: 'dmeo' is not declared; did you mean 'demo'"
    ):
        declare(root, "extends: dmeo\n")


def test_a_misspelt_extends_is_told_alone(root):
    with pytest.raises(UserError) as caught:
        declare(root, "extend: demo\n")
    assert str(caught.value) == "workflow/corpora/mine.yaml: unknown key 'extend'; did you mean 'extends'?"


@pytest.mark.parametrize("key", ["expected", "session"])
def test_published_counts_are_of_the_views_classes(root, key):
    path = ROOT / "workflow/corpora/iemocap.yaml"
    content = read_yaml(path)
    view = next(view for view in content["reference_counts"]["views"] if "session" in view)
    counts = view["expected"] if key == "expected" else next(iter(view["session"].values()))
    name = next(iter(counts))
    counts[f"{name}x"] = counts.pop(name)
    (root / "workflow/corpora/mine.yaml").write_text(yaml.safe_dump(content))
    with pytest.raises(UserError, match=f"{key}.*: '{name}x' is none of `classes`; did you mean '{name}'"):
        corpora.load("mine", root=root)
