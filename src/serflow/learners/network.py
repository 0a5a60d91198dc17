"""Networks: the training loop that all of them share, behind the contract of every learner."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from serflow.errors import UserError
from serflow.files import read_json, write_json
from serflow.learners.examples import Examples
from serflow.learners.hidden import HiddenVectors
from serflow.learners.text import Text
from serflow.lexical import GIVEN
from serflow.lexical.vectors import WordVectors
from serflow.models import build
from serflow.training.batches import collate, endless_batches, micro_batches, sorted_batches
from serflow.training.determinism import make_deterministic
from serflow.training.pieces import Pieces, test_pieces, training_pieces
from serflow.training.precision import prepare, training_precision
from serflow.training.schedules import learning_rate, steps_per_epoch
from serflow.training.seeding import derive
from serflow.training.transfer import to_device

__all__ = ["Network"]

MAX_FRAMES = 16_384  # padded frames that go through a network at once; larger batches add up gradients
OPTIMIZERS = {"adam": partial(torch.optim.Adam, fused=True)}
Cutter = Callable[[Examples, dict[str, Any] | None], Pieces]


@dataclass(frozen=True, eq=False)
class Source:
    """One of a network's inputs: examples, pieces of them, the mean and deviation to standardise by."""

    examples: Examples
    pieces: Pieces
    normal: tuple[np.ndarray, np.ndarray] | None


