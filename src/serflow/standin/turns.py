"""One turn of a stand-in release."""

from dataclasses import dataclass

from serflow.standin.dialogs import Dialog


@dataclass(frozen=True)
class Turn:
    """One labelled turn; `sex` is the speaker's, `rank` counts that speaker's turns in the dialog from 0."""

    dialog: Dialog
    sex: str
    rank: int
    label: str

    @property
    def name(self) -> str:
        """Name on disk, such as `Ses03M_impro05a_F000`."""
        return f"{self.dialog.name}_{self.sex}{self.rank:03d}"

    @property
    def crossed(self) -> bool:
        """Whether somebody else than the wearer of the markers speaks."""
        return self.sex != self.dialog.wearer
