"""Classes of a paper on a corpus: which of its labels make them, what they are called, and why there are none."""

from collections.abc import Mapping
from typing import Any

__all__ = ["class_names", "unmade", "wanted_labels"]

Classes = Mapping[str, list[str]]  # class -> labels of the papers, or of the corpus


def wanted_labels(classes: Classes, stand_ins: Mapping[str, str]) -> dict[str, list[str]]:
    """Class -> labels to look for in the corpus, after its stand-ins, sorted."""
    return {name: sorted({stand_ins.get(label, label) for label in labels}) for name, labels in classes.items()}


def class_names(classes: Classes, stand_ins: Mapping[str, str]) -> dict[str, str]:
    """Class -> what it is in the corpus: the label that stands in, where it is all that the class is made of.

    Where two classes would be called alike, both keep their own names.
    """
    wanted = wanted_labels(classes, stand_ins)
    names = {}
    for name, labels in classes.items():
        other = len(wanted[name]) == 1 and any(label in stand_ins for label in labels) and name not in wanted[name]
        names[name] = wanted[name][0] if other else name
    return {name: own if list(names.values()).count(own) == 1 else name for name, own in names.items()}


def unmade(classes: Classes, corpus: Mapping[str, Any]) -> str | None:
    """Why a corpus cannot give these classes, by its `labels` and `missing_labels`; None where it can."""
    there = list(dict.fromkeys(corpus["labels"].values()))
    wanted = wanted_labels(classes, corpus["missing_labels"])
    if none := [name for name, labels in wanted.items() if not set(labels) & set(there)]:
        asked = ", ".join(
            name if classes[name] == [name] else f"{name} ({' or '.join(classes[name])})" for name in none
        )
        return f"has no label for {'class' if len(none) == 1 else 'classes'} {asked}; its labels are {', '.join(there)}"
    owner: dict[str, str] = {}
    for name, labels in wanted.items():
        for label in labels:
            if owner.setdefault(label, name) != name:
                return f"has one label, {label}, for both classes {owner[label]} and {name}"
    return None
