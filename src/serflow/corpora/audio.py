"""One audio file of a release: its fingerprint and length, or why it cannot be used as published."""

import hashlib
import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile

from serflow.corpora.findings import Findings
from serflow.corpora.impostors import impostor
from serflow.corpora.text_files import read_bytes

SAMPLE_RATE = 16000  # Hz, of all corpora read here, as published
TOLERANCE = 0.05  # s, between a length that is stated and the length of the audio
SHORTEST = 0.1  # s of speech; a tenth of the shortest utterances of the corpora
CONVERTIBLE = ("audio_channels", "audio_rate")  # codes of sound audio that is of another form only
AS_PUBLISHED = "use the file as published"


@dataclass(frozen=True)
class Audio:
    """A readable mono file at `SAMPLE_RATE`: SHA-256 of its bytes (hex), samples, whether all are zero."""

    sha256: str
    samples: int
    silent: bool

    @property
    def duration(self) -> float:
        """Length in seconds."""
        return self.samples / SAMPLE_RATE


class _Broken(Exception):
    """Why a file cannot be used: the code of the finding and its message."""


class Undecodable(Exception):
    """Why libsndfile cannot decode a file, in its own words."""


@contextmanager
def decoding() -> Iterator[None]:
    """Turn what libsndfile raises within the block into `Undecodable`."""
    try:
        yield
    except (soundfile.SoundFileError, OSError, MemoryError, ValueError) as error:  # the last two: an absurd length
        raise Undecodable(str(error).rpartition(": ")[2].rstrip(".")) from None


def inspect(path: Path, *, file: str, utterance: str, findings: Findings, advice: str = AS_PUBLISHED) -> Audio | None:
    """Read an audio file once; None, with a fatal finding, where it is not there as published.

    `advice` says what to do about another sample rate or number of channels.
    """
    try:
        audio = _inspect(path)
    except _Broken as broken:
        code, message = broken.args
        message += f": {advice}" if code in CONVERTIBLE else ""
        findings.add(code, file, message, utterance=utterance)
        return None
    if audio.silent:
        message = "all samples are zero; expected speech: compare the file with the release"
        findings.add("audio_silent", file, message, utterance=utterance)
    return audio


def _inspect(path: Path) -> Audio:
    try:
        data = read_bytes(path)
    except FileNotFoundError:
        raise _Broken("audio_missing", "the audio of a labelled turn is missing; copy it from the release") from None
    except OSError as error:
        reason = error.strerror or error
        raise _Broken("audio_unreadable", f"cannot be read ({reason}); expected a readable audio file") from None
    if not data:
        raise _Broken("audio_empty", "the file is empty (0 bytes); copy it again from the release")
    samples, silent = _decode(data)
    return Audio(hashlib.sha256(data).hexdigest(), samples, silent)


def _decode(data: bytes) -> tuple[int, bool]:
    try:
        with decoding(), soundfile.SoundFile(io.BytesIO(data)) as sound:
            stated = max(sound.frames, _stated_frames(data))
            floats = sound.subtype in ("FLOAT", "DOUBLE")
            values = sound.read(dtype="float32" if floats else "int16", always_2d=True)
            rate, channels = sound.samplerate, sound.channels
    except Undecodable as reason:
        what = impostor(data) or f"not an audio file that can be decoded ({reason})"
        raise _Broken("audio_unreadable", what) from None
    if channels != 1:
        raise _Broken("audio_channels", f"{channels} channels; expected one")
    if rate != SAMPLE_RATE:
        raise _Broken("audio_rate", f"sample rate {rate} Hz; expected {SAMPLE_RATE}")
    if len(values) < stated - TOLERANCE * rate:
        seconds = f"{len(values) / rate:.2f} s of {stated / rate:.2f} s"
        raise _Broken("audio_truncated", f"cut short ({seconds} are there); copy it again from the release")
    if len(values) == 0:
        raise _Broken("audio_empty", "holds no samples; copy it again from the release")
    if floats and not np.isfinite(values).all():
        raise _Broken("audio_nan", "holds samples that are NaN or infinite; use the file as published")
    return len(values), not values.any()


def _stated_frames(data: bytes) -> int:
    """Frames that a RIFF header promises; libsndfile itself silently lowers them to what is there."""
    if data[:4] != b"RIFF" or data[8:12] != b"WAVE":
        return 0
    position, block = 12, 0
    while position + 8 <= len(data):
        name, size = (
            data[position : position + 4],
            int.from_bytes(data[position + 4 : position + 8], "little"),
        )
        if name == b"fmt ":
            block = int.from_bytes(data[position + 20 : position + 22], "little")
        if name == b"data":
            streamed = size >= 0xFFFFFFF0  # written to a pipe: the length was not known
            return 0 if streamed or block == 0 else size // block
        position += 8 + size + size % 2
    return 0
