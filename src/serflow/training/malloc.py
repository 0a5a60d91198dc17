"""What the C library does with memory that a step has freed."""

import ctypes
import platform

__all__ = ["keep_freed_memory"]

TRIM_THRESHOLD, MMAP_MAX = -1, -4  # options of mallopt, malloc.h


def keep_freed_memory() -> None:
    """Let the process keep what it frees, for the next step to use.

    By default glibc gives every large block back to the system, which hands it out again page by page, zeroed: a
    third of the time of a step with large maps. Where the C library is another one, nothing changes.
    """
    if platform.libc_ver()[0] == "glibc":
        libc = ctypes.CDLL(None)
        libc.mallopt(MMAP_MAX, 0)
        libc.mallopt(TRIM_THRESHOLD, 2**31 - 1)
