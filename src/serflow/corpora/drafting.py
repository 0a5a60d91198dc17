"""The YAML of a corpus, drafted from what its table and audio hold: every choice with what it rests on."""

import json
import re
import textwrap
from collections import Counter
from collections.abc import Mapping
from typing import Any

import yaml

from serflow.corpora.describing import Described
from serflow.corpora.label_names import NO_CLASS, label_name
from serflow.corpora.manifest import STYLES
from serflow.corpora.own_folds import APART

WIDTH = 118
PLAIN = re.compile(r"[A-Za-z_][\w-]*")
FOUR = ({"angry"}, {"happy", "excited"}, {"sad"}, {"neutral"})  # each paper's classes, whatever it calls them
PAIRS = 5  # of IEMOCAP, and of any corpus with speakers enough
SMALL = 2000  # utterances
IEMOCAP = 5531  # utterances of its four classes


def draft(found: Described, *, title: str, budget: Mapping[str, Any]) -> str:
    """The text of the corpus's YAML file.

    What the table does not say, and what else a user may want otherwise, is marked "yours". `budget`: that of EmoDB,
    for a corpus that is small too.
    """
    labels = {raw: label_name(raw) for raw, _ in found.counts("label").most_common()}
    parts = [
        _comment(
            f"Drafted by `serflow new-corpus` from {found.table.name}: {_number(len(found.rows), 'utterance')}. What "
            'is marked "yours" is for you to decide; docs/own_corpus.md has what each key does.'
        ),
        _key("title", title, "yours: name as printed"),
        _key("stands_in_for", None),
        _key("reader", "table"),
        *_table(found),
        _key("version", "unversioned", "yours"),
        _key("licence", "not stated", "yours"),
        _key("show_text", False, "yours: whether reports may show transcripts, and rows and names of single files"),
        _key("speech", "real"),
        _transcripts(found),
        _key("wearers", False, "of IEMOCAP: motion-capture markers"),
        *_audio(found),
        *_labels(found, labels),
        *_classes(labels, found.counts("label")),
        *_styles(found),
        *_speakers(found),
        *_division(found),
        *_budget(found, labels, budget),
        _key("generate", None),
        _key("reference_counts", None, "or counts to hold the table against; see emodb.yaml"),
    ]
    return "\n".join(parts) + "\n"


def _table(found: Described) -> list[str]:
    suffixes = sorted({suffix for path in found.paths if (suffix := path[path.rfind(".") :]).startswith(".")})
    patterns = [f"*{suffix}" for suffix in suffixes if "/" not in suffix] or ["*"]
    table = found.table_key
    inside = not table.startswith("/")
    where = "relative to the release" if inside else "outside the release; watched for changes all the same"
    parts = [_key("table", table, where)]
    called = {column: name for column, name in found.columns.items() if column != name}
    if called:
        parts += [_comment("our column -> what the table calls it"), _key("columns", called)]
    if found.unread:
        parts.append(_comment(f"not read: {', '.join(map(repr, found.unread))}"))
    escaped = re.sub(r"([*?[])", r"[\1]", table)
    parts += [
        _comment("which files are watched for changes: the table and all its audio (* also matches /)"),
        _key("reads", [escaped, *patterns] if inside else patterns),
    ]
    return parts


def _transcripts(found: Described) -> str:
    lines = sum(found.counts("text").values())
    there = f"the column `text` is filled in {lines} of {len(found.rows)} rows" if lines else "no column `text`"
    return _key("transcripts", lines == len(found.rows), f"{there}; without, systems that read text are left out")


