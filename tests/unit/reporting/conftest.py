import warnings
from pathlib import Path

import matplotlib
import pytest
from matplotlib import pyplot as plt

from helpers.fabricated import build_world, figure_specs
from helpers.fabricated_report import write_items
from serflow.registry import FIGURES
from serflow.reporting.style import STYLE


@pytest.fixture(scope="session")
def world(tmp_path_factory) -> Path:
    """A folder with scores/<split>, runs/<split>/fold<k>, manifest, findings, folds, .npz files of utterances."""
    folder = tmp_path_factory.mktemp("world")
    build_world(folder)
    return folder


@pytest.fixture(scope="session")
def items(world, tmp_path_factory) -> tuple[dict, Path]:
    """The resolved report of the fabricated results, with tables and figures of every kind, and the folder of these."""
    folder = tmp_path_factory.mktemp("report")
    return write_items(world, folder), folder


@pytest.fixture
def draw(world):
    """Draws a kind of figure from its spec with some keys changed; a warning is an error."""

    def drawn(kind: str, **changes):
        spec = {**figure_specs(world)[kind], **changes}
        with warnings.catch_warnings(), matplotlib.rc_context(STYLE):
            warnings.simplefilter("error")
            picture, data = FIGURES.load_module(kind).draw(spec)
            picture.canvas.draw()
        return picture, data

    yield drawn
    plt.close("all")
