"""Multiple-kernel learning on what a trained network makes of each utterance: the classifier of [Poria, 2016].

S. Poria, I. Chaturvedi, E. Cambria and A. Hussain, "Convolutional MKL based multimodal emotion recognition and
sentiment analysis", ICDM 2016, as R. Li et al. (ICASSP and IJCAI 2019) compare with it: "CNN and multiple kernel
learning classifier to extract features from multimodalities and infer emotion". The network is another system's run.
"""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import load_file, save_file

from serflow.errors import MAKE, UserError
from serflow.examples import Examples
from serflow.files import atomic_path, read_json, write_json
from serflow.learners.parts.kernel_machines import ExactMachines, Expansion, NystroemMachines, Solution, Task
from serflow.learners.parts.kernel_weights import Learned, learn_weights
from serflow.learners.parts.kernels import Kernel, Rows, Scaling, kernels_of
from serflow.learners.parts.loading import load_learner
from serflow.learners.parts.settings import MklSettings, check_settings
from serflow.learners.parts.voting import class_costs, vote
from serflow.training.seeding import derive

__all__ = ["Mkl"]

WEIGHTS = "weights.safetensors"
PRECISION = 1e-3  # violation of the optimality conditions that a solver may leave, libsvm's own default


class Mkl:
    """Support vector machines, one against one, on a weighted sum of kernels of every modality's representation.

    The weights are shared by all pairs of classes and learned together with the machines
    (`serflow.learners.parts.kernel_weights`), or all equal. Scaling, size of the kernels, weights and machines come
    from the training part alone. Up to `exact_up_to` training utterances the kernels are exact; above they are
    Nyström's, from `landmarks` training utterances drawn by the seed. For the memory see
    `serflow.learners.parts.kernel_machines`.

    The probabilities come from votes and margins (`serflow.learners.parts.voting.vote`); they are not calibrated.

    Parameters
    ----------
    spec
        A run's resolved spec. Its `parameters` are `kernels` (`gammas` and `degrees`, one kernel each on every
        modality; `offset` of the polynomials, > 0; `mean_squared_distance` that representations are scaled to, > 0),
        `weights` (learned, uniform), `norm` (the weights' p-norm is 1, > 1), `C` (cost of a margin violation, > 0),
        `class_weight` (balanced, none; as in `serflow.learners.svm.Svm`), `tolerance` (relative duality gap at which
        learning stops, > 0), `max_updates` of the weights (>= 1), `exact_up_to` (>= 0), `landmarks` (>= 1).
    classes
        Class names.
    device
        Plays no part here: the network lies where it was loaded.
    seed
        Draws the landmarks and orders the linear solver's utterances; exact kernels need none.
    encoder
        The trained network, left as it is. Its `represent(examples)` gives utterance ids (N) and, by modality, arrays
        float32 (N, D).

    Raises
    ------
    UserError
        If the parameters are others than these.
    """

    def __init__(
        self, *, spec: dict[str, Any], classes: list[str], device: str, seed: int, encoder: Any | None = None
    ) -> None:
        # the text is the encoder's to read
        own = {key: value for key, value in spec["parameters"].items() if key != "text"}
        self.settings = check_settings(own, MklSettings, learner="mkl")
        self.spec = spec
        self.classes = classes
        self.seed = seed
        self.encoder = encoder
        self.device = str(getattr(encoder, "device", "cpu"))
        self.counts: dict[str, int] = {}
        self.trained_on: np.ndarray | None = None
        self.scalings: dict[str, Scaling] = {}
        self.kernels: list[Kernel] = []
        self.described: dict[str, Any] = {}
        self.expansion: Expansion | None = None

    def fit(self, train: Examples) -> Iterator[dict[str, Any]]:
        """Fit scaling, weights and machines; yield one history row, without a loss.

        Raises
        ------
        UserError
            If there is no encoder, a class has no training utterance, or a representation is not finite or constant.
        """
        ids, features = self._represent(train)
        self.trained_on = train.places(ids)
        labels = train.labels[self.trained_on]
        weighting = self.settings["class_weight"]
        costs = class_costs(labels, classes=self.classes, class_weight=weighting, learner="mkl")
        self.scalings = {name: self._scaling(name, values) for name, values in features.items()}
        self.kernels = kernels_of(self.settings["kernels"], list(features))
        task = Task(
            labels=labels,
            costs=self.settings["C"] * costs,
            precision=PRECISION,
            seed=derive("solver", self.seed) % 2**32,
        )
        landmarks = self._landmarks(len(ids))
        machines = (
            ExactMachines(self.kernels, self._scaled(features), task)
            if landmarks is None
            else NystroemMachines(self.kernels, self._scaled(features), task, landmarks)
        )
        learned = self._learn(machines.solve)
        self.expansion = machines.expansion(learned.weights, learned.solution)
        self.described = self._describe(learned, landmarks)
        self.counts = {
            "train_utterances": len(train),
            "train_utterances_used": len(ids),
            "kernels": len(self.kernels),
            "landmarks": 0 if landmarks is None else len(landmarks),  # 0: exact kernels
            "weight_updates": learned.updates,
        }
        yield {"epoch": 1, "lr": None, "loss": None, "steps": learned.solution.steps}

    def predict(self, examples: Examples) -> tuple[list[str], np.ndarray]:
        """Utterance ids and probabilities float32 (N, C), rows summing to one; what the encoder leaves out has none."""
        ids, features = self._represent(examples)
        decisions = self.expansion(self.kernels, self._scaled(features))
        return ids, vote(decisions, classes=len(self.classes)).astype(np.float32)

    def save(self, folder: Path) -> None:
        """Write model.json (with the kernels' names and weights), the numbers (safetensors) and the encoder."""
        folder = Path(folder)
        write_json(folder / "model.json", self.described | self._identity())
        tensors = {"coefficients": self.expansion.coefficients, "intercepts": self.expansion.intercepts}
        for name, scaling in self.scalings.items():
            tensors |= {f"mean.{name}": scaling.mean, f"divisor.{name}": scaling.divisor}
            tensors[f"anchors.{name}"] = self.expansion.anchors[name]
        with atomic_path(folder / WEIGHTS) as temporary:
            save_file({name: np.ascontiguousarray(values) for name, values in tensors.items()}, temporary)
        self.encoder.save(folder / "encoder")

    @classmethod
    def load(cls, folder: Path, *, device: str) -> "Mkl":
        """Read what `save` wrote."""
        folder = Path(folder)
        model = read_json(folder / "model.json")
        learner = cls(
            spec=model["spec"],
            classes=model["classes"],
            device=device,
            seed=model["seed"],
            encoder=load_learner(folder / "encoder", device=device),
        )
        names, tensors = model["modalities"], load_file(folder / WEIGHTS)
        learner.described = {key: value for key, value in model.items() if key not in learner._identity()}
        learner.kernels = kernels_of(learner.settings["kernels"], names)
        learner.scalings = {name: Scaling(tensors[f"mean.{name}"], tensors[f"divisor.{name}"]) for name in names}
        anchors = {name: tensors[f"anchors.{name}"] for name in names}
        learner.expansion = Expansion(anchors, tensors["coefficients"], tensors["intercepts"])
        return learner

    def _identity(self) -> dict[str, Any]:
        return {"learner": "mkl", "spec": self.spec, "classes": self.classes, "seed": self.seed}

    def _represent(self, examples: Examples) -> tuple[list[str], Rows]:
        """The encoder's ids and representations, all finite."""
        if self.encoder is None:
            raise UserError(
                "mkl: no encoder; expected a trained network's system in this system's entry of the paper's YAML"
            )
        ids, features = self.encoder.represent(examples)
        for name, values in features.items():
            bad = np.flatnonzero(~np.isfinite(values).all(axis=1))
            if len(bad):
                raise UserError(
                    f"mkl: the encoder's {name} representation of utterance {ids[bad[0]]} is NaN or infinite; "
                    f"look at the encoder's training loss (history.csv), lower its learning rate and {MAKE}"
                )
        return ids, features

    def _scaling(self, modality: str, features: np.ndarray) -> Scaling:
        distance = self.settings["kernels"]["mean_squared_distance"]
        try:
            return Scaling.fit(features, mean_squared_distance=distance)
        except ValueError as error:
            raise UserError(
                f"mkl: the encoder's {modality} representation says nothing ({error}); train the encoder for longer, "
                "or at another learning rate"
            ) from None

    def _scaled(self, features: Rows) -> Rows:
        return {name: scaling(features[name]) for name, scaling in self.scalings.items()}

    def _landmarks(self, utterances: int) -> np.ndarray | None:
        """Positions of the landmarks, or None where exact kernels are wanted."""
        if utterances <= self.settings["exact_up_to"]:
            return None
        drawn = np.random.default_rng(derive("landmarks", self.seed)).permutation(utterances)
        return np.sort(drawn[: self.settings["landmarks"]])

    def _learn(self, solve: Callable[[np.ndarray], Solution]) -> Learned:
        learned = self.settings["weights"] == "learned"
        found = learn_weights(
            solve,
            kernels=len(self.kernels),
            norm=self.settings["norm"],
            tolerance=self.settings["tolerance"],
            max_updates=self.settings["max_updates"] if learned else 0,
        )
        if learned and not found.settled:
            print(
                f"mkl: kernel weights not settled after {found.updates} updates: relative gap {found.gap:.2g}, "
                f"wanted {self.settings['tolerance']:g}; raise max_updates or tolerance",
                file=sys.stderr,
            )
        return found

    def _describe(self, learned: Learned, landmarks: np.ndarray | None) -> dict[str, Any]:
        """What a reader of model.json wants to know."""
        return {
            "modalities": list(self.scalings),
            "kernels": [
                {"name": kernel.name, "weight": float(weight)}
                for kernel, weight in zip(self.kernels, learned.weights, strict=True)
            ],
            "form": "exact" if landmarks is None else f"Nyström, {len(landmarks)} landmarks",
            "objective": learned.solution.objective,
            "objective_of_uniform_weights": learned.uniform_objective,
            "relative_gap": learned.gap,
            "weight_updates": learned.updates,
        }
