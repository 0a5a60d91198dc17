"""The faults: what each does to a project at a stage, what the next call must come to, and what then is told."""

import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random

from fault_injection.stages import Stages, contents, differences, until
from helpers.projects import Project

SECONDS = 600  # a call of this small project that lasts longer hangs
EQUAL, TOLD, SKIPPED = "equal bytes", "told", "skipped"


class Lost(Exception):
    """Neither equal bytes nor a message that helps."""


@dataclass(frozen=True)
class Fault:
    """`strike` spoils a project (folder) at a stage and gives what was seen; it raises `Lost`."""

    kind: str
    stage: str
    what: str
    strike: Callable[[Stages, Path, Random], str]


class Call:
    """Snakemake, or a serflow command, in a group of processes of its own."""

    def __init__(self, project: Project, *command: str, environment: dict[str, str] | None = None, limit: int = 0):
        self.log = project.folder.with_suffix(".log")
        with open(self.log, "a") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", *command],
                cwd=project.folder,
                env=os.environ | _environment(project) | (environment or {}),
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=(lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit))) if limit else None,
            )

    def signal(self, number: int, *, group: bool = True) -> None:
        """Send a signal to all processes of the group, or to the first alone; none is sent where it ended."""
        with suppress(ProcessLookupError):
            (os.killpg if group else os.kill)(self.process.pid, number)

    def ended(self) -> int:
        """The exit status; `Lost` where it hangs."""
        try:
            return self.process.wait(SECONDS)
        except subprocess.TimeoutExpired:
            self.signal(signal.SIGKILL)
            raise Lost(f"hung for {SECONDS} s: {self.log}") from None

    @property
    def printed(self) -> str:
        """All that this and earlier calls on the project printed."""
        return self.log.read_text(encoding="utf-8", errors="replace")


def _environment(project: Project) -> dict[str, str]:
    """The project's own source, as its jobs have it: what the audit prints is of that version."""
    return {"OMP_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": str(project.folder / "src")}


def snakemake(*arguments: str, cores: int = 2) -> tuple[str, ...]:
    """Arguments of Python for a call of Snakemake."""
    return ("snakemake", "--cores", str(cores), "--rerun-incomplete", "--show-failed-logs", *arguments)


def interrupted(kind: str) -> Callable[[str], Fault]:
    """Signals at a random moment: `kill` to all processes, `orphan` to Snakemake alone, `interrupt` as Ctrl-C does."""

    def at(stage: str) -> Fault:
        def strike(stages: Stages, folder: Path, random: Random) -> str:
            project = stages.start(stage, folder)
            call = Call(project, *snakemake(*until(stage)))
            moment = _moment(call, random)
            call.signal(signal.SIGINT if kind.startswith("interrupt") else signal.SIGKILL, group=kind != "orphan")
            if kind == "interrupt twice":
                time.sleep(0.05)
                call.signal(signal.SIGINT)
            call.ended()
            _unlock(project)
            again = Call(project, *snakemake(*until(stage)))
            again.ended()
            call.signal(signal.SIGKILL)  # orphans that are still at work have no say any more
            return f"after {moment:.1f} s; {_whole(stages, project)}"

        return Fault(kind, stage, "at a random moment", strike)

    return at


def _moment(call: Call, random: Random) -> float:
    """Wait until Snakemake runs jobs, then for a random while; seconds since the start."""
    started = time.monotonic()
    while "rule " not in call.printed and call.process.poll() is None and time.monotonic() - started < SECONDS:
        time.sleep(0.05)
    time.sleep(random.uniform(0, 8))
    return time.monotonic() - started


def _unlock(project: Project) -> None:
    """What `make report` does of a lock whose owner is dead, by hand."""
    Call(project, *snakemake("--unlock")).ended()


def _whole(stages: Stages, project: Project) -> str:
    """Go on to the end, and hold everything against the run without faults."""
    call = Call(project, *snakemake())
    if status := call.ended():
        raise Lost(f"the next call ended with {status}: {_last(call.printed)}")
    if found := differences(contents(project), contents(stages.whole)):
        raise Lost("; ".join(found[:5]))
    return EQUAL


def _last(printed: str) -> str:
    return " / ".join(printed.strip().splitlines()[-3:])[-400:]


