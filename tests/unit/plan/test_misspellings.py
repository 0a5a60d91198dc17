"""Nothing misspelt passes: every key, name, choice and number of every file, spoilt one by one, is refused by name."""

import json
from fnmatch import fnmatchcase

import pytest

from helpers import ROOT
from helpers.declared import CONFIG, PAPERS
from serflow.config import read_yaml
from serflow.corpora import load
from serflow.corpora.declaration import Corpus
from serflow.errors import UserError
from serflow.plan.declarations import Config, Protocols
from serflow.plan.merging import Layer, merged, sweep_points, system_layers, teacher_layers
from serflow.plan.parameters import feature_sets
from serflow.plan.resolved import Teacher, misspelt_in, system_type
from serflow.plan.workflow import check_paper, read_shared
from serflow.results_page.declaration import Declaration
from serflow.validation import Id, validate

SHARED = read_shared(ROOT)
YAML = {paper: read_yaml(ROOT / f"workflow/papers/{paper}.yaml") for paper in PAPERS}

# Free text: whatever stands there is right.
FREE_VALUES = [
    "title", "authors", "venue", "doi", "presets.*.text", "teachers.*.name", "systems.*.published_parameters.source",
    "tables.*.title", "tables.*.source", "tables.*.rows.*.name", "tables.*.rows.*.variant", "tables.*.contrasts.*.what",
    "tables.*.note", "figures.*.title", "figures.*.source", "figures.*.note", "figures.*.reported_on",
    "claims.*.text", "claims.*.source",
    "tables.*.rows.*.id", "claims.*.id",  # declare names
]  # fmt: skip
# Keys that declare a name; who uses it names it, and a name that is not used by anyone may be any.
FREE_KEYS = [
    "experiments.*", "experiments.*.classes.*", "protocols.*", "teachers.*", "systems.*", "presets.*", "tables.*",
    "figures.*", "figures.*.groups.*",
]  # fmt: skip


def misspelt(word):
    return f"{word}x"


def spoilt(value, path=()):
    """Each way to misspell one key or value, in place: its path, whether it is a key, what is to be told of it.

    What a null took away is told by its key.
    """
    for key in list(value) if isinstance(value, dict) else range(len(value)):
        here, item = (*path, key), value[key]
        if isinstance(value, dict):
            for wrong in misspelt_keys(key):
                whole = list(value.items())
                value.clear()
                value.update((wrong if name == key else name, one) for name, one in whole)
                yield here, True, wrong
                value.clear()
                value.update(whole)
        if isinstance(item, dict | list):
            yield from spoilt(item, here)
        else:
            value[key] = misspelt("null" if item is None else item)
            yield here, False, key if item is None and isinstance(key, str) else value[key]
            value[key] = item


def misspelt_keys(key):
    """A key spoilt; of the dotted name of a varied parameter, each part in turn."""
    parts = str(key).split(".")
    return [".".join([*parts[:i], misspelt(part), *parts[i + 1 :]]) for i, part in enumerate(parts)]


def free(path, is_key):
    return matches(path, FREE_KEYS if is_key else FREE_VALUES)


def matches(path, patterns):
    text = ".".join(map(str, path))
    return any(fnmatchcase(text, pattern) and text.count(".") == pattern.count(".") for pattern in patterns)


def refusal(check):
    """What is said of the value that `check` looks at; nothing where it passes."""
    try:
        check()
    except UserError as error:
        return str(error)
    return ""


def tells(message, word):
    """Whether a message holds a misspelt word; of a dotted name, its misspelt part."""
    return word in message or "." in word and any(part in message for part in word.split(".") if part.endswith("x"))


def copied(value):
    """A copy in which nothing stands twice: an anchor of YAML is one object in several places."""
    if isinstance(value, dict):
        return {key: copied(item) for key, item in value.items()}
    return [copied(item) for item in value] if isinstance(value, list) else value


