"""The teacher: a speech recogniser of an encoder and an attentive decoder that writes one token after another.

Z. Zhao et al. (2021), sections 3.1-3.4 and 4.3: a TCN of five layers, with soft attention alone or with self-attention
before it; an LSTM of 256 cells (section 4.3; section 3.2 calls f of eq. 4 a TCN) that attends to the hidden sequence
(eq. 1-3). g of eq. 5 is left open but for "nonlinear": here it is the softmax of a linear map of state and context.
"""

from typing import Any, Literal, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pad_sequence

from serflow.layers.attention_transfer import attention_map, interpolated
from serflow.layers.placing import to_device
from serflow.layers.sequence_encoder import Encoded, SequenceEncoder
from serflow.layers.soft_attention import SoftAttention
from serflow.layers.widths import scaled

__all__ = ["SpeechRecogniser"]


class Memory(NamedTuple):
    """What the decoder reads at every output: hidden vectors (B, T', C), their part in the energies, their lengths."""

    hidden: Tensor
    keys: Tensor
    lengths: Tensor

    def times(self, count: int) -> "Memory":
        """Every utterance `count` times, one after another."""
        return Memory(*(part.repeat_interleave(count, dim=0) for part in self))


class State(NamedTuple):
    """The decoder's state s_i (B, cells), and the memory cells of its LSTM (B, cells)."""

    s: Tensor
    cells: Tensor

    def chosen(self, rows: Tensor) -> "State":
        """The states of some rows."""
        return State(*(part[rows] for part in self))


