"""A run.json against what is expected of the run: what agrees, what is refused, and how that is said."""

import pytest

from serflow.errors import UserError
from serflow.files import digest, read_json, write_json
from serflow.provenance.run_record import INPUTS, TEACHER_FILES, changed_files, check_record, compared, missing_files

KEY = {"system": "acnn", "fold": 1, "seed": 2}
SPEC = {"learner": "network"}
RECORD = {"run": KEY, "spec": SPEC, "inputs": {"split": "s", "code": "c", "maps": None}, "outputs": {}}
EXPECTED = {"key": KEY, "spec": digest(SPEC), "inputs": {"split": "s", "code": "c", "maps": None}}


@pytest.fixture
def folder(tmp_path):
    write_json(tmp_path / "run.json", RECORD)
    return tmp_path


def test_a_record_of_the_expected_key_spec_and_inputs_agrees_in_all(folder):
    found = compared(RECORD, **EXPECTED)
    assert [comparison.name for comparison in found] == ["key", "spec", "split", "maps", "code"]
    assert all(comparison.agrees for comparison in found)
    assert check_record(folder, **EXPECTED) == read_json(folder / "run.json")


def test_inputs_that_nobody_asks_for_are_not_compared(folder):
    check_record(folder, **EXPECTED | {"inputs": {"code": "c"}})


@pytest.mark.parametrize("name", list(INPUTS))
def test_another_input_is_refused_by_its_name(folder, name):
    with pytest.raises(UserError, match=f"run.json: stale results: it was trained {INPUTS[name]} than the present"):
        check_record(folder, **EXPECTED | {"inputs": {name: "other"}})


def test_an_input_that_the_run_must_not_have_is_refused(folder):
    with pytest.raises(UserError, match="on another fold table"):
        check_record(folder, **EXPECTED | {"inputs": {"split": None}})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"key": KEY | {"fold": 3}}, "run has fold 1, expected 3"),
        ({"key": KEY | {"split": "random5"}}, "run has split None, expected 'random5'"),
        ({"spec": "0" * 64}, r"its spec is not the present one \(digest [0-9a-f]{12}, expected 000000000000\)"),
    ],
)
def test_another_key_or_spec_is_refused(folder, change, message):
    with pytest.raises(UserError, match=f"stale results: {message}; delete .* --forcerun train$"):
        check_record(folder, **EXPECTED | change)


@pytest.mark.parametrize("missing", ["run", "spec", "inputs", "outputs"])
def test_a_record_that_lacks_a_part_is_refused(folder, missing):
    write_json(folder / "run.json", {key: value for key, value in RECORD.items() if key != missing})
    with pytest.raises(UserError, match="no `run`, `spec`, `inputs` or `outputs` in it"):
        check_record(folder, **EXPECTED)


def test_a_teacher_is_trained_again_by_its_own_rule_and_has_files_of_its_own(folder):
    with pytest.raises(UserError, match="--forcerun train_teacher$"):
        check_record(folder, **EXPECTED | {"spec": "0" * 64}, teacher=True)
    assert set(missing_files(folder, RECORD, teacher=True)) == TEACHER_FILES


def test_what_a_killed_process_left_hidden_is_no_file_of_the_run(tmp_path):
    for name in (".model.host-4711/epochs.json", "model/.epoch3.host-4711/model.json", "model/.snakemake_timestamp"):
        write_json(tmp_path / name, 1)
    assert changed_files(tmp_path, {}, under=".model.host-4711") == []
    write_json(tmp_path / "model/epoch3/model.json", 1)
    unknown = [file.path.relative_to(tmp_path).as_posix() for file in changed_files(tmp_path, {}) if file.found]
    assert unknown == ["model/epoch3/model.json"]
