"""The attention maps that a teacher made of a view's utterances: whose they are, their bytes, and its weights' own."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from serflow.asr.recogniser import Recogniser
from serflow.audit.data import Sample
from serflow.audit.findings import Step, agree, unchecked
from serflow.audit.frames import frames_step
from serflow.audit.teachers import ExpectedTeacher
from serflow.examples import Examples
from serflow.features.store import Store
from serflow.files import digest, read_json
from serflow.provenance.run_key import RunKey

__all__ = ["Maps", "maps_steps"]

MAPS = "stores of attention maps that were not all made anew"
TOLERANCE = 1e-5  # of the largest value of an utterance's map


@dataclass(frozen=True)
class Maps:
    """A store of maps: its folder, the teacher of the plan, the exponent of eq. 10, the utterances of the view."""

    folder: Path
    teacher: RunKey
    p: float
    utterances: list[str]


def maps_steps(maps: Maps, expected: ExpectedTeacher, features: Store | None, sample: Sample) -> Iterator[Step]:
    """Check a store of maps; with the teacher's `features`, make those of a few utterances anew.

    Raises
    ------
    UserError
        If a file is missing, or the store's do not belong together.
    """
    store, record = Store.open(maps.folder, verified=False), read_json(f"{maps.teacher.folder}/run.json")
    said = store.spec
    yield agree("teacher", _place(said["teacher"]), _place(maps.teacher.key), said="made by the teacher of the plan")
    yield agree("run", said.get("digest"), record.get("digest"), said="by its run that is on disk")
    text = f"its teacher was trained on {len(expected.train_speakers)} speakers"
    yield agree("train_speakers", ", ".join(said["train_speakers"]), ", ".join(expected.train_speakers), said=text)
    yield agree("p", said.get("p"), maps.p, said=f"{maps.p}, as the configuration has it")
    there = agree("utterances", sorted(store.digests), maps.utterances, said=f"the {len(maps.utterances)} of the view")
    yield there
    yield frames_step(store, sorted(store.digests), deep=sample.deep)
    yield agree("digest", store.digest, _digest(store), said="store.json is of these maps")
    anew = [] if features is None or not there.ok else sample.draw(maps.utterances)
    if anew:
        yield _made_anew(store, maps, expected, features, anew)
    if len(anew) < len(maps.utterances):
        said = f"maps of {len(maps.utterances) - len(anew)} of {len(maps.utterances)} utterances"
        yield unchecked("weights", said, MAPS, [str(maps.folder)])


def _place(key: dict[str, Any]) -> str:
    """A run's key in a word, whatever its order."""
    return "/".join(str(key[name]) for name in sorted(key))


def _digest(store: Store) -> str:
    """Over utterances and the digests of their frames, as the index has them."""
    return hashlib.sha256("".join(f"{name}\t{one}\n" for name, one in store.digests.items()).encode()).hexdigest()


def _made_anew(store: Store, maps: Maps, expected: ExpectedTeacher, features: Store, names: list[str]) -> Step:
    """Maps of drawn utterances by the teacher's weights, on the CPU."""
    where = f"{maps.teacher.folder}/model/last"
    teacher = Recogniser.load(Path(where), device="cpu", pronunciations=expected.pronunciations)
    if digest(teacher.spec) != digest(expected.spec):
        return Step("weights", False, f"{where}/model.json: another spec", "that of the configuration")
    words = [expected.words[name] for name in names]
    examples = Examples(names, labels=None, store=features, durations=np.zeros(len(names)), words=words)
    worst = 0.0
    for name, found in sorted(teacher.attention_maps(examples, p=maps.p).items()):
        kept = store.frames(name)[:, 0]
        apart = np.abs(kept - found).max() / found.max() if kept.shape == found.shape else np.inf
        if not apart <= TOLERANCE:  # so that NaN differs
            said = f"{where} makes another map of {name} than {maps.folder} has, by {apart:.1e} of its largest value"
            return Step("weights", False, said, f"at most {TOLERANCE:.0e}: weights or maps were exchanged or edited")
        worst = max(worst, float(apart))
    said = f"{where} makes the maps of {len(names)} utterances anew, to {worst:.0e}"
    return Step("weights", True, said)
