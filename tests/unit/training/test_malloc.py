"""Memory that a step has freed stays with the process, for the next step."""

import platform
import subprocess
import sys

import pytest

MEGABYTES = 64

KEPT = """
import re, torch
from serflow.training.malloc import keep_freed_memory

def resident():
    return int(re.search(r"VmRSS:\\s+(\\d+)", open("/proc/self/status").read())[1]) / 1024

{call}
before = resident()
torch.ones({megabytes}, 1024, 256)  # made and freed at once
print(resident() - before)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="what is kept is a setting of glibc")
@pytest.mark.parametrize("call, kept", [("keep_freed_memory()", True), ("", False)])
@pytest.mark.slow
def test_freed_memory_stays_with_the_process(call: str, kept: bool):
    code = KEPT.format(call=call, megabytes=MEGABYTES)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert (float(done.stdout) > MEGABYTES / 2) == kept
