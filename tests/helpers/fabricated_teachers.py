"""Fabricated error rates of two teachers of speech recognition, in the workflow's formats."""

import itertools
from pathlib import Path

import pandas as pd

TEACHERS = {"tcn_self": "Teacher: TCN, self-attention", "tcn_self_shuffled": "Its transcripts shuffled"}
RATES = {  # of the first; of the second twice as much
    "per": 0.41, "wer": 0.52, "per_unseen": 0.45, "wer_unseen": 0.61, "per_improvised": 0.44, "wer_improvised": 0.58,
}  # fmt: skip
UTTERANCES = {"unseen": 1200, "improvised": 600}


SCORES = (
    "system select metric pooled mean sd sd_seeds folds seeds utterances speakers sessions low_speakers high_speakers "
    "low_sessions high_sessions low_utterances high_utterances"
)
PAIRS = (
    "select metric system against difference low high p p_interval p_sessions low_sessions high_sessions p_utterances "
    "seeds sd_seeds by_seed utterances speakers sessions z p_z"
)


def write_recognition(folder: Path) -> None:
    """Scores of two teachers, whose rates may exceed 1, and their curves."""
    folder.mkdir()
    rows = []
    for factor, teacher in enumerate(TEACHERS, start=1):
        for metric, rate in RATES.items():
            value = factor * rate
            interval = [bound for width in (0.03, 0.04, 0.02) for bound in (value - width, value + width)]
            number = UTTERANCES.get(metric.split("_")[-1], 1400)
            rows.append([teacher, "last", metric, value, value, 0.02, None, 5, 1, number, 5, 5, *interval])
    pd.DataFrame(rows, columns=SCORES.split()).to_csv(folder / "scores.csv", index=False)
    pairs = [  # of five speakers, and one seed
        ["last", metric, *TEACHERS, -rate, -rate - 0.04, -rate + 0.04, 0.0625, 0.02, 0.0625, None, None, 0.001]
        + [1, None, f"{-rate:.6f}", UTTERANCES.get(metric.split("_")[-1], 1400), 5, 5, None, None]
        for metric, rate in RATES.items()
    ]
    pd.DataFrame(pairs, columns=PAIRS.split()).to_csv(folder / "pairs.csv", index=False)
    write_curves(folder / "curves.csv")


def write_curves(path: Path, *, unseen: int = 80) -> None:
    """Five epochs, two folds and seeds; of 100 phones (50 words) a fold and seed, `unseen` (half) in new lines.

    Of these phones the first teacher gets 90, 80, ... 50 per cent wrong in fold 1 and 10 more in fold 2, the other one
    of every epoch 100 and, in the first, 200; of the words 10 more. All lines together are easier by 5.
    """
    rows = []
    for teacher, fold, seed, epoch in itertools.product(TEACHERS, (1, 2), (1, 2), range(1, 6)):
        rate = 90 - 10 * epoch + 10 * fold if teacher == "tcn_self" else 200 if epoch == 1 else 100
        for part, (lines, easier) in itertools.product(
            ("validation", "test"), (("all", 5), ("unseen", 0), ("improvised", 2))
        ):
            for unit, more, size in (("phone", 0, 100), ("word", 10, 50)):
                number = size * (unseen if lines == "unseen" else 100) // 100
                errors = number * (rate + more - easier - (part == "validation")) / 100
                shares = [round(errors * share, 4) for share in (0.5, 0.3, 0.2)]
                rows.append([teacher, fold, seed, epoch, part, lines, unit, *shares, number])
    columns = "teacher fold seed epoch part lines unit substitutions deletions insertions reference"
    pd.DataFrame(rows, columns=columns.split()).to_csv(path, index=False)


def recognition_spec(world: Path) -> dict:
    """Two teachers and what the paper reports of a third."""
    protocol = {"name": "as_published", "label": "as published", "split": "session_parts", "select": "last"}
    rows = [
        {"id": teacher, "name": name, "system": teacher, "scores": {"as_published": str(world / "asr")},
         "missing": {}, "note": None, "experiment": "improvised", "reported": None}
        for teacher, name in TEACHERS.items()
    ]  # fmt: skip
    rows[0]["reported"] = {"wer_improvised": 47.7}
    rows.append({"id": "other", "name": "Another recogniser", "system": None, "reported": {"wer": 12.5}})
    return {
        "id": "zhao2021/table_asr",
        "kind": "asr",
        "title": "What the teachers recognise",
        "source": "Section 4.4",
        "columns": list(RATES),
        "protocols": [protocol],
        "comparable": False,
        "published_on": "IEMOCAP",
        "beam": 4,
        "rows": rows,
    }
