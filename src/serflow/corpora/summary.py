"""What `serflow.corpora.describing` found, in lines for a terminal."""

from collections import Counter
from collections.abc import Iterable

from serflow.corpora.alike import alike_names
from serflow.corpora.describing import Described
from serflow.corpora.label_names import NO_CLASS, label_name
from serflow.corpora.near_files import NearFiles

NAMED = 3


def summary(found: Described) -> list[str]:
    """Lines: what there is, then what is amiss."""
    forms, seconds = found.forms.values(), found.seconds
    sessions = found.speakers_by_session()
    labels = {raw: (label_name(raw), count) for raw, count in found.counts("label").most_common()}
    by_speaker = Counter(row["speaker"] for row in found.rows).values()
    columns = (f"{ours} = {theirs!r}" if ours != theirs else ours for ours, theirs in found.columns.items())
    names = (f"{raw} {count:,}{'' if name == raw else f' ({name})'}" for raw, (name, count) in labels.items())
    sexes = _counted(found.sexes) or "not said"
    of_sessions = f"{len(sessions):,}, {_range(map(len, sessions.values()))} speakers each" if sessions else "none"
    rates, kinds = Counter(f"{form.rate} Hz" for form in forms), Counter(form.kind for form in forms)
    channels = Counter(f"{form.channels} channel{'s' * (form.channels > 1)}" for form in forms)
    lines = [
        f"{found.table}: {len(found.rows):,} utterances in {len(set(found.paths)):,} files; release {found.release}",
        f"columns: {', '.join(columns)}",
        f"labels: {', '.join(names)}",
        f"speakers: {len(by_speaker):,}, {_range(by_speaker)} utterances each; sexes: {sexes}",
        f"sessions: {of_sessions}",
        f"audio: {_counted(rates)}; {_counted(channels)}; {_counted(kinds)}",
    ]
    if seconds:
        lines.append(f"length: {sum(seconds) / 3600:.2f} hours; {min(seconds):.2f} to {max(seconds):.2f} s")
    return lines + _amiss(found)


def _amiss(found: Described) -> list[str]:
    near = NearFiles(found.release)
    missing = [
        f"{path} (there is {meant})" if (meant := near.nearest(path)) else path for path in found.missing[:NAMED]
    ]
    unreadable = [f"{path} ({reason})" for path, reason in list(found.unreadable.items())[:NAMED]]
    no_class = sum(label_name(row["label"]) in NO_CLASS for row in found.rows)
    kinds = (
        (len(found.missing), "files are not there", missing),
        (len(found.unreadable), "files cannot be read as audio", unreadable),
        (len(found.outside), "paths lead out of the release", found.outside[:NAMED]),
        (found.unusable, "rows are no CSV, or have no path, label or speaker", []),
        (no_class, "utterances have a label that is no class (other, no_agreement)", []),
    )
    lines = [
        f"amiss: {' and '.join(map(repr, names))} are {column}s alike but for zeros, case or Unicode form: one, or two?"
        for column in ("speaker", "session")
        for names in alike_names(found.counts(column))
    ]
    for count, what, named in kinds:
        if count:
            more = ", ..." if count > len(named) and named else ""
            lines.append(f"amiss: {count:,} {what}{': ' if named else ''}{', '.join(named)}{more}")
    return lines


def _range(numbers: Iterable[int]) -> str:
    counts = list(numbers)
    return f"{min(counts):,}" if min(counts) == max(counts) else f"{min(counts):,} to {max(counts):,}"


def _counted(counts: Counter[str]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in counts.most_common())
