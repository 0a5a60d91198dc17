"""The command `serflow`: what stands around the workflow."""

import sys

USAGE = """usage: serflow COMMAND [ARGUMENTS]; serflow COMMAND --help says more

  demo-release DIR     write the stand-in: synthesised speech in the layout of an IEMOCAP release
  results OUT.md       write a page of results from the tables of a report

The tables and figures themselves: snakemake --cores 2 reports/all_tables.pdf
"""


def entry() -> None:
    """Run the command that the first argument names; exit with its status."""
    from serflow.cli import demo_release, results, run

    commands = {"demo-release": demo_release.main, "results": results.main}
    name = sys.argv[1] if len(sys.argv) > 1 else "--help"
    if name in ("-h", "--help"):
        print(USAGE, end="")
        sys.exit(0)
    if name not in commands:
        print(f"serflow: error: {name!r} is no command\n\n{USAGE}", end="", file=sys.stderr)
        sys.exit(2)
    sys.exit(run(lambda: commands[name](sys.argv[2:])))


if __name__ == "__main__":
    entry()
