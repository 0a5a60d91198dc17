"""Global context-aware attention LSTM (R. Li et al., IJCAI 2019, section 3.3, eq. 4-12; J. Liu et al., CVPR 2017).

A first LSTM initialises a global context memory F with its last hidden state. In each refinement, how informative a
step is given F decides how much of it a second LSTM takes in, and that LSTM's last hidden state refines F. The text
gives W_e1, W_e2 and W_F no iteration index: they are shared.
"""

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable

from serflow.layers.initialisation import glorot, glorot_lstm
from serflow.layers.masking import time_mask
from serflow.layers.placing import to_device

__all__ = ["GcaLstm"]


class GcaLstm(nn.Module):
    """Global context memory (B, units) of a sequence.

    Parameters
    ----------
    inputs
        Values a step.
    units
        Of both LSTM layers, and so of the memory.
    width
        Rows of W_e2 (eq. 9).
    iterations
        I, the number of refinements.
    """

    def __init__(self, *, inputs: int, units: int, width: int, iterations: int):
        super().__init__()
        self.units, self.iterations = units, iterations
        self.first = nn.LSTM(inputs, units)
        self.second = GatedLstm(inputs=units, units=units)
        self.joint = nn.Linear(2 * units, width, bias=False)  # W_e2 (eq. 9)
        self.score = nn.Linear(width, 1, bias=False)  # W_e1 (eq. 9)
        self.refine = nn.Linear(2 * units, units, bias=False)  # W_F (eq. 12)
        glorot(self.first, self.joint, self.score, self.refine)

    def forward(self, sequence: Tensor, lengths: Tensor) -> Tensor:
        """Suprasegmental features (B, C, T), lengths (B,) -> F of the last refinement (B, units)."""
        return self._run(sequence, lengths)[0]

    @torch.no_grad()
    def informativeness(self, sequence: Tensor, lengths: Tensor) -> Tensor:
        """Normalised informativeness r (B, I, T) in [0, 1] of every refinement, 0 beyond the end; for figures."""
        return torch.stack(self._run(sequence, lengths)[1]).permute(2, 0, 1)

    def read(self, steps: Tensor, mask: Tensor) -> Tensor:
        """What layer 1 makes of the steps (T, B, C), of which `mask` (T, B) are real: (T, B, units)."""
        return self.first(steps)[0]

    def _run(self, sequence: Tensor, lengths: Tensor) -> tuple[Tensor, list[Tensor]]:
        """The memory, and the gates (T, B) of every refinement."""
        steps = sequence.permute(2, 0, 1).contiguous()  # (T, B, C)
        mask = time_mask(lengths, len(steps), steps.device).T
        hidden = self.read(steps, mask)
        memory, gates = last(hidden, lengths), []
        # what no refinement changes: layer 2's projection of its inputs, and W_e2's share of them
        projected = self.second.project(hidden)
        of_hidden, of_memory = self.joint.weight.split(self.units, dim=1)
        share = nn.functional.linear(hidden, of_hidden)
        for _ in range(self.iterations):
            scores = self.score(torch.tanh(share + nn.functional.linear(memory, of_memory)))[..., 0]  # eq. 9
            gates.append(normalised_gate(scores, mask))
            attended = last(self.second(projected, gates[-1]), lengths)
            memory = torch.relu(self.refine(torch.cat([attended, memory], dim=1)))  # eq. 12
        return memory, gates


def last(hidden: Tensor, lengths: Tensor) -> Tensor:
    """Hidden states (T, B, H) at each example's last real step: (B, H)."""
    return hidden[to_device(lengths - 1, hidden.device), torch.arange(len(lengths), device=hidden.device)]


def normalised_gate(scores: Tensor, mask: Tensor) -> Tensor:
    """Softmax over the real steps (eq. 10), then min-max normalisation over them to [0, 1]; (T, B) -> (T, B).

    The softmax's sum cancels, and what is left is (exp(e - min) - 1) / (exp(max - min) - 1), here divided by
    exp(max - min) above and below so that nothing overflows. Where all real steps are alike, which the definition
    leaves at 0 / 0, each is 1: none is shut out.
    """
    low = scores.masked_fill(~mask, torch.inf).amin(dim=0)
    high = scores.masked_fill(~mask, -torch.inf).amax(dim=0)
    span = high - low
    alike = span == 0
    scores = torch.where(mask, scores, low)
    above = torch.exp(scores - high) - torch.exp(low - high)
    above = torch.where(scores - low < 1, torch.exp(low - high) * torch.expm1((scores - low).clamp(max=1)), above)
    gate = above / torch.where(alike, 1, -torch.expm1(-span))
    return torch.where(alike, 1, gate) * mask