def _audio(found: Described) -> list[str]:
    forms = found.forms.values()
    said = [
        _counted(Counter(f"{form.rate} Hz" for form in forms)),
        _counted(Counter(_number(form.channels, "channel") for form in forms)),
        _counted(Counter(form.kind for form in forms)),
    ]
    comment = (
        f"{_number(len(found.forms), 'file')}: {'; '.join(said)}. All are converted to one channel at 16 kHz when they "
        "are read, by soxr; nothing is done to a file that has this form. channels: mean, or first, of those that have "
        "several; null: refuse files of another form"
    )
    return [_comment(comment), _key("convert", {"channels": "mean"})]


def _labels(found: Described, labels: Mapping[str, str]) -> list[str]:
    counts = found.counts("label")
    parts = [
        _comment(
            "yours: label as the table writes it -> the papers' word (angry, happy, excited, sad, neutral, frustrated, "
            "fearful, surprised, disgusted, other, no_agreement), or a word of your own"
        ),
        "labels:",
    ]
    return parts + [f"  {_scalar(raw)}: {_scalar(name)}  # {counts[raw]}" for raw, name in labels.items()]


def stand_ins(labels: Mapping[str, str]) -> dict[str, str]:
    """Labels that papers want and a corpus lacks -> which of its own stands in: happy and excited for each other."""
    there = set(labels.values())
    pairs = (("excited", "happy"), ("happy", "excited"))
    return {label: other for label, other in pairs if label not in there and other in there}


def own_classes(labels: Mapping[str, str]) -> dict[str, list[str]] | None:
    """A class a label, where the classes are not the papers' four; None where they are."""
    names = [name for name in dict.fromkeys(labels.values()) if name not in NO_CLASS]
    of_papers = all(names_of_class & set(names) for names_of_class in FOUR) and set(names) <= set().union(*FOUR)
    return None if of_papers or len(names) < 2 else {name: [name] for name in names}


def _classes(labels: Mapping[str, str], counts: Counter[str]) -> list[str]:
    own = own_classes(labels)
    lacking = [" or ".join(sorted(wanted)) for wanted in FOUR if not wanted & set(labels.values())]
    why = f"Of the papers' four classes, {'; '.join(lacking)} cannot be had here. " if lacking else ""
    parts = [
        _comment("labels that a paper wants and the table lacks -> which of its own stands in"),
        _key("missing_labels", stand_ins(labels)),
        _comment(
            f"{why}yours: class -> labels. Every paper's main systems are trained on these classes too, for a table of "
            "its own; null: on the papers' classes alone. Leave out a class that too few people have"
        ),
    ]
    if own is None:
        return [*parts, _key("own_classes", None)]
    sizes = Counter({name: sum(counts[raw] for raw in labels if labels[raw] == name) for name in own})
    lines = [f"  {_scalar(name)}: {_flow(members)}  # {sizes[name]}" for name, members in own.items()]
    return [*parts, "own_classes:", *lines]


def _styles(found: Described) -> list[str]:
    counts = found.counts("style")
    styles = [style for style in STYLES if style and counts[style]]
    missing = {style: "any" if style == "improvised" else "none" for style in ("improvised", "scripted")}
    missing = {style: fate for style, fate in missing.items() if style not in styles}
    return [
        _key("styles", styles, "improvised, scripted, where the column `style` says so"),
        _key("missing_styles", missing, "of the styles that are not there: any = all utterances stand in"),
    ]


