"""Is the pace of events steady? Trend of their rate over time and the dispersion of the gaps between them, under a Poisson process as the standard."""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq
from scipy.special import ndtr, ndtri

STEEPEST = 400.0  # bound of |slope x length| in the search


@dataclass(frozen=True)
class Pace:
    """Laplace's statistic with its two-sided p; the slope of the log rate per unit of time (Cox and Lewis) with score limits; number of events."""

    laplace: float
    p: float
    slope: float
    lower: float
    upper: float
    n: int


def pace(times, length: float, confidence: float = 0.95) -> Pace:
    """Trend of the rate exp(a + b t) of events on [0, length].

    Given their number the times are independent with a density proportional to exp(b t) (Cox and Lewis 1966). Laplace's test is the score test of b = 0; the limits are the
    slopes that the score test does not reject, so that they leave out 0 exactly when the test does. The slope is where the expected mean time is the observed one.
    Parameters: times of events; length of the window, in the same unit. Raises ValueError without events, or for a time outside the window.
    """
    t = np.asarray(times, dtype=float)
    if not len(t):
        raise ValueError("no event: there is no pace")
    if not np.isfinite(t).all() or (t < 0).any() or (t > length).any():
        raise ValueError(f"times must lie between 0 and {length}")
    x, n, z = float(t.mean() / length), len(t), ndtri(0.5 + confidence / 2)
    laplace = (x - 0.5) * np.sqrt(12 * n)

    def score(b: float) -> float:
        mean, variance = _moments(b)
        return (x - mean) * np.sqrt(n / variance)

    slope = _root(lambda b: x - _moments(b)[0])
    lower, upper = _root(lambda b: score(b) - z), _root(lambda b: score(b) + z)
    return Pace(float(laplace), float(2 * ndtr(-abs(laplace))), slope / length, lower / length, upper / length, n)


def _moments(b: float) -> tuple[float, float]:
    """Mean and variance of the density proportional to exp(b x) on [0, 1]; near 0 by their series."""
    if abs(b) < 1e-3:
        return 0.5 + b / 12, 1 / 12 - b**2 / 240
    size = abs(b)
    mean = -1 / np.expm1(-size) - 1 / size  # that of a falling density is its mirror
    return float(mean if b > 0 else 1 - mean), float(1 / size**2 - np.exp(-size) / np.expm1(-size) ** 2)


def _root(function) -> float:
    """The root of a falling function; infinite if it lies beyond the bound (all events at one end)."""
    if function(-STEEPEST) <= 0:
        return -np.inf
    if function(STEEPEST) >= 0:
        return np.inf
    return float(brentq(function, -STEEPEST, STEEPEST, xtol=1e-10))


@dataclass(frozen=True)
class Spacing:
    """Greenwood's statistic (sum of squared shares of the window between events), p of gaps at least as uneven and at least as even, coefficient of variation of the gaps."""

    greenwood: float
    p_clustered: float
    p_regular: float
    variation: float
    draws: int


def null_spacings(n: int, draws: int, seed: int) -> np.ndarray:
    """Sorted draws of Greenwood's statistic for n events that fall uniformly on a window: shares of n + 1 exponential gaps."""
    gaps = np.random.default_rng([seed, n]).exponential(size=(draws, n + 1))
    return np.sort((gaps**2).sum(axis=1) / gaps.sum(axis=1) ** 2)


def spacing(times, length: float, null: np.ndarray) -> Spacing:
    """Are events more clustered or more regular than those of a Poisson process (Greenwood 1946, Moran 1947)?

    Parameters: times of at least two events on [0, length]; sorted draws of `null_spacings` for as many. The observed statistic counts as a draw. A trend makes gaps uneven, too.
    Raises ValueError for fewer than two events.
    """
    t = np.sort(np.asarray(times, dtype=float))
    if len(t) < 2:
        raise ValueError("gaps need at least two events")
    shares = np.diff(np.concatenate(([0.0], t, [length]))) / length
    value = float((shares**2).sum())
    draws = len(null)
    above, below = draws - np.searchsorted(null, value, side="left"), np.searchsorted(null, value, side="right")
    gaps = np.diff(t)
    variation = float(gaps.std(ddof=1) / gaps.mean()) if len(gaps) > 1 and gaps.mean() > 0 else np.nan
    return Spacing(value, float((above + 1) / (draws + 1)), float((below + 1) / (draws + 1)), variation, draws)
