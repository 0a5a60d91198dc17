"""The data of a view as a crate holds them: of features their digests and numbers of frames, and no frame."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from serflow.audit.data import Data
from serflow.audit.findings import Step, agree
from serflow.errors import UserError
from serflow.features.store import INDEX, META
from serflow.files import digest, read_json
from serflow.parquet import read_columns

__all__ = ["CrateData"]


class CrateData(Data):
    """As `Data`, with the index of a feature store in the place of the store."""

    def shorter(self, segment: Mapping[str, Any]) -> frozenset[str]:
        """Utterances with fewer frames than a segment, which has `seconds`, cut from the frames of `features`."""
        folder = self.corpus.store(segment["features"])
        least = 1 + int(segment["seconds"] / read_json(Path(folder) / META)["hop_seconds"])
        index = self._index(folder)
        return frozenset(name for name in self.table["utterance"].unique() if index[name][0] < least)

    def index_steps(self, name: str) -> Iterator[Step]:
        """Digests of the utterances' features against the fingerprint of the view, and what they were made with."""
        folder = self.corpus.store(name)
        index = self._index(folder)
        found = digest([[utterance, index[utterance][1]] for utterance in sorted(set(self.table["utterance"]))])
        yield agree("fingerprint", self.features_digest(name), found, said="of the view's utterances")
        spec = read_json(Path(folder) / META)["spec"]
        yield agree("settings", spec, self.workflow.features[name], said="those of workflow/features.yaml")

    def _index(self, folder: str) -> dict[str, tuple[int, str]]:
        """Utterance -> frames, and SHA-256 of them."""
        try:
            columns = read_columns(Path(folder) / INDEX)
        except (OSError, ValueError) as error:
            raise UserError(f"{folder}/{INDEX}: cannot be read ({error})") from None
        rows = zip(columns["utterance"], columns["frames"], columns["sha256"], strict=True)
        return {utterance: (frames, sha256) for utterance, frames, sha256 in rows}