@pytest.mark.parametrize("paper", PAPERS)
def test_what_a_user_wrote_in_a_paper(paper):
    """Tables, figures, systems, teachers, sweeps, presets: each key and value as it stands in the file."""
    data = copied(YAML[paper])

    def check():
        check_paper(data, SHARED, file=paper)

    check()
    passed = []
    for path, is_key, word in spoilt(data):
        if not free(path, is_key):
            message = refusal(check)
            if not tells(message, word) or not helps(message, data):
                passed.append((".".join(map(str, path)), word, message[:200]))
    assert passed == []


def helps(message, data):
    """Whether every line says what is known, and of a place in the file: one whose parent stands there."""
    return all(
        not line.endswith("Known: ") and stands(data, line.split(": ")[1].split(".")) for line in message.splitlines()
    )


def stands(value, parts):
    """Whether the place of these parts is in a value, but for its last key; a key may hold dots, a row has its id."""
    if len(parts) <= 1:
        return True
    if isinstance(value, list):
        rows = {row["id"]: row for row in value if isinstance(row, dict) and "id" in row}
        return parts[0] in rows or parts[0].isdecimal() and int(parts[0]) < len(value)
    if not isinstance(value, dict):
        return False
    named = {str(key): item for key, item in value.items()}
    heads = (".".join(parts[:i]) for i in range(1, len(parts) + 1))
    return any(head in named and stands(named[head], parts[head.count(".") + 1 :]) for head in heads)


@pytest.mark.parametrize(
    ("kind", "old", "new"), [("tables", "table2", "scores2"), ("figures", "confusion", "table_confusion")]
)
def test_an_id_that_the_workflow_takes_for_another_kind(kind, old, new):
    data = copied(YAML["xu2020"])
    data[kind][new] = data[kind].pop(old)
    assert f"f: {kind}.{new}: the id of a " in refusal(lambda: check_paper(data, SHARED, file="f"))


def resolved():
    """(paper, name) -> everything that the papers resolve to, equal ones once, with its type."""
    found = {}
    for paper, data in YAML.items():
        for preset, declared in data["presets"].items():
            systems = system_layers(data, preset, file=paper)
            for name, layers in systems.items():
                found.setdefault(json.dumps(merged(layers)), (paper, name, system_type()))
            for name, layers in teacher_layers(data, preset, file=paper).items():
                found.setdefault(json.dumps(merged(layers)), (paper, name, Teacher))
            for sweep in declared.get("sweeps", {}):
                name = data["sweeps"][sweep]["system"]
                for _, layer in sweep_points(data, preset, sweep, file=paper):
                    found.setdefault(json.dumps(merged([*systems[name], layer])), (paper, name, system_type()))
    for name, spec in SHARED.yardsticks.items():
        found.setdefault(json.dumps(spec), ("yardsticks", name, system_type(yardstick=True)))
    return found


def test_every_resolved_spec():
    """Systems, sweep points, teachers and yardsticks as they are merged, under every preset."""
    elsewhere = ["name", "experiment", "split", "encoder.system"]  # free text, and names that another check knows
    passed = []
    for text, (paper, name, kind) in resolved().items():
        spec = json.loads(text)
        teachers = list(YAML.get(paper, {}).get("teachers", {}))
        layers = [Layer(paper, (name,), spec)]
        assert not list(misspelt_in(layers, kind, features=list(SHARED.features), teachers=teachers))
        for path, is_key, word in spoilt(spec):
            found = misspelt_in(layers, kind, features=list(SHARED.features), teachers=teachers)
            if not any(word in f"{place} {message}" for place, message, _ in found) and (
                is_key or not matches(path, elsewhere)
            ):
                passed.append((paper, name, path, word))
    assert passed == []


@pytest.mark.parametrize(
    ("name", "kind", "free_values", "free_keys"),
    [
        ("features", feature_sets(), [], ["*"]),
        ("yardsticks", dict[Id, system_type(yardstick=True)], ["*.features"], ["*"]),
        ("protocols", Protocols, ["protocols.*.split", "splits.*.networks"], ["splits.*", "protocols.*"]),
    ],
)
def test_what_papers_share(name, kind, free_values, free_keys):
    """`split` and `features` are names, which `read_shared` knows."""
    data = copied(read_yaml(ROOT / f"workflow/{name}.yaml"))
    assert_refused(data, kind, free_values, free_keys)


