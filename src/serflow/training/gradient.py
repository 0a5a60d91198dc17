"""The training loop that everything with gradients shares: networks of emotions and speech recognisers."""

import itertools
from collections.abc import Iterator
from functools import reduce
from operator import add
from typing import Any

import numpy as np
import torch
from torch import Tensor

from serflow.errors import UserError
from serflow.examples import Examples
from serflow.layers.batch_norm import batch_norms
from serflow.models import build
from serflow.training.adam import Adam
from serflow.training.batches import endless_batches, micro_batches, shuffled_batches
from serflow.training.determinism import make_deterministic
from serflow.training.devices import torch_device
from serflow.training.inputs import NetworkInput
from serflow.training.precision import prepare, training_precision
from serflow.training.schedules import learning_rate, steps_at_initial_rate, steps_per_epoch
from serflow.training.seeding import derive
from serflow.training.segments import Segments

__all__ = ["GradientLearner", "mean_and_std"]

POPULATION = 1024  # training segments, or all where there are fewer, over which the statistics of batch norms are taken
OPTIMIZERS = {"adam": Adam}


class GradientLearner:
    """A network that is trained by gradients on batches of segments, and can go on from its last whole epoch.

    Who builds on it says what is read and wanted (`_prepare`, which also builds `self.network`) and what is to become
    small (`_loss`).

    Parameters
    ----------
    spec
        A resolved spec (`serflow.plan.systems`); its `parameters.train` steers the loop.
    classes
        What the network tells apart, in the order of its outputs.
    device
        "auto" (CUDA where there is one), "cpu", "cuda" or "cuda:1".
    seed
        Decides initial weights, order of the data and dropout.

    Raises
    ------
    UserError
        If the device is not usable.
    """

    def __init__(self, *, spec: dict[str, Any], classes: list[str], device: str, seed: int):
        make_deterministic()
        self.spec, self.classes, self.device, self.seed = spec, classes, torch_device(device), seed
        self.settings = spec["parameters"]
        self.epoch = 0
        self.counts: dict[str, int] = {}
        self.trained_on: np.ndarray | None = None
        self.mean_std: tuple[np.ndarray, np.ndarray] | None = None
        self.network: torch.nn.Module | None = None
        self.optimizer: Adam | None = None
        self._pending: tuple[dict[str, Tensor], int] | None = None

    def _prepare(self, train: Examples) -> tuple[list[NetworkInput], Tensor]:
        """Build the network; its inputs, and for each segment what it should say of it."""
        raise NotImplementedError

    def _loss(self, inputs: list[NetworkInput], indices: np.ndarray, targets: Tensor) -> Tensor:
        """Loss summed over the segments at `indices`, whose targets, on the host, are given."""
        raise NotImplementedError

    def fit(self, train: Examples) -> Iterator[dict[str, Any]]:
        """Train, and yield a row of history after every epoch, the network ready to predict.

        A row has the epoch, the learning rate of its last step, the mean loss over its steps, the steps so far, and
        how many of these had the initial learning rate.
        """
        settings = self.settings["train"]
        inputs, targets = self._prepare(train)
        prepare(self.network, settings, self.device)
        segments = inputs[0].segments
        optimizer = self.optimizer = _optimizer(self.network, settings["optimizer"])
        self._resume()
        batches = -(-len(segments) // settings["batch_size"])
        steps = steps_per_epoch(steps=self.spec["steps"], epochs=settings["epochs"], batches=batches)
        rates = {"schedule": settings["schedule"], "an_epoch": steps, "steps": steps * settings["epochs"]}
        self._count(train, segments, steps, batches)
        stream = endless_batches(
            segments.frames,
            batch_size=settings["batch_size"],
            seeds=lambda number: derive("order", self.seed, number),
            first=self.epoch * steps,
            alike=not batch_norms(self.network),
        )
        for epoch in range(self.epoch + 1, settings["epochs"] + 1):
            self.epoch = epoch
            torch.manual_seed(derive("dropout", self.seed, self.epoch))
            self.network.train()
            parts = []
            for step in range((epoch - 1) * steps + 1, epoch * steps + 1):
                optimizer.lr = learning_rate(step, initial=settings["optimizer"]["lr"], **rates)
                parts.append(self._step(inputs, targets, next(stream)))
            losses = self._losses(parts, first=(epoch - 1) * steps + 1)
            self._estimate_population(inputs, targets)
            yield {
                "epoch": self.epoch,
                "lr": optimizer.lr,
                "loss": float(np.mean(losses)),
                "steps": self.epoch * steps,
                "steps_at_initial_rate": steps_at_initial_rate(done=self.epoch * steps, **rates),
            }

    def _step(self, inputs: list[NetworkInput], targets: Tensor, batch: np.ndarray) -> list[Tensor]:
        """One optimiser step on a batch; the shares in its mean loss of what went through the network at once.

        They stay on the device: to read one would make the host wait for all that it has asked the device for.
        """
        self.network.zero_grad(set_to_none=True)
        losses = []
        for indices in self._parts(batch, inputs[0].segments.frames):
            loss = self._loss_of_part(inputs, targets, indices) / len(batch)
            loss.backward()
            losses.append(loss.detach())
        if clip := self.settings["train"].get("clip"):
            torch.nn.utils.clip_grad_norm_(self.network.parameters(), clip)
        self.optimizer.step()
        for norm in batch_norms(self.network):
            norm.settle()
        return losses

    def _losses(self, parts: list[list[Tensor]], *, first: int) -> list[float]:
        """The mean loss of each step of an epoch, of `_step`'s results; the first step has the number `first`.

        Raises
        ------
        UserError
            If one is not finite; it names the first such step.
        """
        read = iter(torch.stack([part for step in parts for part in step]).tolist())
        losses = []
        for number, step in enumerate(parts, start=first):
            losses.append(reduce(add, itertools.islice(read, len(step)), 0.0))  # one by one: sum() may round otherwise
            if not np.isfinite(losses[-1]):
                raise UserError(
                    f"training loss is {losses[-1]} at step {number}, in epoch {self.epoch}: expected a finite number; "
                    "lower parameters.train.optimizer.lr or look for odd values in the features"
                )
        return losses

    @torch.no_grad()
    def _estimate_population(self, inputs: list[NetworkInput], targets: Tensor) -> None:
        """Set the statistics of batch norms to those of the training data under the present weights, without dropout.

        Algorithm 2 of Ioffe and Szegedy (2015), over batches that the seed draws, pooled over all their frames. It
        costs a forward pass of `POPULATION` segments an epoch.
        """
        if not (norms := batch_norms(self.network)):
            return
        self.network.eval()
        for norm in norms:
            norm.train()
        segments, batch_size = inputs[0].segments.frames, self.settings["train"]["batch_size"]
        seed = derive("population", self.seed, self.epoch)
        batches = shuffled_batches(segments, batch_size=batch_size, seed=seed, alike=False)
        for batch in batches[: -(-POPULATION // batch_size)]:
            for indices in self._parts(batch, segments):
                self._loss_of_part(inputs, targets, indices)
        for norm in norms:
            norm.settle(1.0)

    def _parts(self, batch: np.ndarray, frames: np.ndarray) -> list[np.ndarray]:
        """A batch in what goes through the network at once."""
        return micro_batches(batch, frames, max_frames=self.frames_at_once)

    def _loss_of_part(self, inputs: list[NetworkInput], targets: Tensor, indices: np.ndarray) -> Tensor:
        """Loss summed over the segments at `indices`, in the precision of training."""
        with training_precision(self.settings["train"], self.device):
            return self._loss(inputs, indices, targets[torch.from_numpy(indices)])

    @property
    def frames_at_once(self) -> int:
        """Padded frames that go through the network at once; larger batches add up their parts' gradients."""
        return self.settings["train"]["frames_at_once"]

    def state(self) -> tuple[dict[str, Tensor], dict[str, Any]]:
        """What `restore` needs to go on after the last epoch: tensors by name, and the epoch."""
        tensors = {f"network.{name}": value for name, value in self.network.state_dict().items()}
        tensors |= {f"optimizer.{name}": value for name, value in self.optimizer.tensors().items()}
        return {name: value.detach().cpu().contiguous() for name, value in tensors.items()}, {"epoch": self.epoch}

    def restore(self, tensors: dict[str, Tensor], state: dict[str, Any]) -> None:
        """Go on from `state()` of an equal learner; call before `fit`."""
        self._pending, self.epoch = tensors, state["epoch"]

    def _build(self, dims: int | list[int]) -> None:
        """Make the network, its first weights drawn by the seed."""
        torch.manual_seed(derive("weights", self.seed))
        self.dims = dims
        self.network = build(self.settings["model"], dims=dims, classes=len(self.classes)).to(self.device)

    def _tensors(self) -> dict[str, Tensor]:
        """Weights, and mean and standard deviation of the input, as `_set_tensors` takes them."""
        tensors = {f"network.{name}": value.cpu().contiguous() for name, value in self.network.state_dict().items()}
        return tensors | {f"mean_std.{i}": torch.from_numpy(value) for i, value in enumerate(self.mean_std or ())}

    def _set_tensors(self, tensors: dict[str, Tensor], *, dims: int | list[int]) -> None:
        """Make the network anew with these weights."""
        names = [name for name in ("mean_std.0", "mean_std.1") if name in tensors]
        self.mean_std = tuple(tensors.pop(name).numpy() for name in names) or None
        self._build(dims)
        self.network.load_state_dict({name.removeprefix("network."): value for name, value in tensors.items()})

    def _resume(self) -> None:
        if self._pending is None:
            return
        parts: dict[str, dict[str, Tensor]] = {"network": {}, "optimizer": {}}
        for name, value in self._pending.items():
            kind, key = name.split(".", 1)
            parts[kind][key] = value
        self.network.load_state_dict(parts["network"])
        self.optimizer.restore(parts["optimizer"])
        self._pending = None

    def _collate(self, inputs: list[NetworkInput], batch: np.ndarray) -> list[Tensor]:
        """Frames, on the device, and lengths, on the host, of each input in turn."""
        tensors = []
        for one in inputs:
            shortest = self.network.shortest if one is inputs[0] else 1
            tensors += one.batch(batch, shortest=shortest, device=self.device)
        return tensors

    def _count(self, train: Examples, segments: Segments, steps: int, batches: int) -> None:
        self.trained_on = np.unique(segments.utterance)
        self.counts = {
            "train_utterances": len(train.utterances),
            "train_utterances_used": len(self.trained_on),
            "train_segments": len(segments),
            "batches_a_pass": batches,
            "steps_an_epoch": steps,
            "parameters": sum(parameter.numel() for parameter in self.network.parameters()),
        }


def _optimizer(network: torch.nn.Module, settings: dict[str, Any]) -> Adam:
    """The optimiser that `parameters.train.optimizer` names, with its other keys."""
    if settings["name"] not in OPTIMIZERS:
        raise UserError(f"parameters.train.optimizer.name {settings['name']!r}: expected {' or '.join(OPTIMIZERS)}")
    others = {key: value for key, value in settings.items() if key != "name"}
    try:
        return OPTIMIZERS[settings["name"]](network.parameters(), **others)
    except (TypeError, ValueError) as error:
        raise UserError(f"parameters.train.optimizer {settings}: {error}; correct the preset") from error


def mean_and_std(train: Examples) -> tuple[np.ndarray, np.ndarray]:
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
    std = np.sqrt(np.maximum(squares / count - mean**2, 1e-12))
    return mean.astype(np.float32), std.astype(np.float32)
