"""Adam: PyTorch's own step, and nothing else of `torch.optim`.

The first use of a `torch.optim.Optimizer` imports PyTorch's compiler, which takes as long as importing PyTorch itself:
more than a second of every training job, for code that none needs unless its preset declares `compile`.
"""

from collections.abc import Iterable

import torch
from torch import Tensor
from torch.optim.adam import adam

__all__ = ["Adam"]


class Adam:
    """Kingma & Ba (2015), to the byte what ``torch.optim.Adam(parameters, ..., fused=True)`` does.

    The defaults are those of their Algorithm 1 and of PyTorch.

    Parameters
    ----------
    parameters
        What is trained. One that has no gradient in a step stays as it is, and so does its state.
    lr
        Learning rate; may be set anew between steps.
    betas
        By how much the running means of gradients and of their squares keep of their past.
    eps
        Added to the root of the mean square.
    weight_decay
        Times the weights, added to their gradients (an L2 penalty).

    Raises
    ------
    ValueError
        If a value is outside its range: `lr`, `eps`, `weight_decay` >= 0, `betas` in [0, 1).
    """

    def __init__(
        self,
        parameters: Iterable[Tensor],
        *,
        lr: float,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
    ):
        for name, value in {"lr": lr, "eps": eps, "weight_decay": weight_decay}.items():
            if not value >= 0:
                raise ValueError(f"{name} {value}: expected a number >= 0")
        if not all(0 <= beta < 1 for beta in betas):
            raise ValueError(f"betas {betas}: expected two numbers in [0, 1)")
        self.parameters = list(parameters)
        self.lr, self.betas, self.eps, self.weight_decay = lr, betas, eps, weight_decay
        self._state = [
            {
                "step": torch.zeros((), dtype=torch.float32, device=parameter.device),
                "exp_avg": torch.zeros_like(parameter),
                "exp_avg_sq": torch.zeros_like(parameter),
            }
            for parameter in self.parameters
        ]

    @torch.no_grad()
    def step(self) -> None:
        """Move the parameters against their gradients."""
        moved = [(p, s) for p, s in zip(self.parameters, self._state, strict=True) if p.grad is not None]
        adam(
            [parameter for parameter, _ in moved],
            [parameter.grad for parameter, _ in moved],
            [state["exp_avg"] for _, state in moved],
            [state["exp_avg_sq"] for _, state in moved],
            [],
            [state["step"] for _, state in moved],
            fused=True,
            amsgrad=False,
            beta1=self.betas[0],
            beta2=self.betas[1],
            lr=self.lr,
            weight_decay=self.weight_decay,
            eps=self.eps,
            maximize=False,
        )

    def tensors(self) -> dict[str, Tensor]:
        """Its state, as `restore` takes it: step, exp_avg and exp_avg_sq of each parameter, "0.step" the first."""
        return {f"{i}.{name}": value for i, state in enumerate(self._state) for name, value in state.items()}

    @torch.no_grad()
    def restore(self, tensors: dict[str, Tensor]) -> None:
        """Go on from `tensors()` of an optimiser of equal parameters, from any device."""
        for name, value in self.tensors().items():
            value.copy_(tensors[name])
