"""The command `serflow`: what stands around the workflow."""

import importlib
import os
import sys
from importlib.metadata import PackageNotFoundError, version
from types import ModuleType

from serflow.cli import DEBUG, run
from serflow.config import nearest

USAGE = """usage: serflow [--debug] COMMAND [ARGUMENTS] | serflow --version; serflow COMMAND --help says more

  adopt                runs of serflow's code before, taken over where the present code gives the same bytes
  audit [ITEM ...]     numbers of the report walked back to the audio, each step checked
  card RUN             the model card of a trained run: what it is, its numbers with intervals, its limits and digests
  check RELEASE        whether a copy of a corpus can be used, and what is wrong with it
  demo-release DIR     write the stand-in: synthesised speech in the layout of an IEMOCAP release
  export --crate ZIP   the finished report as one file that leaves the machine (RO-Crate), to be checked anywhere
  folds --export DIR   fold tables as CSV, for systems that are trained elsewhere
  init DIR             a folder of one's own to run serflow in: config.yaml and a Snakefile
  new-corpus TABLE     the YAML of a corpus of one's own from its table, and what to run
  plan                 what the configuration would run, what is done, hours and bytes left
  predict RUN FILE ... class probabilities of recordings by a trained run, its attention as plots
  results PAGE.yaml    write a page of results on one corpus, from the runs that are finished
  run [ARGUMENTS]      snakemake with all cores, bars, and the logs of failed jobs
  score FILE --as NAME predictions of such a system, checked and taken into the tables of a paper
  spec PAPER SYSTEM    what decides a system's result, each value with the place that it comes from
  systems              every system with its inputs and its number of parameters, built and published

The tables and figures themselves, in the folder that init made or in a checkout: serflow run
"""


COMMANDS = (
    "adopt",
    "audit",
    "card",
    "check",
    "demo-release",
    "export",
    "folds",
    "init",
    "new-corpus",
    "plan",
    "predict",
    "results",
    "run",
    "score",
    "spec",
    "systems",
)


def entry() -> None:
    """Run the command that the first argument names; exit with its status."""
    if sys.argv[1:2] == ["--debug"]:  # a traceback of what is not expected, in place of a line that names a log file
        os.environ[DEBUG] = "1"
        del sys.argv[1]
    name = sys.argv[1] if len(sys.argv) > 1 else "--help"
    if name in ("-h", "--help"):
        print(USAGE, end="")
        sys.exit(0)
    if name == "--version":
        print(f"serflow {_version()}")
        sys.exit(0)
    if name not in COMMANDS:
        print(f"serflow: error: {name!r} is no command{nearest(name, COMMANDS)}\n\n{USAGE}", end="", file=sys.stderr)
        sys.exit(2)
    sys.exit(run(lambda: _command(name).main(sys.argv[2:])))


def _command(name: str) -> ModuleType:
    """The module of a command, which is imported alone: some of them import torch."""
    module = "start" if name == "run" else name.replace("-", "_")  # serflow.cli.run is the function that calls it
    return importlib.import_module(f"serflow.cli.{module}")


def _version() -> str:
    try:
        return version("serflow")
    except PackageNotFoundError:
        return "of no known version: run from its source, not installed as a package"


if __name__ == "__main__":
    entry()
