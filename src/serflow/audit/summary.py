"""What an audit prints at its end: how many of what agree, and what was not checked, with what would check it."""

from collections import Counter
from collections.abc import Iterable

from serflow.audit.cross import PREDICTED
from serflow.audit.data import EXTRACTED
from serflow.audit.figure_files import SOURCES
from serflow.audit.findings import Link, Node
from serflow.audit.given import GIVEN
from serflow.audit.items import Document, Drawn, Item, TableCell
from serflow.audit.maps import MAPS
from serflow.audit.retrained import TRAININGS
from serflow.audit.used_epochs import EPOCHS
from serflow.audit.weights import TRAINING_SAMPLES
from serflow.reporting.wording import count

__all__ = ["all_unchecked", "last_line", "unchecked_lines"]

CLOSED_BY = {  # what checks the links of a kind; of the others, nothing here does
    EPOCHS: "--retrain all; --weights all, where weights are there",
    TRAININGS: "--retrain all",
    TRAINING_SAMPLES: "--weights all",
    EXTRACTED: "--features all",
    MAPS: "--features all",
    PREDICTED: "--weights all",
    SOURCES: "",
    GIVEN: "",
}


def all_unchecked(nodes: Iterable[Node]) -> dict[Link, str]:
    """Every link that was not checked, once, and what is said of it."""
    found: dict[Link, str] = {}
    for node in nodes:
        found |= node.unchecked
    return found


def unchecked_lines(links: Iterable[Link]) -> list[str]:
    """The links by their kinds, a line each: how many, and which option would check them."""
    kinds = Counter(link.kind for link in links)
    lines = []
    for kind in sorted(kinds, key=list(CLOSED_BY).index):
        how = f" ({CLOSED_BY[kind]})" if CLOSED_BY[kind] else ""
        lines.append(f"not checked: {kind}: {kinds[kind]:,}{how}")
    return lines


def last_line(items: list[Item], nodes: list[Node], links: int) -> str:
    """How many of what agree; that all does only where every link was checked."""
    comparisons, wrong = (sum(getattr(node, name) for node in nodes) for name in ("comparisons", "mismatches"))
    cells = [item for item in items if isinstance(item, TableCell)]
    kinds = {
        "the PDF": any(isinstance(item, Document) for item in items),
        "the page of findings": any(item.item == "findings" for item in items),
    }
    said = [name for name, there in kinds.items() if there]
    figures = sum(isinstance(item, Drawn) for item in items)
    said += [count(figures, "figure")] if figures else []
    said += (
        [count(len(cells), "cell"), f"{sum(cell.reason is None for cell in cells)} of them reproduced"] if cells else []
    )
    said.append(count(comparisons, "comparison"))
    agreed = f"{wrong} MISMATCH" if wrong else "all agrees" if comparisons else "nothing compared"
    if links:
        agreed = f"{agreed if wrong or not comparisons else 'no MISMATCH'}, {count(links, 'link')} not checked"
    return f"{', '.join(said)}: {agreed}"
