"""Shares and their differences: intervals that keep their level for small numbers, and Fisher's exact test."""

from dataclasses import dataclass

import numpy as np
from scipy.special import gammaln, ndtr, ndtri


def wilson(events, n, confidence: float = 0.95) -> tuple[np.ndarray, np.ndarray]:
    """Score limits of a share (Wilson 1927); missing where n is 0. Parameters: counts and sizes (scalars or arrays)."""
    x, n, z = np.asarray(events, dtype=float), np.asarray(n, dtype=float), ndtri(0.5 + confidence / 2)
    size = np.where(n > 0, n, np.nan)
    middle, half = (x + z**2 / 2) / (size + z**2), z * np.sqrt(x * (size - x) / size + z**2 / 4) / (size + z**2)
    # No success and no failure have a limit of exactly 0 or 1, which rounding would miss.
    return np.where(x == 0, 0 * size, middle - half), np.where(x == n, 1 + 0 * size, middle + half)


def wilson_limits(count: int, n: int, confidence: float = 0.95) -> tuple[float, float]:
    """`wilson` of one share, as plain numbers."""
    lower, upper = wilson(count, n, confidence)
    return float(lower), float(upper)


def agresti_coull(events, n, confidence: float = 0.95) -> tuple[np.ndarray, np.ndarray]:
    """Adjusted Wald limits of a share (Agresti and Coull 1998), cut at 0 and 1; missing where n is 0. Parameters as `wilson`."""
    x, n, z = np.asarray(events, dtype=float), np.asarray(n, dtype=float), ndtri(0.5 + confidence / 2)
    size = np.where(n > 0, n + z**2, np.nan)
    share = (x + z**2 / 2) / size
    half = z * np.sqrt(share * (1 - share) / size)
    return np.maximum(share - half, 0), np.minimum(share + half, 1)


@dataclass(frozen=True)
class Difference:
    """Share after minus share before, with Newcombe's and Agresti and Caffo's limits, the pooled score statistic with its two-sided p, and Fisher's exact p."""

    before: float
    after: float
    estimate: float
    lower: float
    upper: float
    caffo_lower: float
    caffo_upper: float
    statistic: float
    p: float
    fisher_p: float


def difference(before: int, n_before: int, after: int, n_after: int, confidence: float = 0.95) -> Difference:
    """Difference of two independent shares: hybrid score limits (Newcombe 1998, method 10) and Agresti and Caffo's (2000).

    Parameters: successes and sizes before and after. The statistic is 0 if all are successes or none is. Raises ValueError if a size is 0.
    """
    if min(n_before, n_after) <= 0:
        raise ValueError("a share needs at least one case on either side")
    one, other = before / n_before, after / n_after
    theta, z = other - one, ndtri(0.5 + confidence / 2)
    low, high = wilson([before, after], [n_before, n_after], confidence)
    lower = theta - np.hypot(other - low[1], high[0] - one)
    upper = theta + np.hypot(high[1] - other, one - low[0])
    added = [(x + 1) / (n + 2) for x, n in ((before, n_before), (after, n_after))]
    half = z * np.sqrt(added[0] * (1 - added[0]) / (n_before + 2) + added[1] * (1 - added[1]) / (n_after + 2))
    pooled = (before + after) / (n_before + n_after)
    scale = np.sqrt(pooled * (1 - pooled) * (1 / n_before + 1 / n_after))
    score = theta / scale if scale > 0 else 0.0
    return Difference(
        one, other, theta, float(lower), float(upper), float(added[1] - added[0] - half), float(added[1] - added[0] + half), float(score), float(2 * ndtr(-abs(score))),
        fisher(before, n_before, after, n_after),
    )  # fmt: skip


def fisher(before: int, n_before: int, after: int, n_after: int) -> float:
    """Two-sided p of Fisher's exact test: the probability, given the margins, of all tables that are no more probable than the one observed."""
    total = before + after
    x = np.arange(max(0, total - n_before), min(total, n_after) + 1)
    log = _choose(n_after, x) + _choose(n_before, total - x) - _choose(n_before + n_after, total)
    chance = np.exp(log)
    return float(min(1.0, chance[chance <= np.exp(log[after - x[0]]) * (1 + 1e-7)].sum()))  # the tolerance of R's fisher.test


def _choose(n, k) -> np.ndarray:
    return gammaln(n + 1) - gammaln(np.asarray(k) + 1) - gammaln(n - np.asarray(k) + 1)
