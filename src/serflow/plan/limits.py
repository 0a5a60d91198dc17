"""What a reader of a table must know of its numbers: folds that were not run, utterances that no training uses."""

from typing import Any

from serflow.plan.runs import Plan
from serflow.plan.unavailable import protocols_file, read_made
from serflow.reporting.wording import listing
from serflow.split_kinds import folds_a_session

__all__ = ["limits", "pieces"]


def pieces(plan: Plan, paper: str) -> dict[str, list[float]]:
    """Experiment -> lengths (s) of the pieces that its systems are trained on; a shorter utterance has none."""
    found: dict[str, set[float]] = {}
    for item in plan.wanted:
        if item.paper == paper:
            segments = plan.systems[paper].spec(item.system, item.experiment)["parameters"].get("segments")
            found.setdefault(item.experiment, set()).update([segments["seconds"]] if segments else [])
    return {experiment: sorted(seconds) for experiment, seconds in sorted(found.items()) if seconds}


def limits(plan: Plan, paper: str, experiment: str | None, protocols: list[dict[str, str]]) -> list[str]:
    """Sentences on the numbers of an experiment (as this corpus makes it; None: there are none) under these protocols.

    How many utterances are too short is known once rule `protocols` has counted them.
    """
    if experiment is None:
        return []
    said, fewer = [], {}
    for protocol in {column["split"]: column for column in protocols}.values():
        split = plan.workflow.splits[protocol["split"]]
        alone = folds_a_session(split) or split["kind"] in ("speaker", "marker", "given")
        run, every = len(plan.folds_of(paper, protocol["split"])), split["folds"]
        if shared := _told(plan, paper, "shared").get(f"{experiment}/{protocol['split']}"):
            said.append(
                f"Under {protocol['label']}, by the corpus's own division, up to {max(shared.values())} test speakers "
                "of a fold train or validate too."
            )
        if alone and run < every and plan.no_folds(paper, experiment, protocol["split"]) is None:
            who = "utterances" if split["kind"] == "given" else "speakers"
            fewer.setdefault(f"{_folds(run, every)}, so that not all {who} are tested", []).append(protocol["label"])
    said += [
        f"Under {listing(labels)}, {what}; `folds: all` in config.yaml runs all." for what, labels in fewer.items()
    ]
    return said + [
        f"{short:,} of {every:,} utterances are shorter than a piece of {seconds} s: systems that are trained on such "
        "pieces learn nothing from them."
        for seconds, (short, every) in _told(plan, paper, "short").get(experiment, {}).items()
    ]


def _folds(run: int, every: int) -> str:
    return f"only the first of {every} folds is run" if run == 1 else f"the first {run} of {every} folds are run"


def _told(plan: Plan, paper: str, key: str) -> dict[str, Any]:
    """What rule `protocols` found.

    "short": view -> length of a piece (s) -> utterances that are shorter, and all. "shared": view/split -> fold -> test
    speakers who train or validate too.
    """
    return read_made(protocols_file(plan.workflow.config["corpus"], paper)).get(key, {})
