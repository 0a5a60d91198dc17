"""The speech recogniser whose attention students learn: what is said, written in phones, one after another.

Z. Zhao et al. (2021), sections 3.1 and 4.3. The network is `serflow.models.speech_recogniser`; what it writes are the
tokens of `serflow.asr.lexicon`.
"""

import itertools
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from serflow.asr.lexicon import Lexicon, encode
from serflow.asr.spans import Spans, draw_spans
from serflow.asr.tokens import PADDING
from serflow.asr.word_tables import Words
from serflow.errors import UserError
from serflow.examples import Examples
from serflow.files import read_json, write_json
from serflow.layers.placing import to_device
from serflow.training.evaluation import evaluated
from serflow.training.gradient import GradientLearner, mean_and_std
from serflow.training.inputs import NetworkInput
from serflow.training.seeding import derive
from serflow.training.segments import Segments, columns, joined, test_segments, training_segments

__all__ = ["Recogniser"]

AUDIO = ("own", "shuffled")


class Recogniser(GradientLearner):
    """A network that is trained to write transcripts, each token after the true ones before it (teacher forcing).

    Its words, by which phones become words, are those of the training transcripts.

    Parameters
    ----------
    spec
        The resolved spec of a teacher (`serflow.plan.systems.Systems.teacher_spec`). `parameters.audio` "shuffled"
        deals out what was said in the training segments anew among their sounds: such a teacher can learn the language
        and nothing of how it sounds. `parameters.longest_seconds` (null: none) leaves longer utterances out of the
        training; `parameters.spans` (each, words; null: none) adds runs of words of every utterance
        (`serflow.asr.spans`).
    device, seed
        As of every learner (`serflow.training.gradient.GradientLearner`).
    pronunciations
        Phones of each word; what it lacks is one unknown token a word.
    alignments
        Words of each training utterance with their times; wanted where there are spans.

    Raises
    ------
    UserError
        If `audio` is neither own nor shuffled.
    """

    def __init__(
        self,
        *,
        spec: dict[str, Any],
        device: str,
        seed: int,
        pronunciations: Mapping[str, tuple[str, ...]],
        alignments: Mapping[str, Words] | None = None,
    ):
        super().__init__(spec=spec, classes=spec["classes"], device=device, seed=seed)
        if self.settings["audio"] not in AUDIO:
            raise UserError(f"teacher: audio {self.settings['audio']!r}: expected one of {', '.join(AUDIO)}")
        self.pronunciations, self.alignments = pronunciations, alignments or {}
        self.lexicon: Lexicon | None = None

    def _prepare(self, train: Examples) -> tuple[list[NetworkInput], Tensor]:
        """Sounds, and the tokens (P, U) of each after `START`, with `PADDING` beyond its `END`."""
        self.lexicon = Lexicon.of(train.words, self.pronunciations)
        if self.settings.get("normalise") == "standard" and self.mean_std is None:
            self.mean_std = mean_and_std(train)
        self._build(train.store.dims)
        parts = [self._turns(train)]
        if spans := self.settings.get("spans"):
            drawn = draw_spans(
                train, self.alignments, each=spans["each"], most_words=spans["words"], seed=derive("spans", self.seed)
            )
            parts.append(drawn)
        words = [self._dealt_out(part.words, number) for number, part in enumerate(parts)]
        segments = joined([part.segments for part in parts])
        return [NetworkInput(train, segments, self.mean_std)], self._tokens(itertools.chain.from_iterable(words))

    def _turns(self, train: Examples) -> Spans:
        """Whole utterances, those of more than `longest_seconds` left out."""
        longest = self.settings.get("longest_seconds")
        kept = np.arange(len(train)) if longest is None else np.flatnonzero(train.durations <= longest)
        if not len(kept):
            raise UserError(f"teacher: longest_seconds {longest}: no utterance is as short; expected more, or null")
        segments = training_segments(train, None)
        return Spans(Segments(*(column[kept] for column in columns(segments))), [train.words[i] for i in kept])

    def _dealt_out(self, words: list[list[str]], number: int) -> list[list[str]]:
        """What was said, in its own order or, where the spec says so, in one that the seed draws."""
        if self.settings["audio"] == "own":
            return words
        order = np.random.default_rng(derive("shuffled audio", self.seed, number)).permutation(len(words))
        return [words[i] for i in order]

    def _loss(self, inputs: list[NetworkInput], indices: np.ndarray, targets: Tensor) -> Tensor:
        """-log p of what was said."""
        return self.network.loss(*self._collate(inputs, indices), to_device(_trimmed(targets), self.device)).sum()

    @torch.inference_mode()
    def transcribe(self, examples: Examples, *, beam: int) -> list[list[int]]:
        """Places in `TOKENS` that are written for each utterance, `END` not among them; a beam of 1 is greedy."""
        whole = self._network_input(examples)
        written: list[list[int]] = [[]] * len(examples)
        found_by_batch = evaluated(
            lambda batch: self.network.decode(*self._collate([whole], batch), beam=beam),
            whole.segments.frames,
            max_frames=max(1, self.frames_at_once // beam),
            device=self.device,
        )
        for batch, found in found_by_batch:
            for index, tokens in zip(batch, found, strict=True):
                written[index] = tokens
        return written

    @torch.inference_mode()
    def attention_maps(self, examples: Examples, *, p: float) -> dict[str, np.ndarray]:
        """The map of eq. 10, float32 (T,), of each utterance: one value a frame.

        Of soft attention it is made of the weights with which the utterance's true tokens are written; with those that
        the network writes itself, where nothing was said.
        """
        whole, tokens = self._network_input(examples), self._tokens(examples.words)
        maps = {}
        silent = np.array([not words for words in examples.words])

        def seen(batch: np.ndarray) -> Tensor:
            true = None if silent[batch[0]] else to_device(_trimmed(tokens[torch.from_numpy(batch)]), self.device)
            return self.network.attention_maps(*self._collate([whole], batch), p=p, tokens=true)[0]

        for spoken in map(np.flatnonzero, (~silent, silent)):
            found_by_batch = evaluated(
                lambda chosen, among=spoken: seen(among[chosen]),
                whole.segments.frames[spoken],
                max_frames=self.frames_at_once,
                device=self.device,
            )
            for chosen, found in found_by_batch:
                for index, one in zip(spoken[chosen], found.cpu().numpy(), strict=True):
                    maps[examples.utterances[index]] = one[: whole.segments.frames[index]].astype(np.float32)
        return maps

    def save(self, folder: Path) -> None:
        """Write weights (safetensors), the words (JSON) and what is needed to load them (JSON)."""
        folder.mkdir(parents=True, exist_ok=True)
        save_file(self._tensors(), folder / "weights.safetensors")
        self.lexicon.save(folder / "lexicon.json")
        described = {"spec": self.spec, "dims": self.dims, "seed": self.seed, "epoch": self.epoch}
        write_json(folder / "model.json", described)

    @classmethod
    def load(
        cls, folder: Path, *, device: str, pronunciations: Mapping[str, tuple[str, ...]] | None = None
    ) -> "Recogniser":
        """A trained recogniser from `save`'s folder; `pronunciations` are wanted for the maps of soft attention."""
        described = read_json(folder / "model.json")
        learner = cls(
            spec=described["spec"], device=device, seed=described["seed"], pronunciations=pronunciations or {}
        )
        learner._set_tensors(load_file(folder / "weights.safetensors"), dims=described["dims"])
        learner.lexicon, learner.epoch = Lexicon.read(folder / "lexicon.json"), described["epoch"]
        return learner

    def _network_input(self, examples: Examples) -> NetworkInput:
        self.network.eval()
        return NetworkInput(examples, test_segments(examples, None), self.mean_std)

    def _tokens(self, said: Iterable[list[str]]) -> Tensor:
        rows = [torch.from_numpy(encode(words, self.pronunciations)[1:]) for words in said]
        return pad_sequence(rows, batch_first=True, padding_value=PADDING)


def _trimmed(tokens: Tensor) -> Tensor:
    """Tokens (B, U) without the columns that are `PADDING` in every row."""
    return tokens[:, : int((tokens != PADDING).sum(dim=1).max())]
