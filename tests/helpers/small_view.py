"""A small view of a corpus, and a split of each kind that fits it."""

import pandas as pd

RANDOM5 = {"kind": "random", "folds": 5, "validation": False, "seed": 1}
RANDOM10 = {"kind": "random", "folds": 10, "validation": True, "seed": 1}
SPEAKER, MARKER = ({"kind": kind, "folds": 6, "mate": "validates"} for kind in ("speaker", "marker"))
SPEAKER_OUT, MARKER_OUT = (split | {"mate": "trains"} for split in (SPEAKER, MARKER))
PARTS = {"kind": "session_parts", "folds": 3}
HALVES = {"kind": "session_parts_random", "folds": 3, "seed": 1}
SESSION = {"kind": "session", "folds": 3}
ALL = [RANDOM5, RANDOM10, SPEAKER, SPEAKER_OUT, MARKER, MARKER_OUT, SESSION, PARTS, HALVES]


def corpus(sessions=3, turns=10):
    """Two speakers a session; every turn is said once while each of them wears the markers; two classes."""
    rows = []
    for session in range(1, sessions + 1):
        for wearer in "FM":
            for speaker in "FM":
                for turn in range(turns):
                    name = f"Ses{session:02}{wearer}_impro01_{speaker}{turn:03}"
                    people = (f"Ses{session:02}{speaker}", f"Ses{session:02}{wearer}")
                    rows.append((name, ("sad", "angry")[turn % 2], *people, str(session), 1.0 + turn))
    return pd.DataFrame(rows, columns=["utterance", "class", "speaker", "wearer", "session", "duration"])


def members(table, fold, part, column="utterance"):
    """The utterances of a part of a fold, or their speakers or sessions."""
    return set(table.query("fold == @fold and part == @part")[column])
