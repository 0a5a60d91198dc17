"""One audio file of a release: its fingerprints, form and length, or why it cannot be used."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from serflow.corpora.findings import Findings
from serflow.corpora.impostors import impostor
from serflow.corpora.text_files import open_bytes
from serflow.recordings import (
    QUIET,
    SAMPLE_RATE,
    SHORTEST,
    TOLERANCE,
    Decoded,
    Unusable,
    converted_length,
    decode_whole,
    mixed_down,
    samples_digest,
    silent,
)

__all__ = ["AS_PUBLISHED", "SAMPLE_RATE", "SHORTEST", "TOLERANCE", "Audio", "inspect"]

FULL = 2.0  # of full scale: no decoder overshoots as far, such samples are in another unit
CONVERTIBLE = ("audio_channels", "audio_rate")  # codes of sound audio that is of another form only
AS_PUBLISHED = "use the file as published"
CURES = {"audio_empty": "copy it again from the release", "audio_nan": AS_PUBLISHED}


@dataclass(frozen=True, slots=True)  # one a file, hundreds of thousands of them
class Audio:
    """A usable file.

    Attributes
    ----------
    sha256 : of its bytes (hex).
    samples_sha256 : `serflow.recordings.samples_digest` of it.
    samples : its length at `SAMPLE_RATE`.
    rate, channels, format : the file's own, as in `serflow.recordings.Decoded`.
    mixdown : how its channels become one ("mean", "first"); "" of one channel.
    silent : whether it holds silence or a constant.
    peak : the greatest absolute sample, of full scale.
    """

    sha256: str
    samples_sha256: str
    samples: int
    rate: int
    channels: int
    format: str
    mixdown: str
    silent: bool
    peak: float

    @property
    def duration(self) -> float:
        """Length in seconds."""
        return self.samples / SAMPLE_RATE

    @property
    def columns(self) -> dict[str, Any]:
        """The columns of the manifest that say what the file is, and how long an utterance is that is all of it."""
        return {
            "sha256": self.sha256, "samples_sha256": self.samples_sha256,
            "file_rate": self.rate, "file_channels": self.channels, "file_format": self.format,
            "mixdown": self.mixdown,
            "sample_rate": SAMPLE_RATE, "samples": self.samples, "offset": 0, "file_samples": self.samples,
            "duration": self.duration,
        }  # fmt: skip


def inspect(
    path: Path,
    *,
    file: str,
    utterance: str,
    findings: Findings,
    convert: Mapping[str, Any] | None,
    advice: str = AS_PUBLISHED,
) -> Audio | None:
    """Read an audio file once; None, with a fatal finding, where it cannot be used.

    `convert` is the key of the corpus's YAML: how channels are mixed down, or None where the file must have one
    channel at `SAMPLE_RATE`; `advice` then says what to do about one that has not.
    """
    try:
        audio = _inspect(path, convert)
    except Unusable as broken:
        message = f"{broken.message}: {advice}" if broken.code in CONVERTIBLE else broken.message
        findings.add(broken.code, file, message, utterance=utterance)
        return None
    if audio.silent:
        message = f"silent or constant (no two samples differ by {2 * QUIET:g} of full scale); expected speech: "
        findings.add("audio_silent", file, message + "compare the file with the release", utterance=utterance)
    if audio.peak > FULL:
        message = f"samples beyond full scale (up to {audio.peak:.4g}); expected -1 to 1: export it again"
        findings.add("audio_level", file, message, utterance=utterance)
    return audio


def _inspect(path: Path, convert: Mapping[str, Any] | None) -> Audio:
    try:
        with open_bytes(path) as file:
            data = file.read()
            decoded = _decoded(file, data)
    except FileNotFoundError:
        raise Unusable("audio_missing", "the audio of a labelled turn is missing; copy it from the release") from None
    except OSError as error:
        reason = error.strerror or error
        raise Unusable("audio_unreadable", f"cannot be read ({reason}); expected a readable audio file") from None
    _require_form(decoded, convert)
    _require_whole(decoded, data)
    rule = convert["channels"] if convert and decoded.channels > 1 else ""
    mono = mixed_down(decoded.samples, rule or "first")
    lowest, highest = float(mono.min()), float(mono.max())
    return Audio(
        sha256=hashlib.sha256(data).hexdigest(),
        samples_sha256=samples_digest(mono),
        samples=converted_length(len(mono), decoded.rate),
        rate=decoded.rate,
        channels=decoded.channels,
        format=decoded.format,
        mixdown=rule,
        silent=silent(lowest, highest),
        peak=max(highest, -lowest),
    )


def _decoded(file: BinaryIO, data: bytes) -> Decoded:
    try:
        return decode_whole(file)
    except Unusable as broken:
        message = (broken.code == "audio_unreadable" and impostor(data)) or broken.message
        cure = CURES.get(broken.code)
        raise Unusable(broken.code, f"{message}; {cure}" if cure else message) from None


def _require_form(decoded: Decoded, convert: Mapping[str, Any] | None) -> None:
    """Refuse another form than one channel at `SAMPLE_RATE` where nothing is converted; both are named."""
    if convert is not None:
        return
    rate = "" if decoded.rate == SAMPLE_RATE else f"sample rate {decoded.rate} Hz; expected {SAMPLE_RATE}"
    if decoded.channels != 1:
        message = f"{decoded.channels} channels; expected one"
        raise Unusable("audio_channels", f"{message}; {rate}" if rate else message)
    if rate:
        raise Unusable("audio_rate", rate)


def _require_whole(decoded: Decoded, data: bytes) -> None:
    stated, found = max(decoded.frames, _stated_frames(data)), len(decoded.samples)
    if found < stated - TOLERANCE * decoded.rate:
        seconds = f"{found / decoded.rate:.2f} s of {stated / decoded.rate:.2f} s"
        raise Unusable("audio_truncated", f"cut short ({seconds} are there); copy it again from the release")


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
