"""Write docs/licences.md, what the pinned packages say of their licences: `make licences`.

A row is of a package of the locks that is installed here at the version of the lock, and says what its metadata say.
What is not installed here (of another platform; CUDA) keeps its row, where the page has one of that version.
"""

import re
from importlib.metadata import Distribution, distributions
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs/licences.md"
BUILD, USERS, DEVELOPERS = (ROOT / f"envs/{name}.lock" for name in ("build", "requirements", "requirements-dev"))
BINDING = re.compile(r"GPL|General Public|Affero|\bMPL|Mozilla|EUPL|Proprietary|Commercial|NVIDIA", re.IGNORECASE)
# what a wheel carries, or a licence's text says, and metadata do not
CARRIED = {
    "espeakng-loader": "carries eSpeak NG, GPL-3.0-or-later",
    "opensmile": "carries openSMILE, for research and education only; metadata say MIT of the Python code",
    "pymupdf-layout": "of PyMuPDF: AGPL-3.0 or commercial, or another licence of Artifex",
    "pymupdf4llm": "of PyMuPDF: AGPL-3.0 or commercial",
    "soundfile": "carries libsndfile, LGPL-2.1-or-later",
}
INTRO = """# Licences of the pinned packages

Made by `make licences` out of the packages' metadata; a test holds it against what is installed. *users*: installed by
`make report`; *developers*: by `make test` and `make lint` alone. What follows from the licences that bind:
[README](../README.md#licences-that-bind-you).
"""
ROW = re.compile(r"^\| ([\w.-]+) \| (\S+) \| \w+ \| (.*) \|$", re.MULTILINE)
HEAD = "| package | version | for | licence |\n|---|---|---|---|"


def normal(name: str) -> str:
    """A package's name as indexes compare it: "RapidFuzz" is "rapidfuzz", "typing_extensions" "typing-extensions"."""
    return re.sub(r"[-_.]+", "-", name).lower()


def pins(lock: Path) -> dict[str, str]:
    """Name -> version of every package of a lock."""
    found = re.findall(r"^([\w.-]+)(?:\[[\w,-]+\])?==([^\s;\\]+)", lock.read_text(encoding="utf-8"), re.MULTILINE)
    return {normal(name): version for name, version in found}


def licence(distribution: Distribution) -> str:
    """What a package's metadata say: its expression; else classifiers and statement; else how its licence begins."""
    meta = distribution.metadata
    if meta.get("License-Expression"):
        return meta["License-Expression"]
    classifiers = [line.split(" :: ")[-1] for line in meta.get_all("Classifier") or [] if line.startswith("License ::")]
    lines = [line.strip(" =") for line in (meta.get("License") or "").splitlines()]
    stated = next((line for line in lines if line), "")[:100]
    said = [text for text in (", ".join(classifiers), stated) if text]
    return "; ".join(dict.fromkeys(said)) or _begins(distribution)


def _begins(distribution: Distribution) -> str:
    files = [file for file in distribution.files or [] if re.match(r"LICEN[CS]E|COPYING", file.name, re.IGNORECASE)]
    for file in sorted(files):
        lines = [line.strip(" #=") for line in file.read_text(encoding="utf-8").splitlines()]
        if any(lines):
            return f"not stated; its {file.name} begins: {next(line for line in lines if line)[:100]}"
    return "not stated"


def rows(text: str) -> dict[str, str]:
    """Row of each package, by its name; `text` is the page as it stands."""
    users = pins(BUILD) | pins(USERS)
    everybody = users | pins(DEVELOPERS)
    kept = {(name, version): said for name, version, said in re.findall(ROW, text)}
    here = {(normal(one.metadata["Name"]), one.version.split("+")[0]): one for one in distributions()}
    found = {}
    for name, version in sorted(everybody.items()):
        if (name, version) in here:
            said = licence(here[name, version]).replace("|", "/")
            said += f" ({CARRIED[name]})" if name in CARRIED else ""
        else:
            said = kept.get((name, version), "not installed where this list was made")
        found[name] = f"| {name} | {version} | {'users' if name in users else 'developers'} | {said} |"
    return found


def binding(found: dict[str, str]) -> list[str]:
    """Names of the packages whose licence binds, or is not stated."""
    said = {name: row.rsplit(" | ", 1)[1] for name, row in found.items()}
    return [name for name, text in said.items() if name in CARRIED or BINDING.search(text) or text == "not stated |"]


def page(text: str) -> str:
    """The page; `text` is the page as it stands, which may be empty."""
    found = rows(text)
    bound = binding(found)
    free = [row for name, row in found.items() if name not in bound]
    parts = [INTRO, "## Those that bind\n", HEAD, *(found[name] for name in bound), "", "## All others\n", HEAD, *free]
    return "\n".join(parts) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""), encoding="utf-8")
