#!/bin/sh
# Install serflow's pinned packages into an environment, and serflow itself from where this script stands:
#     envs/install.sh .venv/bin/python         what `make report` needs
#     envs/install.sh .venv/bin/python dev     and what only tests and checks need
# Makefile, Dockerfile and Apptainer's definition all call it. Every file is held against the lock's hashes; nothing is
# built but connection_pool, which has no wheel, with the setuptools of the lock.
set -eu
python=$1
envs=$(cd "$(dirname "$0")" && pwd)
case ${2-} in
  '') lock=$envs/requirements.lock ;;
  dev) lock=$envs/requirements-dev.lock ;;
  *) echo "$0: $2 is neither left out nor dev" >&2; exit 2 ;;
esac

# never into a Python that other programs of the machine use
"$python" -c '
import os, sys
sys.exit(sys.prefix == sys.base_prefix and not os.path.isdir(os.path.join(sys.prefix, "conda-meta")))' || {
  echo "$0: $python is not the Python of an environment; make one: python3.11 -m venv .venv" >&2
  exit 2
}

install() { "$python" -m pip install --quiet --disable-pip-version-check "$@"; }

install --require-hashes --only-binary :all: --requirement "$envs/build.lock"

# torch of PyPI is held against the lock as everything else. A build that this machine offers (pip's configuration,
# PIP_EXTRA_INDEX_URL) has a version such as 2.13.0+cpu; the lock cannot know its hash, so that it is taken as it is.
torch=$(sed -n 's/^\(torch==[0-9.]*\).*/\1/p' "$lock")
own=$("$python" -m pip install --dry-run --no-deps --quiet --disable-pip-version-check --report - "$torch" | "$python" -c '
import json, sys
versions = [found["metadata"]["version"] for found in json.load(sys.stdin)["install"]]
print(*(version for version in versions if "+" in version))')
if [ -n "$own" ]; then
  echo "torch $own is a build that this machine offers: it is not held against the hashes of $lock" >&2
  install --no-deps "torch==$own"
fi

# The lock as a constraint: what it names is installed only where something asks for it, so that a torch without CUDA
# brings no CUDA.
asked=$(mktemp)
trap 'rm -f "$asked"' EXIT
pinned() {
  install --require-hashes --only-binary :all: --no-binary connection_pool --no-build-isolation \
    --constraint "$lock" --requirement "$asked"
}

if [ -f "$envs/../pyproject.toml" ]; then
  "$python" - "$envs/../pyproject.toml" ${2-} > "$asked" << 'END'
import sys
import tomllib

with open(sys.argv[1], "rb") as file:
    declared = tomllib.load(file)
groups = [declared["dependency-groups"][name] for name in sys.argv[2:]]
for names in (declared["project"]["dependencies"], *declared["project"]["optional-dependencies"].values(), *groups):
    print(*names, sep="\n")
END
  pinned
  install --no-deps --no-build-isolation --editable "$envs/.."
else # no checkout: this is serflow/shipped/envs of an installed serflow, which is copied as it is
  package=$(cd "$envs/../.." && pwd)
  site=$("$python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
  rm -rf "$site/serflow" "$site"/serflow-*.dist-info
  cp -R "$package" "$package"/../serflow-*.dist-info "$site"
  "$python" -c '
import importlib.metadata
print(*(line.split(";")[0] for line in importlib.metadata.requires("serflow")), sep="\n")' > "$asked"
  pinned
fi
