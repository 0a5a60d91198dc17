"""Command-line entry points, one thin module a rule or command."""

import os
import signal
import sys
from collections.abc import Callable

from serflow.errors import UserError


def run(main: Callable[[], None]) -> int:
    """Call `main`; print a `UserError` as one message in place of a traceback. Returns the exit status.

    Where the reader of the output has gone (`| head`), it ends quietly, with the status of a SIGPIPE.
    """
    try:
        main()
        sys.stdout.flush()
    except UserError as error:
        print(f"serflow: error: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what is buffered goes nowhere at exit
        return 128 + signal.SIGPIPE
    return 0