def spoiled(stage: str, pattern: str, again: str, how: str) -> Fault:
    """A file that an earlier stage made is spoiled, and what was made of it deleted, so that it is read again."""

    def strike(stages: Stages, folder: Path, random: Random) -> str:
        project = Project(folder)
        shutil.copytree(stages.whole.folder, folder, symlinks=True)
        found = sorted(project.folder.glob(pattern))
        if not found:
            raise Lost(f"no file {pattern}")
        file = random.choice(found)
        _spoil(file, how, random)
        for made in project.folder.glob(again):
            shutil.rmtree(made) if made.is_dir() else made.unlink()
        call = Call(project, *snakemake())
        if call.ended() == 0:
            if found := differences(contents(project), contents(stages.whole)):
                raise Lost(f"trained or made in silence: {'; '.join(found[:5])}")
            return EQUAL
        told = _told(call.printed, file.name)
        file.unlink()
        return f"{TOLD}: {told}; that file deleted, {_whole(stages, project)}"

    return Fault(how, stage, pattern.rpartition("/")[2], strike)


def _spoil(file: Path, how: str, random: Random) -> None:
    """Change a file's bytes and leave its time as it was, as a disk does."""
    data, times = bytearray(file.read_bytes()), file.stat()
    if how == "flipped bit":
        data[random.randrange(len(data) // 3, len(data))] ^= 1 << random.randrange(8)
    else:
        del data[{"truncated": len(data) // 2, "emptied": 0}[how] :]
    file.write_bytes(data)
    os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))


def _told(printed: str, name: str) -> str:
    """The line that names a file; `Lost` where none does, or where it is a traceback's."""
    lines = [line for line in printed.splitlines() if name in line and "serflow: error" in line]
    if not lines:
        raise Lost(f"{name} is not named: {_last(printed)}")
    if "Traceback (most recent call last)" in printed:
        raise Lost(f"a traceback: {_last(printed)}")
    return re.sub(r"\s+", " ", lines[0].strip())[:300]


def full_disk(stage: str, of: str, spare: int) -> Fault:
    """A file system that fills up beneath a folder; then it has room again."""

    def strike(stages: Stages, folder: Path, random: Random) -> str:
        project = stages.start(stage, folder)
        with _small_disk(project.folder / of, spare) as grow:
            call = Call(project, *snakemake(*until(stage)))
            if call.ended() == 0:
                raise Lost(f"{spare} bytes were enough: a smaller disk is to be chosen in fault_injection")
            told = _space(call.printed)
            grow()
            return f"{TOLD}: {told}; with room, {_whole(stages, project)}"

    return Fault("full disk", stage, f"{of}/, {spare // 1000:,} kB left", strike)


def _space(printed: str) -> str:
    lines = [line.strip() for line in printed.splitlines() if "No space left" in line or "disk is full" in line]
    if not lines:
        raise Lost(f"a full disk is not named: {_last(printed)}")
    if "Traceback (most recent call last)" in printed:
        raise Lost(f"a traceback: {lines[-1]}")
    return re.sub(r"\s+", " ", lines[0])[:300]


@contextmanager
def _small_disk(folder: Path, spare: int) -> Iterator[Callable[[], None]]:
    """A tmpfs over a folder with `spare` bytes left; gives what makes it large."""
    held = folder.with_name(f"{folder.name}.held")
    folder.mkdir(exist_ok=True)
    shutil.copytree(folder, held, symlinks=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4g", "tmpfs", folder], check=True)
    try:
        shutil.copytree(held, folder, symlinks=True, dirs_exist_ok=True)
        used = shutil.disk_usage(folder).used
        subprocess.run(["mount", "-o", f"remount,size={used + spare}", folder], check=True)
        yield lambda: subprocess.run(["mount", "-o", "remount,size=4g", folder], check=True)
    finally:
        subprocess.run(["umount", "-l", folder], check=True)
        shutil.rmtree(held)


def can_mount() -> str:
    """Why no file system can be mounted here; empty where one can."""
    if os.geteuid() != 0:
        return "a small disk is mounted as root only"
    return "" if subprocess.run(["unshare", "--mount", "true"], capture_output=True).returncode == 0 else "no mount"


def little_memory(stage: str, megabytes: int) -> Fault:
    """Every process may have so much address space; then the usual one again."""

    def strike(stages: Stages, folder: Path, random: Random) -> str:
        project = stages.start(stage, folder)
        call = Call(project, *snakemake(*until(stage)), limit=megabytes * 2**20)
        status = call.ended()
        return f"{'ended' if status == 0 else 'ended with an error'}; with memory, {_whole(stages, project)}"

    return Fault("little memory", stage, f"{megabytes} MB of address space", strike)


def two_at_once(stage: str) -> Fault:
    """Two calls of Snakemake in one folder: one is refused, by name, the other ends."""

    def strike(stages: Stages, folder: Path, random: Random) -> str:
        project = stages.start(stage, folder)
        calls = [Call(project, *snakemake(*until(stage))) for _ in range(2)]
        statuses = [call.ended() for call in calls]
        if 0 not in statuses:
            raise Lost(f"neither ended well: {_last(calls[0].printed)}")
        told = "locked" if any(statuses) else "one after the other"
        if any(statuses) and "cannot be locked" not in calls[0].printed:
            raise Lost(f"the lock is not named: {_last(calls[0].printed)}")
        return f"{told}; {_whole(stages, project)}"

    return Fault("two at once", stage, "in one folder", strike)


def no_rights(stage: str, of: str) -> Fault:
    """A folder that may not be written in, for one who is not root; then it may."""

    def strike(stages: Stages, folder: Path, random: Random) -> str:
        project = stages.start(stage, folder)
        locked = [path for path in [project.folder / of, *(project.folder / of).rglob("*")] if path.is_dir()]
        modes = {path: path.stat().st_mode for path in locked}
        for path in locked:
            path.chmod(0o555)
        try:
            call = Call(project, *snakemake(*until(stage)))
            status = call.ended()
        finally:
            for path, mode in modes.items():
                path.chmod(mode)
        if status == 0:
            raise Lost(f"{of}/ may not be written in, and yet the call ended well")
        told = [line.strip() for line in call.printed.splitlines() if "ermission denied" in line]
        if not told:
            raise Lost(f"the rights are not named: {_last(call.printed)}")
        return f"{TOLD}: {told[0][:300]}; with rights, {_whole(stages, project)}"

    return Fault("no rights", stage, f"{of}/", strike)


def elsewhere(what: str, environment: dict[str, str], *, cores: int = 2) -> Fault:
    """The whole again from the first stage, in another folder and otherwise than usual."""

    def strike(stages: Stages, folder: Path, random: Random) -> str:
        project = stages.start("extraction", folder / "somewhere else, with blanks")
        call = Call(project, *snakemake(cores=cores), environment=environment)
        if status := call.ended():
            raise Lost(f"ended with {status}: {_last(call.printed)}")
        if found := differences(contents(project), contents(stages.whole)):
            raise Lost("; ".join(found[:5]))
        return EQUAL

    return Fault("elsewhere", "all", what, strike)


def killed_command(stage: str, what: str, command: tuple[str, ...], makes: str | None) -> Fault:
    """A command on the finished project is killed at a random moment and called again."""

    def strike(stages: Stages, folder: Path, random: Random) -> str:
        project = Project(folder)
        shutil.copytree(stages.whole.folder, folder, symlinks=True)
        reference = _output(project, command, makes)
        if makes:
            (project.folder / makes).unlink()
        call = Call(project, *command)
        time.sleep(random.uniform(1, 6))
        call.signal(signal.SIGKILL)
        call.ended()
        if makes and (project.folder / makes).exists() and (project.folder / makes).read_bytes() != reference:
            raise Lost(f"half of {makes} was left")
        (project.folder / makes).unlink(missing_ok=True) if makes else None
        if _output(project, command, makes) != reference:
            raise Lost("the next call gave something else")
        if found := differences(contents(project), contents(stages.whole)):
            raise Lost("; ".join(found[:5]))
        return EQUAL

    return Fault("kill", stage, what, strike)


def _output(project: Project, command: tuple[str, ...], makes: str | None) -> bytes:
    """The file that a command makes; of one that makes none, that it ended well."""
    call = Call(project, *command)
    if status := call.ended():
        raise Lost(f"ended with {status}: {_last(call.printed)}")
    return (project.folder / makes).read_bytes() if makes else b""
