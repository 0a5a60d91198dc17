"""The other corpora that a configuration's runs predict, too: protocols that are called cross:<corpus>."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from serflow import corpora
from serflow.config import nearest
from serflow.errors import UserError
from serflow.paths import CorpusPaths

__all__ = ["PROTOCOL", "STRICT", "OtherCorpus", "cross_protocol", "is_cross", "other_corpora"]

PROTOCOL = "cross:"  # begins the name of such a protocol
STRICT = "strict"  # the protocol whose networks predict the other corpus


@dataclass(frozen=True)
class OtherCorpus:
    """A corpus that is predicted, what its YAML declares, and the folder of its release."""

    name: str
    declared: dict[str, Any]
    named_release: str | None

    @property
    def release(self) -> Path:
        """Folder of the release that is read."""
        return Path(self.named_release or CorpusPaths(self.name).release).expanduser()

    @property
    def generated(self) -> bool:
        """Whether the workflow writes the release itself."""
        return self.named_release is None


def is_cross(protocol: str) -> bool:
    """Whether a protocol is one of another corpus."""
    return protocol.startswith(PROTOCOL)


def cross_protocol(other: str) -> str:
    """Name of the protocol of another corpus."""
    return f"{PROTOCOL}{other}"


def other_corpora(config: dict[str, Any], known: list[str], *, root: Path) -> dict[str, OtherCorpus]:
    """The corpora that `protocols` names as cross:<corpus>, by name, in that order.

    Raises
    ------
    UserError
        If one is unknown or the corpus itself, has no release, or strict is not configured; or if `releases` names a
        corpus that is not predicted.
    """
    names = [name.removeprefix(PROTOCOL) for name in config["protocols"] if is_cross(name)]
    releases = config.get("releases") or {}
    for name in names:
        where = f"config.yaml: protocols: {cross_protocol(name)!r}"
        if name not in known:
            raise UserError(f"{where}: no such corpus in workflow/corpora{nearest(name, known)}")
        if name == config["corpus"]:
            raise UserError(f"{where}: this is the corpus that is trained on; name another one")
    for name in releases:
        if name not in names:
            raise UserError(
                f"config.yaml: releases: {name!r}: `protocols` lists no {cross_protocol(name)}; list it, or take this "
                f"line away{'; the release of `corpus` stands under `release`' if name == config['corpus'] else ''}"
            )
    if names and STRICT not in config["protocols"]:
        raise UserError(
            f"config.yaml: protocols: {cross_protocol(names[0])} is of the networks of {STRICT}; list {STRICT}, too"
        )
    found = {
        name: OtherCorpus(name, corpora.load(name, root=root), releases.get(name)) for name in dict.fromkeys(names)
    }
    for name, other in found.items():
        if other.generated and other.declared["generate"] is None:
            raise UserError(
                f"config.yaml: releases: {name} is missing, which `protocols` wants ({cross_protocol(name)}); expected "
                f"the folder of its release, as releases: {{{name}: /path/to/the/release}}"
            )
    return found
