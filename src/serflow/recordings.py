"""Any audio file as the samples that features are made of: decoded, its channels mixed down, resampled.

Manifest, extraction, audit and `serflow predict` convert by `converted` alone, so that a file gives them the same
samples. Of a file with one channel at `SAMPLE_RATE` nothing is changed: PCM of 16 or 24 bits, 32-bit floats and FLAC of
the same samples are the same float32.
"""

import hashlib
import io
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Literal

import numpy as np
import soundfile
import soxr

from serflow.errors import UserError

__all__ = [
    "QUIET", "SAMPLE_RATE", "SHORTEST", "TOLERANCE", "Channels", "Decoded", "Recording", "Unusable", "converted",
    "converted_length", "decode", "decode_whole", "lossy", "mixed_down", "own_position", "read_recording",
    "samples_digest", "silent",
]  # fmt: skip

SAMPLE_RATE = 16000  # Hz, of everything that features are made of
SHORTEST = 0.1  # s of speech; a tenth of the shortest utterances of the corpora
TOLERANCE = 0.05  # s, between a length that is stated and the length of the audio
QUALITY = "VHQ"  # soxr's best: 28 bits, linear phase
QUIET = 1e-4  # of full scale (-80 dB): below it nothing but noise of the converter is left
RATES = (1_000, 1_000_000)  # Hz; of less, resampling would make thousands of samples of one
VALUES = 2_000_000_000  # samples of all channels that are decoded at once: 8 GB, 35 hours of one channel at 16 kHz
LOSSLESS = ("PCM_", "FLOAT", "DOUBLE", "ALAC_")  # how libsndfile's names of such encodings begin
EXPECTED = "expected WAV, FLAC, Ogg or MP3: convert or copy it again"
CURES = {
    "audio_empty": "expected speech: record or copy it again",
    "audio_nan": "expected numbers from -1 to 1: export it again",
    "audio_unreadable": EXPECTED,
}

Channels = Literal["mean", "first"]


class Unusable(Exception):
    """Why a file is no usable audio: the code of a finding (`serflow.corpora.findings`), and what is amiss."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code, message)
        self.code, self.message = code, message


@dataclass(frozen=True, eq=False)
class Decoded:
    """What libsndfile makes of a file, or of a part of it.

    Attributes
    ----------
    samples : float32 (n, channels), full scale is 1.
    rate : Hz.
    frames : of the whole file.
    format : container and encoding, such as "WAV PCM_24".
    """

    samples: np.ndarray
    rate: int
    frames: int
    format: str

    @property
    def channels(self) -> int:
        """How many there are."""
        return self.samples.shape[1]


def lossy(form: str) -> bool:
    """Whether an encoding such as "OGG VORBIS" leaves out a part of what was recorded."""
    return not form.rpartition(" ")[2].startswith(LOSSLESS)


def decode(source: Path | int, *, start: int = 0, stop: int | None = None) -> Decoded:
    """Decode a file, given by its path or its descriptor, or the frames from `start` to before `stop`.

    Raises
    ------
    Unusable
        If libsndfile cannot read it; the reason is in its own words.
    """
    try:
        with soundfile.SoundFile(source, closefd=False) as sound:
            frames = sound.frames
            if not RATES[0] <= sound.samplerate <= RATES[1]:
                raise Unusable(
                    "audio_unreadable", f"sample rate {sound.samplerate} Hz; expected {RATES[0]:,} to {RATES[1]:,}"
                )
            start, stop = min(start, frames), frames if stop is None else min(stop, frames)
            if (stop - start) * sound.channels > VALUES:
                raise Unusable(
                    "audio_unreadable",
                    f"{stop - start:,} samples of {sound.channels} channels; expected {VALUES:,} values at most",
                )
            skipped = 0
            if start and sound.seekable():
                sound.seek(start)
            else:  # of GSM one must hear the beginning
                skipped = start
            samples = sound.read(stop - start + skipped, dtype="float32", always_2d=True)[skipped:]
            return Decoded(samples, sound.samplerate, frames, f"{sound.format} {sound.subtype}")
    except (soundfile.SoundFileError, OSError, MemoryError, ValueError) as error:  # the last two: an absurd length
        reason = str(error).rpartition(": ")[2].rstrip(".")
        raise Unusable("audio_unreadable", f"not an audio file that can be decoded ({reason})") from None


def decode_whole(file: BinaryIO) -> Decoded:
    """Decode an open file, from its beginning, that holds samples, and numbers only; `Unusable` else."""
    if file.seek(0, io.SEEK_END) == 0:
        raise Unusable("audio_empty", "the file is empty (0 bytes)")
    file.seek(0)
    decoded = decode(file.fileno())
    if len(decoded.samples) == 0:
        raise Unusable("audio_empty", "holds no samples")
    if decoded.format.endswith(("FLOAT", "DOUBLE")) and not np.isfinite(decoded.samples).all():
        raise Unusable("audio_nan", "holds samples that are NaN or infinite")
    return decoded


def mixed_down(samples: np.ndarray, channels: Channels) -> np.ndarray:
    """Samples float32 (n, c) as one channel, float32 (n,): the mean of all, or the first."""
    if samples.shape[1] == 1 or channels == "first":
        return samples[:, 0]
    return samples.mean(axis=1, dtype=np.float32)


def converted(mono: np.ndarray, rate: int, *, count: int | None = None) -> np.ndarray:
    """Resample one channel, float32 (n,), from `rate` Hz to `SAMPLE_RATE` by soxr: float32 (count,).

    `count` is `converted_length` of n where it is not given; a part of a file has as many as its manifest says, which
    is one more or less at most: a zero more, or the last one left out.
    """
    if rate != SAMPLE_RATE:
        mono = soxr.resample(np.ascontiguousarray(mono), rate, SAMPLE_RATE, quality=QUALITY)
        if count is not None and len(mono) != count:
            mono = np.pad(mono[:count], (0, max(0, count - len(mono))))
    return np.ascontiguousarray(mono, dtype=np.float32)


def converted_length(count: int, rate: int) -> int:
    """Samples at `SAMPLE_RATE` that soxr makes of `count` at `rate`: as long, a half is rounded up."""
    return (2 * count * SAMPLE_RATE + rate) // (2 * rate)


def own_position(position: int, rate: int) -> int:
    """The sample of a file at `rate` that is nearest to a position in samples at `SAMPLE_RATE`."""
    return (2 * position * rate + SAMPLE_RATE) // (2 * SAMPLE_RATE)


def samples_digest(mono: np.ndarray) -> str:
    """SHA-256 (hex) of one channel's samples before they are resampled: the same for every lossless encoding."""
    return hashlib.sha256(np.ascontiguousarray(mono + np.float32(0), dtype="<f4")).hexdigest()  # -0 becomes 0


