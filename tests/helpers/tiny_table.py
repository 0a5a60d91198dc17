"""A user's own table of recordings: written, and read."""

from helpers.tiny_release import stopped
from serflow.corpora.readers import table
from serflow.recordings import SAMPLE_RATE


def audio_columns(samples, rate=SAMPLE_RATE, sha256=""):
    """The columns of a manifest that extraction reads, of a file of one channel whose utterance is all of it."""
    return {
        "sample_rate": SAMPLE_RATE, "samples": samples, "offset": 0, "file_samples": samples,
        "file_rate": rate, "file_channels": 1, "mixdown": "", "sha256": sha256,
    }  # fmt: skip


def put(release, *lines, file="table.csv"):
    (release / file).parent.mkdir(parents=True, exist_ok=True)
    (release / file).write_text("\n".join(lines) + "\n", encoding="utf-8")


def read(release, corpus, **changes):
    return table.read(release, corpus=corpus | changes)


def fatal(release, corpus):
    return stopped(lambda: read(release, corpus))
