"""A plot of one recording: waveform, features, attention map, attention over time."""

from pathlib import Path

import matplotlib

matplotlib.use("Agg")

import numpy as np  # noqa: E402
from matplotlib import pyplot as plt  # noqa: E402
from matplotlib.axes import Axes  # noqa: E402
from matplotlib.figure import Figure  # noqa: E402

from serflow.files import atomic_path  # noqa: E402
from serflow.reporting.strips import image, mean_curve, standardised  # noqa: E402
from serflow.reporting.style import GREY, STYLE  # noqa: E402

__all__ = ["draw_recording", "write_plot"]

HEIGHTS = (0.8, 1.1, 1.1, 0.9)  # inches a strip
NARROWEST, WIDEST, INCHES_A_SECOND = 7.0, 24.0, 0.7
DRAWN_SAMPLES = 8000  # points of the waveform's envelope


def write_plot(path: Path, **content: object) -> None:
    """Write `draw_recording`'s figure; the suffix of `path` says the kind (png, svg, pdf)."""
    with matplotlib.rc_context(STYLE | {"font.size": 8, "axes.labelsize": 8, "axes.titlesize": 9}):
        figure = draw_recording(**content)
        with atomic_path(path) as temporary:
            figure.savefig(temporary, dpi=150)
        plt.close(figure)


def draw_recording(
    *,
    title: str,
    probabilities: dict[str, float],
    samples: np.ndarray,
    sample_rate: int,
    features: np.ndarray,
    kind: str,
    attention: np.ndarray,
    hop_seconds: float,
) -> Figure:
    """Draw four strips over one time axis.

    Parameters
    ----------
    title : the recording's name.
    probabilities : class -> probability.
    samples, sample_rate : float (n,), full scale is 1; Hz.
    features : (T, D), frame t centred on t * hop_seconds.
    kind : extractor of the features, as mfcc.
    attention : (T, F'), at the rate of the features; NaN where there is none.
    hop_seconds : s from frame to frame.
    """
    seconds = len(samples) / sample_rate
    width = float(np.clip(INCHES_A_SECOND * seconds, NARROWEST, WIDEST))
    figure, axes = plt.subplots(4, 1, figsize=(width, sum(HEIGHTS) + 0.9), sharex=True, height_ratios=HEIGHTS)
    frames = {"span": ((-0.5) * hop_seconds, (len(features) - 0.5) * hop_seconds), "dims": features.shape[1]}
    _waveform(axes[0], samples, sample_rate)
    axes[0].set_title(_heading(title, probabilities))
    shown = image(axes[1], standardised(features), **frames, cmap="RdBu_r", limit=2.5)
    figure.colorbar(shown, ax=axes[1], label="std. deviations", pad=0.01, ticks=[-2, 0, 2])
    rows = "coefficient" if kind == "mfcc" else "column"
    axes[1].set_ylabel(f"{kind.upper() if kind == 'mfcc' else kind}\n({rows})")
    shown = image(axes[2], attention, **frames, cmap="inferno", limit=None)
    figure.colorbar(shown, ax=axes[2], label="attention (no unit)", pad=0.01)
    axes[2].set_ylabel(f"attention map\n({rows})")
    for axis in axes[1:3]:
        axis.set_yticks(range(0, features.shape[1], max(4, features.shape[1] // 5)))
    mean_curve(axes[3], np.arange(len(attention)) * hop_seconds, attention.mean(axis=1))
    axes[3].set(ylabel="attention\n(mean of map)", xlabel="time (s)", xlim=(0, seconds))
    _mark_uncovered(axes[2:], attention, hop_seconds, seconds)
    figure.align_ylabels(axes)
    return figure


def _waveform(axes: Axes, samples: np.ndarray, sample_rate: int) -> None:
    """Draw the envelope: lowest and highest sample of each short stretch."""
    step = max(1, len(samples) // DRAWN_SAMPLES)
    whole = samples[: len(samples) // step * step].reshape(-1, step)
    time = (np.arange(len(whole)) + 0.5) * step / sample_rate
    axes.fill_between(time, whole.min(axis=1), whole.max(axis=1), color=GREY, linewidth=0.4, edgecolor=GREY)
    limit = 1.05 * float(np.abs(samples).max())
    axes.set(ylabel="amplitude\n(of full scale)", ylim=(-limit, limit))


def _mark_uncovered(axes: np.ndarray, attention: np.ndarray, hop_seconds: float, seconds: float) -> None:
    """Hatch the end that no segment covers."""
    covered = np.flatnonzero(np.isfinite(attention[:, 0]))
    end = (covered[-1] + 0.5) * hop_seconds
    if end < seconds - hop_seconds:
        for axis in axes:
            axis.axvspan(end, seconds, facecolor="none", edgecolor=GREY, hatch="////", linewidth=0)


def _heading(title: str, probabilities: dict[str, float]) -> str:
    """The file's name and the classes by falling probability."""
    name = title if len(title) <= 40 else f"{title[:37]}..."
    ranked = sorted(probabilities.items(), key=lambda pair: -pair[1])
    return f"{name}   " + ", ".join(f"{label} {value:.2f}" for label, value in ranked)
