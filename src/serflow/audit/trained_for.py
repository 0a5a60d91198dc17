"""What is trained for the items of a report: among these, an audit draws what is trained again."""

from collections.abc import Iterable, Iterator

from serflow.audit.beneath import Beneath
from serflow.audit.drawn import DrawnNumbers
from serflow.audit.findings_page import page_places
from serflow.audit.items import Document, Drawn, Item, Place, TableCell
from serflow.provenance.run_key import RunKey

__all__ = ["places_of", "trained_for"]


def trained_for(beneath: Beneath, items: Iterable[Item]) -> set[RunKey]:
    """The trainings that these items rest on, teachers too; of the PDF, all."""
    found: set[RunKey] = set()
    for item in items:
        if isinstance(item, Document):
            return set(beneath.report.trainings)
        if isinstance(item, TableCell) and item.kind == "asr" and not item.reason:
            found.update(beneath.teachers.shown(item))
        else:
            found.update(
                run for place, against in places_of(beneath, item) for run in beneath.trainings(place, against)
            )
    return found


def places_of(beneath: Beneath, item: Item) -> Iterator[tuple[Place, str | None]]:
    """The numbers of an item, and the system that each is tested against."""
    if isinstance(item, TableCell):
        if not item.reason and item.kind != "counts":
            yield item.place, item.against
    elif isinstance(item, Drawn):
        spec = beneath.report.figure(item.paper, item.figure)
        yield from ((place, None) for place in DrawnNumbers(beneath.numbers, item, spec).places())
    else:
        yield from ((place, None) for place in page_places(beneath.report.findings_spec()))
