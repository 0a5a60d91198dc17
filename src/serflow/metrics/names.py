"""Every metric by name: how it is printed, what it means, and which direction is better. Nothing is computed here.

Only the standard library is imported, so that tables of a report and the check of a paper's YAML start at once.
"""

from typing import NamedTuple

from serflow.errors import UserError

__all__ = [
    "CALIBRATION",
    "DEVELOPMENT",
    "GROUPS",
    "IMPROVISED",
    "OF_SYSTEMS",
    "OF_TEACHERS",
    "RECALL",
    "UNDERTRAINED",
    "UNDERTRAINED_RULE",
    "UNSEEN",
    "UNSHARED",
    "WHOLE",
    "Metric",
    "metric_of",
]

UNSHARED = "_unshared"  # ends the names of metrics of those test utterances whose words were not trained on
UNSEEN = "_unseen"  # of error rates: over those test utterances whose line is that of no training utterance
IMPROVISED = "_improvised"  # of error rates: over the improvised turns of the test part
WHOLE = "_whole"  # of those test utterances that are as long as a segment, or longer
DEVELOPMENT = "_development"  # of the validation part, at the epoch at which the test part is scored
GROUPS = ("sex", "style", "duration", "speaker")  # `ua_sex_F`: UA of the test utterances of a group
RECALL = "recall_"  # begins the name of the recall of a class
UNDERTRAINED = ("yes", "encoder")  # in scores.csv: the system's own network is, or the one that it rests on
UNDERTRAINED_RULE = (  # stated before any number was looked at; `serflow.metrics.training` applies it
    "after its last epoch, over all runs of the column's split, its UA on a fixed sample of the very utterances that "
    "it was trained on is under half way between chance (1 / classes) and 1; or it rests on the network of a system "
    "of which that is so. What such a number says is that the training was too short or failed, and nothing of the "
    "system"
)


class Metric(NamedTuple):
    """What is known of a metric without computing it.

    Attributes
    ----------
    label : its name in print.
    formula : what it means, as captions say it.
    lower_is_better : whether a lower value is the better one.
    per_cent : whether it is a share, which is printed in per cent and compared in points; else it is printed as it is.
    """

    label: str
    formula: str
    lower_is_better: bool = False
    per_cent: bool = True

    @property
    def unit(self) -> str:
        """What a difference of two values is counted in, for a line's end: "points", or nothing."""
        return "points" if self.per_cent else ""


OF_SYSTEMS = {
    "wa": Metric("WA", "weighted accuracy: correct utterances / all utterances"),
    "ua": Metric("UA", "unweighted accuracy: mean of the per-class recalls"),
    "f1_macro": Metric("F1", "mean of the per-class F1"),
    "f1_weighted": Metric("F1w", "per-class F1 weighted by class size"),
    "brier": Metric(
        "Brier",
        "mean over utterances of the sum over classes of (p − y)², y = 1 for the true class, else 0; from 0 to 2",
        lower_is_better=True,
        per_cent=False,
    ),
    "nll": Metric(
        "NLL",
        "negative log-likelihood: mean over utterances of −ln p of the true class, p taken as 1e-7 where it is less",
        lower_is_better=True,
        per_cent=False,
    ),
    "ece": Metric(
        "ECE",
        "expected calibration error: |accuracy − mean top probability| in 15 equally wide bins of the top probability, "
        "weighted by their utterances",
        lower_is_better=True,
    ),
}
CALIBRATION = ("brier", "nll", "ece")  # which take probabilities
OF_TEACHERS = {
    "per": Metric(
        "PER",
        "phone error rate: (substitutions + deletions + insertions) / phones of the reference",
        lower_is_better=True,
    ),
    "wer": Metric(
        "WER",
        "word error rate: (substitutions + deletions + insertions) / words of the reference",
        lower_is_better=True,
    ),
}


def metric_of(name: str) -> Metric:
    """What is known of a metric by the name of a table's column.

    As `ua`, `recall_sad`, `wa_development`, `per_unseen`, `ua_sex_F`.

    Raises
    ------
    UserError
        If no metric has the name.
    """
    for kind in () if name.startswith(RECALL) else GROUPS:  # before the endings: a style is improvised, too
        whole, found, value = name.partition(f"_{kind}_")
        if found:
            metric, which = metric_of(whole), value.replace("_", " ")
            return metric._replace(label=f"{metric.label}, {which}", formula=f"{metric.label} of the {kind}: {which}")
    for ending, label, formula in (
        (DEVELOPMENT, "{}, development", "{} of the validation part at the same epoch"),
        (UNSHARED, "{}, new words", "{} over the test utterances whose transcript is that of no training utterance"),
        (
            WHOLE,
            "{}, whole segment",
            "{} over the test utterances that hold a whole segment, as training ones must; where the test part chooses "
            "the epoch, these alone choose it",
        ),
        (UNSEEN, "{}, new lines", "{} over the lines that no training line equals word for word"),
        (IMPROVISED, "{}, improvised", "{} over the improvised turns"),
    ):
        if name.endswith(ending):
            whole = metric_of(name.removesuffix(ending))
            return whole._replace(label=label.format(whole.label), formula=formula.format(whole.label))
    if name.startswith(RECALL):
        return Metric(name.replace("_", " "), name.replace("_", " "))
    known = OF_SYSTEMS | OF_TEACHERS
    if name not in known:
        raise UserError(f"column {name}: no such metric; use one of {', '.join(known)} or {RECALL}<class>")
    return known[name]