class GatedLstm(nn.Module):
    """An LSTM layer whose cell takes in each step by its gate: eq. 4-6, 8 and 11."""

    def __init__(self, *, inputs: int, units: int):
        super().__init__()
        self.input = nn.Linear(inputs, 4 * units)  # W and b of the output, forget, input gates and the cell
        self.recurrent = nn.Parameter(torch.empty(4 * units, units))  # U, in the same order
        nn.init.zeros_(self.input.bias)
        glorot_lstm(self.input.weight, self.recurrent)

    def project(self, sequence: Tensor) -> Tensor:
        """W x + b of all steps at once: (T, B, inputs) -> (T, B, 4 units)."""
        return self.input(sequence)

    def forward(self, projected: Tensor, gate: Tensor) -> Tensor:
        """Hidden states (T, B, units) from `project`'s result and the gate r (T, B)."""
        exact = self.recurrent.dtype  # where autocast rounds, the recurrence stays as its weights are
        return GatedSteps.apply(projected.to(exact), self.recurrent, gate.to(exact))


class GatedSteps(torch.autograd.Function):
    """The recurrence alone, with its gradient written out.

    Torch's own graph of some ten nodes a step would take several times as long: here a step is one matrix product
    and a few operations in place, and all that does not depend on the step before is done for all steps at once.
    Gates stand in the order output, forget, input, cell, so that the sigmoids lie side by side, and so do those that
    act on the cell.
    """

    @staticmethod
    def forward(ctx, projected: Tensor, recurrent: Tensor, gate: Tensor) -> Tensor:
        steps, batch, width = projected.shape
        units = width // 4
        active = projected.clone()
        cells = projected.new_zeros(steps + 1, batch, units)
        hidden = projected.new_zeros(steps + 1, batch, units)
        squashed = projected.new_empty(steps, batch, units)
        shares = torch.stack([1 - gate, gate], dim=-1)[..., None]  # (T, B, 2, 1): of the old cell, of the new input
        weight = recurrent.T.contiguous()
        for a, share, tanh, c, c_next, h, h_next in zip(
            active, shares, squashed, cells, cells[1:], hidden, hidden[1:], strict=False
        ):
            a.addmm_(h, weight)
            a[:, : 3 * units].sigmoid_()
            a[:, 3 * units :].tanh_()
            forget, take = (a[:, units : 3 * units].view(batch, 2, units) * share).unbind(1)
            torch.mul(forget, c, out=c_next)
            c_next.addcmul_(take, a[:, 3 * units :])
            torch.tanh(c_next, out=tanh)
            torch.mul(a[:, :units], tanh, out=h_next)
        ctx.save_for_backward(recurrent, gate, active, cells, hidden, squashed)
        return hidden[1:].clone()

    @staticmethod
    @once_differentiable
    def backward(ctx, grad: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        recurrent, gate, active, cells, hidden, squashed = ctx.saved_tensors
        batch, units = cells.shape[1:]
        output, forget, take, new = active.chunk(4, dim=-1)
        of_new, of_old = gate[..., None], 1 - gate[..., None]
        kept = of_old * forget
        # derivatives by the cell of what enters forget, input and cell gate; by the hidden state of the output gate
        by_cell = torch.stack(
            [
                of_old * cells[:-1] * forget * (1 - forget),
                of_new * new * take * (1 - take),
                of_new * take * (1 - new.square()),
            ],
            dim=2,
        )
        by_hidden = squashed * output * (1 - output)
        to_cell = output * (1 - squashed.square())
        before = torch.empty_like(active)
        cell_grads = torch.empty_like(squashed)
        from_later = grad.new_zeros(batch, units)
        cell_later = grad.new_zeros(batch, units)
        for t in range(len(grad) - 1, -1, -1):
            dh = from_later.add_(grad[t])
            dc = torch.addcmul(cell_later, dh, to_cell[t], out=cell_grads[t])
            torch.mul(dh, by_hidden[t], out=before[t, :, :units])
            torch.mul(dc[:, None], by_cell[t], out=before[t, :, units:].view(batch, 3, units))
            torch.mul(dc, kept[t], out=cell_later)
            from_later = before[t] @ recurrent
        grad_recurrent = before.flatten(0, 1).T @ hidden[:-1].flatten(0, 1)
        grad_gate = (cell_grads * (take * new - forget * cells[:-1])).sum(dim=-1)
        return before, grad_recurrent, grad_gate
