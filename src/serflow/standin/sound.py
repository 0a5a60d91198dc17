"""From the synthesiser's samples to the files: resampling, room and noise, WAV."""

import wave
from pathlib import Path

import numpy as np

SAMPLE_RATE = 16000
_DIALOG_SECONDS = 10.0  # a dialog file holds its beginning only: nothing in serflow reads more of it


def resample(samples: np.ndarray, rate: int) -> np.ndarray:
    """Resample int16 samples from `rate` to 16 kHz by the discrete Fourier transform; float64 in [-1, 1].

    Speech ends in silence, so that the transform's periodicity does no harm. Time zero stays in place.
    """
    step = rate // np.gcd(rate, SAMPLE_RATE)
    blocks = -(-len(samples) // step) + 1
    spectrum = np.fft.rfft(samples / 32768.0, blocks * step)
    size = blocks * step * SAMPLE_RATE // rate
    return np.fft.irfft(spectrum[: size // 2 + 1], size) * (size / (blocks * step))


def record(
    rng: np.random.Generator, speech: np.ndarray, *, lead: int, trail: int, level_db: float, noise_db: float
) -> np.ndarray:
    """Speech at its level between silences (samples), over coloured noise; int16.

    `noise_db` is the noise's level relative to full scale.
    """
    gained = np.concatenate([np.zeros(lead), speech * 10 ** (level_db / 20), np.zeros(trail)])
    white = rng.standard_normal(len(gained) + 7)
    hum = np.convolve(white, np.ones(8) / 8**0.5, "valid")  # low frequencies stronger, as in a room
    noise = 10 ** (noise_db / 20) * (0.5 * white[7:] + hum) / 1.25**0.5
    return np.round(32767 * np.clip(gained + noise, -1, 1)).astype("<i2")


def write_wav(path: Path, samples: np.ndarray) -> None:
    """Write int16 samples, (n,) or (n, channels), as 16 kHz PCM."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1 if samples.ndim == 1 else samples.shape[1])
        file.setsampwidth(2)
        file.setframerate(SAMPLE_RATE)
        file.writeframes(np.ascontiguousarray(samples, "<i2").tobytes())


def mix_dialog(turns: list[tuple[float, str, np.ndarray]]) -> np.ndarray:
    """Mix the first ten seconds of a dialog, (n, 2) int16: woman left, man right, each faint in the other.

    `turns` are (start in s, sex, samples).
    """
    mixed = np.zeros((int(_DIALOG_SECONDS * SAMPLE_RATE), 2))
    for start, sex, samples in turns:
        first = round(start * SAMPLE_RATE)
        part = samples[: max(0, len(mixed) - first)]
        near, far = (0, 1) if sex == "F" else (1, 0)
        mixed[first : first + len(part), near] += part
        mixed[first : first + len(part), far] += 0.1 * part
    return np.clip(np.round(mixed), -32768, 32767).astype("<i2")
