"""MFCC as in Xu and Zhang, "Improve Accuracy of Speech Emotion Recognition with Attention Head Fusion".

Section III-A: Hann window of 2048 samples, hop of 512, short-term Fourier transform, power spectrum, mel
filters, log, DCT. The paper names neither the sample rate nor the number of mel bands.
"""

from typing import Literal

import librosa
import numpy as np

__all__ = ["Mfcc"]


class Mfcc:
    """Mel-frequency cepstral coefficients by librosa; frame t is centred on sample t * hop_length.

    The signal is padded with zeros by half a window at both ends; the log is 10 log10 of the mel power,
    floored at 1e-10 and at 80 dB below the utterance's highest value; the DCT is type II, orthonormal:
    librosa's own choices, which the original code takes as they are.

    Parameters
    ----------
    sample_rate : Hz.
    n_mfcc : coefficients kept, from 0.
    n_fft, hop_length : samples.
    n_mels : mel bands from 0 Hz to half the sample rate (Slaney's scale and area normalisation).
    window : name known to scipy.signal.get_window.
    """

    packages = ("librosa", "numpy", "scipy", "soundfile")

    def __init__(
        self,
        *,
        sample_rate: int,
        n_mfcc: int,
        n_fft: int,
        hop_length: int,
        n_mels: int,
        window: Literal["bartlett", "blackman", "boxcar", "hamming", "hann"],
    ) -> None:
        self.sample_rate = sample_rate
        self.dims = n_mfcc
        self.hop_seconds: float | None = hop_length / sample_rate
        self._settings = {
            "sr": sample_rate,
            "n_mfcc": n_mfcc,
            "n_fft": n_fft,
            "hop_length": hop_length,
            "n_mels": n_mels,
            "window": window,
        }

    def __call__(self, samples: np.ndarray) -> np.ndarray:
        """Turn samples float32 (n,), n >= 1, into float32 (1 + n // hop_length, n_mfcc)."""
        coefficients = librosa.feature.mfcc(y=samples, center=True, pad_mode="constant", **self._settings)
        return np.ascontiguousarray(coefficients.T, dtype=np.float32)
