"""The small file that stands for a view's features where jobs decide whether they are out of date."""

from collections.abc import Iterable
from typing import Any

from serflow.errors import UserError, remade
from serflow.features.store import Store
from serflow.files import digest


def fingerprint(utterances: Iterable[str], store: Store) -> dict[str, Any]:
    """Digest of the frames of these utterances, whatever their order and whatever else the store holds.

    Raises
    ------
    UserError
        If the store lacks some of them.
    """
    wanted = sorted(set(utterances))
    digests = store.digests
    missing = [utterance for utterance in wanted if utterance not in digests]
    if missing:
        raise UserError(
            f"{store.folder}: no features of {len(missing)} of the view's {len(wanted)} utterances "
            f"({', '.join(missing[:5])}{', ...' if len(missing) > 5 else ''}); "
            f"{remade(store.folder)}"
        )
    return {
        "features": store.folder.name,
        "digest": digest([[utterance, digests[utterance]] for utterance in wanted]),
        "utterances": len(wanted),
        "dims": store.dims,
        "hop_seconds": store.hop_seconds,
    }
