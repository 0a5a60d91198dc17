"""What it costs a student of zhao2021 to learn a teacher's attention, at the widths of the paper preset. Ours is what
serflow does: rule `teacher_maps` makes the maps of eq. 10 of all utterances once a teacher and writes them as a store,
which the student reads. The reference loads the teacher's frozen weights when the student's job starts, and makes the
maps of its training part, which of soft attention takes the transcripts' units through the decoder. The seconds of a
student job are those until every training utterance's map was read once an epoch, in all epochs of the preset; each
side in a process of its own, imports aside, one thread, on the CPU. Both must give the same maps within 1e-4 of the
largest value (else the benchmark fails). On disk: the store against the folder of the weights. The store grows with the
corpus, by one value a frame, and the weights do not; they are there either way, as what the teacher's job gave.
The choice was files: made once a teacher, read by every seed and every protocol of its students, whose jobs then need
nothing else of the teacher: neither its code nor the transcripts nor their pronunciations. The corpus is noise of
lengths like IEMOCAP's with random words, and the teachers are untrained: times depend on neither.
"""

from pathlib import Path
from typing import Any

from bench.attending import apart, command, from_files, from_weights, megabytes, write_teacher, write_words
from bench.measure import Row, in_turn
from bench.processes import Side, seconds
from bench.project import paper_plan
from bench.runner import Bench
from bench.training import spec_of, write_corpus
from serflow.features.store import Store
from serflow.plan.teachers import required_maps

PAPER, EXPERIMENT = "zhao2021", "improvised"
STUDENTS = {"self-attention": "tcn_self_at", "soft attention": "tcn_soft_at"}


def run(bench: Bench) -> list[Row]:
    """A student job, the making of the maps, and the disk, for both kinds of attention."""
    students = {kind: spec_of(name, paper=PAPER, experiment=EXPERIMENT) for kind, name in STUDENTS.items()}
    first, size = next(iter(students.values())), bench.size(200, quick=20)
    given = first | {"feature_spec": first["teacher"]["feature_spec"]}
    corpus = write_corpus(bench.folder / "maps", utterances=size, given=given)
    write_words(corpus)
    return [row for kind, student in students.items() for row in _rows(bench, corpus, kind, student)]


def _rows(bench: Bench, corpus: Path, kind: str, student: dict[str, Any]) -> list[Row]:
    transfer, epochs = student["parameters"]["transfer"], student["parameters"]["train"]["epochs"]
    teacher = write_teacher(corpus / transfer["teacher"], corpus, student["teacher"])
    maps, p, count = teacher / "maps", transfer["p"], bench.repetitions(3)
    made = [seconds(*command(corpus, teacher, maps, p=p)) for _ in range(bench.repetitions(1))]
    with (
        Side(from_files, corpus=corpus, maps=maps, epochs=epochs) as ours,
        Side(from_weights, corpus=corpus, teacher=teacher, p=p, epochs=epochs) as reference,
    ):
        largest = apart(read := ours(), reference())
        job = in_turn(lambda: ours()["seconds"], lambda: reference()["seconds"], repetitions=count)
    note = f"{len(read['maps'])} training utterances, {epochs} epochs; the maps differ by {largest:.1g} at most"
    return [
        Row(f"a student job, {kind}", "s", *job, note=note),
        Row(f"made once a teacher, {kind}", "s", made, note=_made(Store.open(maps), transfer["teacher"])),
        Row(f"on disk, {kind}", "MB", [megabytes(maps)], [megabytes(teacher / "model")]),
    ]


def _made(store: Store, teacher: str) -> str:
    """What was made, and how many trainings of students of the preset read how many such stores."""
    plan = paper_plan(PAPER)
    transfers = [plan.spec(run)["parameters"].get("transfer") for run in plan.trainings]
    students = sum(transfer is not None and transfer["teacher"] == teacher for transfer in transfers)
    stores = sum(run.system == teacher for run, _, _ in required_maps(plan))
    minutes = sum(len(store.frames(name)) for name in store.digests) * store.hop_seconds / 60
    shown = f"the whole command, on {len(store)} utterances, {minutes:.2g} minutes"
    return f"{shown}; under the paper preset {students} trainings of students read {stores} such stores"
