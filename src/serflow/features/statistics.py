"""Statistics of contours: what is left of frames once time is summed up.

The twelve functionals of the Interspeech 2009 Emotion Challenge (Schuller, Steidl and Batliner, 2009),
of every descriptor and of its delta.
"""

import numpy as np

NAMES = (
    "mean", "sd", "skewness", "kurtosis", "min", "max", "range", "position_min", "position_max",
    "slope", "intercept", "error",
)  # fmt: skip
REACH = 2  # frames on either side of a delta


def deltas(frames: np.ndarray) -> np.ndarray:
    """Slope of each column of (T, D) over the frame and two neighbours on each side, a frame; edges repeat."""
    steps = range(1, REACH + 1)
    padded = np.pad(frames, ((REACH, REACH), (0, 0)), mode="edge")
    count = len(frames)
    total = sum(k * (padded[REACH + k :][:count] - padded[REACH - k :][:count]) for k in steps)
    return total / (2 * sum(k * k for k in steps))


def statistics(frames: np.ndarray) -> np.ndarray:
    """The statistics `NAMES` of each column: (T, D) to (len(NAMES), D), in float64; T >= 1.

    `sd`, `skewness` and `kurtosis` (3 for a normal distribution) divide by T; the last two are 0 for a constant.
    Positions (of the first extreme value), the regression line and its mean squared error have the utterance as
    their unit of time: the first frame is 0, the last one 1. One frame has slope 0.
    """
    frames = np.asarray(frames, np.float64)
    time = np.linspace(0, 1, len(frames))
    low, high, mean = frames.min(axis=0), frames.max(axis=0), frames.mean(axis=0)
    centred = np.where(high > low, frames - mean, 0)  # of a constant, exactly 0: no rounding to divide by
    sd = np.sqrt(np.mean(centred**2, axis=0))
    unit = np.where(sd > 0, sd, 1)
    spread = np.sum((time - time.mean()) ** 2)
    slope = (time - time.mean()) @ centred / spread if spread > 0 else np.zeros_like(mean)
    rest = centred - np.outer(time - time.mean(), slope)
    return np.stack(
        [
            mean,
            sd,
            np.mean((centred / unit) ** 3, axis=0),
            np.mean((centred / unit) ** 4, axis=0),
            low,
            high,
            high - low,
            time[frames.argmin(axis=0)],
            time[frames.argmax(axis=0)],
            slope,
            mean - slope * time.mean(),
            np.mean(rest**2, axis=0),
        ]
    )
