"""Measured times of systems: those that are shipped, of another machine, and those that are kept of this one."""

import os
import platform
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

from serflow.errors import UserError
from serflow.files import digest, read_json, write_json
from serflow.forecast.measure import Measured
from serflow.forecast.probe import probe, slowdown
from serflow.paths import RESULTS
from serflow.plan.merging import merge

__all__ = ["KEPT", "SHIPPED", "Times", "here", "machine", "processor", "shipped", "step_digest"]

SHIPPED = Path(__file__).with_name("step_times.json")  # written by `make bench BENCH=step_times`
KEPT = Path(RESULTS) / "forecast"  # a file a machine
PACKAGES = ("torch", "numpy", "scikit-learn")
FORMAT = 1
# of `parameters`: what changes a run's result and not the seconds of a step
UNTIMED: dict[str, Any] = {
    "audio": None,
    "train_per_class": None,
    "segments": dict.fromkeys(("train_step", "test_step", "short_test", "average", "keep")),
    "text": {"transcripts": None, "vectors": None},
    "train": dict.fromkeys(("epochs", "schedule", "optimizer")),
    "transfer": {"weight": None},
}


def step_digest(spec: Mapping[str, Any]) -> str:
    """Digest of what decides the seconds of a step: learner, features, network and batch, an encoder's among them."""
    parameters = spec["parameters"]
    untimed = {key: UNTIMED[key] for key in UNTIMED.keys() & parameters.keys() if parameters[key] is not None}
    encoder = spec["encoder"] and step_digest(spec["encoder"]["spec"])
    kept = {"learner": spec["learner"], "features": spec["feature_spec"], "encoder": encoder}
    return digest(kept | {"parameters": merge(parameters, untimed)})


@dataclass
class Times:
    """What was measured on one machine, by kind of device ("cpu", "cuda").

    Attributes
    ----------
    made
        The machine and its libraries, by name.
    probes
        Seconds of the loads of `serflow.forecast.probe`.
    measured
        By `step_digest`, what a system takes, and under "of" which one was timed: paper, experiment, system, preset.
    slower
        How many times as long as was measured these times are: those of another machine, scaled to this one.
    """

    made: dict[str, str]
    probes: dict[str, dict[str, float]] = field(default_factory=dict)
    measured: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    slower: dict[str, float] = field(default_factory=dict)

    def of(self, spec: Mapping[str, Any], device: str) -> Measured | None:
        """Of a resolved spec; None where it was not measured."""
        found = self.measured.get(device, {}).get(step_digest(spec))
        return found and Measured(**{key: value for key, value in found.items() if key != "of"})

    def add(self, spec: Mapping[str, Any], device: str, measured: Measured, *, of: str) -> None:
        """Keep what was measured of a resolved spec, in place of an earlier measurement."""
        self.measured.setdefault(device, {})[step_digest(spec)] = asdict(measured) | {"of": of}

    def probed(self, device: str) -> dict[str, float]:
        """The machine's probe, taken now where there is none yet."""
        if device not in self.probes:
            self.probes[device] = probe(device)
        return self.probes[device]

    def slowed(self, slowdowns: Mapping[str, float]) -> "Times":
        """What a machine would take that is so many times slower, by kind of device; others' times are left out."""
        measured = {
            device: {key: _slowed(entry, slowdowns[device]) for key, entry in entries.items()}
            for device, entries in self.measured.items()
            if device in slowdowns
        }
        return replace(self, probes={}, measured=measured, slower=dict(slowdowns))

    def slowdown(self, other: "Times", device: str) -> float:
        """How many times as long as `other` this machine takes."""
        return slowdown(self.probed(device), other.probes[device])

    def save(self, path: str | Path) -> None:
        """Write a file that `read` takes."""
        write_json(path, {"format": FORMAT} | asdict(self))

    @classmethod
    def read(cls, path: str | Path) -> "Times":
        """What `save` wrote; a `UserError` where the file is of another version or mangled."""
        value = read_json(path)
        try:
            if value.pop("format") != FORMAT:
                raise ValueError("another version's")
            times = cls(**value)
            for entries in times.measured.values():
                for entry in entries.values():
                    Measured(**{key: known for key, known in entry.items() if key != "of"})
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise UserError(f"{path}: {error}: expected times that `serflow plan` can read; delete the file") from error
        return times


def _slowed(entry: dict[str, Any], factor: float) -> dict[str, Any]:
    return entry | {key: entry[key] * factor for key in ("start", "unit", "segment")}


def shipped() -> Times:
    """The times that come with serflow, of the machine that measured them."""
    return Times.read(SHIPPED)


def here() -> tuple[Times, Path]:
    """What is kept of this machine with these libraries, perhaps nothing yet, and its file."""
    made = machine()
    path = KEPT / f"{digest(made)[:12]}.json"
    return (Times.read(path) if path.is_file() else Times(made)), path


def machine() -> dict[str, str]:
    """Processor, GPU where there is one, system, and the versions that decide how fast networks are."""
    import torch

    gpu = {"GPU": torch.cuda.get_device_name(0)} if torch.cuda.is_available() else {}
    found = {
        "processor": processor(),
        "cores": str(os.cpu_count()),
        "system": f"{platform.system()} {platform.machine()}",
    }
    return found | gpu | {"Python": platform.python_version()} | {name: version(name) for name in PACKAGES}


def processor() -> str:
    """The processor's name."""
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            names = [line.split(":", 1)[1].strip() for line in file if line.startswith("model name")]
    except OSError:
        names = []
    return names[0] if names else platform.processor() or platform.machine()