def test_the_configuration():
    names = ["corpus", "preset", "papers.*", "protocols.*", "release", "lexical.*"]  # known by `read_workflow`
    assert_refused(copied(CONFIG), Config, names, [])


def test_a_page_of_results():
    names = ["corpus", "command", *(f"chapters.*.{key}" for key in ("paper", "preset", "protocols.*"))]
    assert_refused(copied(read_yaml(ROOT / "docs/results-emodb.yaml")), Declaration, names, [])


CORPORA = sorted(path.stem for path in (ROOT / "workflow/corpora").glob("*.yaml"))


@pytest.mark.parametrize("corpus", CORPORA)
def test_a_corpus(corpus):
    counts = "reference_counts"
    texts = ["title", "short", "stands_in_for", "reads.*", "version", "licence", "table", "columns.*.*"]
    texts += [f"{counts}.source", f"{counts}.views.*.name", f"{counts}.views.*.source"]
    names = ["labels.*", f"{counts}.session.*", f"{counts}.speaker.*", f"{counts}.session_style.*.*"]
    names += [f"{counts}.views.*.{key}.*" for key in ("classes", "expected", "session", "session.*")]
    assert_refused(copied(load(corpus, root=ROOT)), Corpus, texts, names)


def assert_refused(data, kind, free_values, free_keys):
    def check():
        validate(data, kind, where="file")

    check()
    passed = [
        (path, word)
        for path, is_key, word in spoilt(data)
        if not matches(path, free_keys if is_key else free_values) and word not in refusal(check)
    ]
    assert passed == []


def moved(data, old, new, *path):
    """A key of a paper under its old name."""
    for key in path:
        data = data[key]
    data[old] = data.pop(new)


@pytest.mark.parametrize(
    ("paper", "old", "new", "path"),
    [
        ("xu2020", "pieces", "segments", ["system", "parameters"]),
        ("xu2020", "rule", "select", ["as_published"]),
        ("xu2020", "grids", "sweeps", []),
        ("xu2020", "grids", "sweeps", ["presets", "demo"]),
        ("xu2020", "named", "runs", ["presets", "demo"]),
        ("xu2020", "grid", "sweep", ["figures", "fig5"]),
        ("zhao2021", "components", "ablation", ["tables", "table2"]),
    ],
)
def test_a_key_of_earlier_versions_is_told_with_its_new_name(paper, old, new, path):
    data = copied(YAML[paper])
    moved(data, old, new, *path)
    told = refusal(lambda: check_paper(data, SHARED, file="f"))
    assert f"unknown key {old!r}: it is called {new!r} now" in told


@pytest.mark.parametrize(
    "key",
    [
        "filters", "kernels", "convolutions", "strides", "dilations", "residual", "heads", "attention_ratio",
        "attention_dropout",
    ],
)  # fmt: skip
def test_a_key_that_lies_deeper_now_is_told_with_its_place(key):
    data = copied(YAML["li2019ijcai"])
    model = data["system"]["parameters"]["model"]
    model[key] = model["groups"].pop(key)
    told = refusal(lambda: check_paper(data, SHARED, file="f"))
    assert f"f: system.parameters.model: unknown key {key!r}: it is called 'groups.{key}' now" in told


@pytest.mark.parametrize(
    ("paper", "old", "new", "path"),
    [
        ("xu2020", "test", "best_test", ["as_published", "select"]),
        ("huang2016", "validation", "best_validation", ["as_published", "select"]),
        ("zhao2021", "recognition", "asr", ["tables", "table_asr", "kind"]),
        ("zhao2021", "recognition_curves", "asr_curves", ["figures", "recognition", "kind"]),
    ],
)
def test_a_choice_of_earlier_versions_is_told_with_its_new_name(paper, old, new, path):
    data = copied(YAML[paper])
    *parents, last = path
    place = data
    for key in parents:
        place = place[key]
    assert place[last] == new
    place[last] = old
    told = refusal(lambda: check_paper(data, SHARED, file="f"))
    assert f"f: {'.'.join(path)}: {old!r}: it is called {new!r} now" in told
