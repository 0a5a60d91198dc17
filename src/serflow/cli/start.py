"""`serflow run`: snakemake with the profile of one machine that serflow ships: all cores, bars, failed jobs' logs.

Everything that follows `run` is snakemake's own: `serflow run -n`, `serflow run --cores 2 reports/all_tables.pdf`.
Another profile takes the place of the shipped one: `serflow run --workflow-profile DIR`.
"""

import os
import sys
from pathlib import Path

from serflow import shipped
from serflow.cli import run
from serflow.errors import UserError

PROFILE = "workflow/profiles/local"
OPTION = "--workflow-profile"


def main(argv: list[str] | None = None) -> None:
    """Become snakemake, with what follows on the command line; of its help, what this command adds comes first.

    Raises
    ------
    UserError
        If there is nothing to run in this folder.
    """
    arguments = sys.argv[1:] if argv is None else argv
    if {"-h", "--help"} & set(arguments):
        print(f"usage: serflow run [what snakemake takes]\n\n{__doc__}\nsnakemake --help tells its options.")
        return
    own = {"-s", "--snakefile", "-d", "--directory"} & {argument.partition("=")[0] for argument in arguments}
    if not own and not any(Path(name).is_file() for name in ("Snakefile", "workflow/Snakefile")):
        raise UserError("no Snakefile here; go to the folder that serflow init made, or make one: serflow init DIR")
    command, environment = snakemake(arguments)
    sys.stdout.flush()
    os.execve(command[0], command, environment)


def snakemake(arguments: list[str]) -> tuple[list[str], dict[str, str]]:
    """The command and its environment: jobs are run by this Python, whether its environment is activated or not."""
    named = any(argument.partition("=")[0] == OPTION for argument in arguments)
    profile = [] if named else [OPTION, shipped.located(PROFILE)]
    folders = [os.path.dirname(sys.executable), os.environ.get("PATH", os.defpath)]
    return [sys.executable, "-m", "snakemake", *profile, *arguments], os.environ | {"PATH": os.pathsep.join(folders)}


if __name__ == "__main__":
    sys.exit(run(main))