def silent(lowest: float, highest: float) -> bool:
    """Whether samples, from the lowest to the highest, hardly differ from each other: silence, or a constant."""
    return highest - lowest < 2 * QUIET


@dataclass(frozen=True, eq=False)
class Recording:
    """One recording, ready for an extractor.

    Attributes
    ----------
    path : the file.
    samples : float32 (n,) at `SAMPLE_RATE`, full scale is 1.
    notes : what was done to the file's own samples, in words.
    """

    path: Path
    samples: np.ndarray
    notes: tuple[str, ...]

    @property
    def seconds(self) -> float:
        """Length in seconds."""
        return len(self.samples) / SAMPLE_RATE


def read_recording(path: str | Path, *, channels: Channels) -> Recording:
    """Read what libsndfile reads (WAV, FLAC, Ogg, MP3, ...) and convert it; `channels`: as in `mixed_down`.

    Raises
    ------
    UserError
        If the file is missing, unreadable, empty, silent, shorter than `SHORTEST` or not finite.
    """
    path = Path(path)
    if not path.is_file():
        what = "a folder" if path.is_dir() else "no such file"
        raise UserError(f"{path}: {what}; expected an audio file (WAV, FLAC, Ogg, MP3); correct the path")
    try:
        with path.open("rb", buffering=0) as file:
            decoded = decode_whole(file)
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({error.strerror or error}); {EXPECTED}") from None
    except Unusable as broken:
        raise UserError(f"{path}: {broken.message}; {CURES[broken.code]}") from None
    mono = mixed_down(decoded.samples, channels)
    _check(path, mono, decoded)
    return Recording(path, converted(mono, decoded.rate), _notes(decoded, channels))


def _notes(decoded: Decoded, channels: Channels) -> tuple[str, ...]:
    notes = []
    if decoded.channels > 1:
        how = "the first is taken" if channels == "first" else "mixed down to one by their mean"
        notes.append(f"{decoded.channels} channels, {how}")
    if decoded.rate != SAMPLE_RATE:
        notes.append(f"{decoded.rate} Hz, resampled to {SAMPLE_RATE} Hz")
    return tuple(notes)


def _check(path: Path, mono: np.ndarray, decoded: Decoded) -> None:
    if len(mono) < SHORTEST * decoded.rate:
        raise UserError(
            f"{path}: {len(mono) / decoded.rate:.3f} s long; expected at least {SHORTEST} s of speech, an utterance: "
            "give a longer part of the recording"
        )
    if silent(float(mono.min()), float(mono.max())):
        both = " after mixing down its channels" if decoded.channels > 1 else ""
        raise UserError(
            f"{path}: silent or constant{both} (no two samples differ by {2 * QUIET:g} of full scale); expected "
            "speech: look at the recording's level"
        )
