"""Trends of counts: Mann-Kendall with correction for autocorrelation, and exact Poisson comparisons of two rates."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import bdtr, betaincinv, gammaincinv, ndtr, ndtri, pdtr


@dataclass(frozen=True)
class MannKendall:
    """Mann-Kendall test: S, its corrected variance, z, two-sided p, Kendall's tau (b is not used), Sen's slope per step, and the factor n/n*."""

    s: float
    variance: float
    z: float
    p: float
    tau: float
    slope: float
    correction: float


def mann_kendall(values, alpha: float = 0.05) -> MannKendall:
    """Mann-Kendall test of a trend, variance corrected for autocorrelation after Hamed and Rao (1998).

    The series is detrended with Sen's slope; the autocorrelations of its ranks that are significant at `alpha` enter n/n*. Ties are in the variance.
    In short series of negative autocorrelation the corrected variance can fall to 0 or below; z and p are then missing.
    Raises ValueError for fewer than four values or a missing one.
    """
    x = np.asarray(values, dtype=float)
    n = len(x)
    if n < 4 or not np.isfinite(x).all():
        raise ValueError("Mann-Kendall needs at least four values, none of them missing")
    i, j = np.triu_indices(n, 1)
    s = float(np.sign(x[j] - x[i]).sum())
    slope = float(np.median((x[j] - x[i]) / (j - i)))
    ties = np.unique(x, return_counts=True)[1]
    variance = (n * (n - 1) * (2 * n + 5) - (ties * (ties - 1) * (2 * ties + 5)).sum()) / 18
    ranks = pd.Series(np.round(x - slope * np.arange(n), 9)).rank().to_numpy()  # ties in arithmetic must be ties in floats
    deviation = ranks - ranks.mean()
    lags = np.arange(1, n)
    total = (deviation**2).sum()
    acf = np.array([(deviation[:-k] * deviation[k:]).sum() for k in lags]) / total if total > 0 else np.zeros(n - 1)
    limit = -ndtri(alpha / 2) / np.sqrt(n)
    kept = np.where(np.abs(acf) > limit, acf, 0.0)
    correction = 1 + 2 / (n * (n - 1) * (n - 2)) * ((n - lags) * (n - lags - 1) * (n - lags - 2) * kept).sum()
    corrected = variance * correction
    z = 0.0 if s == 0 else (s - np.sign(s)) / np.sqrt(corrected) if corrected > 0 else np.nan
    return MannKendall(s, float(corrected), float(z), float(2 * ndtr(-abs(z))), s / (n * (n - 1) / 2), slope, float(correction))


@dataclass(frozen=True)
class RateComparison:
    """Counts in two periods: their rates per year, the rate ratio (later over earlier) with exact limits, and probabilities of so few in the later."""

    rate_before: float
    rate_after: float
    ratio: float
    lower: float
    upper: float
    p_conditional: float
    p_plug_in: float


def so_few(before: int, years_before: float, after: int, years_after: float, confidence: float = 0.95) -> RateComparison:
    """How improbable are so few events `after`, at the rate of `before`.

    `p_conditional` is the exact one-sided conditional (binomial) probability, which knows that the earlier rate is an estimate (Przyborowski and Wilenski 1940);
    `p_plug_in` is the Poisson probability that takes the earlier rate as known. Limits of the ratio are exact (Clopper-Pearson on the conditional share).
    Raises ValueError if there was no event before.
    """
    if before <= 0:
        raise ValueError("no event in the earlier period: its rate is 0 and nothing can be rarer")
    rate, total = before / years_before, before + after
    share = years_after / (years_before + years_after)
    tail = (1 - confidence) / 2
    low = 0.0 if after == 0 else float(betaincinv(after, before + 1, tail))
    high = float(betaincinv(after + 1, before, 1 - tail))
    scale = years_before / years_after
    return RateComparison(
        rate, after / years_after, (after / years_after) / rate, low / (1 - low) * scale, high / (1 - high) * scale,
        float(bdtr(after, total, share)), float(pdtr(after, rate * years_after)),
    )  # fmt: skip


def poisson_limits(count: int, years: float, confidence: float = 0.95) -> tuple[float, float]:
    """Exact limits of a rate per year (Garwood 1936)."""
    tail = (1 - confidence) / 2
    lower = 0.0 if count == 0 else float(gammaincinv(count, tail))
    return lower / years, float(gammaincinv(count + 1, 1 - tail)) / years
