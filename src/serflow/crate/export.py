"""A finished report written as a crate."""

from collections.abc import Callable
from pathlib import Path

from serflow.crate.archive import write_zip
from serflow.crate.layout import DIGESTS, METADATA, UNLISTED, listed, read_listed, root_digest
from serflow.crate.machine import Machine
from serflow.crate.members import members
from serflow.errors import SNAKEMAKE, UserError
from serflow.files import digest, read_json
from serflow.paths import PDF, CorpusPaths
from serflow.plan.report import Report

__all__ = ["export"]


def export(report: Report, path: Path, *, version: str) -> tuple[int, int, str]:
    """Write the crate; its files, their bytes, and the root digest, which the PDF prints.

    `version`: of the code, as the report prints it.

    Raises
    ------
    UserError
        If the report is not whole, is of other files than its PDF says, or a file of it tells the machine.
    """
    describing = _describing()
    if report.workflow.config["private"] and not report.workflow.corpus["show_text"]:
        raise UserError(
            "config.yaml: private: true: this report shows transcripts and single utterances of a corpus whose licence "
            "keeps them; make it again with private: false, and export that"
        )
    files = {member.name: member.read() for member in members(report)}
    digests = {name: digest(data) for name, data in files.items()}
    text = _checked(report, listed((name, sha256) for name, sha256 in digests.items() if name not in UNLISTED))
    root = root_digest(text)
    files[DIGESTS] = text.encode()
    if root.encode() not in files[PDF]:
        raise UserError(f"{PDF}: does not bear the root digest {root[:12]}; make it again: {_again('pdf')}")
    sizes = {name: (len(data), digests.get(name, root)) for name, data in files.items()}  # the root is the list's own
    date = read_json(CorpusPaths(report.workflow.config["corpus"]).release_fingerprint)["date"]
    files[METADATA] = describing(report, sizes, version=version, date=date, root=root).encode()
    machine = Machine(report.workflow)
    for name, data in files.items():
        if trace := machine.trace(data):
            raise UserError(f"{name}: names {trace!r}, which tells this machine or its user; a crate must not")
    write_zip(path, sorted(files.items()))
    return len(files), sum(map(len, files.values())), root


def _describing() -> Callable[..., str]:
    """What writes the metadata: the one module that takes the package rocrate."""
    try:
        from serflow.crate.metadata import metadata
    except ModuleNotFoundError as error:
        if error.name != "rocrate":
            raise
        raise UserError(
            "serflow export writes RO-Crates with the package rocrate; install it: pip install rocrate"
        ) from None
    return metadata


def _checked(report: Report, text: str) -> str:
    """The digests as they are now, if they are those that the PDF was made with."""
    path = Path(report.digests)
    try:
        written = path.read_text(encoding="utf-8")
    except OSError as error:
        raise UserError(f"{path}: {error.strerror or error}; make the report first: {_again('digests')}") from None
    if written == text:
        return text
    then, now = read_listed(written), read_listed(text)
    first = next(name for name in sorted(then.keys() | now.keys()) if then.get(name) != now.get(name))
    raise UserError(
        f"{first}: is not as it was when the PDF was made ({path}); make the PDF anew, with the same --config as "
        f"here: {_again('digests')}"
    )


def _again(rule: str) -> str:
    return f"{SNAKEMAKE} --forcerun {rule} -- {PDF}"
