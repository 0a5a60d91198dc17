"""Crates in tests: exported in a project, opened, edited and closed again."""

import hashlib
import json
import zipfile
from pathlib import Path

from serflow.cli import audit, digests, export, pdf, release_check
from serflow.crate.archive import write_zip
from serflow.files import canonical_json
from serflow.plan.configuration import changed_configuration
from serflow.plan.report import Report
from serflow.plan.runs import Plan
from serflow.plan.workflow import read_workflow
from serflow.provenance import version

CONTEXT = "https://w3id.org/ro/crate/1.1/context"
SCHEMA = "https://w3id.org/ro/crate/1.1"
PROFILE = "provenance-run-crate"
PDF, DIGESTS, METADATA = "reports/all_tables.pdf", "digests.txt", "ro-crate-metadata.json"


def exported(project, path, monkeypatch):
    """Export a finished project's report; the members by name."""
    with monkeypatch.context() as inside:
        inside.chdir(project.folder)
        export.main(["--crate", str(path)])
    return members(path)


def printed_anew(project, monkeypatch):
    """Make digests.txt and the PDF of a project anew, as the two rules do."""
    with monkeypatch.context() as inside:
        inside.chdir(project.folder)
        config = json.dumps(changed_configuration({}))
        listed = next(Path("reports").glob("*/digests.txt"))
        digests.main(["--config", config, "--output", str(listed)])
        templates = ["--template", "reports/template.typ", "--page", "reports/findings.typ"]
        made_by = ["--made-by", json.dumps(version.made_by())]
        pdf.main(["--config", config, *made_by, *templates, "--output", PDF])


def checked_anew(project, monkeypatch):
    """Make the check of the release anew, as its rule does."""
    with monkeypatch.context() as inside:
        inside.chdir(project.folder)
        report = Report(Plan(read_workflow(changed_configuration({}))))
        release_check.main(["--spec", json.dumps(report.release_check_spec()), "--output", report.release_check])


def members(path):
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def mended(files):
    """The same members with digests, metadata and the PDF's keyword as a forger would mend them."""
    old = hashlib.sha256(files[DIGESTS]).hexdigest()
    sums = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
    listed = sorted(set(files) - {DIGESTS, METADATA, PDF})
    text = "".join(f"{sums[name]}  {name}\n" for name in listed).encode()
    root = hashlib.sha256(text).hexdigest()
    files = files | {DIGESTS: text, PDF: files[PDF].replace(old.encode(), root.encode())}
    content = json.loads(files[METADATA].replace(old.encode(), root.encode()))
    for entity in content["@graph"]:
        if entity["@id"] in files and "sha256" in entity:
            entity["sha256"] = hashlib.sha256(files[entity["@id"]]).hexdigest()
    return files | {METADATA: canonical_json(content).encode()}


def audited(path, files, capsys, *arguments):
    """Exit status and what is printed of `serflow audit --crate` over these members."""
    write_zip(path, sorted(files.items()))
    capsys.readouterr()
    status = 0
    try:
        audit.main([*arguments, "--crate", str(path)])
    except SystemExit as ended:
        status = ended.code
    printed = capsys.readouterr()
    return status, printed.out + printed.err


def validated(path, monkeypatch):
    """What roc-validator finds wrong with a crate, by the rules that a Provenance Run Crate must keep; offline.

    The validator fetches the JSON-LD context of RO-Crate 1.1. The package rocrate brings that of 1.3, which has the
    same terms but for the names of two of Bioschemas'.
    """
    import rocrate
    from rocrate_validator import models, services
    from rocrate_validator.utils import document_loader, http

    context = json.loads((Path(rocrate.__file__).parent / "data/ro-crate.jsonld").read_text(encoding="utf-8"))
    context["@context"] |= {
        name: f"https://bioschemas.org/{name}" for name in ("ComputationalWorkflow", "FormalParameter")
    }

    class Answer:
        status_code, ok, url, history, links = 200, True, CONTEXT, [], {}
        headers, text = {"Content-Type": "application/ld+json"}, json.dumps(context)
        content = text.encode()

        def json(self):
            return context

        def raise_for_status(self):
            pass

    def answered(url):
        assert url.startswith(SCHEMA), url
        return Answer()

    monkeypatch.setattr(document_loader, "_fetch_json_ld", lambda url: answered(url).json())
    for method in ("get", "head"):
        monkeypatch.setattr(http.HttpRequester, method, lambda self, url, **_: answered(url), raising=False)
    settings = services.ValidationSettings(
        rocrate_uri=str(path), profile_identifier=PROFILE, requirement_severity=models.Severity.REQUIRED
    )
    found = services.validate(settings)
    return [f"{issue.check.identifier}: {issue.message}" for issue in found.get_issues()]
