"""`serflow init`: a folder of one's own to run serflow in, with config.yaml and a Snakefile and nothing else.

All that is made later stands in that folder; the papers, corpora and rules are those of the installed package. YAML of
your own goes into its workflow/corpora and workflow/papers, models and extractors into models and extractors.
"""

import argparse
import os
import shlex
import sys
from pathlib import Path

from serflow import shipped
from serflow.cli import run
from serflow.errors import UserError
from serflow.files import atomic_path
from serflow.paths import PDF

SNAKEFILE = """\
from serflow.shipped import SNAKEFILE
include: SNAKEFILE
workflow.default_target = "all"
"""


def main(argv: list[str] | None = None) -> None:
    """Parse the command line and make the folder; nothing is asked and nothing overwritten.

    Raises
    ------
    UserError
        If the folder holds one of the two files already, or is a file.
    """
    parser = argparse.ArgumentParser(
        prog="serflow init", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, metavar="DIR", help="the folder; it may be there already")
    folder = parser.parse_args(argv).folder
    texts = {"config.yaml": (shipped.ROOT / "config/config.yaml").read_text(encoding="utf-8"), "Snakefile": SNAKEFILE}
    if folder.exists() and not folder.is_dir():
        raise UserError(f"{folder}: a file stands there; name another folder")
    for name in texts:
        if (folder / name).exists():
            raise UserError(f"{folder / name}: is there already, and nothing is overwritten; name another folder")
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        with atomic_path(folder / name) as temporary:
            Path(temporary).write_text(text, encoding="utf-8")
    print(
        f"made: {', '.join(str(folder / name) for name in texts)}\n"
        "config.yaml says what is run; as it is, five papers on a small synthesised corpus.\n\n"
        f"  cd {shlex.quote(str(folder))}\n"
        "  serflow plan                 # how much that is, and how long it takes\n"
        f"  snakemake --cores {os.cpu_count() or 1} {PDF}"
    )


if __name__ == "__main__":
    sys.exit(run(main))