class Network:
    """A network trained by cross-entropy; pieces of an utterance share its label and their scores are averaged.

    A model with a `loss(frames, lengths, labels)`, summed over the pieces, is trained by that instead.

    What it reads follows from the spec: features, text (`parameters.text`), or both; of both, each piece of the
    features goes with the whole text of its utterance. With an `encoder` it reads that network's hidden vectors in
    place of the features.

    Parameters
    ----------
    spec
        The resolved spec of a run (`serflow.plan.systems`).
    classes
        Class names, in the order of the network's outputs.
    device
        "auto" (CUDA where there is one), "cpu", "cuda" or "cuda:1".
    seed
        Decides initial weights, order of the data, dropout and word vectors.
    vectors
        Word vectors of a file, where the spec's text wants them.
    encoder
        A trained network, left as it is. Its hidden vectors are made once and kept: of IEMOCAP's 4,490 utterances, 256
        values a frame of 10 ms, 2 GB.

    Raises
    ------
    UserError
        If the device is not usable, or the encoder is no network.
    """

    def __init__(
        self,
        *,
        spec: dict[str, Any],
        classes: list[str],
        device: str,
        seed: int,
        vectors: WordVectors | None = None,
        encoder: Any | None = None,
    ):
        if encoder is not None and not isinstance(encoder, Network):
            raise UserError(
                f"encoder: a {type(encoder).__name__.lower()} has no hidden vectors; name a system with a network"
            )
        make_deterministic()
        self.encoder, self._heard = encoder, WeakKeyDictionary()
        self.spec, self.classes, self.device, self.seed = spec, classes, _torch_device(device), seed
        self.settings = spec["parameters"]
        self.epoch = 0
        self.counts: dict[str, int] = {}
        self.normal: tuple[np.ndarray, np.ndarray] | None = None
        text = self.settings.get("text")
        self.text = Text(text, seed=seed, given=vectors) if text else None
        self.hears = spec["features"] is not None
        self.network: torch.nn.Module | None = None
        self._pending: tuple[dict[str, Tensor], int] | None = None

    def fit(self, train: Examples) -> Iterator[dict[str, Any]]:
        """Train, and yield a row of history after every epoch: epoch, lr, loss (mean over its steps), steps so far."""
        settings = self.settings["train"]
        if self.text:
            self.text.fit(train)
        if self.hears and self.settings["normalise"] == "standard" and self.normal is None:
            self.normal = _mean_and_deviation(self._hear(train))
        sources = self._sources(train, training_pieces)
        pieces = sources[0].pieces
        labels = torch.from_numpy(train.labels)[torch.from_numpy(pieces.utterance)]
        self._check_classes(labels)
        dims = [source.examples.store.dims for source in sources]
        self._build(dims if len(dims) > 1 else dims[0])
        prepare(self.network, settings, self.device)
        optimizer = OPTIMIZERS[settings["optimizer"]["name"]](
            self.network.parameters(), **{k: v for k, v in settings["optimizer"].items() if k != "name"}
        )
        self._resume(optimizer)
        batches = -(-len(pieces) // settings["batch_size"])
        steps = steps_per_epoch(steps=self.spec["steps"], epochs=settings["epochs"], batches=batches)
        self._count(train, pieces, steps, batches)
        stream = endless_batches(
            pieces.frames,
            batch_size=settings["batch_size"],
            seeds=lambda number: derive("order", self.seed, number),
            first=self.epoch * steps,
        )
        for epoch in range(self.epoch + 1, settings["epochs"] + 1):
            self.epoch = epoch
            rate = learning_rate(self.epoch, initial=settings["optimizer"]["lr"], schedule=settings["schedule"])
            for group in optimizer.param_groups:
                group["lr"] = rate
            torch.manual_seed(derive("dropout", self.seed, self.epoch))
            self.network.train()
            losses = [self._step(optimizer, sources, labels, next(stream)) for _ in range(steps)]
            self.optimizer = optimizer
            yield {
                "epoch": self.epoch,
                "lr": rate,
                "loss": float(np.mean(losses)),
                "steps": self.epoch * steps,
            }

    def _step(
        self, optimizer: torch.optim.Optimizer, sources: list[Source], labels: Tensor, batch: np.ndarray
    ) -> float:
        """One optimiser step on a batch; its mean loss."""
        optimizer.zero_grad(set_to_none=True)
        total = 0.0
        for part in micro_batches(batch, sources[0].pieces.frames, max_frames=MAX_FRAMES):
            target = labels[torch.from_numpy(part)].to(self.device)
            with training_precision(self.settings["train"], self.device):
                loss = self._loss(self._collate(sources, part), target) / len(batch)
            loss.backward()
            total += loss.item()
        if not np.isfinite(total):
            raise UserError(
                f"training loss is {total} in epoch {self.epoch}: expected a finite number; "
                "lower parameters.train.optimizer.lr or look for odd values in the features"
            )
        optimizer.step()
        return total

    def _loss(self, inputs: list[Tensor], labels: Tensor) -> Tensor:
        """Loss summed over the pieces: the model's own, or cross-entropy."""
        if hasattr(self.network, "loss"):
            return self.network.loss(*inputs, labels)
        return torch.nn.functional.cross_entropy(self.network(*inputs), labels, reduction="sum")

    @torch.inference_mode()
    def predict(self, examples: Examples) -> tuple[list[str], np.ndarray]:
        """Utterance ids and probabilities (N, C), rows sum to one; utterances without a piece are left out."""
        spec = self.settings["pieces"]
        pieces, logits = self._logits(examples)
        average = spec["average"] if spec else "probabilities"
        scores = (logits.softmax(dim=1) if average == "probabilities" else logits).numpy()
        ids, place = np.unique(pieces.utterance, return_inverse=True)
        sums = np.zeros((len(ids), len(self.classes)), dtype=np.float64)
        np.add.at(sums, place, scores)
        means = torch.from_numpy(sums / np.bincount(place)[:, None])
        means = means if average == "probabilities" else means.softmax(dim=1)
        return [examples.utterances[i] for i in ids], means.float().numpy()

    @torch.inference_mode()
    def piece_probabilities(self, examples: Examples) -> dict[str, np.ndarray]:
        """Class probabilities of each piece: utterance -> float32 (P, C), P in the order of time.

        Of a network that judges every frame (it has `frame_probabilities`), the pieces are the frames, and what is
        missing to one is no emotion's. Utterances without a piece are left out.
        """
        if hasattr(self.network, "frame_probabilities"):
            return self._by_frame(self._whole(examples), self.network.frame_probabilities)
        pieces, logits = self._logits(examples)
        found = np.unique(pieces.utterance, return_index=True, return_counts=True)
        rows = logits.softmax(dim=1).numpy()
        return {examples.utterances[i]: rows[start : start + count] for i, start, count in zip(*found, strict=True)}

    @torch.inference_mode()
    def represent(self, examples: Examples) -> tuple[list[str], dict[str, np.ndarray]]:
        """Utterance ids and, by input ("acoustic", "text"), what the classifier is given: float32 (N, D) each.

        For networks of whole utterances that have an `encode`.

        Raises
        ------
        UserError
            If the network reads pieces of utterances.
        """
        sources = self._whole(examples)
        names = ["acoustic"] * self.hears + ["text"] * (self.text is not None)
        found: dict[str, np.ndarray] = {}
        for batch in sorted_batches(sources[0].pieces.frames, max_frames=MAX_FRAMES):
            encoded = self.network.encode(*self._collate(sources, batch))
            parts = encoded if isinstance(encoded, tuple) else (encoded,)
            for name, part in zip(names, parts, strict=True):
                rows = found.setdefault(name, np.empty((len(examples), part.shape[1]), dtype=np.float32))
                rows[sources[0].pieces.utterance[batch]] = part.float().cpu().numpy()
        return list(examples.utterances), found

    @torch.inference_mode()
    def hidden(self, examples: Examples) -> Examples:
        """The same utterances with the network's hidden vectors, one a frame, for frames.

        For networks of whole utterances that have a `hidden`.

        Raises
        ------
        UserError
            If the network reads pieces of utterances, or has no hidden vectors.
        """
        if not hasattr(self.network, "hidden"):
            raise UserError(
                f"model {self.settings['model']['name']!r} has no hidden vectors, one a frame; name as the encoder a "
                "system whose model has them, such as attention_blstm"
            )
        sources = self._whole(examples)
        found = self._by_frame(sources, self.network.hidden)
        hop_seconds = sources[0].examples.store.hop_seconds
        store = HiddenVectors(found, dims=self.network.hidden_dims, hop_seconds=hop_seconds)
        return Examples(examples.utterances, examples.labels, store, examples.durations, examples.words)

    def source(self, examples: Examples) -> Source:
        """What the network hears of examples when it predicts: features, or an encoder's hidden vectors, in pieces."""
        return self._sources(examples, test_pieces)[0]

    def state(self) -> tuple[dict[str, Tensor], dict[str, Any]]:
        """What `restore` needs to go on after the last epoch: tensors by name, and the epoch."""
        tensors = {f"network.{name}": value for name, value in self.network.state_dict().items()}
        for number, values in self.optimizer.state_dict()["state"].items():
            tensors |= {f"optimizer.{number}.{name}": torch.as_tensor(value) for name, value in values.items()}
        return {name: value.detach().cpu().contiguous() for name, value in tensors.items()}, {"epoch": self.epoch}

    def restore(self, tensors: dict[str, Tensor], state: dict[str, Any]) -> None:
        """Go on from `state()` of an equal learner; call before `fit`."""
        self._pending, self.epoch = tensors, state["epoch"]

    def save(self, folder: Path) -> None:
        """Write weights (safetensors) and what is needed to load them (JSON)."""
        folder.mkdir(parents=True, exist_ok=True)
        tensors = {f"network.{name}": value.cpu().contiguous() for name, value in self.network.state_dict().items()}
        if self.normal is not None:
            tensors |= {f"normal.{i}": torch.from_numpy(value) for i, value in enumerate(self.normal)}
        if self.text:
            write_json(folder / "words.json", self.text.vectors.words)
            tensors["text.vectors"] = torch.from_numpy(self.text.vectors.vectors)
            tensors |= {f"text.normal.{i}": torch.from_numpy(value) for i, value in enumerate(self.text.normal)}
        if self.encoder:
            self.encoder.save(folder / "encoder")
        save_file(tensors, folder / "weights.safetensors")
        described = {
            "spec": self.spec,
            "classes": self.classes,
            "dims": self.dims,
            "seed": self.seed,
            "epoch": self.epoch,
        }
        write_json(folder / "model.json", described)

    @classmethod
    def load(cls, folder: Path, *, device: str) -> "Network":
        """A trained network from `save`'s folder."""
        described = read_json(folder / "model.json")
        tensors = load_file(folder / "weights.safetensors")
        vectors, text_normal, given = None, (), False
        if "text.vectors" in tensors:
            vectors = WordVectors(read_json(folder / "words.json"), tensors.pop("text.vectors").numpy())
            text_normal = tuple(tensors.pop(f"text.normal.{i}").numpy() for i in (0, 1))
            given = described["spec"]["parameters"]["text"]["vectors"] == GIVEN
        learner = cls(
            spec=described["spec"],
            classes=described["classes"],
            device=device,
            seed=described["seed"],
            vectors=vectors if given else None,
            encoder=cls.load(folder / "encoder", device=device) if described["spec"].get("encoder") else None,
        )
        if learner.text:
            learner.text.vectors, learner.text.normal = vectors, text_normal
        normal = [tensors.pop(name).numpy() for name in ("normal.0", "normal.1") if name in tensors]
        learner.normal = tuple(normal) or None
        learner._build(described["dims"])
        learner.network.load_state_dict({name.removeprefix("network."): value for name, value in tensors.items()})
        learner.epoch = described["epoch"]
        return learner

    def _build(self, dims: int | list[int]) -> None:
        torch.manual_seed(derive("weights", self.seed))
        self.dims = dims
        self.network = build(self.settings["model"], dims=dims, classes=len(self.classes)).to(self.device)

    def _resume(self, optimizer: torch.optim.Optimizer) -> None:
        if self._pending is None:
            return
        network, state = {}, {}
        for name, value in self._pending.items():
            kind, key = name.split(".", 1)
            if kind == "network":
                network[key] = value
            else:
                number, field = key.split(".")
                state.setdefault(int(number), {})[field] = value
        self.network.load_state_dict(network)
        optimizer.load_state_dict({"state": state, "param_groups": optimizer.state_dict()["param_groups"]})
        self._pending = None

    def _sources(self, examples: Examples, cutter: Cutter) -> list[Source]:
        """The network's inputs, in the order of its arguments; the first one's pieces are what is batched."""
        spoken = self.text.view(examples) if self.text else None
        first = None
        if self.hears:
            heard = self._hear(examples)
            first = Source(heard, cutter(heard, self.settings["pieces"]), self.normal)
        if spoken is None:
            return [first]
        whole = cutter(spoken, None)
        if first is None:
            return [Source(spoken, whole, self.text.normal)]
        chosen = first.pieces.utterance  # the text of each piece's utterance
        pieces = Pieces(chosen, np.zeros_like(chosen), whole.frames[chosen])
        return [first, Source(spoken, pieces, self.text.normal)]

    def _hear(self, examples: Examples) -> Examples:
        """The examples with what the network hears for frames; hidden vectors are made once for each part."""
        if self.encoder is None:
            return examples
        if examples not in self._heard:
            self._heard[examples] = self.encoder.hidden(examples)
        return self._heard[examples]

    def _logits(self, examples: Examples) -> tuple[Pieces, Tensor]:
        """Pieces to predict, an utterance's one after the other, and their logits float32 (P, C)."""
        self.network.eval()
        sources = self._sources(examples, test_pieces)
        pieces = sources[0].pieces
        logits = np.empty((len(pieces), len(self.classes)), dtype=np.float32)
        for batch in sorted_batches(pieces.frames, max_frames=MAX_FRAMES):
            logits[batch] = self.network(*self._collate(sources, batch)).float().cpu().numpy()
        return pieces, torch.from_numpy(logits)

    def _by_frame(self, sources: list[Source], see: Callable[..., Tensor]) -> dict[str, np.ndarray]:
        """What `see` gives for the frames of whole utterances: utterance -> float32 (T, K)."""
        pieces, found = sources[0].pieces, {}
        for batch in sorted_batches(pieces.frames, max_frames=MAX_FRAMES):
            vectors = see(*self._collate(sources, batch)).float().cpu().numpy()
            for index, rows in zip(batch, vectors, strict=True):
                found[sources[0].examples.utterances[pieces.utterance[index]]] = rows[: pieces.frames[index]].copy()
        return found

    def _whole(self, examples: Examples) -> list[Source]:
        """The inputs of whole utterances, to be encoded."""
        if self.settings["pieces"] is not None:
            raise UserError(
                "a network that reads pieces has no representation of an utterance; name one with `pieces: null` as "
                "the encoder"
            )
        self.network.eval()
        return self._sources(examples, test_pieces)

    def _collate(self, sources: list[Source], batch: np.ndarray) -> list[Tensor]:
        """Frames and lengths of each input in turn."""
        tensors = []
        for source in sources:
            shortest = self.network.shortest if source is sources[0] else 1
            tensors += collate(source.examples, source.pieces, batch, shortest=shortest, normal=source.normal)
        return [to_device(tensor, self.device) for tensor in tensors]

    def _check_classes(self, labels: Tensor) -> None:
        absent = [name for i, name in enumerate(self.classes) if not (labels == i).any()]
        if absent:
            raise UserError(
                f"no training piece of class {', '.join(absent)}: expected some of each; "
                "use a larger view of the corpus, or shorter pieces (parameters.pieces.seconds)"
            )

    def _count(self, train: Examples, pieces: Pieces, steps: int, batches: int) -> None:
        self.counts = {
            "train_utterances": len(train.utterances),
            "train_utterances_used": len(np.unique(pieces.utterance)),
            "train_pieces": len(pieces),
            "batches_a_pass": batches,
            "steps_an_epoch": steps,
            "parameters": sum(parameter.numel() for parameter in self.network.parameters()),
        }


def _torch_device(wanted: str) -> torch.device:
    if wanted == "auto":
        wanted = "cuda" if torch.cuda.is_available() else "cpu"
    if wanted.startswith("cuda") and not torch.cuda.is_available():
        raise UserError(f"config.yaml: device: {wanted!r}, but no CUDA device is usable here; use auto or cpu")
    return torch.device(wanted)


def _mean_and_deviation(train: Examples) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation over all training frames, float32 (D,); one pass, memory constant in the corpus."""
    count, total, squares = 0, 0.0, 0.0
    for index in range(len(train.utterances)):
        frames = train.frames(index).astype(np.float64)
        count, total, squares = (
            count + len(frames),
            total + frames.sum(axis=0),
            squares + (frames**2).sum(axis=0),
        )
    mean = total / count
    deviation = np.sqrt(np.maximum(squares / count - mean**2, 1e-12))
    return mean.astype(np.float32), deviation.astype(np.float32)
