"""Draw a figure by its kind and write it: SVG, PDF, the numbers as CSV, the caption as text.

The kind is the name of a module in `serflow.reporting.figures` with two functions, `draw` and `caption`.
"""

from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")

from matplotlib import pyplot as plt  # noqa: E402
from matplotlib.figure import Figure  # noqa: E402

from serflow.files import atomic_path, digest  # noqa: E402
from serflow.registry import FIGURES  # noqa: E402
from serflow.reporting.style import STYLE  # noqa: E402


def make_figure(spec: dict[str, Any], *, svg: str, pdf: str, csv: str, caption: str) -> None:
    """Draw the figure of `spec` and write it to the four paths; equal input gives equal bytes."""
    module = FIGURES.load_module(spec["kind"])
    with matplotlib.rc_context(STYLE | {"svg.hashsalt": digest(spec["id"])}):
        figure, data = module.draw(spec)
        _settle(figure)
        save(figure, svg, title=spec["id"])
        save(figure, pdf, title=spec["id"])
        plt.close(figure)
    with atomic_path(csv) as temporary:
        data.to_csv(temporary, index=False, lineterminator="\n", float_format="%.6g")
    with atomic_path(caption) as temporary:
        Path(temporary).write_text(module.caption(spec, data) + "\n", encoding="utf-8")


def _settle(figure: Figure) -> None:
    """Fix the axes where the layout put them, rounded: its solver may differ in the last bits from call to call."""
    figure.draw_without_rendering()
    figure.set_layout_engine("none")
    for axes in figure.axes:
        axes.set_position([round(value, 6) for value in axes.get_position(original=True).bounds])


def save(figure: Figure, path: str, *, title: str) -> None:
    """Write a figure as SVG or PDF, by the ending of `path`, without the time of day."""
    times = {".svg": ["Date"], ".pdf": ["CreationDate", "Producer"]}[Path(path).suffix]
    with atomic_path(path) as temporary:
        figure.savefig(temporary, metadata={"Title": title, "Creator": None} | dict.fromkeys(times))
