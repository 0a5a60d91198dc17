"""Dry runs of Snakemake without its start: forks of a process that has imported it."""

import atexit
import functools
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from helpers import ROOT

SERVER = """
import gc, json, os, sys

import numpy, pandas, snakemake.cli
from snakemake_interface_executor_plugins.registry import ExecutorPluginRegistry

ExecutorPluginRegistry()  # imports the plugins
gc.freeze()
for line in sys.stdin:
    folder, arguments, printed = json.loads(line)
    child = os.fork()
    if not child:
        file = os.open(printed, os.O_WRONLY)
        os.dup2(file, 1), os.dup2(file, 2)
        os.chdir(folder)
        snakemake.cli.main(arguments)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


@functools.cache
def _server() -> subprocess.Popen:
    # a user's folder has no source of its own and goes with this one; a copy of the project goes with its own
    own = {"OMP_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": str(ROOT / "src")}
    environment = os.environ | own
    server = subprocess.Popen(
        [sys.executable, "-c", SERVER], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    atexit.register(server.stdin.close)  # which ends it
    return server


def dry_run(folder: Path, *arguments: str) -> tuple[int, str]:
    """`snakemake -n` with arguments in a folder: exit status and what it printed."""
    server = _server()
    with tempfile.NamedTemporaryFile("r", encoding="utf-8") as printed:
        server.stdin.write(json.dumps([str(folder), ["-n", "--cores", "2", *arguments], printed.name]) + "\n")
        server.stdin.flush()
        return int(server.stdout.readline()), printed.read()
