"""One break in the mean of a series at an unknown time: the largest F statistic over all candidates, with the p-value that the search calls for."""

from dataclasses import dataclass

import numpy as np
from scipy.special import gammaincc

SHORTEST = 20  # values: three on either side of the first and of the last candidate
TRIM = 0.15  # share of the series at either end in which no break is looked for
# Hansen (1997), with the coefficients that the R package strucchange holds: the p-value of a largest statistic x is the upper tail of the chi-square distribution with `DF`
# degrees of freedom at `AT_ZERO + PER_UNIT x`; for one parameter that changes and 15 per cent trimming.
AT_ZERO, PER_UNIT, DF = -0.98828874, 1.01604712, 2.96752918


@dataclass(frozen=True)
class Search:
    """Number of values up to the break that fits best, its F, Hansen's p, p from shuffled series (missing without draws), means before and after."""

    before: int
    statistic: float
    p: float
    permutation_p: float
    mean_before: float
    mean_after: float


def largest_f(values: np.ndarray, trim: float = TRIM) -> tuple[np.ndarray, np.ndarray]:
    """The largest F of a change in mean and the number of values before it, for each row of an array (series along the last axis).

    F of a break after k values is (S0 - S1) / (S1 / (n - 2)) with the sums of squares without and with it; k runs from floor(trim n) to n - floor(trim n), as in the R package
    strucchange. Rows that a break fits without error have an infinite F, constant rows 0.
    """
    x = np.atleast_2d(np.asarray(values, dtype=float))
    n = x.shape[1]
    edge = max(int(np.floor(trim * n)), 1)
    k = np.arange(edge, n - edge + 1)
    deviation = x - x.mean(axis=1, keepdims=True)  # the sums are the same and rounding is less
    part = np.cumsum(deviation, axis=1)[:, k - 1]
    total = (deviation**2).sum(axis=1, keepdims=True)
    explained = part**2 / k + part**2 / (n - k)
    left = np.maximum(total - explained, 0)
    exact = left <= 1e-12 * total
    f = np.where(total == 0, 0.0, explained / np.where(exact, np.nan, left) * (n - 2))
    f = np.where(exact & (total > 0), np.inf, f)
    best = f.argmax(axis=1)
    return f[np.arange(len(f)), best], k[best]


def hansen_p(statistic: float) -> float:
    """Approximate p of the largest F for one parameter and 15 per cent trimming (Hansen 1997)."""
    x = max(AT_ZERO + PER_UNIT * statistic, 0.0)
    return float(gammaincc(DF / 2, x / 2))


def search(values, draws: int = 0, seed: int = 0) -> Search:
    """The break that fits a series best.

    Parameters: values in order of time; number of shuffles (0: none) and their seed. Hansen's p is asymptotic for independent errors; the shuffled series keep the distribution of
    the values and drop their order, the observed one counts as a draw. Raises ValueError for fewer than `SHORTEST` values or a missing one.
    """
    x = np.asarray(values, dtype=float)
    if len(x) < SHORTEST or not np.isfinite(x).all():
        raise ValueError(f"the search needs at least {SHORTEST} values, none of them missing")
    f, k = largest_f(x)
    statistic, before = float(f[0]), int(k[0])
    permuted = np.nan
    if draws:
        null = largest_f(np.random.default_rng(seed).permuted(np.tile(x, (draws, 1)), axis=1))[0]
        permuted = float(((null >= statistic * (1 - 1e-12)).sum() + 1) / (draws + 1))
    return Search(before, statistic, hansen_p(statistic), permuted, float(x[:before].mean()), float(x[before:].mean()))
