"""Worker processes: their work comes back; where no thread can be started, that is said, and nobody waits."""

import multiprocessing
import threading
import time
from operator import floordiv

import pytest

from serflow.errors import UserError
from serflow.workers import workers

pytestmark = pytest.mark.slow  # a process starts anew for each


def test_work_comes_back_and_what_it_raises_too():
    with workers(1) as pool:
        tasks = [pool.submit(floordiv, 6, number) for number in (2, 3, 0)]
        assert [pool.result(task) for task in tasks[:2]] == [3, 2]
        with pytest.raises(ZeroDivisionError):
            pool.result(tasks[2])
    assert multiprocessing.active_children() == []


def test_each_begins_as_asked():
    with workers(1, time.sleep, 0) as pool:
        assert pool.result(pool.submit(floordiv, 7, 2)) == 3


@pytest.mark.parametrize("thread", ["the one that hands tasks over", "the one that writes them"])
def test_without_threads_it_is_said_and_no_process_is_left(monkeypatch, thread):
    start = threading.Thread.start

    def unable(self):
        writes = self.name.startswith("QueueFeederThread")
        hands = type(self).__name__ == "_ExecutorManagerThread"
        if writes if thread == "the one that writes them" else hands:
            raise RuntimeError("can't start new thread")
        start(self)

    monkeypatch.setattr(threading.Thread, "start", unable)
    hook = threading.excepthook
    message = r"no process or thread more .* \(can't start new thread\); run again with fewer cores"
    with pytest.raises(UserError, match=message), workers(1) as pool:
        pool.result(pool.submit(floordiv, 6, 2))
    for process in multiprocessing.active_children():
        process.join(60)
    assert multiprocessing.active_children() == []
    assert threading.excepthook is hook
