"""Any audio file as the samples that a system expects: one channel, the corpus's rate."""

from dataclasses import dataclass
from pathlib import Path

import librosa
import numpy as np
import soundfile

from serflow.corpora.audio import SHORTEST, Undecodable, decoding
from serflow.errors import UserError

__all__ = ["Recording", "read_recording"]

SILENT = 1e-4  # of full scale (-80 dB): below it nothing but noise of the converter is left


@dataclass(frozen=True, eq=False)
class Recording:
    """One recording.

    Attributes
    ----------
    path : the file.
    samples : float32 (n,), full scale is 1.
    sample_rate : Hz.
    notes : what was done to the file's own samples, in words.
    """

    path: Path
    samples: np.ndarray
    sample_rate: int
    notes: tuple[str, ...]

    @property
    def seconds(self) -> float:
        """Length in seconds."""
        return len(self.samples) / self.sample_rate


def read_recording(path: str | Path, *, sample_rate: int | None) -> Recording:
    """Read what libsndfile reads (WAV, FLAC, Ogg, MP3, ...), mix channels down, resample.

    Parameters
    ----------
    path : the audio file.
    sample_rate : Hz that are wanted; None: the file's own.

    Raises
    ------
    UserError
        If the file is missing, unreadable, empty, silent, shorter than `SHORTEST` or not finite.
    """
    path = Path(path)
    channels, rate = _read(path)
    notes = []
    if channels.shape[1] > 1:
        notes.append(f"{channels.shape[1]} channels, mixed down to one by their mean")
    samples = channels.mean(axis=1, dtype=np.float32)
    _check(path, samples, channels, rate)
    if sample_rate is not None and rate != sample_rate:
        notes.append(f"{rate} Hz, resampled to {sample_rate} Hz")
        samples = librosa.resample(samples, orig_sr=rate, target_sr=sample_rate)
        rate = sample_rate
    return Recording(path, np.ascontiguousarray(samples, dtype=np.float32), rate, tuple(notes))


def _read(path: Path) -> tuple[np.ndarray, int]:
    """Samples float32 (n, channels) and the rate."""
    if not path.is_file():
        what = "a folder" if path.is_dir() else "no such file"
        raise UserError(f"{path}: {what}; expected an audio file (WAV, FLAC, Ogg, MP3); correct the path")
    if path.stat().st_size == 0:
        raise UserError(f"{path}: the file is empty (0 bytes); expected speech: record or copy it again")
    try:
        with decoding():
            return soundfile.read(path, dtype="float32", always_2d=True)
    except Undecodable as reason:
        raise UserError(
            f"{path}: cannot be read as audio ({reason}); expected WAV, FLAC, Ogg or MP3: convert or copy it again"
        ) from None


def _check(path: Path, samples: np.ndarray, channels: np.ndarray, rate: int) -> None:
    if len(samples) == 0:
        raise UserError(f"{path}: holds no samples; expected speech: record or copy it again")
    if not np.isfinite(channels).all():
        raise UserError(
            f"{path}: holds samples that are NaN or infinite; expected numbers from -1 to 1: export it again"
        )
    if len(samples) < SHORTEST * rate:
        raise UserError(
            f"{path}: {len(samples) / rate:.3f} s long; expected at least {SHORTEST} s of speech, an utterance: "
            "give a longer part of the recording"
        )
    peak = float(np.abs(samples).max())
    if peak < SILENT:
        both = " after mixing down its channels" if channels.shape[1] > 1 else ""
        raise UserError(
            f"{path}: silent{both} (no sample above {SILENT:g} of full scale); expected speech: "
            "look at the recording's level"
        )
