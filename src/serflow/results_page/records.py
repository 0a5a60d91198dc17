"""What the records of a chapter's trainings say: hours, steps, versions; and what was asked of its preset."""

from typing import Any

from serflow.files import canonical_json
from serflow.reporting.wording import count, listing, sentence
from serflow.results_page.cells import protocols_of, systems_of
from serflow.results_page.chapters import Chapter
from serflow.results_page.systems import span

__all__ = ["budget_text", "configured_text", "versions_text"]


def configured_text(chapter: Chapter) -> str:
    """What the preset is, and where the tables' own folds and seeds are fewer than it states."""
    texts = [sentence(f"preset {chapter.preset}: {chapter.text}")]
    systems = systems_of(chapter.of_kind("scores"))
    lines = [line for cells in systems.values() for line in cells.values()]
    fewer = []
    if lines and (seeds := max(int(line["seeds"]) for line in lines)) != chapter.planned.seeds:
        fewer.append(f"{count(seeds, 'seed')}, where the preset has {chapter.planned.seeds}")
    for item in protocols_of(systems):
        folds = max(int(line["folds"]) for line in lines if line["split"] == item["split"])
        if folds != (planned := chapter.planned.folds[item["split"]]):
            fewer.append(f"{count(folds, 'fold')} {item['label']}, where the preset has {planned}")
    if fewer:
        texts.append(sentence(f"here: {listing(fewer)}"))
    return " ".join([*texts, *(f"{note[0].upper()}{note[1:]}" for note in chapter.notes)]) + "\n"


def budget_text(chapter: Chapter) -> str:
    """Trainings, hours, optimiser steps, and the training utterances that were used."""
    records = chapter.records
    hours = sum(record["seconds"] for record in records) / 3600
    text = f"{count(len(records), 'training')}, {hours:.1f} hours."
    if steps := [record["training"]["steps"] for record in records if record.get("training")]:
        text += f" Networks: {span(steps, ',')} optimiser steps a training."
    # Learners of whole utterances cut no segments and use every one: they would only blur the range.
    counts = [record["counts"] for record in records if "train_utterances_used" in record["counts"]]
    shares = [100 * one["train_utterances_used"] / one["train_utterances"] for one in counts]
    shares = [share for share in shares if share < 100]
    if shares:
        text += (
            f" Recordings shorter than a segment give no training segment: {span(shares, '.1f')} % of the training "
            f"utterances were used in {len(shares)} of the trainings, all in the others."
        )
    return text + "\n"


def versions_text(records: list[dict[str, Any]], source: str) -> str:
    """Which code and libraries made the trainings, and on which kind of device; `source` is the checkout's version."""
    found: dict[str, set[str]] = {}
    for name, version in (item for record in records for item in record["versions"].items()):
        found.setdefault(name, set()).add(version)
    versions = ", ".join(f"{name} {' or '.join(sorted(found[name]))}" for name in sorted(found))
    devices = listing(sorted({record["device"] for record in records}))
    adopted = sum("adopted" in record for record in records)
    repeated = {canonical_json(one["repeated"]) for record in records for one in record.get("adopted", [])}
    code = (
        f"All trainings count as made by the training code of the source that wrote this page, serflow {source}: its "
        "digest in their records was compared."
    )
    if adopted:
        code += (
            f" Of them {adopted:,} were made by earlier code: the present code trained {count(len(repeated), 'run')}, "
            "one of each system, anew, with the same bytes (`serflow adopt`)."
        )
    return f"{code} Device: {devices}. Libraries: {versions}.\n"
