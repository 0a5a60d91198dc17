"""Networks that tell emotions apart, behind the contract of every learner."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from serflow.errors import UserError
from serflow.examples import Examples
from serflow.features.store import PackedFrames, Store
from serflow.files import read_json, write_json
from serflow.layers.attention_transfer import attention_transfer_loss, interpolated, total_loss
from serflow.layers.placing import to_device
from serflow.learners.parts.text import Text
from serflow.lexical import FROM_FILE
from serflow.lexical.vectors import WordVectors
from serflow.training.evaluation import evaluated
from serflow.training.gradient import GradientLearner, mean_and_std
from serflow.training.inputs import NetworkInput
from serflow.training.segments import Segments, test_segments, training_segments

__all__ = ["Network"]

Cutter = Callable[[Examples, dict[str, Any] | None], Segments]


class Network(GradientLearner):
    """A network trained by cross-entropy; segments of an utterance share its label and their scores are averaged.

    A model with a `loss(frames, lengths, labels)`, summed over the segments, is trained by that instead.

    What it reads follows from the spec: features, text (`parameters.text`), or both; of both, each segment of the
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
    maps
        A teacher's attention map of each training utterance, one value a frame of the teacher's features, where the
        spec's `transfer` wants it: the loss is then that of eq. 11 of Zhao et al. (2021).
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
        maps: Store | None = None,
    ):
        if encoder is not None and not isinstance(encoder, Network):
            raise UserError(
                f"encoder: a {type(encoder).__name__.lower()} has no hidden vectors; name a system with a network"
            )
        super().__init__(spec=spec, classes=classes, device=device, seed=seed)
        self.encoder, self._hidden_cache = encoder, WeakKeyDictionary()
        self.maps, self.transfer = maps, self.settings.get("transfer")
        self._taught: NetworkInput | None = None
        text = self.settings.get("text")
        self.text = Text(text, seed=seed, given=vectors) if text else None
        self.uses_features = spec["features"] is not None

    def _prepare(self, train: Examples) -> tuple[list[NetworkInput], Tensor]:
        """Inputs, and the class of each segment."""
        if self.transfer:
            self._check_transfer()
            taught = replace(train, store=self.maps)
            self._taught = NetworkInput(taught, training_segments(taught, None), None)
        if self.text:
            self.text.fit(train)
        if self.uses_features and self.settings["normalise"] == "standard" and self.mean_std is None:
            self.mean_std = mean_and_std(self._inputs(train))
        inputs = self._network_inputs(train, training_segments)
        labels = torch.from_numpy(train.labels)[torch.from_numpy(inputs[0].segments.utterance)]
        self._check_classes(labels)
        dims = [one.examples.store.dims for one in inputs]
        self._build(dims if len(dims) > 1 else dims[0])
        return inputs, labels

    def _loss(self, inputs: list[NetworkInput], indices: np.ndarray, targets: Tensor) -> Tensor:
        """The model's own loss, or cross-entropy."""
        tensors, targets = self._collate(inputs, indices), to_device(targets, self.device)
        if self.transfer:
            logits, student = self.network.logits_and_maps(*tensors, p=self.transfer["p"])
            losses = attention_transfer_loss(student, [self._teacher_maps(indices, tensors[1])])
            return total_loss(logits, targets, losses, weight=self.transfer["weight"]).sum()
        if hasattr(self.network, "loss"):
            return self.network.loss(*tensors, targets)
        return torch.nn.functional.cross_entropy(self.network(*tensors), targets, reduction="sum")

    @torch.inference_mode()
    def predict(self, examples: Examples) -> tuple[list[str], np.ndarray]:
        """Utterance ids and probabilities (N, C), rows sum to one; utterances without a segment are left out."""
        spec = self.settings["segments"]
        segments, logits = self._logits(examples)
        average = spec["average"] if spec else "probabilities"
        scores = (logits.softmax(dim=1) if average == "probabilities" else logits).numpy()
        ids, place = np.unique(segments.utterance, return_inverse=True)
        sums = np.zeros((len(ids), len(self.classes)), dtype=np.float64)
        np.add.at(sums, place, scores)
        means = torch.from_numpy(sums / np.bincount(place)[:, None])
        means = means if average == "probabilities" else means.softmax(dim=1)
        return [examples.utterances[i] for i in ids], means.float().numpy()

    @torch.inference_mode()
    def segment_probabilities(self, examples: Examples) -> dict[str, np.ndarray]:
        """Class probabilities of each segment: utterance -> float32 (P, C), P in the order of time.

        Of a network that judges every frame (it has `frame_probabilities`), the segments are the frames, and what is
        missing to one is no emotion's. Utterances without a segment are left out.
        """
        if hasattr(self.network, "frame_probabilities"):
            found = self._by_frame(self._whole(examples), self.network.frame_probabilities)
            return {name: found.frames(name) for name in found.utterances}
        segments, logits = self._logits(examples)
        found = np.unique(segments.utterance, return_index=True, return_counts=True)
        rows = logits.softmax(dim=1).numpy()
        return {examples.utterances[i]: rows[start : start + count] for i, start, count in zip(*found, strict=True)}

    @torch.inference_mode()
    def represent(self, examples: Examples) -> tuple[list[str], dict[str, np.ndarray]]:
        """Utterance ids and, by input ("acoustic", "text"), what the classifier is given: float32 (N, D) each.

        For networks of whole utterances that have an `encode`.

        Raises
        ------
        UserError
            If the network reads segments of utterances.
        """
        inputs = self._whole(examples)
        names = ["acoustic"] * self.uses_features + ["text"] * (self.text is not None)
        found: dict[str, np.ndarray] = {}
        for batch, encoded in self._evaluated(inputs, self.network.encode):
            parts = encoded if isinstance(encoded, tuple) else (encoded,)
            for name, part in zip(names, parts, strict=True):
                rows = found.setdefault(name, np.empty((len(examples), part.shape[1]), dtype=np.float32))
                rows[inputs[0].segments.utterance[batch]] = part.float().cpu().numpy()
        return list(examples.utterances), found

    @torch.inference_mode()
    def hidden(self, examples: Examples) -> Examples:
        """The same utterances with the network's hidden vectors, one a frame, for frames.

        For networks of whole utterances that have a `hidden`.

        Raises
        ------
        UserError
            If the network reads segments of utterances, or has no hidden vectors.
        """
        if not hasattr(self.network, "hidden"):
            raise UserError(
                f"model {self.settings['model']['name']!r} has no hidden vectors, one a frame; name as the encoder a "
                "system whose model has them, such as attention_blstm"
            )
        inputs = self._whole(examples)
        return replace(examples, store=self._by_frame(inputs, self.network.hidden))

    def network_input(self, examples: Examples) -> NetworkInput:
        """What the network reads when it predicts: features, or an encoder's hidden vectors, in segments."""
        return self._network_inputs(examples, test_segments)[0]

    def save(self, folder: Path) -> None:
        """Write weights (safetensors) and what is needed to load them (JSON)."""
        folder.mkdir(parents=True, exist_ok=True)
        tensors = self._tensors()
        if self.text:
            write_json(folder / "words.json", self.text.vectors.words)
            tensors["text.vectors"] = torch.from_numpy(self.text.vectors.vectors)
            tensors |= {f"text.mean_std.{i}": torch.from_numpy(value) for i, value in enumerate(self.text.mean_std)}
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
        vectors, text_mean_std, given = None, (), False
        if "text.vectors" in tensors:
            vectors = WordVectors(read_json(folder / "words.json"), tensors.pop("text.vectors").numpy())
            text_mean_std = tuple(tensors.pop(f"text.mean_std.{i}").numpy() for i in (0, 1))
            given = described["spec"]["parameters"]["text"]["vectors"] == FROM_FILE
        learner = cls(
            spec=described["spec"],
            classes=described["classes"],
            device=device,
            seed=described["seed"],
            vectors=vectors if given else None,
            encoder=cls.load(folder / "encoder", device=device) if described["spec"].get("encoder") else None,
        )
        if learner.text:
            learner.text.vectors, learner.text.mean_std = vectors, text_mean_std
        learner._set_tensors(tensors, dims=described["dims"])
        learner.epoch = described["epoch"]
        return learner

    def _network_inputs(self, examples: Examples, cutter: Cutter) -> list[NetworkInput]:
        """The network's inputs, in the order of its arguments; the first one's segments are what is batched."""
        spoken = self.text.view(examples) if self.text else None
        first = None
        if self.uses_features:
            framed = self._inputs(examples)
            first = NetworkInput(framed, cutter(framed, self.settings["segments"]), self.mean_std)
        if spoken is None:
            return [first]
        whole = cutter(spoken, None)
        if first is None:
            return [NetworkInput(spoken, whole, self.text.mean_std)]
        chosen = first.segments.utterance  # the text of each segment's utterance
        segments = Segments(chosen, np.zeros_like(chosen), whole.frames[chosen])
        return [first, NetworkInput(spoken, segments, self.text.mean_std)]

    def _inputs(self, examples: Examples) -> Examples:
        """The examples with what the network reads for frames; hidden vectors are made once for each part."""
        if self.encoder is None:
            return examples
        if examples not in self._hidden_cache:
            self._hidden_cache[examples] = self.encoder.hidden(examples)
        return self._hidden_cache[examples]

    def _logits(self, examples: Examples) -> tuple[Segments, Tensor]:
        """Segments to predict, an utterance's one after the other, and their logits float32 (P, C)."""
        self.network.eval()
        inputs = self._network_inputs(examples, test_segments)
        segments = inputs[0].segments
        logits = torch.empty((len(segments), len(self.classes)))
        found = list(self._evaluated(inputs, self.network))
        if found:
            batches, parts = zip(*found, strict=True)
            logits[torch.from_numpy(np.concatenate(batches))] = torch.cat(parts).float().cpu()
        return segments, logits

    def _evaluated(self, inputs: list[NetworkInput], see: Callable[..., Any]) -> Iterator[tuple[np.ndarray, Any]]:
        """Batches of segments, the longest first, and what `see` gives for them."""
        return evaluated(
            lambda batch: see(*self._collate(inputs, batch)),
            inputs[0].segments.frames,
            max_frames=self.frames_at_once,
            device=self.device,
        )

    def _by_frame(self, inputs: list[NetworkInput], see: Callable[..., Tensor]) -> PackedFrames:
        """What `see` gives for the frames of whole utterances, float32 (T, K) each, the longest first."""
        segments, read = inputs[0].segments, inputs[0].examples
        order, packed, row = [], np.empty((0, 0), dtype=np.float32), 0
        for batch, vectors in self._evaluated(inputs, see):
            if not order:  # filled as it comes: a second copy would be as large again
                packed = np.empty((segments.frames.sum(), vectors.shape[2]), dtype=np.float32)
            real = torch.arange(vectors.shape[1]) < torch.from_numpy(segments.frames[batch])[:, None]
            rows = vectors.float().cpu()[real].numpy()
            packed[row : row + len(rows)] = rows
            order, row = [*order, *batch], row + len(rows)
        count = segments.frames[order]
        return PackedFrames(
            packed,
            utterances=[read.utterances[i] for i in segments.utterance[order]],
            start=(np.cumsum(count) - count).tolist(),
            count=count.tolist(),
            hop_seconds=read.store.hop_seconds,
        )

    def _whole(self, examples: Examples) -> list[NetworkInput]:
        """The inputs of whole utterances, to be encoded."""
        if self.settings["segments"] is not None:
            raise UserError(
                "a network that reads segments has no representation of an utterance; name one with `segments: null` "
                "as the encoder"
            )
        self.network.eval()
        return self._network_inputs(examples, test_segments)

    def _teacher_maps(self, indices: np.ndarray, frames: Tensor) -> Tensor:
        """The teacher's maps (B, T) of some training utterances, interpolated to their `frames` (B,), zeros beyond."""
        maps, lengths = self._taught.batch(indices, shortest=1, device=self.device)
        return interpolated(maps[..., 0], lengths, frames)

    def _check_transfer(self) -> None:
        if self.maps is None:
            raise UserError("transfer: no attention maps were given; expected a teacher's (cli.train --maps)")
        if self.settings["segments"] is not None or self.encoder is not None:
            raise UserError("transfer: wants whole utterances and their features; set `segments: null`, and no encoder")

    def _check_classes(self, labels: Tensor) -> None:
        absent = [name for i, name in enumerate(self.classes) if not (labels == i).any()]
        if absent:
            raise UserError(
                f"no training segment of class {', '.join(absent)}: expected some of each; "
                "use a larger view of the corpus, or shorter segments (parameters.segments.seconds)"
            )
