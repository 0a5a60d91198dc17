"""An acoustic network beside an LSTM over the words, one classifier on both representations.

R. Li et al., IJCAI 2019, section 3.4: the last hidden output of an LSTM over the word vectors is concatenated with the
acoustic representation, as the input to the emotion classifier. The comparison systems get the same branch.
"""

from typing import Any

import torch
from torch import Tensor, nn

from serflow.errors import UserError
from serflow.layers.dense import dense_layers
from serflow.layers.initialisation import glorot
from serflow.layers.masking import last_real
from serflow.layers.widths import scaled
from serflow.models import build

__all__ = ["AcousticLexical"]


class AcousticLexical(nn.Module):
    """Two representations, concatenated; the dense layers are as wide as the acoustic network's own.

    Parameters
    ----------
    dims
        Values a frame, and a word.
    classes
        Classes.
    acoustic
        The acoustic network, as `serflow.models.build` takes it; its own classifier is left out.
    units
        Of the LSTM over the words, times the acoustic network's `width_multiplier`.

    Attributes
    ----------
    shortest
        Frames, the acoustic network's.
    """

    def __init__(self, *, dims: list[int], classes: int, acoustic: dict[str, Any], units: int):
        super().__init__()
        of_frame, of_word = dims
        multiplier = acoustic["width_multiplier"]
        (units,) = scaled([units], multiplier)
        self.acoustic = build(acoustic, dims=of_frame, classes=classes)
        if not hasattr(self.acoustic, "encode"):
            raise UserError(
                f"model {acoustic['name']}: it has no utterance-level representation (`encode`) to join with that of "
                "the text; leave the system out of experiments with `inputs: acoustic_lexical`"
            )
        self.shortest = self.acoustic.shortest
        represented = next(layer for layer in self.acoustic.classifier if isinstance(layer, nn.Linear)).in_features
        self.acoustic.classifier = None
        self.words = nn.LSTM(of_word, units, batch_first=True)
        widths = scaled(acoustic.get("classifier", []), multiplier)
        self.classifier = dense_layers(represented + units, widths, classes=classes, dropout=acoustic["dropout"])
        glorot(self.words, self.classifier)

    def forward(self, frames: Tensor, lengths: Tensor, words: Tensor, counts: Tensor) -> Tensor:
        """Logits (B, classes) of frames (B, T, D), of which `lengths` (B,) are real, and words (B, K, D'), `counts`."""
        return self.classifier(torch.cat(self.encode(frames, lengths, words, counts), dim=1))

    def encode(self, frames: Tensor, lengths: Tensor, words: Tensor, counts: Tensor) -> tuple[Tensor, Tensor]:
        """Representations of sound (B, R) and of text (B, units): the last real hidden state."""
        return self.acoustic.encode(frames, lengths), last_real(self.words(words)[0], counts)
