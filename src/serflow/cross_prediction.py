"""Trained networks applied to a view of another corpus: what each of them says of every utterance."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from serflow.examples import Examples
from serflow.features.store import Store
from serflow.files import digest
from serflow.jobs.transcripts import words_of_part
from serflow.prediction import open_run
from serflow.provenance.encoders import encoder_digest
from serflow.provenance.run_record import check_record

__all__ = ["Judging", "OtherView", "predict", "predictions_table"]


@dataclass(frozen=True)
class Judging:
    """A network that predicts: that which the training of `folder` had when the validation part of a fold chose it.

    Attributes
    ----------
    run, training : keys of the run that is judged by it, and of its training.
    folder : of the training.
    fold_name : the fold, as the training calls it ("speaker/fold2").
    """

    run: dict[str, Any]
    training: dict[str, Any]
    folder: Path
    fold_name: str

    @property
    def digest(self) -> str:
        """Digest of the network's files."""
        return encoder_digest(self.folder / "run.json", "best", self.fold_name)


@dataclass(frozen=True)
class OtherView:
    """A view of another corpus.

    Attributes
    ----------
    rows : utterance and duration (s) of each utterance.
    store : its features; None for systems without any.
    words : the words of each utterance; None for systems that read none.
    """

    rows: list[dict[str, Any]]
    store: Store | None
    words: dict[str, list[str]] | None


def predict(
    networks: Iterable[Judging], view: OtherView, *, spec: dict[str, Any], inputs: dict[str, str | None], device: str
) -> Iterator[tuple[Judging, list[str], np.ndarray]]:
    """Of each network the utterances that it predicts and their probabilities, float32 (U, C), its own classes.

    Whatever standardises features, and every word vector, is the network's own: of the data that it was trained on.

    Parameters
    ----------
    spec, inputs : the resolved spec, and digests of inputs by name, that each training must have had.

    Raises
    ------
    UserError
        If a training differs from this, or has no weights.
    """
    known: dict[str, tuple[list[str], np.ndarray]] = {}  # one network may be the best on several folds
    for network in networks:
        check_record(network.folder, key=network.training, spec=digest(spec), inputs=inputs)
        if network.digest not in known:
            trained = open_run(network.folder, epoch=network.fold_name, device=device)
            known[network.digest] = _predicted(trained.learner, view, spec, network.run)
        yield network, *known[network.digest]


def _predicted(
    learner: Any, view: OtherView, spec: dict[str, Any], run: dict[str, Any]
) -> tuple[list[str], np.ndarray]:
    if not view.rows:
        return [], np.empty((0, len(spec["classes"])), np.float32)
    names = [row["utterance"] for row in view.rows]
    words = view.words and words_of_part(view.words, names, spec=spec, run=run, part="test")
    return learner.predict(Examples.of(view.rows, store=view.store, words=words))


def predictions_table(found: Iterable[tuple[Judging, list[str], np.ndarray]], classes: list[str]) -> pa.Table:
    """fold, seed, utterance and `p_<class>` of every prediction, network by network."""
    blocks = []
    for network, names, probabilities in found:
        columns: dict[str, Any] = {
            key: pa.array(np.full(len(names), network.run[key]), pa.int32()) for key in ("fold", "seed")
        }
        columns["utterance"] = pa.array(names, pa.string())
        columns |= {f"p_{name}": pa.array(probabilities[:, place]) for place, name in enumerate(classes)}
        blocks.append(pa.table(columns))
    return pa.concat_tables(blocks)
