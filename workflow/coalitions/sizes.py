"""Two samples of sizes: ratio of medians with the exact bootstrap, Hodges-Lehmann shift, Mann-Whitney test.

- The bootstrap distribution of a median needs no draws: how often each value of the sample is the median of a resample follows from the binomial distribution (Efron 1979;
  Maritz and Jarrett 1978), and that of a ratio from both. The interval is the percentile one.
- The interval of the Hodges-Lehmann shift is made of order statistics of all pairwise differences (Hollander, Wolfe and Chicken 2014), with the exact distribution of the
  Mann-Whitney statistic below fifty in each sample without ties, else with the normal one and its variance corrected for ties; the test likewise, with continuity correction, as
  `wilcox.test` of R does.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import betainc, gammaln, ndtr, ndtri

EXACT_BELOW = 50  # in each sample: above it the normal distribution is as good
JOINT_UP_TO = 1000  # an even sample: beyond it the two middle values are taken as one


@dataclass(frozen=True)
class Shift:
    """Hodges-Lehmann shift with its limits, Mann-Whitney's U of the first sample, its two-sided p, and whether both are `exact` or `asymptotic`."""

    estimate: float
    lower: float
    upper: float
    u: float
    p: float
    method: str


@dataclass(frozen=True)
class Ratio:
    """Logarithm of the ratio of two medians, its limits, and the two-sided p of the same bootstrap."""

    estimate: float
    lower: float
    upper: float
    p: float


def median_distribution(sample: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Values that the median of a resample can take, in order, and their probabilities.

    Parameters: a sample of numbers, not empty. With an even number of values the median is the middle of two, whose joint distribution is that of two order statistics.
    """
    values, count = np.unique(np.asarray(sample, dtype=float), return_counts=True)
    n = int(count.sum())
    share = np.append(0.0, np.cumsum(count) / n)
    m = (n + 1) // 2
    single = np.diff(betainc(m, n - m + 1, np.minimum(share, 1.0)))
    if n % 2 or n > JOINT_UP_TO:
        return values, single
    # Half of the resample at or below a value, with that value as its largest; the other half at or above another, with that as its smallest.
    choose = 0.5 * (gammaln(n + 1) - 2 * gammaln(m + 1))
    with np.errstate(divide="ignore"):
        below, above = np.exp(choose + m * np.log(share)), np.exp(choose + m * np.log(np.maximum(1 - share, 0.0)))
    joint = np.triu(np.outer(np.diff(below), -np.diff(above)), 1)
    np.fill_diagonal(joint, np.maximum(single - joint.sum(axis=1), 0.0))
    i, j = np.nonzero(joint)
    middles, inverse = np.unique((values[i] + values[j]) / 2, return_inverse=True)
    return middles, np.bincount(inverse, weights=joint[i, j])


def median_interval(sample: np.ndarray, confidence: float) -> tuple[float, float]:
    """Percentile limits of the median from its exact bootstrap distribution."""
    values, mass = median_distribution(sample)
    return _quantiles(values, mass, confidence)


def ratio_of_medians(one: np.ndarray, other: np.ndarray, confidence: float) -> Ratio:
    """Logarithm of the median of `one` over that of `other` with percentile limits. Parameters: samples of positive numbers, not empty; confidence level."""
    (a, p), (b, q) = median_distribution(one), median_distribution(other)
    estimate = float(np.log(np.median(one)) - np.log(np.median(other)))
    values, inverse = np.unique(np.round((np.log(a)[:, None] - np.log(b)[None, :]).ravel(), 12), return_inverse=True)
    mass = np.bincount(inverse, weights=np.outer(p, q).ravel())
    lower, upper = _quantiles(values, mass, confidence)
    at_most, at_least = mass[values <= 0].sum(), mass[values >= 0].sum()
    return Ratio(estimate, lower, upper, float(min(1.0, 2 * min(at_most, at_least))))


def _quantiles(values: np.ndarray, mass: np.ndarray, confidence: float) -> tuple[float, float]:
    """The values at which the distribution reaches both tails; the upper one is found from above, so that swapping the samples swaps the limits."""
    tail = (1 - confidence) / 2
    lower = np.searchsorted(np.cumsum(mass), tail - 1e-12)
    upper = len(values) - 1 - np.searchsorted(np.cumsum(mass[::-1]), tail - 1e-12)
    return float(values[lower]), float(values[upper])


def hodges_lehmann(one: np.ndarray, other: np.ndarray, confidence: float) -> Shift:
    """Median of all differences `one` minus `other`, with limits and the Mann-Whitney test. Parameters: samples of numbers, not empty; confidence level."""
    x, y = np.sort(np.asarray(one, dtype=float)), np.sort(np.asarray(other, dtype=float))
    differences = np.sort((x[:, None] - y[None, :]).ravel())
    pairs, total = len(x) * len(y), len(x) + len(y)
    u = float((differences > 0).sum() + (differences == 0).sum() / 2)
    tied = np.unique(np.concatenate([x, y]), return_counts=True)[1].astype(float)
    exact = max(len(x), len(y)) < EXACT_BELOW and bool((tied == 1).all())
    tail = (1 - confidence) / 2
    if exact:
        cdf = np.cumsum(_mann_whitney_mass(len(x), len(y)))
        rank = int(np.searchsorted(cdf, tail - 1e-15))
        extreme = int(min(u, pairs - u))
        p = min(1.0, 2 * float(cdf[extreme]))
    else:
        variance = pairs / 12 * (total + 1 - (tied**3 - tied).sum() / (total * (total - 1)))
        rank = int(np.ceil(pairs / 2 - 0.5 - ndtri(1 - tail) * np.sqrt(variance)))  # the smallest rank that reaches the tail, as in the exact case
        away = abs(u - pairs / 2)
        p = 1.0 if variance == 0 else float(min(1.0, 2 * ndtr(-max(away - 0.5, 0.0) / np.sqrt(variance))))
    rank = max(rank, 1)
    return Shift(float(np.median(differences)), float(differences[rank - 1]), float(differences[pairs - rank]), u, p, "exact" if exact else "asymptotic")


def _mann_whitney_mass(m: int, n: int) -> np.ndarray:
    """Probabilities of U = 0, ..., m n under the null hypothesis, from the generating function of Mann and Whitney (1947)."""
    size = m * n + 1
    mass = np.zeros(size)
    mass[0] = 1.0
    for i in range(1, m + 1):
        # Times (1 - q^(n + i)) / (1 - q^i): counts stay integers below 2^53 for the sizes that are asked for, or lose nothing that a tail would show.
        mass[n + i :] = mass[n + i :] - mass[: size - n - i] if n + i < size else mass[n + i :]
        for start in range(i):
            mass[start::i] = np.cumsum(mass[start::i])
    return mass / mass.sum()
