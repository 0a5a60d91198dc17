import subprocess
import sys

PRINT = "from serflow.cli import run; import sys; sys.exit(run(lambda: [print('a line') for _ in range({lines})]))"


def test_a_reader_that_has_gone_ends_a_command_quietly():
    for lines in (1, 100_000):  # in the buffer until the end, or not
        command = [sys.executable, "-c", PRINT.format(lines=lines)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait() == 128 + 13
        process.stderr.close()
