"""A paper's view of a corpus: the utterances of one experiment, each with the paper's class."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from serflow.corpora.classes import wanted_labels
from serflow.errors import UserError

Spec = Mapping[str, Any]

STYLES = ("improvised", "scripted", "any")


def make_view(manifest: pd.DataFrame, experiment: Spec, corpus: Spec) -> pd.DataFrame:
    """Rows of `manifest` that the experiment uses, in their order, with a column `class`.

    Parameters
    ----------
    manifest : one row an utterance, with at least `label` and `style`.
    experiment : `style` (improvised, scripted, any), `classes` (class -> labels) and, where classes of which there is
        no utterance are no fault, `absent: left_out`.
    corpus : `missing_labels`, if any: a label of the papers that the corpus lacks -> the label that stands in.

    Raises
    ------
    UserError
        If the style is unknown, a label serves two classes, or a class has no utterance.
    """
    classes = view_classes(manifest, experiment, corpus)
    require_classes(classes, manifest, experiment, corpus)
    return manifest.loc[classes.index].assign(**{"class": classes}).reset_index(drop=True)


def view_classes(manifest: pd.DataFrame, experiment: Spec, corpus: Spec) -> pd.Series:
    """Class of each utterance that belongs to the view, by its index in `manifest`; see `make_view`.

    A class may have no utterance: `require_classes` says so.
    """
    style = experiment["style"]
    if style not in STYLES:
        expected = ", ".join(STYLES)
        raise UserError(f"experiment, style {style!r}: expected one of {expected}; correct the paper's YAML")
    wanted = _labels_by_class(manifest, experiment["classes"], corpus.get("missing_labels") or {})
    class_of = {label: name for name, labels in wanted.items() for label in labels}
    return _of_style(manifest, style).map(class_of).dropna().astype("str")


def _of_style(manifest: pd.DataFrame, style: str) -> pd.Series:
    """The labels of all utterances of a style."""
    return manifest["label"] if style == "any" else manifest.loc[manifest["style"] == style, "label"]


def _labels_by_class(
    manifest: pd.DataFrame, classes: Mapping[str, list[str]], stand_ins: Mapping[str, str]
) -> dict[str, list[str]]:
    """Class -> labels to look for, after the corpus's stand-ins; no label may serve two classes."""
    present = sorted(set(stand_ins) & set(manifest["label"]))
    if present:
        raise UserError(
            f"corpus, missing_labels: {', '.join(present)} is declared missing, but the manifest has it; "
            "remove it from the corpus's missing_labels"
        )
    wanted = wanted_labels(classes, stand_ins)
    owner: dict[str, str] = {}
    for name, labels in wanted.items():
        for label in labels:
            if label in owner:
                raise UserError(
                    f"experiment, classes: label {label!r} would serve both {owner[label]!r} and {name!r} "
                    f"(stand-ins of this corpus: {dict(stand_ins) or 'none'}); give each label to one class"
                )
            owner[label] = name
    return wanted


def require_classes(classes: pd.Series, manifest: pd.DataFrame, experiment: Spec, corpus: Spec) -> None:
    """Raise a `UserError` where a class has no utterance in `view_classes`, unless the experiment leaves such out."""
    if experiment.get("absent") == "left_out":
        return
    wanted = wanted_labels(experiment["classes"], corpus.get("missing_labels") or {})
    empty = [name for name in wanted if name not in set(classes)]
    if not empty:
        return
    wants = "; ".join(f"class {name!r} wants label {' or '.join(wanted[name])}" for name in empty)
    there = _of_style(manifest, experiment["style"])
    counts = ", ".join(f"{label} {n}" for label, n in there.value_counts().sort_index().items())
    raise UserError(
        f"experiment: {wants}, and no utterance has it; labels there (style {experiment['style']}): "
        f"{counts or 'none at all'}; mend the corpus's `labels` (or `own_classes`), the experiment's classes or style, "
        "or name a stand-in in the corpus's missing_labels"
    )
