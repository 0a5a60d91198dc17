"""A user's own table of recordings: written, and read."""

from helpers.tiny_release import stopped
from serflow.corpora.readers import table


def put(release, *lines, file="table.csv"):
    (release / file).parent.mkdir(parents=True, exist_ok=True)
    (release / file).write_text("\n".join(lines) + "\n", encoding="utf-8")


def read(release, corpus, **changes):
    return table.read(release, corpus=corpus | changes)


def fatal(release, corpus):
    return stopped(lambda: read(release, corpus))
