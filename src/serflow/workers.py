"""Worker processes: what is asked of them comes back, or it is said why not; nobody waits for what cannot come."""

import multiprocessing
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing.context import BaseContext
from typing import Any

from serflow.errors import UserError

__all__ = ["Workers", "workers"]

EVERY = 1.0  # s between two looks at whether a task can still end


class Workers:
    """Processes that `workers` started."""

    def __init__(self, pool: ProcessPoolExecutor, faults: list[BaseException]) -> None:
        self._pool, self._faults = pool, faults

    def submit(self, work: Callable[..., Any], *given: Any) -> Future:
        """Have `work(*given)` done by one of them.

        Raises
        ------
        UserError
            If no process or thread can be started.
        BrokenProcessPool
            If one of them has died.
        """
        try:
            return self._pool.submit(work, *given)
        except BrokenProcessPool:
            raise
        except (RuntimeError, MemoryError, OSError) as error:
            self._faults.append(error)
            raise _none_left(error) from error

    def result(self, task: Future) -> Any:
        """What came of a task; raises as `submit`, and whatever the work raised."""
        while not wait([task], timeout=EVERY).done:
            if self._faults:  # the thread that hands tasks over is dead: the task will never be done
                raise _none_left(self._faults[0]) from self._faults[0]
        return task.result()


@contextmanager
def workers(
    jobs: int, start: Callable[..., None] | None = None, *given: Any, context: BaseContext | None = None
) -> Iterator[Workers]:
    """Yield so many worker processes; each begins with `start(*given)`. They are gone when the block ends.

    They are spawned, so that they are alike on every system whatever other libraries have started here, or started as
    `context` does.
    """
    there, faults, before = set(multiprocessing.active_children()), [], threading.excepthook
    pool = ProcessPoolExecutor(jobs, context or multiprocessing.get_context("spawn"), start, given)
    threading.excepthook = lambda failed: faults.append(failed.exc_value)
    try:
        yield Workers(pool, faults)
    finally:
        threading.excepthook = before
        if faults:  # there is no thread that could end them in good order, and Python waits for them at its own end
            for process in set(multiprocessing.active_children()) - there:
                process.kill()
        pool.shutdown(wait=not faults, cancel_futures=True)


def _none_left(error: BaseException) -> UserError:
    return UserError(
        f"no process or thread more can be started ({error}); run again with fewer cores (--cores), or raise the "
        "limits of processes and of memory (ulimit -u, ulimit -v)"
    )