def pairs(found: Described) -> int | None:
    """Pairs of groups of speakers that splits by speaker or session put this corpus into; None: too few speakers.

    As many as sessions where each is of two speakers, `PAIRS` at most.
    """
    speakers = len(found.counts("speaker"))
    return None if speakers < 4 else min(PAIRS, speakers // 2)


def _sessions_of_two(found: Described) -> bool:
    """Whether every utterance is in a session, each of two speakers whom no other session has."""
    sessions = found.speakers_by_session().values()
    everyone = [speaker for session in sessions for speaker in session]
    complete = all(row["session"] for row in found.rows)
    return complete and all(len(session) == 2 for session in sessions) and len(set(everyone)) == len(everyone)


def _speakers(found: Described) -> list[str]:
    sexes = _counted(found.sexes) or "the table does not say of which sex"
    sessions = found.speakers_by_session()
    said = f"{_number(len(found.counts('speaker')), 'speaker')} ({sexes}), "
    said += f"{_number(len(sessions), 'session')}" if sessions else "no sessions"
    number = pairs(found)
    if number is None:
        return [
            _comment(f"{said}. Too few for *strict*: one tests, one validates, and two train; its cells stay empty")
        ]
    if _sessions_of_two(found) and len(sessions) == number:
        return [
            _comment(f"{said} of two: each is a pair, one speaker tests, the other validates"),
            _key("pairs", number),
        ]
    comment = (
        f"{said}. Splits by speaker or session (*strict*) put the speakers into so many pairs of groups, balanced by "
        "sex and classes: a group tests, its mate validates, the others train. yours: 2 to half the speakers"
    )
    return [_comment(comment), _key("pairs", number)]


def _division(found: Described) -> list[str]:
    """The table's own folds, with what each value is taken for."""
    if found.division is None:
        return []
    own, counts = found.division, Counter[str]()
    for row in found.rows:
        counts.update(row[own["by"] if own["by"] == "fold" else "part"].split(APART))
    called = {name: found.columns[name] for name in ("fold", "part") if name in found.columns}
    of = {"part": "one fold", "fold": "a fold each", "both": "a row an utterance and fold"}[own["by"]]
    listed = _counted(counts) if own["by"] != "fold" else f"{_number(len(counts), 'value')}"
    validation = {
        "given": "given: the table has it",
        "next_fold": "next_fold: what the next fold tests (or speakers: training speakers, drawn)",
        "speakers": "speakers: the table has none, so training speakers are drawn until they have a tenth of its part",
    }[own["validation"]]
    comment = (
        f"The table divides itself, by {' and '.join(map(repr, called.values()))} ({listed}): {of}, for the protocol "
        "`official` (config.yaml's `protocols`). Validation is "
        f"{validation}. yours: what each value of the column `part` means (train, validation, test, or unused: left "
        "out of this protocol), and perhaps `name: ...`, which stands over its column"
    )
    return [_comment(comment), _key("division", own)]


def _budget(found: Described, labels: Mapping[str, str], budget: Mapping[str, Any]) -> list[str]:
    counts = found.counts("label")
    used = sum(count for raw, count in counts.items() if labels[raw] not in NO_CLASS)
    if used >= SMALL:
        return [_key("budget", None, "as long as the papers train; emodb.yaml has one for a small corpus")]
    comment = (
        f"{used:,} utterances are few beside IEMOCAP's {IEMOCAP:,}, so that a paper's epochs make few optimiser steps. "
        f"So a budget, that of emodb.yaml: {budget['steps']:,} steps for a whole training, and its schedule of the "
        "learning rate. null: the papers' epochs and schedules"
    )
    return [_comment(comment), _key("budget", dict(budget))]


def _comment(text: str) -> str:
    return textwrap.fill(text, WIDTH, initial_indent="# ", subsequent_indent="# ", break_on_hyphens=False)


def _key(name: str, value: Any, note: str = "") -> str:
    line = f"{name}: {_flow(value)}"
    if not note:
        return line
    beside = f"{line} # {note}"
    return beside if len(beside) <= WIDTH + 2 else f"{_comment(note)}\n{line}"


def _flow(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_scalar(key)}: {_flow(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_flow, value)) + "]"
    return _scalar(value)


def _scalar(value: Any) -> str:
    """A value as YAML reads it back; text that could be anything else stands in quotes."""
    if isinstance(value, str) and not (PLAIN.fullmatch(value) and yaml.safe_load(value) == value):
        return json.dumps(value, ensure_ascii=False)
    return value if isinstance(value, str) else json.dumps(value)


def _number(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def _counted(counts: Counter[str]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in counts.most_common())
