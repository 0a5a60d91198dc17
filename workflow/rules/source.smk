# Which serflow the rules go with, and their jobs: of rules that stand in a checkout it is that source, whatever package
# is installed, so that several checkouts may share an environment. Rules of an installed package go with that one.
import os
import shlex
import sys

SOURCE = os.path.abspath(os.path.join(str(workflow.current_basedir), "../../src"))
if os.path.isdir(os.path.join(SOURCE, "serflow")):
    sys.path.insert(0, SOURCE)
    shell.prefix(f"set -euo pipefail; export PYTHONPATH={shlex.quote(SOURCE)}; ")
