"""The epochs that a number is of, and which of them no stored network can be asked about."""

from collections.abc import Iterable
from typing import NamedTuple

from serflow.audit.findings import Step, unchecked
from serflow.provenance.run_key import RunKey

__all__ = ["EPOCHS", "Used", "epochs_step"]

EPOCHS = "epochs whose predictions no network was asked for again"
SHOWN = 6  # that are named


class Used(NamedTuple):
    """An epoch that a number takes predictions from: of which run, which training made them, and why not checked."""

    run: RunKey
    training: RunKey
    epoch: int
    reason: str  # "no weights", "not loaded"; empty where the predictions were made anew

    @property
    def said(self) -> str:
        """The epoch in words."""
        return f"epoch {self.epoch} of fold {self.run.fold}, seed {self.run.seed}"


def epochs_step(used: Iterable[Used]) -> list[Step]:
    """Which epochs a number is of, as far as their predictions were made anew; and those where they were not."""
    steps, all_used = [], sorted(set(used))
    for reason in sorted({one.reason for one in all_used}):
        mine = [one for one in all_used if one.reason == reason]
        named = "; ".join(one.said for one in mine[:SHOWN]) + (f"; {len(mine) - SHOWN} more" * (len(mine) > SHOWN))
        if reason:
            links = [f"{one.training.folder}, epoch {one.epoch}" for one in mine]
            steps.append(unchecked("epochs", f"{named}: {reason}", EPOCHS, links))
        else:
            steps.append(Step("epochs", True, f"{named}: predicted or trained anew"))
    return steps
