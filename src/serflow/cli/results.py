"""`serflow results`: a page of results on one corpus, all of it from the scores of finished runs."""

import argparse
import subprocess
import sys
from pathlib import Path

from serflow.cli import run
from serflow.errors import UserError
from serflow.files import atomic_path, canonical_json
from serflow.paths import PDF
from serflow.provenance.version import checkout_version
from serflow.results_page.chapters import chapter_report, read_chapter
from serflow.results_page.declaration import Declaration, DeclaredChapter, read_declaration
from serflow.results_page.page import results_page, with_sentence


def main(argv: list[str] | None = None) -> None:
    """Parse the arguments, make the runs where that is asked for, and write the page beside its declaration."""
    parser = argparse.ArgumentParser(prog="serflow results", description=__doc__)
    parser.add_argument(
        "declaration", type=Path, metavar="PAGE.yaml", help="what the page has; PAGE.md is written beside it"
    )
    parser.add_argument("--readme", type=Path, metavar="FILE", help="a Markdown file whose leading numbers to renew")
    parser.add_argument("--release", metavar="DIR", help="folder of the corpus's recordings, for --run")
    parser.add_argument(
        "--run",
        nargs=argparse.REMAINDER,
        metavar="OPTION",
        help="the last of the options: first make every chapter by snakemake, with the options that follow; what is "
        "finished is left as it is",
    )
    args = parser.parse_args(argv)
    if args.declaration.suffix not in (".yaml", ".yml"):
        raise UserError(f"{args.declaration}: expected the YAML that a page is made from, as docs/results-emodb.yaml")
    declaration = read_declaration(args.declaration)
    if args.run is not None:
        if args.release is None:
            raise UserError(f"--release: missing; name the folder of the recordings of {declaration.corpus}")
        for chapter in declaration.chapters:
            _make(chapter, declaration, release=args.release, options=args.run)
    page = _page(declaration)
    _write(args.declaration.with_suffix(".md"), page)
    if args.readme is not None:
        text = args.readme.read_text(encoding="utf-8")
        _write(args.readme, with_sentence(page, text, args.readme))


def _make(chapter: DeclaredChapter, declaration: Declaration, *, release: str, options: list[str]) -> None:
    """Let Snakemake train, score and report a chapter, as far as that is not done."""
    changes = chapter.changes(declaration.corpus) | {"release": release}
    pairs = [f"{key}={canonical_json(value)}" for key, value in changes.items()]
    print(f"{chapter.name}: {' '.join(pairs)}", file=sys.stderr)
    targets = [PDF, *chapter_report(chapter, declaration.corpus).scoring.contrasts_files]
    command = [sys.executable, "-m", "snakemake", *options, "--config", *pairs, "--", *targets]
    if status := subprocess.run(command).returncode:
        raise UserError(
            f"chapter {chapter.name}: snakemake ended with status {status}, see above; "
            "the same command goes on where it stopped"
        )


def _page(declaration: Declaration) -> str:
    corpus, command = declaration.corpus, declaration.command
    chapters = [read_chapter(declared, corpus=corpus, command=command) for declared in declaration.chapters]
    return results_page(chapters, corpus=corpus, command=command, source=checkout_version())


def _write(path: Path, text: str) -> None:
    with atomic_path(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(run(main))
