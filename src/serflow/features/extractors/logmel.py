"""Log-mel filter bank with first and second derivatives, by torchaudio.

Zhao et al., "Self-attention transfer networks for speech emotion recognition" (Virtual Reality & Intelligent Hardware,
2021), section 4.2: 40 bands, frames of 25 ms every 10 ms, delta and delta-delta, 120 values a frame. For the rest the
paper refers to Chen et al., "3-D convolutional recurrent neural networks with attention model for speech emotion
recognition" (2018), whose code has a DFT of 512 points, HTK's mel scale from 0 Hz to half the sample rate, the natural
logarithm and derivatives over two neighbours, as here. Unlike that code, we take a window that tapers and leave
pre-emphasis out: it would add much the same to a band in every frame, which standardisation takes away again.
"""

from typing import Literal

import numpy as np
import scipy.signal
import torch

from serflow.errors import UserError
from serflow.features.torchaudio_parts import MelSpectrogram, compute_deltas

__all__ = ["LogMel"]

# Below what rounding to 16 bits alone leaves: its variance, 2^-30 / 12, times the sum of the squared window, 159 for
# 25 ms of a Hamming window at 16 kHz, is 1.2e-8 in each point of the spectrum.
FLOOR = 1e-8
DELTA_FRAMES = 5  # the frame and two neighbours on either side


class LogMel:
    """Log-mel and its derivatives; frame t covers the samples from t * hop_seconds on, for window_seconds.

    Columns (`names`): natural logarithm of the power in each mel band, from the lowest, full scale of the samples
    being 1, and 1e-8 where there is less; then the derivative of each, a frame, by regression over the frame and two
    neighbours on either side; then the derivative of the derivative. Frames repeat beyond the utterance's ends.

    The frames are those of the extractors `energy` and `mfcc_pitch` with the same values.

    Parameters
    ----------
    sample_rate : Hz.
    window_seconds, hop_seconds : length of a frame, and from one frame to the next.
    window : name known to scipy.signal.get_window.
    n_fft : points of the DFT, at least those of the window.
    n_mels : triangular bands of height 1, equally wide on HTK's mel scale, 0 Hz to half the sample rate.
    """

    packages = ("torch", "torchaudio", "scipy", "numpy", "soundfile")

    def __init__(
        self,
        *,
        sample_rate: int,
        window_seconds: float,
        hop_seconds: float,
        window: Literal["bartlett", "blackman", "boxcar", "hamming", "hann"],
        n_fft: int,
        n_mels: int,
    ) -> None:
        self.sample_rate = sample_rate
        self.hop_seconds: float | None = hop_seconds
        self.names = tuple(f"logmel_{k}{end}" for end in ("", "_delta", "_delta_delta") for k in range(n_mels))
        self.dims = len(self.names)
        self._window = round(window_seconds * sample_rate)
        if n_fft < self._window:
            raise UserError(
                f"features, n_fft {n_fft}: expected at least {self._window}, the samples of the window; "
                "take the next power of two"
            )
        try:
            taper = torch.from_numpy(scipy.signal.get_window(window, self._window))
        except ValueError as error:
            raise UserError(
                f"features, window {window!r}: {error}; expected a name known to scipy.signal.get_window"
            ) from error
        # torch sets the window in the middle of the n_fft points; so much of what lies beside it is not looked at.
        self._lead = (n_fft - self._window) // 2
        self._tail = n_fft - self._window - self._lead
        self._mel = MelSpectrogram(
            sample_rate,
            n_fft=n_fft,
            win_length=self._window,
            hop_length=round(hop_seconds * sample_rate),
            n_mels=n_mels,
            window_fn=lambda _: taper,
            center=False,
        ).double()  # rounded to float32 at the end, whatever the order of the sums
        if not self._mel.mel_scale.fb.any(dim=0).all():
            raise UserError(
                f"features, n_mels {n_mels}: bands without a point of the DFT of {n_fft}; take fewer, or a larger n_fft"
            )

    def __call__(self, samples: np.ndarray) -> np.ndarray:
        """Turn samples float32 (n,), n >= 1, into float32 (T, 3 * n_mels), T = 1 + (n - window) // hop.

        Less than a window is filled up with zeros to one frame.
        """
        missing = max(0, self._window - len(samples))
        samples = np.pad(samples.astype(np.float64), (self._lead, self._tail + missing))
        static = self._mel(torch.from_numpy(samples)).clamp(min=FLOOR).log()
        delta = compute_deltas(static, DELTA_FRAMES)
        bands = torch.cat([static, delta, compute_deltas(delta, DELTA_FRAMES)])
        return np.ascontiguousarray(bands.T.numpy(), dtype=np.float32)
