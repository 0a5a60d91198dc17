"""Strips along time that figures of attention are made of: an image, and a mean below it."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.image import AxesImage

from serflow.reporting.style import BLUE

__all__ = ["image", "mean_curve", "standardised"]


def standardised(features: np.ndarray) -> np.ndarray:
    """Zero mean and unit deviation by column (T, D); a constant column is left at zero."""
    deviation = features.std(axis=0)
    return (features - features.mean(axis=0)) / np.where(deviation > 0, deviation, 1.0)


def image(
    axes: Axes,
    values: np.ndarray,
    *,
    span: tuple[float, float],
    dims: int,
    cmap: str,
    limit: float | None,
    alpha: float | None = None,
) -> AxesImage:
    """Draw `values` (time, rows) stretched over `span` (s) and over `dims` coefficients; NaN stays blank."""
    low, high = (-limit, limit) if limit else (np.nanmin(values), np.nanmax(values))
    shown = {"aspect": "auto", "origin": "lower", "interpolation": "none", "alpha": alpha}
    return axes.imshow(values.T, extent=(*span, -0.5, dims - 0.5), cmap=cmap, vmin=low, vmax=high, **shown)


def mean_curve(axes: Axes, time: np.ndarray, mean: np.ndarray) -> None:
    """Draw a curve over time (s) above its own lowest value; NaN leaves a gap."""
    axes.fill_between(time, mean, np.nanmin(mean), color=BLUE, alpha=0.2, linewidth=0)
    axes.plot(time, mean, color=BLUE)
    axes.margins(y=0.08)