class SpeechRecogniser(nn.Module):
    """Encoder, and an LSTM decoder with soft attention.

    Parameters
    ----------
    dims
        Values a frame.
    classes
        Tokens that can be written, those of the next line among them (`tokens_out`).
    start, end, padding
        The tokens before the first output, after the last, and beyond that. Decoding never writes `start` or `padding`.
    encoder, attention, frames_a_step
        As `SequenceEncoder`. The decoder's own attention is always soft.
    cells
        Of the decoder's LSTM.
    attention_width
        Rows of the matrices in the soft attention's tanh.
    history_dropout
        Probability, in training, that y_(i-1) is hidden from the decoder. Who has lines by heart tells the next token
        from the last ones and need not use the sound; now it must.
    longest_a_step
        Outputs, for each step of the hidden sequence, after which decoding stops; `end` is none.
    width_multiplier
        All of these widths are multiplied by it (`serflow.layers.widths`).
    """

    shortest = 1  # frames

    def __init__(
        self,
        *,
        dims: int,
        classes: int,
        start: int,
        end: int,
        padding: int,
        encoder: dict[str, Any],
        attention: Literal["soft", "self"],
        frames_a_step: int,
        cells: int,
        attention_width: int,
        history_dropout: float,
        longest_a_step: float,
        width_multiplier: float,
    ):
        super().__init__()
        if len({start, end, padding}) < 3 or not {start, end, padding} <= set(range(classes)):
            raise ValueError(
                f"start {start}, end {end}, padding {padding}: expected three of the tokens 0 to {classes - 1}"
            )
        cells, attention_width = scaled([cells, attention_width], width_multiplier)
        self.tokens_out, self.start, self.end, self.padding = classes, start, end, padding
        self.longest_a_step = longest_a_step
        self.encoder = SequenceEncoder(
            inputs=dims,
            encoder=encoder,
            attention=attention,
            frames_a_step=frames_a_step,
            width_multiplier=width_multiplier,
        )
        hidden = self.encoder.outputs
        self.history = nn.Dropout(history_dropout)
        self.attention = SoftAttention(hidden=hidden, state=cells, width=attention_width)
        self.lstm = nn.LSTMCell(classes + hidden, cells)  # f: y_(i-1), one-hot, beside c_i
        self.output = nn.Linear(cells + hidden, classes)  # g, before its softmax

    def forward(self, frames: Tensor, lengths: Tensor, tokens: Tensor) -> Tensor:
        """Logits (B, U, tokens_out) of every output, each after the true ones before it (teacher forcing).

        Parameters
        ----------
        frames : (B, T, dims), of which the first `lengths` (B,) are real.
        tokens : (B, U) the true outputs, `end` the last of an utterance, then `padding`, whose logits mean nothing.
        """
        return self._forced(self._remember(self.encoder(frames, lengths)), tokens)[0]

    def loss(self, frames: Tensor, lengths: Tensor, tokens: Tensor) -> Tensor:
        """-log p of each utterance's outputs (B,), `end` among them; arguments as of `forward`."""
        logits = self(frames, lengths, tokens).flatten(0, 1)  # of two axes: with three, CUDA is not deterministic
        losses = nn.functional.cross_entropy(logits, tokens.flatten(), ignore_index=self.padding, reduction="none")
        return losses.view_as(tokens).sum(dim=1)

    @torch.no_grad()
    def decode(self, frames: Tensor, lengths: Tensor, *, beam: int) -> list[list[int]]:
        """The most probable outputs that a beam of `beam` hypotheses finds, without `end`; 1 is greedy decoding.

        Hypotheses are compared by the probability of the whole, `end` included. Utterances of which none has ended
        after their longest give the best so far.
        """
        memory = self._remember(self.encoder(frames, lengths)).times(beam)
        longest = (self.longest_a_step * memory.lengths[::beam]).ceil().long()
        batch = len(lengths)
        state, last = self._begin(memory)
        # at first the hypotheses of an utterance are all alike: the others join when the first one branches
        scores = frames.new_full((batch, beam), -torch.inf)
        scores[:, 0] = 0.0
        written = last.new_empty(batch, beam, 0)
        ended = torch.zeros(batch, beam, dtype=torch.bool, device=frames.device)
        first = torch.arange(batch, device=frames.device)[:, None] * beam
        for count in range(int(longest.max())):
            ended = ended | (longest <= count)[:, None]
            state, context, _ = self._step(memory, self._told(last[:, None])[:, 0], state)
            gains = self._logits(state.s, context).log_softmax(dim=1).unflatten(0, (batch, beam))
            gains[..., [self.start, self.padding]] = -torch.inf
            gains[ended] = -torch.inf  # who has ended, goes on as it is
            gains[..., self.padding].masked_fill_(ended, 0.0)
            scores, place = (scores[..., None] + gains).flatten(1).topk(beam, dim=1)
            parent, token = place // self.tokens_out, place % self.tokens_out
            state, last = state.chosen((first + parent).flatten()), token.flatten()
            written = torch.cat([written.take_along_dim(parent[..., None], dim=1), token[..., None]], dim=2)
            ended = ended.take_along_dim(parent, dim=1) | (token == self.end)
            if ended[:, 0].all():  # the best has ended, and the others can only lose
                break
        silent = {self.end, self.padding}
        return [[token for token in best if token not in silent] for best in written[:, 0].tolist()]

    @torch.no_grad()
    def attention_maps(
        self, frames: Tensor, lengths: Tensor, *, p: float, tokens: Tensor | None = None
    ) -> list[Tensor]:
        """The map (B, T) of eq. 10, one value a frame, as a list of one: of Z, or of the soft attention's weights.

        The weights are those with which the outputs are written, `tokens` as of `forward`; without them, those with
        which greedy decoding writes its own. Maps of longer steps are interpolated to frames.
        """
        encoded = self.encoder(frames, lengths)
        if encoded.z is not None:
            activations = encoded.z.mT
        else:
            if tokens is None:
                tokens = self._closed(self.decode(frames, lengths, beam=1)).to(frames.device)
            weights = self._forced(self._remember(encoded), tokens)[1]  # (B, U, T')
            activations = weights * (tokens != self.padding)[..., None]
        return [interpolated(attention_map(activations, encoded.lengths, p=p), encoded.lengths, lengths)]

    def _remember(self, encoded: Encoded) -> Memory:
        beside = to_device(encoded.lengths, encoded.hidden.device)  # once, for every output asks for them
        return Memory(encoded.hidden, self.attention.of_hidden(encoded.hidden), beside)

    def _begin(self, memory: Memory) -> tuple[State, Tensor]:
        """s_0, zeros, and y_0."""
        rows = len(memory.hidden)
        zeros = memory.hidden.new_zeros(rows, self.lstm.hidden_size)
        return State(zeros, zeros), memory.lengths.new_full((rows,), self.start)

    def _told(self, tokens: Tensor) -> Tensor:
        """Outputs (B, U) as the decoder reads them, one-hot (B, U, tokens_out); in training some are hidden."""
        told = nn.functional.one_hot(tokens, self.tokens_out).to(self.output.weight.dtype)
        return told * self.history(told.new_ones(*tokens.shape, 1))

    def _step(self, memory: Memory, told: Tensor, state: State) -> tuple[State, Tensor, Tensor]:
        """Eq. 1-4 for one i, told y_(i-1) (B, tokens_out): s_i, c_i (B, C) and alpha_i (B, T')."""
        context, weights = self.attention(state.s, *memory)
        return State(*self.lstm(torch.cat([told, context], dim=1), state)), context, weights

    def _logits(self, s: Tensor, context: Tensor) -> Tensor:
        """Eq. 5 before its softmax: s_i (..., cells) and c_i (..., C) -> (..., tokens_out)."""
        return self.output(torch.cat([s, context], dim=-1))

    def _forced(self, memory: Memory, tokens: Tensor) -> tuple[Tensor, Tensor]:
        """Logits (B, U, tokens_out) and weights (B, U, T') where each output follows the true ones."""
        state, first = self._begin(memory)
        told = self._told(torch.cat([first[:, None], tokens[:, :-1]], dim=1))
        states, contexts, attended = [], [], []
        for one in told.unbind(1):
            state, context, weights = self._step(memory, one, state)
            states.append(state.s)
            contexts.append(context)
            attended.append(weights)
        logits = self._logits(torch.stack(states, dim=1), torch.stack(contexts, dim=1))
        return logits, torch.stack(attended, dim=1)

    def _closed(self, outputs: list[list[int]]) -> Tensor:
        """Outputs (B, U) as `forward` takes them."""
        rows = [torch.tensor([*output, self.end]) for output in outputs]
        return pad_sequence(rows, batch_first=True, padding_value=self.padding)
