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
    return manifest.loc[classes.index].assign(**{"class": classes}).reset_index(drop=True)


def view_classes(manifest: pd.DataFrame, experiment: Spec, corpus: Spec) -> pd.Series:
    """Class of each utterance that belongs to the view, by its index in `manifest`; see `make_view`."""
    style = experiment["style"]
    if style not in STYLES:
        expected = ", ".join(STYLES)
        raise UserError(f"experiment, style {style!r}: expected one of {expected}; correct the paper's YAML")
    wanted = _labels_by_class(manifest, experiment["classes"], corpus.get("missing_labels") or {})
    class_of = {label: name for name, labels in wanted.items() for label in labels}
    kept = pd.Series(True, index=manifest.index)
    if style != "any":
        kept &= manifest["style"] == style
    classes = manifest.loc[kept, "label"].map(class_of).dropna().astype("str")
    if experiment.get("absent") != "left_out":
        _refuse_empty_classes(manifest.loc[kept, "label"], classes, wanted, experiment)
    return classes


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


def _refuse_empty_classes(
    there: pd.Series, classes: pd.Series, wanted: Mapping[str, list[str]], experiment: Spec
) -> None:
    empty = [name for name in wanted if name not in set(classes)]
    if not empty:
        return
    wants = "; ".join(f"class {name!r} wants label {' or '.join(wanted[name])}" for name in empty)
    counts = ", ".join(f"{label} {n}" for label, n in there.value_counts().sort_index().items())
    raise UserError(
        f"experiment: {wants}, and no utterance has it; labels there (style {experiment['style']}): "
        f"{counts or 'none at all'}; mend the corpus's `labels` (or `own_classes`), the experiment's classes or style, "
        "or name a stand-in in the corpus's missing_labels"
    )
