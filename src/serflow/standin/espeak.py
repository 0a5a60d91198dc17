"""Speech by eSpeak NG through ctypes, with the times of words and phonemes.

eSpeak NG is free software under the GNU General Public License, version 3 or later. serflow, which is under
another licence, holds none of it: the library comes from the `espeakng-loader` package and is loaded only in
a process of its own, `serflow.standin.worker`.

The audio is repeatable only as a whole sequence of calls in a fresh process: the library seeds its noise by
the clock unless told otherwise and carries state from call to call.
"""

import ctypes
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import espeakng_loader
import numpy as np

from serflow.errors import UserError

RATE_HZ = 22050
_SYNCHRONOUS, _PHONEME_EVENTS, _UTF8 = 2, 1, 1
_EVENT_WORD, _EVENT_PHONEME = 1, 7
_PARAMETERS = {"rate": 1, "pitch": 3, "range": 4, "gap": 7}


@dataclass
class Speech:
    """Samples (int16, at `RATE_HZ`), the start of each word event and of each phoneme, in samples.

    `words` are (start, character at which the word stands in the text, from 0); `phones` are (start,
    mnemonic), a pause being a mnemonic that starts with an underscore.
    """

    samples: np.ndarray
    words: list[tuple[int, int]] = field(default_factory=list)
    phones: list[tuple[int, str]] = field(default_factory=list)


class _Id(ctypes.Union):
    _fields_ = (("number", ctypes.c_int), ("name", ctypes.c_char_p), ("string", ctypes.c_char * 8))


class _Event(ctypes.Structure):
    _fields_ = (("type", ctypes.c_int), ("unique_identifier", ctypes.c_uint), ("text_position", ctypes.c_int),
                ("length", ctypes.c_int), ("audio_position", ctypes.c_int), ("sample", ctypes.c_int),
                ("user_data", ctypes.c_void_p), ("id", _Id))  # fmt: skip


_Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event))


class Synthesiser:
    """The library, initialised once a process; `seed` fixes its noise.

    Raises `UserError` where the library does not start.
    """

    def __init__(self, seed: int) -> None:
        self._library = ctypes.CDLL(espeakng_loader.get_library_path())
        folder = str(Path(espeakng_loader.get_data_path()).parent).encode()
        if self._library.espeak_Initialize(_SYNCHRONOUS, 0, folder, _PHONEME_EVENTS) != RATE_HZ:
            raise UserError("eSpeak NG did not start at 22,050 Hz; reinstall espeakng-loader==0.2.4")
        self._library.espeak_ng_SetRandSeed.argtypes = [ctypes.c_long]
        self._library.espeak_ng_SetRandSeed(seed)
        self._callback = _Callback(self._receive)  # kept: the library holds only a pointer to it
        self._library.espeak_SetSynthCallback(self._callback)
        self._audio = bytearray()
        self._events: list[tuple[int, int, int, str]] = []

    def say(self, text: str, *, voice: str, rate: int, pitch: int, range: int, gap: int) -> Speech:
        """Synthesise `text`; rate in words a minute, pitch and range 0-99, gap between words in 10 ms.

        Raises
        ------
        UserError
            Where the voice is unknown.
        """
        self._choose(voice)
        for name, value in {"rate": rate, "pitch": pitch, "range": range, "gap": gap}.items():
            self._library.espeak_SetParameter(_PARAMETERS[name], value, 0)
        self._audio.clear()
        self._events.clear()
        data = text.encode()
        if self._library.espeak_Synth(data, len(data) + 1, 0, 1, 0, _UTF8, None, None) != 0:
            raise UserError(f"text {text!r}: eSpeak NG could not speak it")
        return self._speech(self._events)

    def _choose(self, voice: str) -> None:
        """Set the voice: the library keeps the previous one silently, and ignores an unknown variant."""
        language, _, variant = voice.partition("+")
        known = not variant or (Path(espeakng_loader.get_data_path()) / "voices" / "!v" / variant).is_file()
        if not known or not language or self._library.espeak_SetVoiceByName(voice.encode()) != 0:
            raise UserError(f"voice {voice!r}: eSpeak NG has none of this name; see its lang and voices/!v folders")

    def _speech(self, events: Sequence[tuple[int, int, int, str]]) -> Speech:
        speech = Speech(np.frombuffer(bytes(self._audio), np.int16))
        for kind, position, sample, name in events:
            if kind == _EVENT_WORD:
                speech.words.append((sample, position - 1))
            elif kind == _EVENT_PHONEME and name:
                speech.phones.append((sample, name))
        return speech

    def _receive(self, samples, count, events) -> int:  # noqa: ANN001 - ctypes pointers
        if samples and count > 0:
            self._audio.extend(ctypes.string_at(samples, 2 * count))
        index = 0
        while events[index].type:
            event = events[index]
            name = event.id.string.decode("utf-8", "replace") if event.type == _EVENT_PHONEME else ""
            self._events.append((event.type, event.text_position, event.sample, name))
            index += 1
        return 0
