"""Columns of a corpus's table: the names that serflow gives them, and what others call them."""

from collections.abc import Mapping, Sequence

REQUIRED = ("path", "label", "speaker")
OPTIONAL = ("utterance", "session", "dialog", "group", "style", "sex", "text", "start", "end", "fold", "part")
COLUMNS = (*REQUIRED, *OPTIONAL)

# what tables of others call them, letters and digits alone
ALIASES = {
    "path": ("file", "filename", "filepath", "wav", "wavpath", "audio", "audiopath", "audiofile", "recording"),
    "label": ("emotion", "emo", "class", "category", "emotionlabel"),
    "speaker": ("speakerid", "spk", "spkid", "actor", "actorid", "subject", "subjectid", "participant"),
    "utterance": ("utteranceid", "uttid"),
    "session": ("sessionid",),
    "dialog": ("dialogue", "dialogid", "conversation"),
    "sex": ("gender", "speakersex", "speakergender"),
    "text": ("transcript", "transcription"),
    "start": ("starttime", "begin", "onset"),
    "end": ("endtime", "stop"),
    "fold": ("cvfold", "foldid", "foldnumber"),
    "part": ("split", "partition", "subset", "splitset", "splittype", "datasplit", "set"),
}


def guess(names: Sequence[str], given: Mapping[str, str]) -> dict[str, str]:
    """What a table with the columns `names` calls ours: the very name, the same in another case, or an alias.

    `given`: of ours, what the user says they are called. Each column serves once; ours that are not found are left out.
    """
    found = dict(given)
    for fits in (_same, _caseless, _alias):
        for column in COLUMNS:
            name = next((one for one in names if one not in found.values() and fits(column, one)), None)
            if column not in found and name is not None:
                found[column] = name
    return {column: found[column] for column in COLUMNS if column in found}


def _same(column: str, name: str) -> bool:
    return name == column


def _caseless(column: str, name: str) -> bool:
    return name.casefold() == column


def _alias(column: str, name: str) -> bool:
    return "".join(filter(str.isalnum, name.casefold())) in ALIASES.get(column, ())
