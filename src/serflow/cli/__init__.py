"""Command-line entry points, one thin module a rule or command."""

import os
import signal
import sys
import tempfile
import traceback
from collections.abc import Callable
from pathlib import Path

from serflow.errors import UserError, printable

DEBUG = "SERFLOW_DEBUG"  # environment variable: anything but the empty text shows tracebacks
LOGS = Path("logs")  # of a project; where there is none, a log goes to the system's folder of temporary files

# Before numpy and torch are imported: each job keeps to one thread, as runs side by side are faster than threads.
os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


def run(main: Callable[[], None]) -> int:
    """Call `main`; print a `UserError` as one message in place of a traceback. Returns the exit status.

    Any other exception is a line, too, which names a file with the traceback; with `DEBUG` in the environment it is
    raised. Where the reader of the output has gone (`| head`), it ends quietly, with the status of a SIGPIPE; so it
    does, with that of a SIGINT, when it is interrupted.
    """
    try:
        main()
        sys.stdout.flush()
    except UserError as error:
        if os.environ.get(DEBUG):
            traceback.print_exc()
        print(f"serflow: error: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what is buffered goes nowhere at exit
        return 128 + signal.SIGPIPE
    except KeyboardInterrupt:
        print("serflow: interrupted", file=sys.stderr)
        return 128 + signal.SIGINT
    except (SystemExit, GeneratorExit):
        raise
    except BaseException as error:  # a panic of a library written in Rust is no Exception
        if os.environ.get(DEBUG):
            raise
        print(f"serflow: error: {unexpected(error)}", file=sys.stderr)
        return 1
    return 0


def unexpected(error: BaseException) -> str:
    """What is said of an exception that nobody expected; its traceback goes into a file, which is named."""
    said = " ".join(str(error).split())
    place = next((frame for frame in reversed(traceback.extract_tb(error.__traceback__)) if _ours(frame)), None)
    where = f", in {Path(place.filename).name}, line {place.lineno}" if place else ""
    what = f"{type(error).__name__}{f': {said}' if said else ''}"
    try:
        told = f"all of it is in {_logged(error)}"
    except OSError:
        told = f"{DEBUG}=1 shows all of it"
    return printable(
        f"{what}{where}. This is not expected: a fault of serflow's, of the machine, or a file that nothing "
        f"checked; {told}"
    )


def _ours(frame: traceback.FrameSummary) -> bool:
    return f"{os.sep}serflow{os.sep}" in frame.filename


def _logged(error: BaseException) -> str:
    """Write the traceback; the file's path."""
    folder = LOGS / "errors" if LOGS.is_dir() else None
    if folder is not None:
        folder.mkdir(exist_ok=True)
    text = "".join(traceback.format_exception(error))
    with tempfile.NamedTemporaryFile(
        "w", prefix="serflow-", suffix=".log", dir=folder, delete=False, encoding="utf-8", errors="backslashreplace"
    ) as file:
        file.write(f"{sys.argv}\n\n{text}")
    return os.path.relpath(file.name) if folder is not None else file.name
