"""Command-line entry points, one thin module a rule or command."""

import sys
from collections.abc import Callable

from serflow.errors import UserError


def run(main: Callable[[], None]) -> int:
    """Call `main`; print a `UserError` as one message in place of a traceback. Returns the exit status."""
    try:
        main()
    except UserError as error:
        print(f"serflow: error: {error}", file=sys.stderr)
        return 1
    return 0
