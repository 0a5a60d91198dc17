"""What is installed: every file by its hash, for users nothing that only tests need, licences as the packages say."""

import ast
import re
import runpy
import shutil
import subprocess
import sys
import tomllib
from importlib.metadata import distributions, packages_distributions
from pathlib import PurePath

import pytest
from packaging.requirements import Requirement

from helpers import ROOT

LICENCES = runpy.run_path(str(ROOT / "docs/licences.py"))
normal, pins = LICENCES["normal"], LICENCES["pins"]
DECLARED = tomllib.loads((ROOT / "pyproject.toml").read_text())
BUILD, USERS, DEVELOPERS = (ROOT / f"envs/{name}.lock" for name in ("build", "requirements", "requirements-dev"))


@pytest.mark.parametrize("lock", [BUILD, USERS, DEVELOPERS], ids=lambda path: path.name)
def test_every_line_of_a_lock_is_a_version_with_hashes(lock):
    text = re.sub(r"#.*\n", "", lock.read_text()).replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line]
    assert len(lines) == len(pins(lock)) > 0
    for line in lines:
        assert re.fullmatch(r"[\w.-]+==[\w.]+( ; [^-]+?)?(\s+--hash=sha256:[0-9a-f]{64})+", line.strip()), line


def test_developers_have_what_users_have():
    users, developers = pins(USERS), pins(DEVELOPERS)
    assert users.items() < developers.items()
    assert {name: developers.get(name) for name in pins(BUILD)} == pins(BUILD)
    assert not {"pymupdf", "onnxruntime", "pytest", "hypothesis", "uv"} & users.keys()


@pytest.mark.parametrize(
    ("asked", "lock"),
    [
        (DECLARED["project"]["dependencies"], USERS),
        (sum(DECLARED["project"]["optional-dependencies"].values(), []), USERS),
        (DECLARED["build-system"]["requires"], BUILD),
        (DECLARED["dependency-groups"]["build"], BUILD),
        (DECLARED["dependency-groups"]["dev"], DEVELOPERS),
    ],
)
def test_the_locks_answer_what_pyproject_asks(asked, lock):
    for requirement in map(Requirement, asked):
        assert pins(lock)[normal(requirement.name)] in requirement.specifier, f"{requirement}: run make lock"


def _imported(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.split(".")[0]


def test_what_the_package_imports_is_installed_for_users():
    names = {name for path in (ROOT / "src").rglob("*.py") for name in _imported(path)} - {"serflow"}
    brought = packages_distributions()
    asked = {normal(Requirement(line).name) for line in DECLARED["project"]["dependencies"]}
    for extra in DECLARED["project"]["optional-dependencies"].values():
        asked |= {normal(Requirement(line).name) for line in extra}
    for name in sorted(names - sys.stdlib_module_names):
        distributions = {normal(one) for one in brought.get(name, [name])}
        assert distributions & asked, f"{name}: pyproject.toml names no package that brings it"
        assert distributions & pins(USERS).keys(), f"{name} is not among what users install"


def test_nothing_but_serflow_asks_for_a_torch_so_that_pip_keeps_the_one_that_is_there():
    asking = {
        normal(one.metadata["Name"])
        for one in distributions()
        if any(normal(Requirement(line).name) == "torch" and "extra" not in line for line in one.requires or [])
    }
    assert asking & pins(USERS).keys() == set()


def test_the_list_of_licences_is_what_the_packages_say():
    text = LICENCES["PAGE"].read_text()
    assert text == LICENCES["page"](text), "run make licences"


def test_the_readme_names_each_package_of_the_users_whose_licence_binds():
    section = re.search(r"(?s)## Licences that bind you\n(.*?)\n## ", (ROOT / "README.md").read_text())[1].lower()
    for name in LICENCES["binding"](LICENCES["rows"](LICENCES["PAGE"].read_text())):
        assert (name if not name.startswith("nvidia-") else "nvidia-*") in section, name


def test_the_topmost_release_of_the_changelog_is_the_packages():
    version = DECLARED["project"]["version"]
    released = re.findall(r"(?m)^## (\d\S*)", (ROOT / "CHANGELOG.md").read_text())
    assert released[0] == version
    assert len(set(released)) == len(released)
    assert re.search(r"(?m)^version: (\S+)$", (ROOT / "CITATION.cff").read_text())[1] == version


def test_both_images_hold_the_same_files_and_are_made_by_the_same_script():
    docker, apptainer = ((ROOT / "envs" / name).read_text() for name in ("Dockerfile", "serflow.def"))
    copied = sorted(name for line in re.findall(r"(?m)^COPY (.*) \S+$", docker) for name in line.split())
    files = re.search(r"(?s)%files\n(.*?)\n\n", apptainer)[1]
    assert copied == sorted(line.split()[0] for line in files.splitlines())
    for name in copied:
        assert list(ROOT.glob(name)), name
    assert {line.split()[1] for line in files.splitlines()} >= {
        f"/opt/serflow/{name}" for name in copied if "*" not in name
    }
    shipped = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"]
    for name in shipped["only-include"]:  # what is in a wheel is in an image
        assert any(PurePath(name).match(one) or name.startswith(f"{one}/") or name == one for one in copied), name
    for text in (docker, apptainer):
        assert "sh /opt/serflow/envs/image.sh" in text
    assert "envs/install.sh" in (ROOT / "envs/image.sh").read_text()
    assert "install.sh" in (ROOT / "envs/serflow.post-deploy.sh").read_text()


def test_nothing_is_installed_into_a_python_that_is_no_environments(tmp_path):
    python = tmp_path / "python"  # answers as the machine's own, and lets no pip run
    python.write_text(f'#!/bin/sh\n[ "$1" = -c ] && exec {sys._base_executable} "$@"\necho pip ran\nexit 9\n')
    python.chmod(0o755)
    done = subprocess.run(["sh", str(ROOT / "envs/install.sh"), str(python)], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (2, "")
    assert "is not the Python of an environment; make one" in done.stderr


def test_without_a_builder_no_image_is_made_and_that_is_said(tmp_path):
    for tool in ("sh", "dirname"):
        (tmp_path / tool).symlink_to(shutil.which(tool))
    command = [str(tmp_path / "sh"), str(ROOT / "envs/container.sh")]
    done = subprocess.run(command, env={"PATH": str(tmp_path)}, capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr.startswith("make container: no image was built: neither apptainer")


def test_the_builder_gets_the_files_and_what_follows(tmp_path):
    for tool in ("sh", "dirname"):
        (tmp_path / tool).symlink_to(shutil.which(tool))
    for name in ("docker", "buildah"):  # docker has no engine
        fake = tmp_path / name
        fake.write_text(f'#!{shutil.which("sh")}\n[ "$1" = build ] && echo {name} "$@" || [ {name} != docker ]\n')
        fake.chmod(0o755)
    command = [str(tmp_path / "sh"), str(ROOT / "envs/container.sh"), "--no-cache"]
    done = subprocess.run(command, env={"PATH": str(tmp_path), "BASE": "a b"}, capture_output=True, text=True)
    said = "buildah build --file envs/Dockerfile --tag serflow --build-arg BASE=a b --no-cache .\n"
    assert (done.returncode, done.stdout) == (0, said)
